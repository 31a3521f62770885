//! Fleets: what keeps the replicas of hosts, and replaces them. A fleet sees counts of replicas and nothing else (guarantee G4);
//! what it decides stands in [`controller`](crate::controller).

mod argo;
mod deployment;
mod progress;
mod stacks;

pub use argo::{Argo, Item as ArgoItem, Settings as ArgoSettings};
pub use deployment::{Deployment, Replacing};
pub use stacks::Stacks;

use super::Action;
use crate::controller::argo::Verdict;
use crate::ids::Version;
use crate::time::{Instant, Span};

/// How many replicas of a version there are. Those that are ending are in `running` only.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// Those that are ready.
    pub ready: u32,
    /// Those that have been ready for long enough.
    pub available: u32,
    /// Those that are there in any way.
    pub running: u32,
}

/// What a fleet sees.
pub trait Replicas {
    /// The present moment.
    fn now(&self) -> Instant;
    /// The replicas of a version.
    fn of(&self, version: Version) -> Seen;
}

/// What a fleet wants.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Order {
    /// A version is to have so many replicas.
    Scale(Version, u32),
    /// To do this on the control plane.
    Do(Action),
    /// To look again after a while. Who looks for nothing does no harm, so that it never is called off.
    WakeIn(Span),
    /// To analyse what is going on, by the number of the analysis.
    Analyse(usize),
}

/// What a strategy wants of its fleet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// Replicas of this version take the place of all others.
    Roll(Version),
    /// This version has a whole stack of its own, which is kept so long when the other one is switched back to.
    Raise(Version, Span),
    /// After a while this version has no stack any more.
    Retire(Version, Span),
}

/// The kinds of fleet.
#[derive(Clone, PartialEq, Debug)]
pub enum Fleet {
    /// One Deployment of Kubernetes.
    Deployment(Deployment),
    /// Stacks side by side.
    Stacks(Stacks),
    /// A canary of Argo Rollouts.
    Argo(Box<Argo>),
}

impl Fleet {
    /// A strategy wants something of it.
    pub fn want(&mut self, wanted: Wanted, now: Instant) {
        match (self, wanted) {
            (Self::Deployment(deployment), Wanted::Roll(version) | Wanted::Raise(version, _)) => {
                deployment.roll(version, now)
            }
            (Self::Deployment(_), Wanted::Retire(..)) => {}
            (Self::Stacks(stacks), Wanted::Roll(version) | Wanted::Raise(version, _)) => stacks.raise(version),
            (Self::Stacks(stacks), Wanted::Retire(version, span)) => stacks.retire(version, now + span),
            (Self::Argo(argo), Wanted::Roll(version)) if argo.goes_back_to(version) => argo.abort(),
            (Self::Argo(argo), Wanted::Roll(version) | Wanted::Raise(version, _)) => argo.roll(version),
            (Self::Argo(_), Wanted::Retire(..)) => {}
        }
    }

    /// So many replicas are wanted from now on.
    pub fn resize(&mut self, replicas: u32) {
        match self {
            Self::Deployment(deployment) => deployment.resize(replicas),
            Self::Stacks(stacks) => stacks.resize(replicas),
            Self::Argo(argo) => argo.resize(replicas),
        }
    }

    /// Looks at the replicas; its orders are added to `orders`.
    pub fn look(&mut self, view: &impl Replicas, orders: &mut Vec<Order>) {
        match self {
            Self::Deployment(deployment) => deployment.look(view, orders),
            Self::Stacks(stacks) => stacks.look(view, orders),
            Self::Argo(argo) => argo.wake(view, orders),
        }
    }

    /// The analysis that it ordered last stands like this.
    pub fn analysed(&mut self, verdict: Verdict) {
        if let Self::Argo(argo) = self {
            argo.analysed(verdict);
        }
    }

    /// Whether by `now` a rollout has ever not got on for longer than its deadline; `None` where there is none.
    #[must_use]
    pub fn is_overdue(&self, now: Instant) -> Option<bool> {
        match self {
            Self::Deployment(deployment) => deployment.is_overdue(now),
            Self::Stacks(_) | Self::Argo(_) => None,
        }
    }

    /// Whether what was wanted last is there.
    #[must_use]
    pub fn is_done(&self, view: &impl Replicas) -> bool {
        match self {
            Self::Deployment(deployment) => deployment.is_done(view),
            Self::Stacks(stacks) => stacks.is_done(view),
            Self::Argo(argo) => argo.is_done(),
        }
    }
}
