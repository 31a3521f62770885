//! Experiments: a batch of jobs (scenario x strategy x replication), run in parallel, and its results.

mod batch;
mod columns;
pub mod compare;
mod describe;
mod estimate;
mod gate;
mod hangs_on;
pub mod journal;
pub mod precision;
mod record;
mod replication;
pub mod results;
mod run;
pub mod sensitivity;
mod summarise;
pub mod sweep;
mod timeline;

pub use crate::metrics;
pub use batch::Batch;
pub use journal::{Journal, JournalError, Key};
pub use precision::Precision;
pub use replication::Replication;
pub use results::Results;
pub use run::{BatchError, Settings, jobs, run};
pub use sweep::Sweep;
