//! When the code of a version is broken.

use super::Event;
use crate::time::Instant;
use crate::units::Threshold;

/// The events that break the code of one version, each with the share of the requests that it concerns.
#[derive(Clone, Debug, Default)]
pub struct Outages(Vec<(Event, Threshold)>);

impl Outages {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The share of the requests that fail at `now`, besides a share that fails for another reason.
    #[inline]
    #[must_use]
    pub fn besides(&self, other: Threshold, now: Instant) -> Threshold {
        let events = self.0.iter().filter(|(event, _)| event.goes_on(now));
        events.fold(other, |sum, (_, share)| sum.or(*share))
    }

    /// The first moment from `now` on at which one of them goes on.
    #[must_use]
    pub fn next(&self, now: Instant) -> Option<Instant> {
        self.0.iter().filter(|(event, _)| event.end() > now).map(|(event, _)| event.at.max(now)).min()
    }
}

impl FromIterator<(Event, Threshold)> for Outages {
    fn from_iter<I: IntoIterator<Item = (Event, Threshold)>>(events: I) -> Self {
        Self(events.into_iter().collect())
    }
}
