//! Results in words and tables, for a terminal or a page.

pub mod chance;
pub mod costs;
pub mod gates;
mod given_up;
pub mod glossary;
pub mod look;
pub(super) mod losses;
pub mod notes;
pub mod studies;
pub mod table;
pub mod verdict;
mod warm_up;
