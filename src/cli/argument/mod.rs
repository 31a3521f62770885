//! Arguments that take more than a type to read.

pub mod appearance;
pub mod charts;
pub mod contest;
pub mod precision;
pub mod replication;
pub mod vary;
