//! What a metric is by nature: what it counts, which way is better, and the unit it is written in.

use super::{Kind, Metric};
use crate::ids::Version;

/// Which values of a metric are better for whoever deploys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// Fewer, shorter, cheaper.
    Lower,
    /// More.
    Higher,
    /// Neither: the metric describes.
    Neither,
}

/// What a mean must keep to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Bound {
    /// It must not exceed this, in the metric's unit.
    AtMost(f64),
    /// It must reach this.
    AtLeast(f64),
}

/// The unit of a metric, as the end of its key says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// A part of a whole, from 0 to 1.
    Share,
    /// Milliseconds.
    Milliseconds,
    /// Seconds, or seconds summed over instances.
    Seconds,
    /// US dollars.
    Dollars,
    /// A plain number.
    Number,
}

/// What a figure is counted in, where the traffic bounds it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counted {
    /// A share: at most 1.
    Share,
    /// Requests.
    Requests,
    /// Attempts, of which a request may take several.
    Attempts,
}

impl Counted {
    /// The most that there can be of so many requests, each tried so often at most.
    #[must_use]
    pub const fn most(self, requests: f64, tries: f64) -> f64 {
        match self {
            Self::Share => 1.0,
            Self::Requests => requests,
            Self::Attempts => requests * tries,
        }
    }
}

impl Direction {
    /// The direction as the files write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lower => "lower",
            Self::Higher => "higher",
            Self::Neither => "neither",
        }
    }
}

impl Kind {
    /// Which way is better.
    #[must_use]
    pub const fn direction(self) -> Direction {
        match self {
            Self::Requests | Self::Attempts | Self::Handled | Self::Reclaimed | Self::Recycled | Self::Sessions => {
                Direction::Neither
            }
            // It is what a guard is for, and no good news.
            Self::RolledBack | Self::TimedOut | Self::Overdue => Direction::Neither,
            Self::Served | Self::AvailableMin => Direction::Higher,
            _ => Direction::Lower,
        }
    }

    /// Whether it counts events that are thrown by chance, so that few of them carry an exact interval.
    #[must_use]
    pub const fn counts_events(self) -> bool {
        let others = matches!(
            self,
            Self::InstancesStarted
                | Self::Reclaimed
                | Self::Recycled
                | Self::Spilled
                | Self::SessionsMixed
                | Self::SessionsFlipped
                | Self::SessionsHarmed
                | Self::RolledBack
                | Self::TimedOut
                | Self::Overdue
        );
        others || matches!(self.counted_in(), Some(Counted::Requests | Counted::Attempts))
    }

    /// Whether it says what became of a whole rollout, 1 or 0: a mean is a share of rollouts, with an exact interval.
    #[must_use]
    pub const fn of_rollouts(self) -> bool {
        matches!(self, Self::RolledBack | Self::TimedOut | Self::Overdue)
    }

    /// Whether it is told of those rollouts alone in which something happened, however few.
    #[must_use]
    pub const fn is_conditional(self) -> bool {
        matches!(self, Self::Detection | Self::Rollback)
    }

    /// How far a value may be off in either direction, as a part of it, for being measured in buckets: one bucket of
    /// [`Histogram`](crate::stats::Histogram). It is no chance and does not average out, so it belongs to every interval on which
    /// a verdict rests.
    #[must_use]
    pub const fn measured_within(self) -> f64 {
        match self {
            Self::LatencyP50
            | Self::LatencyP90
            | Self::LatencyP95
            | Self::LatencyP99
            | Self::LatencyP999
            | Self::AnswerP50
            | Self::AnswerP99
            | Self::MessageAgeP50
            | Self::MessageAgeP99 => 1.0 / 128.0,
            _ => 0.0,
        }
    }

    /// The events that a share counts, and among what: requests, or handled attempts.
    #[must_use]
    pub const fn share_of(self) -> Option<(Self, Self)> {
        match self {
            Self::MismatchedShare => Some((Self::Mismatched, Self::Handled)),
            Self::IncompatibleShare => Some((Self::Incompatible, Self::Handled)),
            Self::RepliesIncompatibleShare => Some((Self::RepliesIncompatible, Self::Handled)),
            Self::ColdStartShare => Some((Self::ColdStarts, Self::Handled)),
            Self::NearMissesShare => Some((Self::NearMisses, Self::Handled)),
            Self::LostShare => Some((Self::Lost, Self::Requests)),
            Self::UnservedShare => Some((Self::Unserved, Self::Requests)),
            _ => None,
        }
    }

    /// Whether it goes up and down with the mismatches that the adoption times of a replication make likely.
    #[must_use]
    pub const fn follows_mismatches(self) -> bool {
        let is_part = self.cause().is_some();
        is_part
            || matches!(
                self,
                Self::Mismatched
                    | Self::MismatchedExpected
                    | Self::MismatchedShare
                    | Self::MismatchedAhead
                    | Self::MismatchedBehind
                    | Self::QueuedMismatched
                    | Self::Incompatible
                    | Self::IncompatibleShare
                    | Self::NearMisses
                    | Self::NearMissesShare
                    | Self::Lost
                    | Self::LostShare
                    | Self::Unserved
                    | Self::UnservedShare
                    | Self::Failed
                    | Self::FailedIncompatible
                    | Self::Retried
            )
    }

    /// Above which share of the rollouts its mean counts as cut short where some are: a duration's and an infinite one's always
    /// does, for it is cut short by any amount; a latency lacks a few requests in such a rollout, and is hardly moved.
    #[must_use]
    pub const fn cut_short_from(self) -> f64 {
        if self.bears_losses().is_some() { 0.1 } else { 0.0 }
    }

    /// Whether it may be without end: absent in a row, and cut short.
    #[must_use]
    pub const fn may_be_endless(self) -> bool {
        matches!(self, Self::AnswerP50 | Self::AnswerP99 | Self::RolloutDuration)
    }

    /// What it is counted in, where requests bound it.
    #[must_use]
    pub const fn counted_in(self) -> Option<Counted> {
        match self {
            Self::Requests
            | Self::Served
            | Self::Lost
            | Self::Unserved
            | Self::Failed
            | Self::FailedIncompatible
            | Self::FailedReply
            | Self::FailedOwn
            | Self::FailedAway
            | Self::Throttled
            | Self::Expired
            | Self::DeadLettered
            | Self::InFlight => Some(Counted::Requests),
            Self::Attempts
            | Self::Handled
            | Self::Mismatched
            | Self::MismatchedAhead
            | Self::MismatchedBehind
            | Self::QueuedMismatched
            | Self::Incompatible
            | Self::NearMisses
            | Self::RepliesMismatched
            | Self::RepliesIncompatible
            | Self::Retried
            | Self::Resets
            | Self::ColdStarts => Some(Counted::Attempts),
            _ if self.cause().is_some() => Some(Counted::Attempts),
            _ if self.share_of().is_some() => Some(Counted::Share),
            _ => None,
        }
    }

    /// By how much of all requests the losses of two strategies may differ so that the latencies of those served can still be
    /// compared: a tenth of what lies beyond a percentile, a thousandth for means. `None` for what is no such latency.
    #[must_use]
    pub const fn bears_losses(self) -> Option<f64> {
        match self {
            Self::LatencyP50 => Some(0.05),
            Self::LatencyP90 => Some(0.01),
            Self::LatencyP95 => Some(0.005),
            Self::LatencyP99 => Some(0.001),
            Self::LatencyP999 => Some(0.000_1),
            Self::LatencyMean | Self::LatencyMax => Some(0.001),
            _ => None,
        }
    }

    /// What a value is a mean or a share of: the mean over replications is then a ratio of sums, each value counted by this.
    /// `None` where every replication counts the same.
    #[must_use]
    pub const fn per(self) -> Option<Self> {
        match self {
            Self::LatencyMean => Some(Self::Served),
            Self::ColdWaitMean => Some(Self::ColdStarts),
            _ => match self.share_of() {
                Some((_, among)) => Some(among),
                None => None,
            },
        }
    }
}

impl Metric {
    /// Which way is better; neither where only one version is counted, because a deployment moves work from one to
    /// another.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        match self.version {
            None => self.kind.direction(),
            Some(_) => Direction::Neither,
        }
    }

    /// The metric of a key such as `cold_starts` or `cold_starts.v2`; `None` if there is none.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        let (total, version) = key.split_once(".v").map_or((key, None), |(total, version)| (total, Some(version)));
        let &kind = Kind::ALL.iter().find(|kind| kind.key() == total)?;
        let Some(version) = version else { return Some(Self { kind, version: None }) };
        let number = version.parse().ok().filter(|&number| number > 0 && kind.by_version())?;
        Some(Self { kind, version: Some(Version(number)) }).filter(|metric| metric.key() == key)
    }

    /// Whether it is a whole number in every replication: a count.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.unit() == Unit::Number && !matches!(self.kind, Kind::MismatchedExpected | Kind::InstancesMean)
    }

    /// The unit it is written in.
    #[must_use]
    pub fn unit(&self) -> Unit {
        let key = self.kind.key();
        match () {
            () if key.ends_with("_share") || self.kind.of_rollouts() => Unit::Share,
            () if key.ends_with("_ms") => Unit::Milliseconds,
            () if key.ends_with("_s") => Unit::Seconds,
            () if key.ends_with("_usd") => Unit::Dollars,
            () => Unit::Number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_share_is_a_share_of_counted_events() {
        for &kind in Kind::ALL {
            let unit = Metric { kind, version: None }.unit();
            assert_eq!(unit == Unit::Share, kind.share_of().is_some() || kind.of_rollouts(), "{kind:?}");
            assert!(kind.share_of().is_none_or(|(events, _)| events.counts_events()), "{kind:?}");
        }
    }

    #[test]
    fn keys_are_read_back_and_nothing_else() {
        for metric in Metric::all(&[Version(1), Version(12)]) {
            assert_eq!(Metric::parse(&metric.key()), Some(metric));
        }
        for key in ["", "weather", "served.v1", "cold_starts.v0", "cold_starts.v01", "cold_starts.vx", "cold_starts."] {
            assert_eq!(Metric::parse(key), None, "{key}");
        }
    }

    #[test]
    fn durations_and_latencies_have_their_units() {
        let unit = |kind| Metric { kind, version: None }.unit();
        assert_eq!(unit(Kind::Exposure), Unit::Seconds);
        assert_eq!(unit(Kind::LatencyP99), Unit::Milliseconds);
        assert_eq!(unit(Kind::CostCompute), Unit::Dollars);
        assert_eq!(unit(Kind::InstancesPeak), Unit::Number);
    }
}
