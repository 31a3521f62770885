//! What a replication takes of memory, in bytes: what is known beforehand.

pub use super::function::instance::INSTANCE;
pub use super::room::{MOST_CALLERS, MOST_INSTANCES};
pub use super::simulation::callers::CALLER;

use super::simulation::callers::User;
use super::{PoolLevels, Service};
use crate::platform::watch::cells::Cells;
use crate::platform::watch::tally::MOST_LATENCY_BINS;
use crate::source::Arrivals;
use crate::strategy::{Rollout, Strategy};
use crate::units::Bytes;

/// A user, besides the caller that every user is.
const USER: u64 = size_of::<User>() as u64;
/// An adoption of a change by a node or a front-end.
const ADOPTION: u64 = 24;
/// Histograms, lists that are never empty, and what is packed for the journal.
const FIXED: u64 = 1 << 20;
/// A bin's percentiles.
const LATENCIES: u64 = 4_096;

/// What a bin of the timeline takes, of so many.
#[must_use]
pub const fn bin(bins: u64) -> u64 {
    let percentiles = if bins <= MOST_LATENCY_BINS as u64 { LATENCIES } else { 0 };
    (Cells::bin_size(2, 2) + 2 * size_of::<PoolLevels>() + 2 * size_of::<u128>()) as u64 + percentiles
}

/// What a replication of `strategy` in so many bins takes before the first request.
#[must_use]
pub fn fixed(service: &Service, strategy: &Strategy, bins: u64) -> Bytes {
    let users = service.sources.iter().map(|source| match &source.arrivals {
        Arrivals::Users(users) => u64::from(users.count) * USER,
        _ => 0,
    });
    let stages = match &strategy.rollout {
        Rollout::Alias(alias) => alias.shift.stages().count() as u64,
        _ => 1,
    };
    let adoptions = u64::from(service.gateway.nodes) + u64::from(service.function.front_ends) * stages;
    // Counts are kept twice while a record is made of them.
    Bytes(FIXED + 2 * bins * bin(bins) + users.sum::<u64>() + adoptions * ADOPTION)
}
