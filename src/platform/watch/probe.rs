//! What an analysis measures: the attempts that ended in a window before now.

use super::signals::counted;
use crate::controller::argo::Measurement;
use crate::platform::index::VersionIx;
use crate::platform::record::Attempt;
use crate::strategy::{Analysis, Counts, Watched};
use crate::time::{Instant, Span};
use std::collections::VecDeque;

/// An analysis and what it may yet look back at.
#[derive(Clone, Debug)]
pub struct Probe {
    analysis: Analysis,
    /// In order of their ends.
    seen: VecDeque<Seen>,
    /// How much later than now an end may be known.
    ahead: Span,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    end: Instant,
    version: VersionIx,
    is_bad: bool,
    took: Span,
}

impl Probe {
    /// Nothing has ended yet. `ahead`: the longest that a caller waits who then gives up.
    #[must_use]
    pub fn new(analysis: &Analysis, ahead: Span) -> Self {
        Self { analysis: analysis.clone(), seen: VecDeque::new(), ahead }
    }

    /// An attempt that was sent to `version` has ended, or it is known when its caller will give up.
    pub fn ended(&mut self, attempt: &Attempt, version: VersionIx) {
        let Some(is_bad) = counted(self.analysis.above, attempt).filter(|_| attempt.end > Instant::ZERO) else {
            return;
        };
        let seen = Seen { end: attempt.end, version, is_bad, took: attempt.end.since(attempt.arrival) };
        let place = self.seen.partition_point(|other| other.end <= seen.end);
        self.seen.insert(place, seen);
        let reach = self.analysis.window + self.ahead;
        while self.seen.front().is_some_and(|first| first.end + reach < attempt.end) {
            self.seen.pop_front();
        }
    }

    /// A measurement, at `now`, of a version that goes live.
    #[must_use]
    pub fn measure(&self, now: Instant, version: VersionIx) -> Measurement {
        let Analysis { above, watches, window, missing, .. } = self.analysis;
        let within = |seen: &&Seen| seen.end < now && now.since(seen.end) <= window;
        let counts = |seen: &&Seen| watches == Watched::All || seen.version == version;
        let mut all = Counts::default();
        for seen in self.seen.iter().filter(within).filter(counts) {
            all.all += 1;
            all.bad += u64::from(seen.is_bad);
            all.took += u128::from(seen.took.ns());
        }
        match above.is_exceeded_by(&all) {
            None => missing,
            Some(failed) => Measurement::judged(None, Some(failed)),
        }
    }
}
