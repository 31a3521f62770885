//! What is counted while a replication runs, in whole numbers.

pub mod adopted;
pub mod bill;
pub mod bins;
pub mod causes;
pub mod cells;
pub mod levels;
pub mod probe;
pub mod signals;
pub mod tally;
