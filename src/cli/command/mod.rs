//! The commands: one file each.

pub mod check;
pub mod compare;
pub mod completions;
pub mod explain;
pub mod keys;
pub mod man;
pub mod metrics;
pub mod new;
pub mod power;
mod predict;
pub mod run;
pub mod schema;
pub mod select;
pub mod selftest;
pub mod sweep;
