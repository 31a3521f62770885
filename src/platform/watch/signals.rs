//! Signals: what alarms have seen. Attempts are counted in the period in which they ended, whatever else is known of them by
//! then, so that a look at closed periods sees the past and nothing else.

use crate::platform::index::VersionIx;
use crate::platform::record::{Attempt, Outcome};
use crate::random::Seed;
use crate::strategy::{Above, Alarm, Counts, Watched};
use crate::time::{Instant, Span};
use std::collections::{BTreeMap, VecDeque};

/// One alarm at work.
#[derive(Clone, Debug)]
pub struct Signal {
    alarm: Alarm,
    /// How far t = 0 lies in its period.
    phase: Span,
    /// The version whose attempts count, where not all do.
    only: Option<VersionIx>,
    /// Whether its version has begun, so that periods without it say something.
    begun: bool,
    /// The period that is judged next.
    next: i64,
    /// Counts of that period and of those after it in which anything ended, or will: a caller may give up long after it began.
    counts: BTreeMap<i64, Counts>,
    /// The last `of` periods that were judged, the latest last: whether they were bad.
    judged: VecDeque<bool>,
    /// How many of them were.
    bad: u32,
    /// When nobody looks any more.
    end: Instant,
}

impl Signal {
    /// `new`: the version that goes live; `start` and `end`: when the window does.
    #[must_use]
    pub fn new(alarm: &Alarm, new: VersionIx, seed: Seed, (start, end): (Instant, Instant)) -> Self {
        let drawn = || {
            let bits = seed.stream("alarm-phase", &alarm.name).bits(0, 0);
            Span::from_ns(((u128::from(bits) * u128::from(alarm.period.ns())) >> 64) as u64)
        };
        let phase = alarm.phase.unwrap_or_else(drawn);
        let (only, first) = match alarm.watches {
            // Before t = 0 there is no new version, and no period of it.
            Watched::New => (Some(new), 0),
            Watched::All => (None, alarm.period_of(start, phase)),
        };
        let (counts, judged) = (BTreeMap::new(), VecDeque::new());
        Self { alarm: alarm.clone(), phase, only, begun: only.is_none(), next: first, counts, judged, bad: 0, end }
    }

    /// An attempt that was sent to `version` has ended, or it is known when its caller will give up.
    pub fn ended(&mut self, attempt: &Attempt, version: VersionIx) {
        // A version that has served before may be the new one of a later deployment: what came before t = 0 is none of its.
        if self.only.is_some_and(|only| only != version || attempt.arrival < Instant::ZERO) {
            return;
        }
        let Some(bad) = counted(self.alarm.above, attempt) else { return };
        let took = attempt.end.since(attempt.arrival);
        let period = self.alarm.period_of(attempt.end, self.phase);
        // What ended before the first period that counts belongs to none; what nobody will see need not be kept.
        if period < self.next || self.alarm.seen_at(period, self.phase) >= self.end {
            return;
        }
        let of = self.counts.entry(period).or_default();
        of.all += 1;
        of.bad += u64::from(bad);
        of.took += u128::from(took.ns());
    }

    /// The version at `place` begins to go live: what was seen of it before counts no more.
    pub fn begin(&mut self, now: Instant, place: VersionIx) {
        if self.only != Some(place) {
            return;
        }
        (self.begun, self.bad) = (true, 0);
        self.judged.clear();
        let first = self.alarm.period_of(now, self.phase).max(self.next);
        self.counts.retain(|&period, _| period >= first);
        self.next = first;
    }

    /// Looks at `now` at every period that is to be seen by then.
    pub fn look(&mut self, now: Instant) {
        while self.alarm.seen_at(self.next, self.phase) <= now {
            let counts = self.counts.remove(&self.next).unwrap_or_default();
            self.next += 1;
            if let Some(bad) = self.alarm.judge(&counts).filter(|_| self.begun) {
                if self.judged.len() == self.alarm.of as usize {
                    self.bad -= u32::from(self.judged.pop_front() == Some(true));
                }
                self.judged.push_back(bad);
                self.bad += u32::from(bad);
            }
        }
    }

    /// When there is next something to be seen.
    #[must_use]
    pub fn next_look(&self) -> Instant {
        self.alarm.seen_at(self.next, self.phase)
    }

    /// Whether it was in alarm at the last look.
    #[must_use]
    pub fn is_in_alarm(&self) -> bool {
        self.bad >= self.alarm.breach
    }
}

/// Whether an attempt that has ended is a bad one, by what is to be too much; `None` for one that does not count.
pub(super) fn counted(above: Above, attempt: &Attempt) -> Option<bool> {
    let took = attempt.end.since(attempt.arrival);
    let is_error = matches!(
        attempt.outcome,
        Outcome::Failed
            | Outcome::Killed
            | Outcome::Refused
            | Outcome::Incompatible
            | Outcome::Expired
            | Outcome::WaitedOut
    );
    let (counts, bad) = match above {
        _ if matches!(attempt.outcome, Outcome::InFlight | Outcome::Waiting) => (false, false),
        Above::ErrorShare(_) | Above::ErrorCount(_) => (true, is_error),
        Above::ThrottledShare(_) => (true, attempt.outcome == Outcome::Throttled),
        Above::IncompatibleShare(_) => (true, attempt.outcome == Outcome::Incompatible),
        Above::LostShare(_) => (attempt.last, attempt.outcome != Outcome::Served),
        Above::LatencyP99(span) => (attempt.handled(), took > span),
        Above::LatencyMean(_) => (attempt.handled(), false),
    };
    counts.then_some(bad)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{Contract, Version};
    use crate::strategy::Missing;
    use crate::units::Share;

    fn attempt(end: Instant, outcome: Outcome) -> Attempt {
        Attempt {
            source: 0,
            index: 0,
            attempt: 0,
            request: end,
            arrival: end,
            revision: 0,
            alias_view: 0,
            contract: Contract(1),
            version: Version(2),
            cold_wait: None,
            cold: false,
            end,
            outcome,
            last: true,
            reset: false,
        }
    }

    #[test]
    fn an_alarm_needs_so_many_bad_periods_of_the_last() {
        let (new, at) = (VersionIx::nth(1), |s: i64| Instant::from_ns(s * 1_000_000_000));
        let alarm = Alarm {
            name: "errors".to_owned(),
            above: Above::ErrorShare(Share::percent(10)),
            watches: Watched::New,
            period: Span::from_s(10),
            breach: 2,
            of: 3,
            missing: Missing::Ok,
            delay: Span::ZERO,
            poll: Span::ZERO,
            phase: Some(Span::ZERO),
        };
        let mut signal = Signal::new(&alarm, new, Seed { seed: 1, replication: 0 }, (at(-100), at(1_000)));
        signal.begin(at(0), new);
        // Bad, good, bad, empty, bad; the old version's errors count for nothing, nor does what ended before.
        for (s, outcome) in
            [(1, Outcome::Failed), (12, Outcome::Served), (20, Outcome::Expired), (49, Outcome::Incompatible)]
        {
            signal.ended(&attempt(at(s), outcome), new);
            signal.ended(&attempt(at(s), Outcome::Failed), VersionIx::FIRST);
        }
        signal.ended(&attempt(at(-1), Outcome::Failed), new);
        let states: Vec<bool> = (1..=7)
            .map(|k| {
                assert_eq!(signal.next_look(), at(10 * k));
                signal.look(at(10 * k));
                signal.is_in_alarm()
            })
            .collect();
        assert_eq!(states, [false, false, true, false, true, false, false]);
    }
}
