//! What a replication takes of memory, in bytes: what is known beforehand.

pub use super::function::instance::INSTANCE;
pub use super::room::{MOST_CALLERS, MOST_INSTANCES};
pub use super::simulation::callers::CALLER;

use super::hosts::{Balancer, Replica};
use super::simulation::callers::User;
use super::{PoolLevels, Service};
use crate::platform::watch::cells::Cells;
use crate::platform::watch::tally::MOST_LATENCY_BINS;
use crate::source::Arrivals;
use crate::strategy::{On, Rollout, Strategy};
use crate::units::Bytes;

/// A user, besides the caller that every user is.
const USER: u64 = size_of::<User>() as u64;
/// An adoption of a change by a node or a front-end.
const ADOPTION: u64 = 24;
/// Histograms, lists that are never empty, and what is packed for the journal.
const FIXED: u64 = 1 << 20;
/// A bin's percentiles.
const LATENCIES: u64 = 4_096;

/// What a bin of the timeline takes, of so many, where a strategy runs so many versions.
#[must_use]
pub const fn bin(bins: u64, versions: usize) -> u64 {
    let percentiles = if bins <= MOST_LATENCY_BINS as u64 { LATENCIES } else { 0 };
    // Each may speak a contract of its own.
    let counts = Cells::bin_size(versions, versions) + versions * size_of::<PoolLevels>();
    (counts + 2 * size_of::<u128>()) as u64 + percentiles
}

/// What a replication of `strategy` in so many bins takes before the first request.
#[must_use]
pub fn fixed(service: &Service, strategy: &Strategy, bins: u64) -> Bytes {
    let users = service.sources.iter().map(|source| match &source.arrivals {
        Arrivals::Users(users) => u64::from(users.count) * USER,
        _ => 0,
    });
    let (revisions, stages) = changes(&strategy.rollout);
    let adoptions =
        u64::from(service.gateway.nodes) * revisions + u64::from(service.followers(strategy.on()).0) * stages;
    // Counts are kept twice while a record is made of them.
    Bytes(FIXED + 2 * bins * bin(bins, strategy.versions().len().max(2)) + users.sum::<u64>() + adoptions * ADOPTION)
}

/// What the replicas of a strategy take, if it has any: two stacks, or one and what replaces it.
#[must_use]
pub fn replicas(service: &Service, strategy: &Strategy) -> u64 {
    let of = |hosts: &super::service::Hosts| {
        let each = size_of::<Replica>() + Balancer::slots(hosts.balancer.nodes as usize);
        2 * u64::from(hosts.replicas) * each as u64
    };
    service.hosts.as_ref().filter(|_| strategy.on() == On::Hosts).map_or(0, of)
}

/// How often a rollout changes the gateway, and what front-ends learn.
fn changes(rollout: &Rollout) -> (u64, u64) {
    match rollout {
        Rollout::Alias(alias) => (1, alias.shift.stages().count() as u64),
        Rollout::Plan(plan) => plan
            .stages()
            .map(|stage| changes(&stage.rollout))
            .fold((0, 0), |sum, more| (sum.0 + more.0, sum.1 + more.1)),
        Rollout::None(_)
        | Rollout::Latest(_)
        | Rollout::Pinned(_)
        | Rollout::Rolling(_)
        | Rollout::Recreate(_)
        | Rollout::BlueGreen(_) => (1, 1),
        Rollout::ArgoCanary(canary) => (1, 2 + canary.settings.steps.len() as u64),
    }
}
