//! One replica.

use crate::platform::index::VersionIx;
use crate::time::Instant;
use std::collections::VecDeque;

/// A replica: what it is doing, and the attempts that it has.
#[derive(Clone, Debug)]
pub struct Replica {
    /// The version that it runs.
    pub version: VersionIx,
    /// How many of its version were created before it.
    pub ordinal: u64,
    /// What it is doing.
    pub phase: Phase,
    /// When that changes by itself; [`Instant::END`] if it does not.
    pub next: Instant,
    /// When the start began that it is in, or has been through.
    pub begun: Instant,
    /// Since when it has been ready, or when it was last.
    pub ready: Option<Instant>,
    /// When it took requests for the first time since it started: its age counts from then.
    pub opened: Instant,
    /// When its readiness probe runs next; [`Instant::END`] if that changes nothing.
    pub probe: Instant,
    /// A moment at which the probe runs, and before which it does not.
    pub clock: Instant,
    /// How many probes in succession have spoken against what it is taken for, ready or not.
    pub streak: u32,
    /// When it began to end.
    pub ends: Instant,
    /// Whether it has been ready for long enough.
    pub is_available: bool,
    /// Whether it takes requests.
    pub is_open: bool,
    /// How many starts it has been through.
    pub starts: u32,
    /// How many starts have failed, and how often it has crashed, since it was well for long.
    pub failures: u32,
    /// How often the balancer was told of it: that it has come if the number is odd, that it goes if it is even.
    pub told: u32,
    /// The attempts that it serves, by their seats.
    pub served: Vec<u32>,
    /// Those that wait for it.
    pub line: VecDeque<u32>,
}

/// What a replica is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// It starts.
    Starting,
    /// It has started; the probe has yet to find it ready, or finds that it is not any more.
    Probed,
    /// It is ready.
    Ready,
    /// It is no longer wanted, and has not been told so.
    Stopping,
    /// It has been told, and finishes what it has.
    Ending,
    /// It is gone.
    Gone,
}

impl Phase {
    /// Whether it has yet to be ready.
    #[must_use]
    pub const fn is_starting(self) -> bool {
        matches!(self, Self::Starting | Self::Probed)
    }

    /// Whether it is wanted.
    #[must_use]
    pub const fn is_wanted(self) -> bool {
        matches!(self, Self::Starting | Self::Probed | Self::Ready)
    }
}

impl Replica {
    /// One that begins to start.
    pub(super) const fn new(version: VersionIx, ordinal: u64, now: Instant) -> Self {
        Self {
            version,
            ordinal,
            phase: Phase::Starting,
            next: Instant::END,
            begun: now,
            ready: None,
            opened: now,
            probe: Instant::END,
            clock: now,
            streak: 0,
            ends: Instant::END,
            is_available: false,
            is_open: false,
            starts: 0,
            failures: 0,
            told: 0,
            served: Vec::new(),
            line: VecDeque::new(),
        }
    }

    /// Whether it is ready.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    /// Whether it has been told to end, and is not gone.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.phase == Phase::Ending
    }

    /// How many attempts it has.
    #[must_use]
    pub fn requests(&self) -> u64 {
        (self.served.len() + self.line.len()) as u64
    }

    /// Whether it has nothing to do.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.served.is_empty() && self.line.is_empty()
    }
}
