//! What goes wrong of itself in one replication: the events that happen, and the errors of the code.

use crate::faults::{Errors, Event, Fails, Outages};
use crate::ids::Version;
use crate::platform::{Fate, Service};
use crate::random::Seed;
use crate::time::Instant;
use crate::units::{Share, Threshold};

/// The events of one replication, each with the share of the requests that it concerns.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults(Vec<(Event, Threshold)>);

impl Faults {
    /// Those that happen. Which do is drawn, where it is not given.
    pub fn new(service: &Service, (seed, fate): (Seed, &Fate)) -> Self {
        let happens = |place: usize, event: &Event| {
            let drawn = || event.chance.threshold().admits(seed.stream("event", &place.to_string()).bits(0, 0));
            fate.event(place).unwrap_or_else(drawn)
        };
        let nodes = u64::from(service.gateway.nodes);
        let share = |event: &Event| match event.fails {
            Fails::Nodes => Share::new(event.share.of_rounded_up(nodes), nodes),
            _ => event.share,
        };
        let events = service.events.iter().enumerate().filter(|(place, event)| happens(*place, event));
        Self(events.map(|(_, event)| (event.clone(), share(event).threshold())).collect())
    }

    /// The share of the requests of a source to a version that fail at the gateway at `now`.
    pub fn refused(&self, source: u32, version: Version, now: Instant) -> Threshold {
        let of = self.0.iter().filter(|(event, _)| event.goes_on(now) && event.refuses(source as usize, version));
        of.fold(Threshold::NONE, |sum, (_, share)| sum.or(*share))
    }

    /// When the code of a version is broken.
    pub fn outages(&self, version: Version) -> Outages {
        self.0.iter().filter(|(event, _)| event.breaks(version)).cloned().collect()
    }

    /// How the code of a version fails.
    pub fn of_code(&self, version: Version, errors: &Errors) -> CodeErrors {
        let outages = self.outages(version);
        let constant = match errors {
            Errors::Constant(share) => Some(share.threshold()),
            Errors::OverTime(_) | Errors::ByInstanceAge(_) => None,
        };
        CodeErrors { is_zero: errors.is_zero() && outages.is_empty(), constant, own: errors.clone(), outages }
    }
}

/// How the code of a version fails: by itself, and in events.
#[derive(Clone, Debug)]
pub(super) struct CodeErrors {
    /// Whether nothing ever fails.
    pub is_zero: bool,
    /// The share that fails by itself, where it is always the same.
    constant: Option<Threshold>,
    own: Errors,
    outages: Outages,
}

impl CodeErrors {
    /// The share of the requests that arrive at `now` at an instance that has been ready since `ready`.
    pub fn at(&self, now: Instant, ready: Instant) -> Threshold {
        let own = self.constant.unwrap_or_else(|| self.own.at(now, ready));
        self.outages.besides(own, now)
    }
}
