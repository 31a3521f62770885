//! Writers: results as files and as text. They see [`crate::experiment::Results`] and nothing else.

pub mod csv;
pub mod figure;
pub mod folder;
pub mod json;

pub use folder::{Folder, FolderError};
