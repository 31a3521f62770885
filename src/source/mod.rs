//! The shelf of arrival processes and client behaviour.
//!
//! A source says when its requests arrive and in which contract its clients write. To add an arrival process: one
//! file here, a line in [`Arrivals`] and in [`Feed`], and its reader on the scenario's side.

mod caller;
mod clients;
mod constant;
mod merge;
mod poisson;
pub mod trace;
mod users;

pub use caller::{Caller, Ends, Jitter, Retries};
pub use clients::Clients;
pub use constant::Constant;
pub use merge::{Merge, Sent};
pub use poisson::Poisson;
pub use trace::Trace;
pub use users::{Sticky, Users};

use crate::random::Seed;
use crate::time::{Instant, Span};

/// What sends requests through the gateway.
#[derive(Clone, PartialEq, Debug)]
pub struct Source {
    /// Its name in the scenario.
    pub name: String,
    /// When its requests arrive.
    pub arrivals: Arrivals,
    /// How its clients move to the new contract by themselves; `None` when the gateway's revision shapes the event.
    pub clients: Option<Clients>,
    /// How long its callers wait, and whether they try again.
    pub caller: Caller,
}

/// The arrival processes.
#[derive(Clone, PartialEq, Debug)]
pub enum Arrivals {
    /// Strictly periodic.
    Constant(Constant),
    /// Independent exponential gaps.
    Poisson(Poisson),
    /// Recorded instants.
    Trace(Trace),
    /// A closed loop: whoever is answered sends the next request.
    Users(Users),
}

/// One request's arrival.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrival {
    /// When.
    pub at: Instant,
    /// How long the code will take, where the source knows it (a trace with durations).
    pub service: Option<Span>,
}

/// A source's arrivals in order, from the start of the warm-up on.
#[derive(Clone, Debug)]
pub enum Feed {
    /// See [`Constant`].
    Constant(constant::Feed),
    /// See [`Poisson`].
    Poisson(poisson::Feed),
    /// See [`Trace`].
    Trace(trace::Feed),
    /// None: the requests of [`Users`] follow from the answers.
    None,
}

impl Source {
    /// The arrivals of this source in one replication, from `start`. The feed ends at [`Instant::END`], which it then
    /// answers for ever.
    #[must_use]
    pub fn feed(&self, seed: Seed, start: Instant) -> Feed {
        match &self.arrivals {
            Arrivals::Constant(constant) => Feed::Constant(constant.feed(start)),
            Arrivals::Poisson(poisson) => Feed::Poisson(poisson.feed(seed, &self.name, start)),
            Arrivals::Trace(trace) => Feed::Trace(trace.feed()),
            Arrivals::Users(_) => Feed::None,
        }
    }
}

impl Feed {
    /// The next arrival; never earlier than the one before.
    #[inline]
    pub fn advance(&mut self) -> Arrival {
        match self {
            Self::Constant(feed) => feed.advance(),
            Self::Poisson(feed) => feed.advance(),
            Self::Trace(feed) => feed.advance(),
            Self::None => Arrival { at: Instant::END, service: None },
        }
    }
}

impl Arrivals {
    /// The expected number of arrivals in [from, to): exact where the instants are known beforehand, 0 for users,
    /// whose arrivals depend on the answers.
    #[must_use]
    pub fn expected(&self, from: Instant, to: Instant) -> f64 {
        match self {
            Self::Constant(constant) => constant.count(from, to) as f64,
            Self::Poisson(poisson) => poisson.expected(from, to),
            Self::Trace(trace) => trace.between(from, to).len() as f64,
            Self::Users(_) => 0.0,
        }
    }

    /// The expected sum over the arrivals in [from, to) of 2^(-t / `half_life`), t > 0 being the arrival's instant.
    #[must_use]
    pub fn expected_decayed(&self, from: Instant, to: Instant, half_life: Span) -> f64 {
        match self {
            Self::Constant(constant) => constant.decayed(from, to, half_life),
            Self::Poisson(poisson) => poisson.decayed(from, to, half_life),
            Self::Trace(trace) => {
                trace.between(from, to).iter().map(|arrival| clients::decay(arrival.at, half_life)).sum()
            }
            Self::Users(_) => 0.0,
        }
    }
}
