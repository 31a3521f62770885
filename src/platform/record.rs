//! Attempts: one to be made, its way, and what is written down when it has ended.

use super::control::Control;
use super::index::{ContractIx, VersionIx};
use crate::ids::{Contract, Version};
use crate::time::{Instant, Span};

/// An attempt to be made.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// The source's place in the scenario.
    pub source: u32,
    /// Which attempt of the request, from 0.
    pub attempt: u8,
    /// The request's number within its source.
    pub index: u64,
    /// When the request arrived; not known yet before the first attempt.
    pub request: Instant,
    /// When the caller began to wait.
    pub since: Instant,
    /// The contract in which its client writes, where it is the client that shapes the event and has done so before.
    pub contract: Option<ContractIx>,
    /// How long the code will take, where the source knows it.
    pub known: Option<Span>,
    /// The version that its queue has bound it to.
    pub bound: Option<VersionIx>,
    /// How often its code has failed, where a queue tries it.
    pub failures: u8,
}

impl Call {
    /// The first attempt of a request that arrives at `now`.
    #[inline]
    #[must_use]
    pub const fn first(source: u32, index: u64, now: Instant, known: Option<Span>) -> Self {
        let (contract, bound) = (None, None);
        Self { source, attempt: 0, index, request: now, since: now, contract, known, bound, failures: 0 }
    }
}

/// The way of one request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Way {
    /// The revision that its node held.
    pub revision: u16,
    /// The alias update that its front-end held; 0 where no alias was asked, [`Way::KEPT`] where a caller or a queue had asked for its
    /// version, [`Way::ENDING`] where its replica was already ending.
    pub alias_view: u16,
    /// The contract that it is written in.
    pub contract: ContractIx,
    /// The version that it is sent to.
    pub version: VersionIx,
}

impl Way {
    /// See [`Way::alias_view`].
    pub const KEPT: u16 = u16::MAX;
    /// See [`Way::alias_view`].
    pub const ENDING: u16 = u16::MAX - 1;

    /// Whether its caller or its queue had asked for its version.
    #[must_use]
    pub const fn is_kept(self) -> bool {
        self.alias_view == Self::KEPT
    }

    /// Whether its replica was already ending.
    #[must_use]
    pub const fn is_ending(self) -> bool {
        self.alias_view == Self::ENDING
    }
}

/// One passage of a request through gateway and platform, as recorded when it ended or at the end of the window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// The source's place in the scenario.
    pub source: u32,
    /// The request's number within its source, from 0; for users, see [`crate::source::Users::index`].
    pub index: u64,
    /// Which attempt of the request it is, from 0.
    pub attempt: u32,
    /// When the request arrived: its first attempt.
    pub request: Instant,
    /// When this attempt arrived.
    pub arrival: Instant,
    /// The revision that its gateway node held, from 0.
    pub revision: u32,
    /// The alias update that its front-end held, from 0; 0 where no alias was asked.
    pub alias_view: u32,
    /// The event format it was shaped in.
    pub contract: Contract,
    /// The version that ran, or was asked for in vain.
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
    /// Whether the request ended with it, or is in flight with it; otherwise the caller will try again.
    pub last: bool,
    /// Whether it left its instance to be initialised again: by a crash or the function's timeout.
    pub reset: bool,
}

impl Attempt {
    /// Whether it reached an instance.
    #[inline]
    #[must_use]
    pub const fn handled(&self) -> bool {
        !matches!(self.outcome, Outcome::Throttled | Outcome::Refused | Outcome::WaitedOut | Outcome::Waiting)
    }
}

/// How an attempt ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Answered well.
    Served,
    /// Failed: the code could not read the event.
    Incompatible,
    /// Failed: the code failed by itself, crashed, or ran into the function's timeout.
    Failed,
    /// Failed: its replica was killed while it served it, or while it let it wait.
    Killed,
    /// Answered, but the caller cannot read the reply.
    Unreadable,
    /// The caller gave up before the answer came.
    Expired,
    /// Unfinished at the end of the window.
    InFlight,
    // The others reached no instance.
    /// Waited for room at a balancer, and did not get any in time.
    WaitedOut,
    /// Waits for room at a balancer at the end of the window.
    Waiting,
    /// Failed on the way, in an event.
    Refused,
    /// Turned away for want of capacity.
    Throttled,
}

impl Outcome {
    /// Whether a request that ends so is lost to its user.
    #[must_use]
    pub const fn is_lost(self) -> bool {
        !matches!(self, Self::Served | Self::InFlight | Self::Waiting)
    }
}

/// Environments that were kept ready, whether they had requests or not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Held {
    /// How many.
    pub environments: u32,
    /// From when, and until when, in [0, after).
    pub from: Instant,
    /// See there.
    pub to: Instant,
    /// How much longer is billed, in environments times nanoseconds, because some of them went then.
    pub besides: u128,
    /// The memory of each in bytes; 0 where it is not known.
    pub memory: u64,
}

/// What watches a simulation. Observers are dispatched statically: one that does nothing costs nothing.
pub trait Observer {
    /// An attempt that went this way has ended.
    fn ended(&mut self, attempt: &Attempt, way: Way);

    /// An attempt had an instance of a version whose running is billed from `from` to `to`, or has it still at the end of the window.
    fn ran(&mut self, _version: VersionIx, _from: Instant, _to: Instant) {}

    /// An attempt had an environment that is kept ready, of so many bytes, likewise.
    fn ran_kept(&mut self, _from: Instant, _to: Instant, _memory: u64) {}

    /// The control plane has been changed at `now`; `back`: whether what was deployed is being taken back.
    fn changed(&mut self, _now: Instant, _control: &Control, _back: bool) {}

    /// Environments were kept ready.
    fn held(&mut self, _held: &Held) {}

    /// At the end of the window a request of a source that arrived at `request` was waiting to be tried again.
    fn unanswered(&mut self, _source: u32, _request: Instant) {}

    /// An invocation at `now` handled so many messages more than one.
    fn handled_more(&mut self, _now: Instant, _messages: u64) {}

    /// A session that counts, having seen a later version, was answered by an earlier one at `now`.
    fn flipped(&mut self, _now: Instant) {}
}

/// Attempts in the order in which they ended, for tests and explanations.
impl Observer for Vec<Attempt> {
    fn ended(&mut self, attempt: &Attempt, _: Way) {
        self.push(*attempt);
    }
}

/// Nobody watches.
impl Observer for () {
    #[inline]
    fn ended(&mut self, _: &Attempt, _: Way) {}
}

/// Both watch.
impl<A: Observer, B: Observer> Observer for (A, B) {
    #[inline(always)]
    fn ended(&mut self, attempt: &Attempt, way: Way) {
        self.0.ended(attempt, way);
        self.1.ended(attempt, way);
    }

    #[inline]
    fn ran(&mut self, version: VersionIx, from: Instant, to: Instant) {
        self.0.ran(version, from, to);
        self.1.ran(version, from, to);
    }

    #[inline]
    fn ran_kept(&mut self, from: Instant, to: Instant, memory: u64) {
        self.0.ran_kept(from, to, memory);
        self.1.ran_kept(from, to, memory);
    }

    #[inline]
    fn changed(&mut self, now: Instant, control: &Control, back: bool) {
        self.0.changed(now, control, back);
        self.1.changed(now, control, back);
    }

    #[inline]
    fn held(&mut self, held: &Held) {
        self.0.held(held);
        self.1.held(held);
    }

    #[inline]
    fn unanswered(&mut self, source: u32, request: Instant) {
        self.0.unanswered(source, request);
        self.1.unanswered(source, request);
    }

    #[inline]
    fn handled_more(&mut self, now: Instant, messages: u64) {
        self.0.handled_more(now, messages);
        self.1.handled_more(now, messages);
    }

    #[inline]
    fn flipped(&mut self, now: Instant) {
        self.0.flipped(now);
        self.1.flipped(now);
    }
}
