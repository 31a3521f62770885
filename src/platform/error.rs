//! Why a replication is given up.

use super::room::Crowded;
use crate::source::FeedError;
use crate::units::Bytes;

/// Why a replication was given up.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SimulationError {
    /// More of something than the model can hold.
    #[error(transparent)]
    Crowded(#[from] Crowded),
    /// More instances and callers than fit into the memory that a replication may take.
    #[error(
        "{instances} instances and {callers} callers and events that wait at once do not fit into the {bytes} that a replication may take; \
         allow more by --memory, run fewer at once by --threads 1, or lower the rate of arrivals, the service times or the \
         number of users"
    )]
    Memory {
        /// Instances alive.
        instances: u64,
        /// Callers that wait, and events in queues.
        callers: u64,
        /// What a replication may take.
        bytes: Bytes,
    },
    /// The arrivals of a source are not to be known.
    #[error(transparent)]
    Arrivals(#[from] FeedError),
    /// A request or an instance was lost or counted twice: a mistake of cutover's, never of the scenario's.
    #[error("cutover lost count of its {0}; this is a bug in cutover, please report it with the scenario")]
    NotConserved(&'static str),
}
