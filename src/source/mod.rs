//! The shelf of arrival processes and client behaviour.
//!
//! A source says when its requests arrive and in which contract its clients write. To add an arrival process: one
//! file here, with its keys and their reader, and its lines in [`Arrivals`], the shelf and [`Feed`].

mod bursty;
mod constant;
mod diurnal;
pub(crate) mod keys;
mod merge;
mod parts;
mod poisson;
mod profile;
mod schedule;
pub(crate) mod sender;
mod spread;
mod surge;
pub mod trace;
mod users;

pub use bursty::{Bursts, Bursty, State};
pub use constant::Constant;
pub use diurnal::Diurnal;
pub use merge::{Merge, Sent};
pub use parts::Part;
pub use poisson::Poisson;
pub use profile::{Point, Profile};
pub use schedule::{Firings, Schedule};
pub use sender::caller::{Caller, Ends, Jitter, Retries};
pub use sender::clients::Clients;
pub use sender::queue::{
    Backlog, Consumers, Delivery, Invocation, Messages, Missed, Pollers, Queue, Resolve, Stream, Target,
};
pub use sender::via::{Producer, Via};
pub use spread::Spread;
pub use trace::Trace;
pub use users::{Sticky, Users};

use crate::random::Seed;
use crate::text::shelf::Shelf;
use crate::time::{Instant, Span};
use core::convert::Infallible;
use parts::weight::Weight;

/// What sends requests.
#[derive(Clone, PartialEq, Debug)]
pub struct Source {
    /// Its name in the scenario.
    pub name: String,
    /// When its requests arrive.
    pub arrivals: Arrivals,
    /// How they reach the code, and what shapes its events.
    pub via: Via,
    /// How its clients move to the new contract by themselves; `None` when they do not shape its events.
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
    /// A rate that follows the time of day.
    Diurnal(Diurnal),
    /// A rate that follows a line from point to point.
    Profile(Profile),
    /// Quiet and busy times in turn.
    Bursty(Bursty),
    /// Batches at fixed instants.
    Schedule(Schedule),
    /// Recorded instants, or recorded counts.
    Trace(Trace),
    /// A closed loop: whoever is answered sends the next request.
    Users(Users),
}

/// The arrival processes as they are written.
const SHELF: Shelf<keys::Around, keys::Read> = Shelf {
    noun: "arrivals",
    example: "{ poisson = \"200/s\" }",
    kinds: &[
        constant::KIND,
        poisson::KIND,
        diurnal::KIND,
        profile::KIND,
        bursty::KIND,
        schedule::KIND,
        trace::keys::KIND,
        users::KIND,
    ],
};

/// Why the arrivals of a source cannot be known.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the trace {trace} {reason}")]
pub struct FeedError {
    /// The trace's file.
    pub trace: String,
    /// What is the matter with it.
    pub reason: String,
}

/// A source's arrivals in order, from the start of the warm-up on.
#[derive(Clone, Debug)]
pub enum Feed {
    /// See [`Constant`].
    Constant(constant::Feed),
    /// See [`Poisson`].
    Poisson(poisson::Feed),
    /// See [`Diurnal`].
    Diurnal(Box<diurnal::Feed>),
    /// See [`Profile`].
    Profile(Box<profile::Feed>),
    /// See [`Bursty`].
    Bursty(Box<bursty::Feed>),
    /// See [`Schedule`].
    Schedule(Box<schedule::Feed>),
    /// See [`Trace`].
    Trace(Box<trace::Feed>),
    /// None: the requests of [`Users`] follow from the answers.
    None,
}

impl Source {
    /// How many attempts a request may have.
    #[must_use]
    pub fn most_attempts(&self) -> u8 {
        match self.via.queue() {
            Some(queue) => queue.most_tries(),
            None => self.caller.most_attempts(),
        }
    }

    /// Whether an attempt may be followed by another one.
    #[must_use]
    pub const fn tries_again(&self) -> bool {
        self.caller.retries.is_some() || self.via.queue().is_some()
    }

    /// The arrivals of this source in one replication, in [`start`, `end`). The feed then answers [`Instant::END`] for
    /// ever; some kinds do not stop at `end` by themselves. `bursts`: what is taken as given of them.
    #[must_use]
    pub fn feed(&self, seed: Seed, start: Instant, end: Instant, bursts: Option<Bursts>) -> Feed {
        let name = &self.name;
        match &self.arrivals {
            Arrivals::Constant(constant) => Feed::Constant(constant.feed(start)),
            Arrivals::Poisson(poisson) => Feed::Poisson(poisson.feed(seed, name, start)),
            Arrivals::Diurnal(diurnal) => Feed::Diurnal(Box::new(diurnal.feed(seed, name, start, end))),
            Arrivals::Profile(profile) => Feed::Profile(Box::new(profile.feed(seed, name, start, end))),
            Arrivals::Bursty(bursty) => Feed::Bursty(Box::new(bursty.feed(seed, name, (start, end), bursts))),
            Arrivals::Schedule(schedule) => Feed::Schedule(Box::new(schedule.feed(seed, name, start, end))),
            Arrivals::Trace(trace) => Feed::Trace(Box::new(trace.feed(seed, name, start, end))),
            Arrivals::Users(_) => Feed::None,
        }
    }
}

impl Feed {
    /// When the next request arrives, never earlier than the one before; [`Instant::END`] when none will.
    #[inline(always)]
    pub fn advance(&mut self) -> Instant {
        match self {
            Self::Poisson(feed) => feed.advance(),
            _ => self.advance_other(),
        }
    }

    /// The same for those that need not be part of the loop's code.
    #[inline(never)]
    fn advance_other(&mut self) -> Instant {
        match self {
            Self::Poisson(feed) => feed.advance(),
            Self::Constant(feed) => feed.advance(),
            Self::Diurnal(feed) => feed.advance(),
            Self::Profile(feed) => feed.advance(),
            Self::Bursty(feed) => feed.advance(),
            Self::Schedule(feed) => feed.advance(),
            Self::Trace(feed) => feed.advance(),
            Self::None => Instant::END,
        }
    }

    /// How long the code will take for the request whose arrival was last told, where the source knows it (a trace
    /// with durations).
    #[inline]
    #[must_use]
    pub const fn service(&self) -> Option<Span> {
        match self {
            Self::Trace(feed) => feed.service(),
            _ => None,
        }
    }

    /// Why the arrivals so far are not to be relied on, if they are not. To be asked once, at the end: a feed that
    /// fails goes silent, so that the loop need not ask at every arrival.
    #[must_use]
    pub fn failure(&self) -> Option<FeedError> {
        match self {
            Self::Trace(feed) => feed.failure(),
            _ => None,
        }
    }
}

impl Arrivals {
    /// The expected number of arrivals in [from, to), over all that the scenario leaves open: bursts, jitter, the
    /// places of requests within their bins, and the rows that a scale leaves out. Exact where the instants are known; 0 for
    /// users, whose arrivals depend on the answers.
    ///
    /// # Errors
    /// [`FeedError`], where a trace that is not held in memory cannot be read again.
    pub fn expected(&self, from: Instant, to: Instant) -> Result<f64, FeedError> {
        self.weighted(from, to, Weight(None))
    }

    /// The expected sum over the arrivals in [from, to) of 2^(-t / `half_life`), t being the arrival's instant.
    ///
    /// # Errors
    /// [`FeedError`], as for [`Arrivals::expected`].
    pub fn expected_decayed(&self, from: Instant, to: Instant, half_life: Span) -> Result<f64, FeedError> {
        self.weighted(from, to, Weight(Some(half_life)))
    }

    fn weighted(&self, from: Instant, to: Instant, weight: Weight) -> Result<f64, FeedError> {
        self.sum(from, to, weight, |trace| trace.expected(from, to, weight))
    }

    fn sum<E>(
        &self,
        from: Instant,
        to: Instant,
        weight: Weight,
        of_trace: impl FnOnce(&Trace) -> Result<f64, E>,
    ) -> Result<f64, E> {
        Ok(match self {
            Self::Constant(constant) => constant.expected(from, to, weight),
            Self::Poisson(poisson) => poisson.expected(from, to, weight),
            Self::Diurnal(diurnal) => diurnal.expected(from, to, weight),
            Self::Profile(profile) => profile.expected(from, to, weight),
            Self::Bursty(bursty) => bursty.expected(from, to, weight),
            Self::Schedule(schedule) => schedule.expected(from, to, weight),
            Self::Trace(trace) => of_trace(trace)?,
            Self::Users(_) => 0.0,
        })
    }

    /// About how many requests arrive in the window [start, end) of the scenario, of users at most; no trace is read for
    /// it.
    #[must_use]
    pub fn about(&self, start: Instant, end: Instant) -> f64 {
        if let Self::Users(users) = self {
            return users.most_requests(end.since(start));
        }
        let Ok(requests) = self.sum(start, end, Weight(None), |trace| Ok::<_, Infallible>(trace.requests));
        requests
    }

    /// About how many requests are expected in the window, of users where each answer takes `answer_ns`.
    #[must_use]
    pub fn requests(&self, start: Instant, end: Instant, answer_ns: f64) -> f64 {
        match self {
            Self::Users(users) => users.requests(end.since(start), answer_ns),
            _ => self.about(start, end),
        }
    }

    /// About how many changes of how requests come a replication has to work off in the window, besides the requests.
    #[must_use]
    pub fn changes(&self, start: Instant, end: Instant) -> f64 {
        let span = end.since(start);
        match self {
            Self::Constant(_) | Self::Poisson(_) | Self::Users(_) => 0.0,
            Self::Diurnal(diurnal) => span.ns() as f64 / diurnal.peak.gap_ns(),
            Self::Profile(profile) => profile.changes(span),
            Self::Bursty(bursty) => bursty.changes(span),
            Self::Schedule(schedule) => schedule.changes(span),
            Self::Trace(trace) => trace.changes(span),
        }
    }
}
