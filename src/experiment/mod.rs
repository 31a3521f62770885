//! Experiments: a batch of jobs (scenario x strategy x replication), run in parallel, and its results.

mod describe;
pub mod metrics;
mod replication;
pub mod results;
mod run;
mod summarise;

pub use replication::Replication;
pub use results::Results;
pub use run::{BatchError, Settings, jobs, run};
