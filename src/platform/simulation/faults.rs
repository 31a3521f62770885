//! What goes wrong of itself in one replication: the events that happen, and the errors of the code.

use crate::faults::{Errors, Event, Fails};
use crate::ids::Version;
use crate::platform::{Fate, Service};
use crate::random::Seed;
use crate::time::Instant;
use crate::units::{Share, Threshold};

/// The events of one replication.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults(Vec<Event>);

impl Faults {
    /// Those that happen. Which do is drawn, where it is not given.
    pub fn new(service: &Service, (seed, fate): (Seed, &Fate)) -> Self {
        let happens = |place: usize, event: &Event| {
            let drawn = || event.chance.threshold().admits(seed.stream("event", &place.to_string()).bits(0, 0));
            fate.event(place).unwrap_or_else(drawn)
        };
        let whole_nodes = |event: &Event| match event.fails {
            Fails::Nodes => {
                let nodes = u64::from(service.gateway.nodes);
                let share = Share::new(event.share.of_rounded_up(nodes), nodes);
                Event { share, ..event.clone() }
            }
            _ => event.clone(),
        };
        let events = service.events.iter().enumerate().filter(|(place, event)| happens(*place, event));
        Self(events.map(|(_, event)| whole_nodes(event)).collect())
    }

    /// The share of the requests of a source to a version that fail at the gateway at `now`.
    pub fn refused(&self, source: u32, version: Version, now: Instant) -> Threshold {
        let of = self.0.iter().filter(|event| event.goes_on(now) && event.refuses(source as usize, version));
        of.fold(Threshold::NONE, |share, event| share.or(event.share.threshold()))
    }

    /// Whether nothing fails at the gateway.
    pub fn let_all_pass(&self) -> bool {
        self.0.iter().all(|event| matches!(event.fails, Fails::Version(_)))
    }

    /// How the code of a version fails.
    pub fn of_code(&self, version: Version, errors: &Errors) -> CodeErrors {
        let events = self.0.iter().filter(|event| event.breaks(version)).cloned();
        CodeErrors { own: errors.clone(), events: events.collect() }
    }
}

/// How the code of a version fails: by itself, and in events.
#[derive(Clone, Debug)]
pub(super) struct CodeErrors {
    own: Errors,
    events: Vec<Event>,
}

impl CodeErrors {
    /// The share of the requests that arrive at `now` at an instance that has been ready since `ready`.
    pub fn at(&self, now: Instant, ready: Instant) -> Threshold {
        let events = self.events.iter().filter(|event| event.goes_on(now));
        events.fold(self.own.at(now, ready), |share, event| share.or(event.share.threshold()))
    }

    /// Whether nothing ever fails.
    pub fn is_zero(&self) -> bool {
        self.own.is_zero() && self.events.is_empty()
    }
}
