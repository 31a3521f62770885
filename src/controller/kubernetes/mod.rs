//! The controller of a Kubernetes Deployment: one pass over its replica sets.
//!
//! Source: kubernetes/kubernetes, `pkg/controller/deployment`: `sync.go` (a scale request), `rolling.go`, `recreate.go`,
//! `util/deployment_util.go` (the fences, complete, progressing). Written from the described behaviour, and held against
//! tables that the original made (`examples/controllers`). Whole numbers only, and nothing is allocated.
//!
//! A pass sees the sets in the order of their creation, the oldest first. The set of the Deployment's template, the new
//! one, may stand anywhere: after a rollback it is older than others. Pods that are being deleted are in no count but
//! [`ReplicaSet::running`].

mod fences;
mod progress;
mod recreate;
mod rolling;
mod scale;

use super::pods;
pub use fences::Fences;
pub use progress::{Status, is_overdue, progressing};
pub use recreate::recreate;
pub use rolling::{clean_up, new_size, reconcile_new, reconcile_old, scale_down};
pub use scale::{is_scale_request, scale};

/// A replica set of the Deployment. All counts are in pods.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ReplicaSet {
    /// Whether it has the Deployment's template. At most one set has.
    pub is_new: bool,
    /// How many it is to have (`spec.replicas`).
    pub spec: u32,
    /// How many have been ready for the least while (`status.availableReplicas`).
    pub available: u32,
    /// How many run in any way, those that are being deleted too. Only [`recreate()`] looks at it.
    pub running: u32,
    /// For what Deployment it was given its size (the annotations `desired-replicas` and `max-replicas`), if that is
    /// known.
    pub sized_for: Option<Extent>,
}

/// How large a Deployment is, in pods.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Extent {
    /// How many it is to have.
    pub replicas: u32,
    /// How many it may have for a while: the surge is included.
    pub most: i64,
}

/// What a Deployment wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Target {
    /// How many pods (`spec.replicas`).
    pub replicas: u32,
    /// How new pods take the place of old ones.
    pub strategy: Strategy,
}

/// How new pods take the place of old ones (`spec.strategy`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strategy {
    /// Some by some, within the fences.
    RollingUpdate(Fences),
    /// All old pods end before a new one begins.
    Recreate,
}

impl Target {
    /// How many pods there may be: replicas and surge (`MaxSurge`).
    #[must_use]
    pub const fn most(self) -> i64 {
        match self.strategy {
            Strategy::RollingUpdate(fences) => self.replicas as i64 + fences.surge,
            Strategy::Recreate => self.replicas as i64,
        }
    }

    /// How many pods may be unavailable: never more than there are replicas, and none under `Recreate`
    /// (`MaxUnavailable`).
    #[must_use]
    pub fn unavailable(self) -> i64 {
        match self.strategy {
            Strategy::RollingUpdate(fences) if self.replicas > 0 => fences.unavailable.min(self.replicas.into()),
            Strategy::RollingUpdate(_) | Strategy::Recreate => 0,
        }
    }

    /// How many pods have to be available.
    #[must_use]
    pub fn least(self) -> i64 {
        i64::from(self.replicas) - self.unavailable()
    }

    const fn extent(self) -> Extent {
        Extent { replicas: self.replicas, most: self.most() }
    }
}

impl ReplicaSet {
    /// It is to have so many pods; whether it had another number. What sized it is noted with a new size only.
    fn resize(&mut self, size: i64, target: Target) -> bool {
        pods(size) != self.spec && self.size(size, target)
    }

    /// It is to have so many pods, and what sized it is noted; whether anything of that is new.
    fn size(&mut self, size: i64, target: Target) -> bool {
        let before = *self;
        (self.spec, self.sized_for) = (pods(size), Some(target.extent()));
        before != *self
    }
}

/// One pass of the controller; whether it wrote to a set, so that another pass is due at once. A new template needs its
/// set, of 0 pods, before the first pass: that gives it the size with which Kubernetes creates it.
///
/// A scale request comes first; a rollout goes on in the next pass (`syncDeployment`).
pub fn sync(sets: &mut [ReplicaSet], target: Target) -> bool {
    if is_scale_request(sets, target) && scale(sets, target) {
        return true;
    }
    match target.strategy {
        Strategy::RollingUpdate(_) => reconcile_new(sets, target) || reconcile_old(sets, target),
        Strategy::Recreate => recreate(sets, target),
    }
}

/// How many pods these sets are to have.
fn total<'sets>(sets: impl IntoIterator<Item = &'sets ReplicaSet>) -> i64 {
    sets.into_iter().map(|set| i64::from(set.spec)).sum()
}

/// The sets of other templates, the oldest first.
fn old(sets: &mut [ReplicaSet]) -> impl Iterator<Item = &mut ReplicaSet> {
    sets.iter_mut().filter(|set| !set.is_new)
}

/// The sets of other templates lose all pods; whether any set had some.
fn empty_old(sets: &mut [ReplicaSet], target: Target) -> bool {
    old(sets).map(|set| set.resize(0, target)).filter(|&emptied| emptied).count() > 0
}
