//! Reports: what a person or a program reads of the results. Writers see the results and nothing else.

pub mod chart;
pub mod number;
pub mod table;

mod judge;
#[cfg(test)]
mod sample;
mod verdict;
