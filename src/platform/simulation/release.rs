//! What the pool of a version needs of its release.

use super::faults::{CodeErrors, Faults};
use crate::dist::Law;
use crate::ids::{Contract, Version};
use crate::platform::index::{Cast, Each, VersionIx};
use crate::platform::record::Outcome;
use crate::platform::service::Settle;
use crate::platform::{ColdStart, Release, Service};
use crate::random::{Seed, Stream};
use crate::time::Span;
use crate::units::Threshold;

/// What a pool needs of its release.
#[derive(Clone, Debug)]
pub(super) struct PoolRelease {
    pub(super) service: Law,
    pub(super) settle: Option<Settle>,
    /// Whose service times drawn ahead are its own: the first version's with the same law.
    pub(super) ahead: VersionIx,
    pub(super) cold: ColdStart,
    /// Apart, so that what every request needs stays close together.
    pub(super) errors: Box<CodeErrors>,
    pub(super) crashes: Threshold,
    pub(super) failure_time: Option<Law>,
    /// Which contracts it cannot read.
    pub(super) rejects: Each<Contract, bool>,
    /// How a request in each contract ends, but for what chance and time do to it.
    pub(super) answers: Each<Contract, Outcome>,
    /// Whether the end of a request takes more than to be recorded: chance does something to it, a crash or an error, or its running is
    /// billed.
    pub(super) ends_specially: bool,
    /// Whether its running is billed.
    pub(super) is_billed: bool,
    /// The longest a request may run.
    pub(super) timeout: Span,
    /// The memory of an instance in bytes; 0 where it is not known.
    pub(super) memory: u64,
    /// How many instances are idle when it begins to go live.
    pub(super) warm: u32,
    /// How its instances age, and the draws of that.
    pub(super) max_age: Option<(Law, Stream)>,
}

impl PoolRelease {
    /// Of every version that plays.
    pub(super) fn each(service: &Service, cast: &Cast, seed: Seed, faults: &Faults) -> Each<Version, Self> {
        Each::from_fn(|place| {
            let version = cast.version(place);
            let release = service.release(version);
            let alike = cast.versions().find(|&(_, other)| service.release(other).service == release.service);
            let ahead = alike.map_or(VersionIx::FIRST, |(place, _)| place);
            let errors = faults.of_code(version, &release.errors);
            Self::new(release, cast, (seed.stream("max-age", &version.to_string()), errors), ahead)
        })
    }

    fn new(release: &Release, cast: &Cast, (ages, errors): (Stream, CodeErrors), ahead: VersionIx) -> Self {
        Self {
            ends_specially: !errors.is_zero || release.crashes.threshold().parts() != 0 || release.memory.is_some(),
            is_billed: release.memory.is_some(),
            service: release.service,
            settle: release.settle,
            ahead,
            cold: release.cold,
            errors: Box::new(errors),
            crashes: release.crashes.threshold(),
            failure_time: release.failure_time,
            rejects: Each::from_fn(|place| !release.accepts(cast.contract(place))),
            answers: Each::from_fn(|place| match release.accepts(cast.contract(place)) {
                false => Outcome::Incompatible,
                true if release.replies.contains(&cast.contract(place)) => Outcome::Served,
                true => Outcome::Unreadable,
            }),
            timeout: release.timeout.unwrap_or(Span::LONGEST),
            memory: release.memory.map_or(0, |memory| memory.0),
            warm: release.warm.unwrap_or(0),
            max_age: release.max_age.map(|law| (law, ages)),
        }
    }
}
