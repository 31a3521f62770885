//! Timelines: what is reported bin by bin.

use crate::ids::{Contract, Name, Version};
use crate::metrics::Cause;
use crate::time::Instant;
use std::fmt;

/// Values over time.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Timeline {
    /// The edges of the bins: bin i is [edges\[i\], edges\[i + 1\]).
    pub edges: Vec<Instant>,
    /// Each series with one value a bin; `None` where there is nothing to average.
    pub series: Vec<(Series, Vec<Option<f64>>)>,
}

/// What a timeline series shows. Counts are per bin, of requests that arrive in it; instances are the mean number
/// over the bin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Series {
    /// Attempts of a contract that a version ran.
    Attempts(Contract, Version),
    /// Attempts whose event is newer than the code.
    MismatchedAhead,
    /// Attempts whose event is older than the code.
    MismatchedBehind,
    /// Mismatched attempts, by why.
    Mismatched(Cause),
    /// Attempts that the code could not read.
    Incompatible,
    /// Requests that failed in the end, by the bin of their arrival.
    Failed,
    /// Requests turned away in the end for want of capacity.
    Throttled,
    /// Requests whose caller gave up waiting in the end.
    Expired,
    /// Attempts beyond their request's first.
    Retried,
    /// Sessions that the old version answered after the new one had, by when it did.
    SessionsFlipped,
    /// Requests that had to wait for a new instance of a version.
    ColdStarts(Version),
    /// Instances of a version being started.
    Starting(Version),
    /// Idle instances of a version.
    Idle(Version),
    /// Busy instances of a version.
    Busy(Version),
    /// Mean latency of the served requests, in milliseconds.
    LatencyMean,
    /// Median latency of the served requests of all replications together, in milliseconds, within 3.2 %.
    LatencyP50,
    /// Their 99th percentile.
    LatencyP99,
    /// Share of the gateway's nodes that left the first revision, mean over the bin.
    NodesNewShare,
    /// Share of requests that front-ends send to the new version, mean over the bin.
    FrontEndsNewShare,
    /// Replicas of a version that are starting.
    ReplicasStarting(Version),
    /// Replicas of a version that are ready.
    ReplicasReady(Version),
    /// Replicas of a version that are ending.
    ReplicasDraining(Version),
    /// How many requests the ready replicas serve at once.
    CapacityReady,
    /// Events in a queue or stream, those being handled included.
    Backlog(Name),
    /// What the attempts that arrive in the bin cost, and on hosts the replicas in it, in US dollars.
    Cost,
}

impl Timeline {
    /// The values of a series; empty if there is none.
    #[must_use]
    pub fn get(&self, series: Series) -> &[Option<f64>] {
        self.series.iter().find(|(known, _)| *known == series).map_or(&[], |(_, values)| values)
    }
}

/// The series' key in `timeline.csv`.
impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attempts(contract, version) => write!(f, "attempts.{contract}.{version}"),
            Self::MismatchedAhead => f.write_str("mismatched_ahead"),
            Self::MismatchedBehind => f.write_str("mismatched_behind"),
            Self::Mismatched(cause) => write!(f, "mismatched.{}", cause.key()),
            Self::Incompatible => f.write_str("incompatible"),
            Self::Failed => f.write_str("failed"),
            Self::Throttled => f.write_str("throttled"),
            Self::Expired => f.write_str("expired"),
            Self::Retried => f.write_str("retried"),
            Self::SessionsFlipped => f.write_str("sessions_flipped"),
            Self::ColdStarts(version) => write!(f, "cold_starts.{version}"),
            Self::Starting(version) => write!(f, "instances_starting.{version}"),
            Self::Idle(version) => write!(f, "instances_idle.{version}"),
            Self::Busy(version) => write!(f, "instances_busy.{version}"),
            Self::LatencyMean => f.write_str("latency_mean_ms"),
            Self::LatencyP50 => f.write_str("latency_p50_ms"),
            Self::LatencyP99 => f.write_str("latency_p99_ms"),
            Self::NodesNewShare => f.write_str("nodes_new_share"),
            Self::FrontEndsNewShare => f.write_str("front_ends_new_share"),
            Self::ReplicasStarting(version) => write!(f, "replicas.{version}.starting"),
            Self::ReplicasReady(version) => write!(f, "replicas.{version}.ready"),
            Self::ReplicasDraining(version) => write!(f, "replicas.{version}.draining"),
            Self::CapacityReady => f.write_str("capacity_ready"),
            Self::Backlog(name) => write!(f, "backlog.{name}"),
            Self::Cost => f.write_str("cost_usd"),
        }
    }
}

/// The series' keys, with N and M for numbers, their units, and what they are.
pub const GLOSSARY: [(&str, &str, &str); 25] = [
    ("attempts.cN.vM", "attempts", "Attempts of contract N that version M ran."),
    ("mismatched_ahead", "attempts", "Attempts whose event is newer than the code."),
    ("mismatched_behind", "attempts", "Attempts whose event is older than the code."),
    ("mismatched.CAUSE", "attempts", "Mismatched attempts, by the causes of the metrics; where there may be any."),
    ("incompatible", "attempts", "Attempts that the code could not read."),
    ("failed", "requests", "Requests that failed in the end."),
    ("throttled", "requests", "Requests turned away in the end for want of capacity."),
    ("expired", "requests", "Requests whose caller gave up waiting in the end."),
    ("retried", "attempts", "Attempts beyond their request's first."),
    (
        "sessions_flipped",
        "sessions",
        "Sessions that the old version answered after the new one had, by when it did; only with users.",
    ),
    ("cold_starts.vM", "attempts", "Attempts that had to wait for a new instance of version M."),
    ("instances_starting.vM", "instances", "Instances of version M being started."),
    ("instances_idle.vM", "instances", "Idle instances of version M."),
    ("instances_busy.vM", "instances", "Busy instances of version M."),
    ("latency_mean_ms", "ms", "Mean latency of the served requests; empty where none was served."),
    (
        "latency_p50_ms",
        "ms",
        "Median latency of the served requests of all replications together, within 3.2 % (1 us below 32 us); empty where \
         fewer than ten are slower, and in timelines of more than 1,000 bins.",
    ),
    ("latency_p99_ms", "ms", "Their 99th percentile, under the same conditions."),
    (
        "nodes_new_share",
        "share",
        "Share of the gateway's nodes that left the first revision; empty where the gateway is left alone.",
    ),
    (
        "front_ends_new_share",
        "share",
        "Share of requests that front-ends send to the new version; empty where they learn of nothing.",
    ),
    ("replicas.vM.starting", "replicas", "Replicas of version M that are not ready yet, or crashed; only on hosts."),
    ("replicas.vM.ready", "replicas", "Replicas of version M that are ready."),
    ("replicas.vM.draining", "replicas", "Replicas of version M that are no longer wanted and not gone."),
    ("capacity_ready", "requests", "How many requests the ready replicas serve at once."),
    ("backlog.Q", "events", "Events in a queue or stream, those being handled included; only where there is one."),
    (
        "cost_usd",
        "usd",
        "What the attempts that arrive in the bin cost, and on hosts the replicas in it; what began before t = 0 is billed from there \
         on, in the first bin. Empty before t = 0; only where `function.memory` is written, on hosts `prices.instance`.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_series_stands_in_the_glossary() {
        let (contract, version) = (Contract(3), Version(2));
        let all = [
            Series::Attempts(contract, version),
            Series::MismatchedAhead,
            Series::MismatchedBehind,
            Series::Mismatched(Cause::Cookie),
            Series::Incompatible,
            Series::Failed,
            Series::Throttled,
            Series::Expired,
            Series::Retried,
            Series::SessionsFlipped,
            Series::ColdStarts(version),
            Series::Starting(version),
            Series::Idle(version),
            Series::Busy(version),
            Series::LatencyMean,
            Series::LatencyP50,
            Series::LatencyP99,
            Series::NodesNewShare,
            Series::FrontEndsNewShare,
            Series::ReplicasStarting(version),
            Series::ReplicasReady(version),
            Series::ReplicasDraining(version),
            Series::CapacityReady,
            Series::Backlog(Name::new("jobs")),
            Series::Cost,
        ];
        let keys = all.map(|series| series.to_string().replace("v2", "vM").replace("c3", "cN").replace("jobs", "Q"));
        let keys = keys.map(|key| key.replace("cookie", "CAUSE"));
        assert_eq!(keys, GLOSSARY.map(|(key, ..)| key));
    }
}
