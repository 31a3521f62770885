//! The next counts of a canary without a router: as far towards the split as the limits let it go in one pass.

use super::limits::Limits;
use super::share::PERCENT;
use super::split::split;
use super::{Counts, ReplicaSet, ReplicaSets};
use crate::controller::pods;

/// The counts that canary and stable are to be asked for now, for a weight in per cent (AR `CalculateReplicaCountsForBasicCanary`).
///
/// - Both grow first, the stable set before the canary, while all pods asked for are fewer than replicas and surge.
/// - Nothing shrinks while pods of older versions are asked for: those go first.
/// - Then one side shrinks: the stable set, or the canary if that is larger than it should be. It may shrink by what stands above
///   the replicas less what may be missing, where all that was asked for stands on the side that shrinks, and what is available
///   on the other.
/// - If that is still more than there may be, the other side gives way, unless its available pods are needed.
///
/// Without a stable set all replicas are the canary's.
#[must_use]
pub fn approach(replicas: u32, limits: Limits, weight: u32, sets: &ReplicaSets) -> Counts {
    let most = i64::from(replicas) + limits.surge;
    let least = i64::from(replicas) - limits.unavailable;
    let target = match sets.stable {
        Some(_) => split(replicas, weight, PERCENT, limits.surge),
        None => Counts { canary: replicas, stable: 0 },
    };
    let mut canary = Side::new(sets.canary, target.canary);
    let mut stable = Side::new(sets.stable, target.stable);

    let mut room = most - canary.requested - stable.requested - i64::from(sets.older.requested);
    room -= stable.grow(room);
    canary.grow(room);

    if sets.older.requested == 0 {
        if canary.target < canary.requested {
            canary.shrink(&mut stable, most, least);
        } else {
            stable.shrink(&mut canary, most, least);
        }
    }
    Counts { canary: pods(canary.next), stable: pods(stable.next) }
}

/// Canary or stable, on its way.
struct Side {
    exists: bool,
    requested: i64,
    available: i64,
    target: i64,
    next: i64,
}

impl Side {
    fn new(set: Option<ReplicaSet>, target: u32) -> Self {
        let ReplicaSet { requested, available } = set.unwrap_or_default();
        let (requested, available) = (i64::from(requested), i64::from(available));
        Self { exists: set.is_some(), requested, available, target: i64::from(target), next: requested }
    }

    /// It grows towards its target, by at most `room`; says by how much.
    fn grow(&mut self, room: i64) -> i64 {
        let more = if self.exists { (self.target - self.requested).min(room).max(0) } else { 0 };
        self.next += more;
        more
    }

    /// It shrinks towards its target, so that `least` pods stay; then the other side gives way to what there may be at most.
    fn shrink(&mut self, other: &mut Self, most: i64, least: i64) {
        let standing = self.requested + other.requested.min(other.available);
        if !self.exists || standing <= least {
            return;
        }
        if self.requested > self.target {
            self.next = self.target.max(self.requested - (standing - least));
        }
        if !other.exists {
            return;
        }
        other.next -= (self.next + other.next - most).max(0);
        let left = self.available.min(self.next) + other.available.min(other.next);
        let lost = (other.available - other.next).max(0);
        other.next += lost.min((least - left).max(0));
        self.next -= (self.next + other.next - most).max(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controller::Setting::{self, Number};

    fn next(replicas: u32, weight: u32, bounds: (Setting, Setting), sets: [(u32, u32); 3]) -> (u32, u32) {
        let [canary, stable, older] = sets.map(|(requested, available)| ReplicaSet { requested, available });
        let sets = ReplicaSets { canary: Some(canary), stable: Some(stable), older };
        let Counts { canary, stable } = approach(replicas, Limits::of(bounds.0, bounds.1, replicas), weight, &sets);
        (canary, stable)
    }

    #[test]
    fn ten_pods_at_five_per_cent_keep_their_ten_stable_ones() {
        assert_eq!(next(10, 5, (Number(1), Number(0)), [(0, 0), (10, 10), (0, 0)]), (1, 10));
        assert_eq!(next(10, 5, (Number(1), Number(0)), [(1, 1), (10, 10), (0, 0)]), (1, 10));
    }

    #[test]
    fn one_replica_with_the_default_surge_ends_at_half_of_the_traffic() {
        let defaults = (Setting::DEFAULT, Setting::DEFAULT);
        assert_eq!(next(1, 10, defaults, [(0, 0), (1, 1), (0, 0)]), (1, 1));
        assert_eq!(next(1, 10, defaults, [(1, 1), (1, 1), (0, 0)]), (1, 1));
    }

    #[test]
    fn the_stable_set_grows_before_the_canary() {
        assert_eq!(next(10, 30, (Number(1), Number(0)), [(0, 0), (1, 1), (3, 3)]), (1, 7));
    }

    #[test]
    fn nothing_shrinks_before_what_is_older() {
        assert_eq!(next(10, 30, (Number(0), Number(1)), [(4, 2), (8, 6), (3, 3)]), (4, 8));
    }

    #[test]
    fn a_canary_that_gives_up_waits_for_stable_pods() {
        assert_eq!(next(4, 0, (Number(1), Number(0)), [(4, 4), (1, 0), (0, 0)]), (4, 1));
        assert_eq!(next(4, 0, (Number(1), Number(0)), [(4, 4), (1, 1), (0, 0)]), (3, 1));
    }

    #[test]
    fn nothing_is_the_split_of_nothing() {
        assert_eq!(next(0, 50, (Setting::DEFAULT, Setting::DEFAULT), [(0, 0), (0, 0), (0, 0)]), (0, 0));
        assert_eq!(next(0, 50, (Setting::DEFAULT, Setting::DEFAULT), [(2, 1), (3, 3), (0, 0)]), (0, 0));
    }

    #[test]
    fn a_first_rollout_is_all_canary() {
        let sets = ReplicaSets { canary: Some(ReplicaSet::default()), ..ReplicaSets::default() };
        let limits = Limits { surge: 1, unavailable: 0 };
        assert_eq!(approach(3, limits, 20, &sets), Counts { canary: 3, stable: 0 });
    }
}
