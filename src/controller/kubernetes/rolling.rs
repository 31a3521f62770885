//! The rolling update: the new side first; only where that has nothing to do, the old side.

use super::{ReplicaSet, Strategy, Target, old, total};
use crate::controller::pods;

/// How many pods the new set is to have that is to have `spec` now, if all sets together are to have `total`: as many more
/// as the surge leaves room for; under `Recreate` all (`NewRSNewReplicas`).
#[must_use]
pub fn new_size(target: Target, spec: u32, total: i64) -> u32 {
    let room = target.most() - total;
    match target.strategy {
        Strategy::Recreate => target.replicas,
        Strategy::RollingUpdate(_) if room <= 0 => spec,
        Strategy::RollingUpdate(_) => {
            let wanted = i64::from(target.replicas) - i64::from(spec);
            pods(i64::from(spec) + wanted.min(room))
        }
    }
}

/// The new side of one pass: the new set grows as far as there is room, or loses what is too many; whether it changed
/// (`reconcileNewReplicaSet`).
pub fn reconcile_new(sets: &mut [ReplicaSet], target: Target) -> bool {
    let total = total(&*sets);
    let Some(new) = sets.iter_mut().find(|set| set.is_new) else { return false };
    let size = if new.spec < target.replicas { new_size(target, new.spec, total) } else { target.replicas };
    new.resize(size.into(), target)
}

/// The old side of one pass: unavailable pods go first, then as many available ones as can be spared; whether any went
/// (`reconcileOldReplicaSets`).
pub fn reconcile_old(sets: &mut [ReplicaSet], target: Target) -> bool {
    let missing: i64 =
        sets.iter().filter(|set| set.is_new).map(|new| i64::from(new.spec) - i64::from(new.available)).sum();
    // What is missing of the new set may come at any time, and is spared for it: no old pod goes in its stead.
    let most = total(&*sets) - target.least() - missing;
    if most <= 0 || sets.iter().all(|set| set.is_new || set.spec == 0) {
        return false;
    }
    match clean_up(sets, target, most) {
        Some(cleaned) => cleaned + scale_down(sets, target) > 0,
        None => false,
    }
}

/// At most so many pods that are not available are taken from the old sets, from the oldest first; how many went
/// (`cleanupUnhealthyReplicas`).
///
/// `None`: a set has more pods available than it is to have, since its status lags behind. The whole old side then waits for
/// the next pass.
pub fn clean_up(sets: &mut [ReplicaSet], target: Target, most: i64) -> Option<i64> {
    let mut cleaned = 0;
    for set in old(sets).filter(|set| set.spec > 0) {
        if cleaned >= most {
            break;
        }
        let unavailable = set.spec.checked_sub(set.available)?;
        let count = (most - cleaned).min(unavailable.into());
        set.resize(i64::from(set.spec) - count, target);
        cleaned += count;
    }
    Some(cleaned)
}

/// As many pods as are available beyond those that have to be are taken from the old sets, from the oldest first; how many
/// went (`scaleDownOldReplicaSetsForRollingUpdate`).
pub fn scale_down(sets: &mut [ReplicaSet], target: Target) -> i64 {
    let available: i64 = sets.iter().map(|set| i64::from(set.available)).sum();
    let spare = (available - target.least()).max(0);
    let mut left = spare;
    for set in old(sets) {
        let count = left.min(set.spec.into());
        set.resize(i64::from(set.spec) - count, target);
        left -= count;
    }
    spare - left
}

#[cfg(test)]
mod tests {
    use super::super::{Fences, sync};
    use super::*;

    fn target(replicas: u32, surge: i64, unavailable: i64) -> Target {
        Target { replicas, strategy: Strategy::RollingUpdate(Fences { surge, unavailable }) }
    }

    fn old(spec: u32, available: u32) -> ReplicaSet {
        ReplicaSet { spec, available, ..ReplicaSet::default() }
    }

    fn new(spec: u32, available: u32) -> ReplicaSet {
        ReplicaSet { is_new: true, ..old(spec, available) }
    }

    fn specs<const SETS: usize>(sets: [ReplicaSet; SETS]) -> [u32; SETS] {
        sets.map(|set| set.spec)
    }

    /// Passes until nothing changes; deleted pods are gone at once, those that are not available first.
    fn settle(sets: &mut [ReplicaSet], target: Target) -> usize {
        let mut passes = 0;
        while sync(sets, target) {
            passes += 1;
            for set in sets.iter_mut() {
                set.available = set.available.min(set.spec);
            }
        }
        passes
    }

    /// How often new pods become available until none is missing, if all of them do at the same time.
    fn waves(replicas: u32, surge: i64, unavailable: i64) -> usize {
        let mut sets = [old(replicas, replicas), new(0, 0)];
        let mut waves = 0;
        settle(&mut sets, target(replicas, surge, unavailable));
        while sets[1].available < replicas {
            sets[1].available = sets[1].spec;
            waves += 1;
            settle(&mut sets, target(replicas, surge, unavailable));
        }
        assert_eq!(specs(sets), [0, replicas]);
        waves
    }

    #[test]
    fn published_rollouts_take_as_many_waves() {
        // 6 replicas, 550 s each: 1,650 s. 40 replicas, 640 s each: 8,960 s.
        assert_eq!(waves(6, 0, 2), 3);
        assert_eq!(waves(40, 2, 1), 14);
        assert_eq!(waves(1, 1, 0), 1);
        assert_eq!(waves(5, 5, 5), 1);
        assert_eq!(waves(0, 0, 1), 0);
    }

    #[test]
    fn a_quarter_more_and_a_quarter_fewer_of_ten() {
        let (mut sets, target) = ([old(10, 10), new(0, 0)], target(10, 3, 2));
        assert_eq!(settle(&mut sets, target), 3);
        assert_eq!(specs(sets), [8, 5]);
        sets[1].available = 5;
        assert_eq!(settle(&mut sets, target), 2);
        assert_eq!(specs(sets), [3, 10]);
        sets[1].available = 10;
        assert_eq!(settle(&mut sets, target), 1);
        assert_eq!(specs(sets), [0, 10]);
    }

    #[test]
    fn a_third_template_starts_with_nothing_and_takes_the_room_of_those_that_never_came() {
        // The second template is stuck at 5 of 10; 13 pods are all that there may be.
        let (mut sets, target) = ([old(8, 8), old(5, 0), new(0, 0)], target(10, 3, 2));
        assert_eq!(new_size(target, 0, 13), 0);
        assert!(sync(&mut sets, target));
        assert_eq!(specs(sets), [8, 0, 0], "all that is not available goes, wherever it is");
        settle(&mut sets, target);
        assert_eq!(specs(sets), [8, 0, 5]);
        sets[2].available = 5;
        settle(&mut sets, target);
        assert_eq!(specs(sets), [3, 0, 10]);
    }

    #[test]
    fn a_rollback_goes_the_same_way_towards_an_older_set() {
        let (mut sets, target) = ([new(8, 8), old(5, 0)], target(10, 3, 2));
        settle(&mut sets, target);
        assert_eq!(specs(sets), [10, 0]);
    }

    #[test]
    fn what_new_pods_lack_is_not_taken_from_old_ones() {
        // A node fails and one old pod with it: 13 - 8 - 5 = 0.
        let mut sets = [old(8, 7), new(5, 0)];
        assert!(!reconcile_old(&mut sets, target(10, 3, 2)));
    }

    #[test]
    fn the_oldest_loses_its_pods_first() {
        let mut sets = [old(4, 3), old(4, 2), new(2, 2)];
        // 10 - 8 - 0 = 2 may go, and both are not available; nothing is spare beyond.
        assert!(reconcile_old(&mut sets, target(10, 0, 2)));
        assert_eq!(specs(sets), [3, 3, 2]);
        let mut sets = [old(1, 1), old(6, 6), new(4, 4)];
        assert_eq!(scale_down(&mut sets, target(10, 1, 1)), 2);
        assert_eq!(specs(sets), [0, 5, 4]);
    }

    #[test]
    fn a_new_set_that_is_too_large_is_cut_whatever_the_room() {
        let mut sets = [old(10, 10), new(11, 11)];
        assert!(reconcile_new(&mut sets, target(10, 0, 1)));
        assert_eq!(specs(sets), [10, 10]);
    }

    #[test]
    fn counts_that_lag_behind_are_waited_for() {
        let mut sets = [old(2, 3), old(5, 0), new(3, 3)];
        assert!(!reconcile_old(&mut sets, target(5, 0, 1)));
        assert_eq!(specs(sets), [2, 5, 3]);
        let mut sets = [old(0, 3), new(1, 0)];
        assert!(!reconcile_old(&mut sets, target(1, 1, 0)), "a set that is to have none has nothing to lose");
    }

    #[test]
    fn without_replicas_everything_goes() {
        let mut sets = [old(3, 1), new(2, 2)];
        settle(&mut sets, target(0, 0, 1));
        assert_eq!(specs(sets), [0, 0]);
        assert!(!sync(&mut [], target(3, 1, 0)));
    }
}
