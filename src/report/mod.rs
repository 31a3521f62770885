//! Writers: results as files, as text and as charts. They see [`crate::results`] and nothing else.

pub mod charts;
mod draw;
pub mod files;
mod judge;
pub mod number;
pub mod page;
#[cfg(test)]
mod sample;
pub mod text;
pub mod trace;
