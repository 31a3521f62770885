//! Causes of mismatches: of several reasons the first one that holds.

use super::Kind;

impl Kind {
    /// The cause whose mismatches it counts, if it counts those of one.
    #[must_use]
    pub const fn cause(self) -> Option<Cause> {
        Some(match self {
            Self::MismatchedCookie => Cause::Cookie,
            Self::MismatchedClient => Cause::Client,
            Self::MismatchedQueued => Cause::Queued,
            Self::MismatchedRoute => Cause::Route,
            Self::MismatchedRollback => Cause::Rollback,
            Self::MismatchedWeight => Cause::Weight,
            Self::MismatchedNotYet => Cause::NotYet,
            Self::MismatchedNodeLate => Cause::NodeLate,
            Self::MismatchedFrontEndLate => Cause::FrontEndLate,
            Self::MismatchedBalancerLate => Cause::BalancerLate,
            _ => return None,
        })
    }
}

/// A reason, in the order in which they are asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cause {
    /// A cookie kept its user on a version.
    Cookie,
    /// A client wrote it that has not updated.
    Client,
    /// It waited in a queue while its producer went on to another format.
    Queued,
    /// The route was forgotten, or pointed at another version.
    Route,
    /// What was deployed is being taken back.
    Rollback,
    /// Requests are split between two versions.
    Weight,
    /// The side that is older has not been changed yet.
    NotYet,
    /// The node has not learnt of a change, nor the producer or the mapping of a source that has its own.
    NodeLate,
    /// The front-end has not.
    FrontEndLate,
    /// The balancer has not.
    BalancerLate,
}

impl Cause {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Cookie,
        Self::Client,
        Self::Queued,
        Self::Route,
        Self::Rollback,
        Self::Weight,
        Self::NotYet,
        Self::NodeLate,
        Self::FrontEndLate,
        Self::BalancerLate,
    ];

    /// The cause of this name.
    #[must_use]
    pub fn by_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.key() == key)
    }

    /// Its name in keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Client => "client",
            Self::Queued => "queued",
            Self::Route => "route",
            Self::Rollback => "rollback",
            Self::Weight => "weight",
            Self::NotYet => "not_yet",
            Self::NodeLate => "node_late",
            Self::FrontEndLate => "front_end_late",
            Self::BalancerLate => "balancer_late",
        }
    }

    /// As a sentence has it, behind `because of`.
    #[must_use]
    pub const fn told(self) -> &'static str {
        match self {
            Self::Cookie => "cookies",
            Self::Client => "clients that have not updated",
            Self::Queued => "events that waited in a queue",
            Self::Route => "forgotten or mistaken routes",
            Self::Rollback => "taking it back",
            Self::Weight => "the split by weight",
            Self::NotYet => "a side not changed yet",
            Self::NodeLate => "late nodes",
            Self::FrontEndLate => "late front-ends",
            Self::BalancerLate => "a late balancer",
        }
    }
}
