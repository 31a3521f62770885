//! The commands that print what the program knows of itself: pages, schemas and completions.

pub mod completions;
pub mod keys;
pub mod man;
pub mod metrics;
pub mod schema;
