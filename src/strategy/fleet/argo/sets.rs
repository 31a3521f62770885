//! The replica sets of a rollout, as its controller knows them.

use super::super::{Order, Replicas};
use crate::controller::argo::ReplicaSet;
use crate::ids::Version;
use crate::time::Instant;

/// The replica set of a version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Set {
    /// The version.
    pub version: Version,
    /// Replicas asked for (`spec.replicas`).
    pub requested: u32,
    /// Those of them that are available.
    pub available: u32,
    /// When it is to have no replicas any more, if that has been decided (`scale-down-deadline`).
    pub deadline: Option<Instant>,
}

/// All sets, in the order of their revisions: the one that became the template's last is the last.
#[derive(Clone, PartialEq, Debug)]
pub struct Sets(Vec<Set>);

impl Set {
    const fn empty(version: Version) -> Self {
        Self { version, requested: 0, available: 0, deadline: None }
    }

    /// It as decisions see it.
    pub const fn seen(&self) -> ReplicaSet {
        ReplicaSet { requested: self.requested, available: self.available }
    }
}

impl Sets {
    /// One set, all of whose replicas are available.
    pub fn new(version: Version, replicas: u32) -> Self {
        Self(vec![Set { requested: replicas, available: replicas, ..Set::empty(version) }])
    }

    /// All of them, the oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Set> {
        self.0.iter()
    }

    /// The set of a version; an empty one before it has been created.
    pub fn get(&self, version: Version) -> Set {
        self.0.iter().find(|set| set.version == version).copied().unwrap_or(Set::empty(version))
    }

    /// The set of a version becomes the youngest. It is created if need be.
    pub fn raise(&mut self, version: Version) {
        let set = self.get(version);
        self.0.retain(|other| other.version != version);
        self.0.push(set);
    }

    /// Changes the set of a version.
    pub fn edit(&mut self, version: Version, change: impl FnOnce(&mut Set)) {
        if let Some(set) = self.0.iter_mut().find(|set| set.version == version) {
            change(set);
        }
    }

    /// Takes note of what is available.
    pub fn look(&mut self, view: &impl Replicas) {
        for set in &mut self.0 {
            set.available = view.of(set.version).available.min(set.requested);
        }
    }

    /// Asks for so many replicas of a version; whether that is another number. What goes is unavailable first, and is
    /// gone for good: what is asked for later has yet to become available.
    pub fn resize(&mut self, version: Version, replicas: u32, orders: &mut Vec<Order>) -> bool {
        let mut is_new = false;
        self.edit(version, |set| {
            is_new = set.requested != replicas;
            (set.requested, set.available) = (replicas, set.available.min(replicas));
        });
        if is_new {
            orders.push(Order::Scale(version, replicas));
        }
        is_new
    }
}
