//! A Deployment of Kubernetes: passes of its controller until nothing changes.

use super::progress::Progress;
use super::{Order, Replicas};
use crate::controller::Setting;
use crate::controller::kubernetes::{self, Fences, ReplicaSet, Status, Target};
use crate::ids::Version;
use crate::time::{Instant, Span};

/// How new replicas take the place of old ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Replacing {
    /// Some by some.
    Rolling {
        /// How many more than wanted there may be.
        surge: Setting,
        /// How many of those wanted may be unavailable.
        unavailable: Setting,
    },
    /// All old ones end before a new one begins.
    Recreate,
}

/// A Deployment, and the sets of replicas that it has had, the oldest first.
#[derive(Clone, PartialEq, Debug)]
pub struct Deployment {
    replicas: u32,
    replacing: Replacing,
    sets: Vec<(Version, ReplicaSet)>,
    scratch: Vec<ReplicaSet>,
    /// How it gets on, where there is a deadline for that.
    progress: Option<Progress>,
}

impl Deployment {
    /// One that is complete, with so many replicas of a version. `deadline`: within what it should always have got on.
    #[must_use]
    pub fn new(replicas: u32, replacing: Replacing, version: Version, deadline: Option<Span>) -> Self {
        let progress = deadline.map(Progress::new);
        let mut deployment = Self { replicas, replacing, sets: Vec::new(), scratch: Vec::new(), progress };
        deployment.turn_to(version);
        let set = &mut deployment.sets[0].1;
        (set.spec, set.available, set.running) = (replicas, replicas, replicas);
        deployment
    }

    fn target(&self) -> Target {
        let strategy = match self.replacing {
            Replacing::Rolling { surge, unavailable } => {
                kubernetes::Strategy::RollingUpdate(Fences::resolve(Some(surge), Some(unavailable), self.replicas))
            }
            Replacing::Recreate => kubernetes::Strategy::Recreate,
        };
        Target { replicas: self.replicas, strategy }
    }

    /// Its template becomes this version.
    pub(super) fn roll(&mut self, version: Version, now: Instant) {
        self.turn_to(version);
        self.progress.iter_mut().for_each(|progress| progress.begin(now));
    }

    fn turn_to(&mut self, version: Version) {
        if self.sets.iter().all(|&(known, _)| known != version) {
            self.sets.push((version, ReplicaSet::default()));
        }
        self.sets.iter_mut().for_each(|(known, set)| set.is_new = *known == version);
    }

    pub(super) const fn resize(&mut self, replicas: u32) {
        self.replicas = replicas;
    }

    pub(super) fn look(&mut self, view: &impl Replicas, orders: &mut Vec<Order>) {
        let target = self.target();
        let Self { sets, scratch, .. } = self;
        for (version, set) in &mut *sets {
            let seen = view.of(*version);
            (set.available, set.running) = (seen.available, seen.running);
        }
        scratch.clear();
        scratch.extend(sets.iter().map(|&(_, set)| set));
        while kubernetes::sync(scratch, target) {}
        for ((version, set), &synced) in sets.iter_mut().zip(&*scratch) {
            if synced.spec != set.spec {
                orders.push(Order::Scale(*version, synced.spec));
            }
            *set = synced;
        }
        if let Some(mut progress) = self.progress {
            progress.look(self.status(view), self.replicas, view.now());
            self.progress = Some(progress);
        }
    }

    /// Its counts of pods, those left out that are ending.
    fn status(&self, view: &impl Replicas) -> Status {
        let mut status = Status::default();
        for &(version, set) in &self.sets {
            let seen = view.of(version);
            status.total += set.spec;
            status.updated += if set.is_new { set.spec } else { 0 };
            status.ready += seen.ready;
            status.available += seen.available;
        }
        status
    }

    /// Whether by `now` it has ever not got on for longer than its deadline, where it has one.
    pub(super) fn is_overdue(&self, now: Instant) -> Option<bool> {
        self.progress.map(|progress| progress.is_missed(now))
    }

    pub(super) fn is_done(&self, view: &impl Replicas) -> bool {
        self.sets.iter().all(|&(version, set)| match set.is_new {
            true => set.spec == self.replicas && view.of(version).available >= self.replicas,
            false => set.spec == 0,
        })
    }
}
