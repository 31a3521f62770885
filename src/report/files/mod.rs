//! Results as files: CSV, `run.json`, and the folder that they are written to.

pub mod comparison;
pub mod csv;
pub mod figure;
pub mod folder;
pub mod json;
pub mod junit;
pub mod power;
pub mod read;
pub mod selection;
pub mod sensitivity;
pub mod single;
pub mod sweep;

pub use folder::{Folder, FolderError};
