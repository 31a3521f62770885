//! Experiments: jobs (scenario x strategy x replication), run in parallel, and what follows from their rows.
//!
//! Downwards: `study` asks a question of many batches or of one that grows; `batch` holds replications and makes results
//! of them; `infer` has the rules from rows to estimates and verdicts; `replicate` simulates one job; `warm_up` asks whether
//! the beginning is forgotten; `levers` knows what was assumed.

pub mod batch;
pub mod infer;
pub mod levers;
mod precision;
mod replicate;
mod run;
pub mod settings;
pub mod study;
pub mod warm_up;

pub use batch::journal::{Found, Journal, JournalError, Key};
pub use batch::{Batch, Done, Finished};
pub use infer::Sample;
pub use infer::gate::{clean_runs, needs as needed_runs};
pub use replicate::Replication;
pub use run::{jobs, run};
pub use settings::{BatchError, Precision, Settings};
