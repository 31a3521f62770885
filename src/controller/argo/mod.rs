//! The decisions of the Argo Rollouts canary controller, as pure functions: replica sets and weights in, counts and verdicts out.
//!
//! Nothing here knows time, a calendar or a draw. Arithmetic is exact, on whole numbers; nothing is allocated. Source:
//! argoproj/argo-rollouts (AR of the semantics, D1 and D3), of which the behaviour was taken and no code.
//!
//! | file | what it decides |
//! |---|---|
//! | `limits` | how many pods too many or too few there may be |
//! | `share` | how many pods carry a weight |
//! | `split` | the best canary and stable counts for a weight, without a router |
//! | `basic` | the next counts on the way there, without a router |
//! | `routed` | the counts where a router splits the traffic |
//! | `course` | where in its steps a rollout is, and what its canary is to have there |
//! | `ready` | whether the replica sets are where the step wants them |
//! | `traffic` | which weight the router is given |
//! | `analysis` | what a row of measurements comes to |

mod analysis;
mod basic;
mod course;
mod limits;
mod ready;
mod routed;
mod share;
mod split;
mod traffic;

pub use analysis::{Measured, Measurement, Metric, Next, RETRY_SECONDS, Verdict};
pub use basic::approach;
pub use course::{Course, Progress, Scale, State, Step};
pub use limits::Limits;
pub use ready::{Threshold, are_placed, is_enough};
pub use routed::{AbortDelay, Router, Size, Weights};
pub use share::{PERCENT, Whole, carried, carriers, full};
pub use split::split;

/// Pods of one version. Terminating pods count nowhere.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ReplicaSet {
    /// Pods asked for (`spec.replicas`).
    pub requested: u32,
    /// Pods that have been ready long enough (`status.availableReplicas`).
    pub available: u32,
}

/// All pods of a rollout.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ReplicaSets {
    /// The new version's; none before it has been created.
    pub canary: Option<ReplicaSet>,
    /// The version's that serves; none in a first rollout, and where it is the canary's.
    pub stable: Option<ReplicaSet>,
    /// Those of all other versions together.
    pub older: ReplicaSet,
}

/// Pods that canary and stable are to be asked for.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// Pods of the canary.
    pub canary: u32,
    /// Pods of the stable version.
    pub stable: u32,
}

impl ReplicaSet {
    /// That many pods, all of them available.
    #[must_use]
    pub const fn whole(pods: u32) -> Self {
        Self { requested: pods, available: pods }
    }
}
