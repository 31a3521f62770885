//! The slow model's alarms: at every look all periods so far are counted anew from the attempts that have ended.

use cutover::ids::Version;
use cutover::platform::{Attempt, Outcome};
use cutover::random::Seed;
use cutover::strategy::{Above, Alarm, Missing, Watched};
use cutover::time::{Instant, Span};

/// An attempt that has ended: as it is written down, or as it is known to expire.
pub struct Ended {
    pub version: Version,
    pub arrival: Instant,
    pub end: Instant,
    pub outcome: Outcome,
    pub last: bool,
}

impl Ended {
    pub fn of(attempt: &Attempt) -> Self {
        let &Attempt { version, arrival, end, outcome, last, .. } = attempt;
        Self { version, arrival, end, outcome, last }
    }
}

/// An alarm of one rollout.
pub struct Watch {
    alarm: Alarm,
    phase: i64,
    new: Version,
    start: Instant,
}

impl Watch {
    pub fn new(alarm: &Alarm, new: Version, seed: Seed, start: Instant) -> Self {
        let bits = seed.stream("alarm-phase", &alarm.name).bits(0, 0);
        let drawn = ((u128::from(bits) * u128::from(alarm.period.ns())) >> 64) as i64;
        let phase = alarm.phase.map_or(drawn, |phase| phase.ns() as i64);
        Self { alarm: alarm.clone(), phase, new, start }
    }

    /// When period `k` begins.
    fn begins(&self, k: i64) -> i64 {
        k * self.alarm.period.ns() as i64 - self.phase
    }

    /// When period `k` is seen.
    fn seen(&self, k: i64) -> i64 {
        let closed = self.begins(k + 1) + self.alarm.delay.ns() as i64;
        let poll = self.alarm.poll.ns() as i64;
        let late = if poll == 0 { 0 } else { closed.rem_euclid(poll) };
        if late == 0 { closed } else { closed - late + poll }
    }

    /// The first period that counts.
    fn first(&self) -> i64 {
        match self.alarm.watches {
            Watched::New => 0,
            Watched::All => {
                let from = -(self.phase + self.start.ns().abs()) / self.alarm.period.ns() as i64 - 2;
                (from..).find(|&k| self.begins(k + 1) > self.start.ns()).unwrap()
            }
        }
    }

    /// When there is next something to be seen.
    pub fn next_look(&self, now: Instant) -> Instant {
        Instant::from_ns((self.first()..).map(|k| self.seen(k)).find(|&at| at > now.ns()).unwrap())
    }

    /// Whether the alarm is on at `now`; `begun`: which versions began when.
    pub fn is_on(&self, ended: &[Ended], begun: &[(Instant, Version)], now: Instant) -> bool {
        let began = begun.iter().rev().find(|&&(_, version)| version == self.new).map(|&(at, _)| at.ns());
        let counts = |k: i64| match (self.alarm.watches, began) {
            (Watched::All, _) => true,
            (Watched::New, None) => false,
            (Watched::New, Some(began)) => self.begins(k + 1) > began,
        };
        let seen = (self.first()..).take_while(|&k| self.seen(k) <= now.ns()).filter(|&k| counts(k));
        let judged: Vec<bool> = seen.filter_map(|k| self.is_bad(ended, k)).collect();
        judged.iter().rev().take(self.alarm.of as usize).filter(|&&bad| bad).count() >= self.alarm.breach as usize
    }

    fn is_bad(&self, ended: &[Ended], k: i64) -> Option<bool> {
        let within = |of: &&Ended| (self.begins(k)..self.begins(k + 1)).contains(&of.end.ns());
        let is_of_new = |of: &Ended| of.version == self.new && of.arrival >= Instant::ZERO;
        let watched = |of: &&Ended| self.alarm.watches == Watched::All || is_of_new(of);
        let of: Vec<_> = ended.iter().filter(within).filter(watched).collect();
        exceeds(self.alarm.above, &of).or(match self.alarm.missing {
            Missing::Ok => Some(false),
            Missing::Bad => Some(true),
            Missing::Ignore => None,
        })
    }
}

/// Whether what these attempts came to is too much; `None` where none counts.
pub fn exceeds(above: Above, of: &[&Ended]) -> Option<bool> {
    let count = |holds: &dyn Fn(&Ended) -> bool| of.iter().filter(|of| holds(of)).count() as u64;
    let ran = |of: &&&Ended| !matches!(of.outcome, Outcome::Throttled | Outcome::Refused | Outcome::WaitedOut);
    let ran: Vec<&&Ended> = of.iter().filter(ran).collect();
    let mut took: Vec<Span> = ran.iter().map(|of| of.end.since(of.arrival)).collect();
    took.sort_unstable();
    let requests = count(&|of| of.last);
    let is_error = |of: &Ended| {
        matches!(
            of.outcome,
            Outcome::Failed
                | Outcome::Killed
                | Outcome::Refused
                | Outcome::Incompatible
                | Outcome::Expired
                | Outcome::WaitedOut
        )
    };
    let all = match above {
        Above::LostShare(_) => requests,
        Above::LatencyP99(_) | Above::LatencyMean(_) => took.len() as u64,
        _ => of.len() as u64,
    };
    (all > 0).then(|| match above {
        Above::ErrorShare(share) => share.is_exceeded_by(count(&is_error), all),
        Above::ErrorCount(most) => count(&is_error) > most,
        Above::ThrottledShare(share) => share.is_exceeded_by(count(&|of| of.outcome == Outcome::Throttled), all),
        Above::IncompatibleShare(share) => share.is_exceeded_by(count(&|of| of.outcome == Outcome::Incompatible), all),
        Above::LostShare(share) => share.is_exceeded_by(count(&|of| of.last && of.outcome != Outcome::Served), all),
        Above::LatencyP99(span) => took[(99 * took.len()).div_ceil(100) - 1] > span,
        Above::LatencyMean(span) => {
            took.iter().map(|took| u128::from(took.ns())).sum::<u128>() > u128::from(span.ns()) * u128::from(all)
        }
    })
}
