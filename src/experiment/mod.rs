//! Experiments: a batch of jobs (scenario x strategy x replication), run in parallel, and its results.

pub mod metrics;
pub mod results;
