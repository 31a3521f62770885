//! What becomes of sets that are neither the template's nor stable: the one that was stable, and those of templates
//! that were given up on the way.

use super::Argo;
use super::sets::Set;
use crate::controller::kubernetes::{self, Fences, ReplicaSet, Strategy, Target};
use crate::ids::Version;
use crate::strategy::fleet::Order;
use crate::time::{Instant, Span};

impl Argo {
    /// All of them, the oldest first.
    pub(super) fn older(&self) -> impl DoubleEndedIterator<Item = &Set> {
        self.sets.iter().filter(|set| set.version != self.template && set.version != self.stable)
    }

    /// Scales them down as far as they can be spared; whether any was (AR `scaleDownOldReplicaSetsForCanary`). What is
    /// unavailable goes in any case; then the youngest set goes first.
    ///
    /// Without a router they take traffic, so they go as those of a rolling update do. With one they take none: they go
    /// whole.
    pub(super) fn drain_older(&mut self, now: Instant, orders: &mut Vec<Order>) -> bool {
        let older: Vec<Version> = self.older().rev().filter(|set| set.requested > 0).map(|set| set.version).collect();
        if older.is_empty() {
            return false;
        }
        let mut sets: Vec<_> = older.iter().map(|&version| as_kubernetes(&self.sets.get(version))).collect();
        sets.push(self.serving());
        let limits = self.limits();
        let fences = Fences { surge: limits.surge, unavailable: limits.unavailable };
        let target = Target { replicas: self.replicas, strategy: Strategy::RollingUpdate(fences) };
        kubernetes::clean_up(&mut sets, target, i64::MAX);
        if !self.settings.router {
            kubernetes::scale_down(&mut sets, target);
        }
        let mut has_scaled = false;
        for (&version, set) in older.iter().zip(&sets) {
            has_scaled |= self.sets.resize(version, set.spec, orders);
        }
        if self.settings.router {
            let available: i64 = sets.iter().map(|set| i64::from(set.available)).sum();
            has_scaled |= self.empty_older(&older, available - target.least(), now, orders);
        }
        has_scaled
    }

    /// Empties those that no traffic reaches and whose delay is over, until `spare` pods are gone; whether any was.
    fn empty_older(&mut self, older: &[Version], mut spare: i64, now: Instant, orders: &mut Vec<Order>) -> bool {
        let mut has_scaled = false;
        for &version in older {
            if spare <= 0 {
                break;
            }
            let set = self.sets.get(version);
            if set.requested > 0 && !self.is_reached(version) && !self.stays(&set, now, orders) {
                spare -= i64::from(set.requested);
                self.sets.edit(version, |set| set.deadline = None);
                has_scaled |= self.sets.resize(version, 0, orders);
            }
        }
        has_scaled
    }

    /// Whether the router sends traffic to a version.
    fn is_reached(&self, version: Version) -> bool {
        self.target.primary == version || self.target.additional.is_some_and(|(other, _)| other == version)
    }

    /// Whether a set stays for now. Its delay begins once the template is stable; one that was given up on the way has
    /// none.
    fn stays(&mut self, set: &Set, now: Instant, orders: &mut Vec<Order>) -> bool {
        match set.deadline {
            _ if self.settings.dynamic_stable => false,
            Some(deadline) => now < deadline,
            None if !self.is_stable() || self.settings.scale_down_delay == Span::ZERO => false,
            None => {
                self.retire(set.version, self.settings.scale_down_delay, now, orders);
                true
            }
        }
    }

    /// The set of a version is to be empty after this span.
    pub(super) fn retire(&mut self, version: Version, delay: Span, now: Instant, orders: &mut Vec<Order>) {
        self.sets.edit(version, |set| set.deadline = Some(now + delay));
        orders.push(Order::WakeIn(delay));
    }

    /// The template's set and the stable one as one, beside which the others are old.
    fn serving(&self) -> ReplicaSet {
        let sets = self.replica_sets();
        let (canary, stable) = (sets.canary.unwrap_or_default(), sets.stable.unwrap_or_default());
        ReplicaSet {
            is_new: true,
            spec: canary.requested.saturating_add(stable.requested),
            available: canary.available.saturating_add(stable.available),
            ..ReplicaSet::default()
        }
    }
}

fn as_kubernetes(set: &Set) -> ReplicaSet {
    ReplicaSet { spec: set.requested, available: set.available, ..ReplicaSet::default() }
}
