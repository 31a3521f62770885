//! What goes wrong by itself in the slow models, of functions and of hosts: events, and errors of the code.

use cutover::faults::{Errors, Event, Fails};
use cutover::ids::Version;
use cutover::platform::Service;
use cutover::random::Seed;
use cutover::time::{Instant, Span};
use cutover::units::Share;

/// Everything, in parts.
pub const WHOLE: u64 = 1 << 63;

/// Whether a draw falls below so many parts.
pub fn below(parts: u64, bits: u64) -> bool {
    bits / 2 < parts
}

/// How likely one of several independent things happens.
pub fn either(parts: impl Iterator<Item = u64>) -> u64 {
    parts.fold(0, |sum, part| {
        let both = u128::from(sum) * u128::from(part) / u128::from(WHOLE);
        (u128::from(sum) + u128::from(part) - both) as u64
    })
}

/// The faults of one replication.
#[derive(Clone, Copy)]
pub struct Faults<'a> {
    pub service: &'a Service,
    pub seed: Seed,
}

impl<'a> Faults<'a> {
    /// The events that happen.
    pub fn happening(self) -> impl Iterator<Item = &'a Event> {
        let happens = move |place: usize, event: &Event| {
            event.chance.threshold().admits(self.seed.stream("event", &place.to_string()).bits(0, 0))
        };
        let events = self.service.events.iter().enumerate();
        events.filter(move |(place, event)| happens(*place, event)).map(|(_, event)| event)
    }

    /// Those of them that go on at `now`.
    fn going_on(self, now: Instant) -> impl Iterator<Item = &'a Event> {
        self.happening().filter(move |event| event.at <= now && now.ns() < event.at.ns() + event.lasts.ns() as i64)
    }

    /// The shares of the requests to a version that events fail at `now`, in parts of 2^63.
    pub fn broken(self, version: Version, now: Instant) -> impl Iterator<Item = u64> {
        let broken = self.going_on(now).filter(move |event| event.fails == Fails::Version(version));
        broken.map(|event| event.share.threshold().parts())
    }

    /// The share of requests that fail on the way, in parts of 2^63.
    pub fn refused(self, source: usize, version: Version, now: Instant) -> u64 {
        let nodes = u64::from(self.service.gateway.nodes);
        let shares = self.going_on(now).filter_map(|event| match event.fails {
            Fails::Permission(of) => (of == version).then_some(event.share),
            Fails::Source(of) => (of == source).then_some(event.share),
            Fails::Nodes => {
                // The fewest that are no smaller a share.
                let failing = (0..=nodes).find(|&n| Share::new(n, nodes).as_f64() >= event.share.as_f64() - 1e-12);
                failing.map(|failing| Share::new(failing, nodes))
            }
            Fails::Version(_) => None,
        });
        either(shares.map(|share| share.threshold().parts()))
    }

    /// The share of requests to a version that its code fails, in parts of 2^63.
    pub fn fails(self, version: Version, arrival: Instant, born: Instant) -> u64 {
        let own = match &self.service.release(version).errors {
            Errors::Constant(share) => share.threshold().parts(),
            Errors::OverTime(trend) => trend.at(Span::from_ns(arrival.ns().max(0) as u64)).parts(),
            Errors::ByInstanceAge(trend) => trend.at(Span::from_ns((arrival.ns() - born.ns()).max(0) as u64)).parts(),
        };
        either(std::iter::once(own).chain(self.broken(version, arrival)))
    }
}
