//! Writers: results as files and as text. They see [`crate::results`] and nothing else.

pub mod chart;
pub mod costs;
pub mod csv;
pub mod figure;
pub mod folder;
pub mod gates;
pub mod glossary;
pub mod json;
pub mod look;
pub mod notes;
pub mod number;
pub mod selection;
pub mod sensitivity;
pub mod sweep;
pub mod table;
pub mod verdict;

mod judge;
mod losses;
#[cfg(test)]
mod sample;
mod warm_up;

pub use folder::{Folder, FolderError};
