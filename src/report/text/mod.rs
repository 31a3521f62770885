//! Results in words and tables, for a terminal or a page.

pub mod chance;
pub mod costs;
pub mod gates;
mod given_up;
pub mod glossary;
pub mod look;
pub(super) mod losses;
pub mod notes;
pub mod power;
pub mod selection;
pub mod sensitivity;
pub mod story;
pub mod sweep;
pub mod table;
pub mod verdict;
mod warm_up;
