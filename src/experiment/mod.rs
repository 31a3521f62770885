//! Experiments: a batch of jobs (scenario x strategy x replication), run in parallel, and its results.

mod batch;
mod begun;
mod columns;
pub mod compare;
pub mod decision;
mod describe;
mod disaster;
pub mod estimate;
mod gate;
mod hangs_on;
mod impossible;
pub mod journal;
mod known;
mod precision;
mod record;
mod replication;
mod run;
mod sample;
pub mod select;
pub mod sensitivity;
pub mod settings;
mod summarise;
pub mod sweep;
pub mod warm_up;

pub use batch::{Batch, Done, Finished};
pub use journal::{Found, Journal, JournalError, Key};
pub use replication::Replication;
pub use run::{jobs, run};
pub use sample::Sample;
pub use settings::{BatchError, Precision, Settings};
