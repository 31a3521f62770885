//! Requests: what is written down about an attempt when it ends.

use crate::ids::{Contract, Version};
use crate::time::{Instant, Span};

/// One passage of a request through gateway and platform, as recorded when it ended or at the end of the window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// The source's place in the scenario.
    pub source: u32,
    /// The request's number within its source, from 0.
    pub index: u64,
    /// When it arrived.
    pub arrival: Instant,
    /// The revision that its gateway node held, from 0.
    pub revision: u32,
    /// The alias update that its front-end held, from 0; 0 where no alias was asked.
    pub alias_view: u32,
    /// The event format it was shaped in.
    pub contract: Contract,
    /// The version that ran.
    pub version: Version,
    /// How long it waited for a new instance; `None` if it found one, or if that wait had not ended by the end of the
    /// window.
    pub cold_wait: Option<Span>,
    /// Whether a new instance was started for it.
    pub cold: bool,
    /// When it ended; the end of the window for an attempt in flight.
    pub end: Instant,
    /// How it ended.
    pub outcome: Outcome,
}

/// How an attempt ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Answered well.
    Served,
    /// Failed: the code could not read the event, or failed by itself.
    Failed,
    /// Unfinished at the end of the window.
    InFlight,
}

/// What watches a simulation. Observers are dispatched statically: one that does nothing costs nothing.
pub trait Observer {
    /// An attempt has ended.
    fn ended(&mut self, attempt: &Attempt);
}

/// Attempts in the order in which they ended, for tests and explanations.
impl Observer for Vec<Attempt> {
    fn ended(&mut self, attempt: &Attempt) {
        self.push(*attempt);
    }
}

/// Nobody watches.
impl Observer for () {
    #[inline]
    fn ended(&mut self, _: &Attempt) {}
}

/// Both watch.
impl<A: Observer, B: Observer> Observer for (A, B) {
    #[inline]
    fn ended(&mut self, attempt: &Attempt) {
        self.0.ended(attempt);
        self.1.ended(attempt);
    }
}
