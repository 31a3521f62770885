//! Attempts: one to be made, its way, and what is written down when it has ended.

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
