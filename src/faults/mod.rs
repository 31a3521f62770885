//! What goes wrong by itself: code that fails, or comes to fail, and things that are away for a while.

mod event;
pub(crate) mod keys;
mod outages;
mod trend;

pub use event::{Event, Fails, Scaling};
pub use outages::Outages;
pub use trend::Trend;

use crate::time::Instant;
use crate::units::{Share, Threshold};

/// The share of requests that fail for reasons of the code's own.
#[derive(Clone, PartialEq, Debug)]
pub enum Errors {
    /// Always the same.
    Constant(Share),
    /// By the time since t = 0; before it, as at t = 0.
    OverTime(Trend),
    /// By the age of the instance since it was last initialised: a leak.
    ByInstanceAge(Trend),
}

impl Errors {
    /// The share of the requests that arrive at `now` at an instance that has been ready since `ready`.
    #[must_use]
    pub fn at(&self, now: Instant, ready: Instant) -> Threshold {
        match self {
            Self::Constant(share) => share.threshold(),
            Self::OverTime(trend) => trend.at(now.max(Instant::ZERO).since(Instant::ZERO)),
            // The request that it is initialised for arrives before it is ready.
            Self::ByInstanceAge(trend) => trend.at(now.max(ready).since(ready)),
        }
    }

    /// The greatest share that there may be.
    #[must_use]
    pub fn most(&self) -> Threshold {
        match self {
            Self::Constant(share) => share.threshold(),
            Self::OverTime(trend) | Self::ByInstanceAge(trend) => trend.most(),
        }
    }

    /// Whether nothing ever fails.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.most() == Threshold::NONE
    }
}

impl From<Share> for Errors {
    fn from(share: Share) -> Self {
        Self::Constant(share)
    }
}
