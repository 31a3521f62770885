//! Events: something is away for a while.

use crate::ids::Version;
use crate::time::{Instant, Span};
use crate::units::Share;

/// Something that fails for a while, if it comes to that.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// When it begins; not before t = 0.
    pub at: Instant,
    /// For how long.
    pub lasts: Span,
    /// How likely it happens in a rollout.
    pub chance: Share,
    /// What fails.
    pub fails: Fails,
    /// For which share of the requests concerned.
    pub share: Share,
}

/// A scale request: from some moment on so many replicas of hosts are wanted, whatever is going on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scaling {
    /// From when on; not before t = 0.
    pub at: Instant,
    /// How many.
    pub replicas: u32,
}

/// What fails in an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fails {
    /// Nobody may invoke this version: requests fail before they reach it.
    Permission(Version),
    /// The code of this version: requests run, and fail.
    Version(Version),
    /// The way of this source's requests, by its place: they fail before they reach any version.
    Source(usize),
    /// Nodes of the gateway: what they are sent fails there. How many is the share of the requests.
    Nodes,
}

impl Event {
    /// When it is over.
    #[must_use]
    pub fn end(&self) -> Instant {
        self.at + self.lasts
    }

    /// Whether it goes on at `now`, if it happens.
    #[must_use]
    pub fn goes_on(&self, now: Instant) -> bool {
        self.at <= now && now < self.end()
    }

    /// Whether requests of a source to a version that are concerned fail before they reach it.
    #[must_use]
    pub fn refuses(&self, source: usize, version: Version) -> bool {
        match self.fails {
            Fails::Permission(of) => of == version,
            Fails::Source(of) => of == source,
            Fails::Nodes => true,
            Fails::Version(_) => false,
        }
    }

    /// Whether the code of a version fails.
    #[must_use]
    pub fn breaks(&self, version: Version) -> bool {
        self.fails == Fails::Version(version)
    }
}
