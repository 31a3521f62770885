//! The metrics: their exact keys, in the order of every file, and what is good.

mod cause;
mod nature;

pub use cause::Cause;
pub use nature::{Bound, Counted, Direction, Unit};

use crate::ids::Version;

/// One column of the results.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Metric {
    /// What is measured.
    pub kind: Kind,
    /// The version it is restricted to; `None` for the total.
    pub version: Option<Version>,
}

/// Defines [`Kind`] from one list, so that a key stands in one place.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $kind:ident $key:literal $range:ident $by_version:literal,)*) => {
        /// What is measured.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Kind {
            $($(#[doc = $doc])* $kind,)*
        }

        impl Kind {
            /// Every kind, in the order of the files.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The key, units last.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$kind => $key,)*
                }
            }

            /// What it is, in a sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$kind => concat!($($doc),*).trim_start(),)*
                }
            }

            /// The values it can take.
            #[must_use]
            pub const fn range(self) -> Range {
                match self {
                    $(Self::$kind => Range::$range,)*
                }
            }

            /// Whether it is also written by version.
            #[must_use]
            pub const fn by_version(self) -> bool {
                match self {
                    $(Self::$kind => $by_version,)*
                }
            }
        }
    };
}

/// The values a metric can take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Range {
    /// From 0 to 1.
    Share,
    /// From 0 up.
    Positive,
}

kinds! {
    /// Requests that arrived in [0, after), and events that a queue had taken over before and not finished.
    Requests "requests" Positive false,
    /// Passages of those requests through gateway and platform.
    Attempts "attempts" Positive false,
    /// Attempts that reached an instance.
    Handled "handled" Positive true,
    /// Requests answered well.
    Served "served" Positive false,
    /// Attempts whose contract is not the one of the code that ran.
    Mismatched "mismatched" Positive true,
    /// The expected number of those, given what the replication had adopted when each began.
    MismatchedExpected "mismatched_expected" Positive false,
    /// Mismatched attempts per handled attempt.
    MismatchedShare "mismatched_share" Share false,
    /// Mismatched attempts whose event is newer than the code.
    MismatchedAhead "mismatched_ahead" Positive false,
    /// Mismatched attempts whose event is older than the code.
    MismatchedBehind "mismatched_behind" Positive false,
    /// Why attempts were mismatched, the first of these that holds: a cookie kept its user on a version; absent where nobody is kept.
    MismatchedCookie "mismatched.cookie" Positive false,
    /// Else: a client wrote it that has not updated; absent where clients do not update by themselves.
    MismatchedClient "mismatched.client" Positive false,
    /// Else: it waited in a queue while its producer went on to another format; absent where there is no queue.
    MismatchedQueued "mismatched.queued" Positive false,
    /// Else: its route was forgotten or pointed at another version; absent where no person re-points them.
    MismatchedRoute "mismatched.route" Positive false,
    /// Else: what was deployed was being taken back; absent where nothing can be.
    MismatchedRollback "mismatched.rollback" Positive false,
    /// Else: requests were split between two versions; absent where they never are.
    MismatchedWeight "mismatched.weight" Positive false,
    /// Else: the older side, event or code, had not been changed yet.
    MismatchedNotYet "mismatched.not_yet" Positive false,
    /// Else: a gateway node, a producer or a mapping had not learnt of its change.
    MismatchedNodeLate "mismatched.node_late" Positive false,
    /// Else: a front-end had not learnt of a change; not on hosts.
    MismatchedFrontEndLate "mismatched.front_end_late" Positive false,
    /// Else: the balancer had not learnt of a change; on hosts only.
    MismatchedBalancerLate "mismatched.balancer_late" Positive false,
    /// Of the mismatched attempts, those of events that a queue had taken over; absent where there is no queue.
    QueuedMismatched "queued_mismatched" Positive false,
    /// Mismatched attempts that the code does not accept.
    Incompatible "incompatible" Positive true,
    /// Incompatible attempts per handled attempt.
    IncompatibleShare "incompatible_share" Share false,
    /// Mismatched attempts that the code accepts: it could read the event all the same.
    NearMisses "near_misses" Positive false,
    /// Near misses per handled attempt.
    NearMissesShare "near_misses_share" Share false,
    /// Replies in another contract than their request's.
    RepliesMismatched "replies_mismatched" Positive true,
    /// Of those, the ones that the caller cannot read.
    RepliesIncompatible "replies_incompatible" Positive true,
    /// Replies that the caller cannot read, per handled attempt.
    RepliesIncompatibleShare "replies_incompatible_share" Share false,
    /// Requests that users lost, by final outcome: failed, throttled or expired. By the version that the last attempt was sent to.
    Lost "lost" Positive true,
    /// Lost requests per request.
    LostShare "lost_share" Share false,
    /// The same as `lost`, under its old key.
    Unserved "unserved" Positive false,
    /// The same as `lost_share`, under its old key.
    UnservedShare "unserved_share" Share false,
    /// Requests whose final outcome was a failure.
    Failed "failed" Positive false,
    /// Failed requests whose last attempt met code that could not read the event.
    FailedIncompatible "failed_incompatible" Positive false,
    /// Failed requests whose last attempt was answered by a reply that the caller cannot read.
    FailedReply "failed_reply" Positive false,
    /// Failed requests whose last attempt the code failed by itself: an error, a crash, its timeout.
    FailedOwn "failed_own" Positive false,
    /// Failed requests whose last attempt was stopped on its way: in an event, or by a replica of hosts that was
    /// gone or was killed while it ended.
    FailedAway "failed_away" Positive false,
    /// Requests finally turned away for want of capacity.
    Throttled "throttled" Positive false,
    /// Requests finally given up as too old.
    Expired "expired" Positive false,
    /// Events that a queue gave up, each counted in its outcome too; absent where there is no queue.
    DeadLettered "dead_lettered" Positive false,
    /// Requests unfinished at the end.
    InFlight "in_flight" Positive false,
    /// Attempts beyond each request's first.
    Retried "retried" Positive false,
    /// Attempts that left their instance to be initialised again: by a crash, or by the function's timeout.
    Resets "resets" Positive false,
    /// Attempts that had to wait for a new instance; not on hosts.
    ColdStarts "cold_starts" Positive true,
    /// Cold starts per handled attempt.
    ColdStartShare "cold_start_share" Share false,
    /// Mean wait of a cold start for its instance, in milliseconds.
    ColdWaitMean "cold_wait_mean_ms" Positive false,
    /// Mean latency of the served requests, in milliseconds.
    LatencyMean "latency_mean_ms" Positive false,
    /// Median latency.
    LatencyP50 "latency_p50_ms" Positive false,
    /// 90th percentile of latency.
    LatencyP90 "latency_p90_ms" Positive false,
    /// 95th percentile of latency.
    LatencyP95 "latency_p95_ms" Positive false,
    /// 99th percentile of latency.
    LatencyP99 "latency_p99_ms" Positive false,
    /// 99.9th percentile of latency.
    LatencyP999 "latency_p999_ms" Positive false,
    /// Greatest latency.
    LatencyMax "latency_max_ms" Positive false,
    /// Mean age of the events that a queue had taken over, when they were handled for good, in seconds; latencies leave them out.
    MessageAgeMean "message_age_mean_s" Positive false,
    /// Median of these ages.
    MessageAgeP50 "message_age_p50_s" Positive false,
    /// 99th percentile of these ages.
    MessageAgeP99 "message_age_p99_s" Positive false,
    /// The most events that were in queues at once in [0, after), those being handled included; absent where there is no queue.
    BacklogPeak "backlog_peak" Positive false,
    /// Seconds in [0, after) in which a batch that had failed held up its shard, summed over shards; absent where there is no stream.
    Blocked "blocked_s" Positive false,
    /// Time within which half of all requests had a good answer; empty where more had none.
    AnswerP50 "answer_p50_ms" Positive false,
    /// Time within which 99 % of all requests had a good answer; empty where more than 1 % had none.
    AnswerP99 "answer_p99_ms" Positive false,
    /// Instances started in [0, after).
    InstancesStarted "instances_started" Positive true,
    /// Idle instances removed by the idle policy in [0, after); not on hosts.
    Reclaimed "reclaimed" Positive true,
    /// Instances that went in [0, after) because of their age; not on hosts.
    Recycled "recycled" Positive true,
    /// The greatest number of instances alive at once, in any state.
    InstancesPeak "instances_peak" Positive false,
    /// The mean number of instances alive, in any state.
    InstancesMean "instances_mean" Positive true,
    /// The fewest replicas that were available at once in [0, after); on hosts only.
    AvailableMin "available_min" Positive false,
    /// Seconds that instances spent busy, summed over instances; not on hosts, whose replicas serve several requests at once.
    BusyInstance "busy_instance_s" Positive false,
    /// Seconds that instances spent idle; not on hosts.
    IdleInstance "idle_instance_s" Positive true,
    /// Seconds that environments were kept ready, summed over environments, from when they were asked for; absent where
    /// `function.provisioned` is not written.
    ProvisionedInstance "provisioned_instance_s" Positive false,
    /// Attempts that found no idle environment among those that their version keeps ready; absent likewise.
    Spilled "spilled" Positive false,
    /// Seconds that instances, or replicas of hosts, spent starting.
    StartingInstance "starting_instance_s" Positive false,
    /// Seconds that replicas spent ending, from when they were no longer wanted until they were gone; on hosts only.
    DrainingInstance "draining_instance_s" Positive false,
    /// From t = 0 to the latest adoption of each resource's last change, and on hosts to when the last wanted replica was available; absent where the rollout was taken back, or is not through by
    /// the end.
    RolloutDuration "rollout_duration_s" Positive false,
    /// From the first mismatched arrival to the last.
    Exposure "exposure_s" Positive false,
    /// The last instant at which an instance of the replaced version was alive; absent where the rollout was taken back.
    OldDrained "old_drained_s" Positive false,
    /// Whether an alarm or a hook stopped the rollout, 1 or 0: its mean is the share of rollouts.
    RolledBack "rolled_back" Share false,
    /// Whether the deployment took longer than its `timeout` and was given up, 1 or 0: its mean is the share of rollouts.
    TimedOut "timed_out" Share false,
    /// Whether nothing got on for longer than `progress_deadline`, 1 or 0: `kubectl rollout status` fails then, and the rollout goes on.
    /// Absent where no Deployment of Kubernetes is.
    Overdue "overdue" Share false,
    /// From the first change of the deployment that was stopped to what stopped it; absent where nothing did, or nothing was changed.
    Detection "detection_s" Positive false,
    /// From what stopped it, or its timeout, to the last adoption of what was taken back; absent where nothing had to be.
    Rollback "rollback_s" Positive false,
    /// Sessions of users with a request in [0, after).
    Sessions "sessions" Positive false,
    /// Sessions that both versions answered.
    SessionsMixed "sessions_mixed" Positive false,
    /// Sessions that the old version answered after the new one had: clients that saw new, then old.
    SessionsFlipped "sessions_flipped" Positive false,
    /// Sessions that lost a request.
    SessionsHarmed "sessions_harmed" Positive false,
    /// Routes that a person re-pointed.
    OperatorSteps "operator_steps" Positive false,
    /// How long a person took for that, at `each` a source; absent where `each` is not written.
    OperatorTime "operator_s" Positive false,
    /// What [0, after) costs, in US dollars: the sum of the parts below that there are; absent where the price or the size is not
    /// written that it hangs on most: `function.memory`, on hosts `prices.instance`.
    Cost "cost_usd" Positive false,
    /// Its part for requests: attempts from t = 0 on that reached an instance; not on hosts.
    CostRequests "cost_requests_usd" Positive false,
    /// Its part for the memory of instances while they run, initialisation included; absent where `function.memory` is not written,
    /// and on hosts.
    CostCompute "cost_compute_usd" Positive false,
    /// Its part for the gateway: attempts from t = 0 on but those that were throttled, and those of direct sources.
    CostGateway "cost_gateway_usd" Positive false,
    /// Its part for environments that are kept ready, and for running on them; absent where `function.provisioned` or
    /// `function.memory` is not written, and on hosts.
    CostProvisioned "cost_provisioned_usd" Positive false,
    /// Its part for replicas, from their creation until they are gone; on hosts only, and absent where `prices.instance` is not written.
    CostInstances "cost_instances_usd" Positive false,
}

impl Metric {
    /// All metrics for a scenario with these versions, in the order of the files: each total, then its versions.
    #[must_use]
    pub fn all(versions: &[Version]) -> Vec<Self> {
        let mut metrics = Vec::new();
        for &kind in Kind::ALL {
            metrics.push(Self { kind, version: None });
            if kind.by_version() {
                metrics.extend(versions.iter().map(|&version| Self { kind, version: Some(version) }));
            }
        }
        metrics
    }

    /// The key, as in `cold_starts` or `cold_starts.v2`.
    #[must_use]
    pub fn key(&self) -> String {
        match self.version {
            Some(version) => format!("{}.{version}", self.kind.key()),
            None => self.kind.key().to_owned(),
        }
    }
}
