//! Alarms: what is counted of the attempts of a period, and when that is too much.
//!
//! As Amazon CloudWatch defines a metric alarm ("Alarm evaluation", CloudWatch User Guide: periods, datapoints to alarm,
//! missing data), and Prometheus with `for`. An alarm compares whole numbers, so that it is exact, and draws nothing but where
//! in a period t = 0 falls.

use crate::time::{Instant, Span};
use crate::units::Share;

/// When something is wrong.
#[derive(Clone, PartialEq, Debug)]
pub struct Alarm {
    /// Its name in the scenario.
    pub name: String,
    /// What of a period is too much.
    pub above: Above,
    /// Whose attempts count.
    pub watches: Watched,
    /// How long a period is; above zero.
    pub period: Span,
    /// How many of the last `of` periods must be bad; from 1 to `of`.
    pub breach: u32,
    /// How many periods are looked at.
    pub of: u32,
    /// What a period without attempts is.
    pub missing: Missing,
    /// How late a closed period is seen.
    pub delay: Span,
    /// Looks are made at multiples of this from t = 0; as soon as a period is seen, if zero.
    pub poll: Span,
    /// How far t = 0 lies in a period, below `period`; drawn once a rollout, if `None`.
    pub phase: Option<Span>,
}

/// What is too much. Shares are of all attempts that count, those turned away included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Above {
    /// A greater share of errors: the code failed or could not read the event, or the caller gave up waiting.
    ErrorShare(Share),
    /// More errors.
    ErrorCount(u64),
    /// A greater share that was turned away for want of capacity.
    ThrottledShare(Share),
    /// A greater share that the code could not read.
    IncompatibleShare(Share),
    /// A greater share of lost requests, each counted by its final attempt.
    LostShare(Share),
    /// A longer 99th percentile of how long an attempt that reached an instance took.
    LatencyP99(Span),
    /// A longer mean of that.
    LatencyMean(Span),
}

/// Whose attempts count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Watched {
    /// Those sent to the new version.
    New,
    /// All.
    All,
}

/// What a period without attempts is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Missing {
    /// A good one.
    Ok,
    /// A bad one.
    Bad,
    /// None: the last periods with attempts count.
    Ignore,
}

/// What was counted in one period.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Whatever the bad ones are a part of: attempts, or requests by their final attempt.
    pub all: u64,
    /// Errors, throttles, losses, or attempts that took longer than the alarm's span.
    pub bad: u64,
    /// How long they took together, in nanoseconds, where that is what counts.
    pub took: u128,
}

impl Above {
    /// Whether what was counted is too much; `None` where nothing was.
    #[must_use]
    pub fn is_exceeded_by(self, counts: &Counts) -> Option<bool> {
        let &Counts { all, bad, took } = counts;
        (all > 0).then(|| match self {
            Self::ErrorShare(share)
            | Self::ThrottledShare(share)
            | Self::IncompatibleShare(share)
            | Self::LostShare(share) => share.is_exceeded_by(bad, all),
            Self::ErrorCount(most) => bad > most,
            // By the nearest rank: of n, the ceil(0.99 n)-th shortest.
            Self::LatencyP99(_) => bad > all / 100,
            Self::LatencyMean(span) => took > u128::from(span.ns()) * u128::from(all),
        })
    }
}

impl Alarm {
    /// Whether a period was bad; `None` where it is left out.
    #[must_use]
    pub fn judge(&self, counts: &Counts) -> Option<bool> {
        self.above.is_exceeded_by(counts).or(match self.missing {
            Missing::Ok => Some(false),
            Missing::Bad => Some(true),
            Missing::Ignore => None,
        })
    }

    /// When period `k` ends, where t = 0 lies `phase` behind the beginning of period 0, and is seen.
    #[must_use]
    pub fn seen_at(&self, k: i64, phase: Span) -> Instant {
        let end = (i128::from(k) + 1) * i128::from(self.period.ns()) - i128::from(phase.ns());
        let seen = end + i128::from(self.delay.ns());
        let poll = i128::from(self.poll.ns());
        let looked_at = if poll == 0 { seen } else { (seen + poll - 1).div_euclid(poll) * poll };
        i64::try_from(looked_at).map_or(Instant::END, Instant::from_ns)
    }

    /// In which period an attempt that ends at `end` falls.
    #[must_use]
    pub fn period_of(&self, end: Instant, phase: Span) -> i64 {
        let at = i128::from(end.ns()) + i128::from(phase.ns());
        // Within 64 bits, because a period is at least a nanosecond.
        at.div_euclid(i128::from(self.period.ns())) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarm(above: Above) -> Alarm {
        Alarm {
            name: "errors".to_owned(),
            above,
            watches: Watched::New,
            period: Span::from_s(60),
            breach: 2,
            of: 2,
            missing: Missing::Ok,
            delay: Span::ZERO,
            poll: Span::ZERO,
            phase: None,
        }
    }

    #[test]
    fn exactly_the_bound_is_not_above_it() {
        let alarm = |above| alarm(above);
        let counts = |all, bad| Counts { all, bad, took: 0 };
        let share = alarm(Above::ErrorShare(Share::percent(1)));
        assert_eq!([counts(200, 2), counts(200, 3)].map(|counts| share.judge(&counts)), [Some(false), Some(true)]);
        let p99 = alarm(Above::LatencyP99(Span::from_s(1)));
        // Of 199 the 198th shortest counts: one may be slower. Of 200 the 198th: two may be.
        let slow = [counts(199, 1), counts(199, 2), counts(200, 2), counts(200, 3)];
        assert_eq!(slow.map(|counts| p99.judge(&counts).unwrap()), [false, true, false, true]);
    }

    #[test]
    fn a_period_without_attempts_is_what_the_alarm_says() {
        let of = |missing| Alarm { missing, ..alarm(Above::ErrorCount(0)) }.judge(&Counts::default());
        assert_eq!([Missing::Ok, Missing::Bad, Missing::Ignore].map(of), [Some(false), Some(true), None]);
    }

    #[test]
    fn a_period_is_seen_when_it_has_ended_its_delay_is_over_and_somebody_looks() {
        let mut alarm = alarm(Above::ErrorCount(0));
        let phase = Span::from_s(15);
        let at = |s: i64| Instant::from_ns(s * 1_000_000_000);
        assert_eq!((alarm.seen_at(0, phase), alarm.seen_at(1, phase)), (at(45), at(105)));
        assert_eq!((alarm.period_of(at(-15), phase), alarm.period_of(at(44), phase)), (0, 0));
        assert_eq!((alarm.period_of(at(-16), phase), alarm.period_of(at(45), phase)), (-1, 1));
        alarm.delay = Span::from_s(6);
        assert_eq!(alarm.seen_at(0, phase), at(51));
        alarm.poll = Span::from_s(10);
        assert_eq!(alarm.seen_at(0, phase), at(60));
    }
}
