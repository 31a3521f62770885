//! Experiments: a batch of jobs (scenario x strategy x replication), run in parallel, and its results.

mod batch;
mod begun;
mod columns;
pub mod compare;
pub mod decision;
mod describe;
mod disaster;
pub mod estimate;
mod figure;
mod gate;
mod impossible;
pub mod journal;
mod known;
pub mod levers;
mod precision;
mod record;
mod replication;
pub mod results;
mod run;
mod sample;
pub mod select;
pub mod sensitivity;
pub mod settings;
mod summarise;
pub mod sweep;
pub mod timeline;
pub mod warm_up;

pub use crate::metrics;
pub use batch::{Batch, Done, Finished};
pub use journal::{Found, Journal, JournalError, Key};
pub use replication::Replication;
pub use results::Results;
pub use run::{jobs, run};
pub use sample::Sample;
pub use settings::{BatchError, Precision, Settings};
pub use sweep::Sweep;
