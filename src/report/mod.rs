//! Writers: results as files and as text. They see [`crate::experiment::Results`] and nothing else.

pub mod advice;
mod callers;
pub mod chart;
pub mod csv;
pub mod figure;
pub mod folder;
pub mod gates;
pub mod json;
pub mod number;
pub mod selection;
pub mod sensitivity;
pub mod sweep;
pub mod table;

mod judge;
#[cfg(test)]
mod sample;
mod verdict;
mod warm_up;

pub use folder::{Folder, FolderError};
