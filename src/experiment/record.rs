//! One finished replication, as much of it as results are made of: what a journal keeps.

use super::results::Row;
use super::summarise::Sums;
use serde::{Deserialize, Serialize};

/// A finished replication.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    /// Its row of figures.
    pub(super) row: Row,
    /// What it adds to the sums over replications.
    pub(super) sums: Sums,
}
