//! Recreate: the old pods end, all of them; then the new ones begin.

use super::{ReplicaSet, Target, empty_old, old};

/// One pass; whether it changed a set (`rolloutRecreate`). The old sets lose all pods. The new one gets its own in a later
/// pass, when of no old set any pod runs: one that is being deleted still does (`oldPodsRunning`).
pub fn recreate(sets: &mut [ReplicaSet], target: Target) -> bool {
    if empty_old(sets, target) {
        return true;
    }
    if old(sets).any(|set| set.running > 0) {
        return false;
    }
    sets.iter_mut().find(|set| set.is_new).is_some_and(|new| new.resize(target.replicas.into(), target))
}

#[cfg(test)]
mod tests {
    use super::super::{Strategy, sync};
    use super::*;

    #[test]
    fn nothing_begins_before_everything_old_has_ended() {
        let target = Target { replicas: 4, strategy: Strategy::Recreate };
        let old = ReplicaSet { spec: 3, available: 3, running: 3, ..ReplicaSet::default() };
        let mut sets = [old, old, ReplicaSet { is_new: true, ..ReplicaSet::default() }];
        let specs = |sets: &[ReplicaSet; 3]| sets.map(|set| set.spec);
        assert!(sync(&mut sets, target));
        assert_eq!(specs(&sets), [0, 0, 0]);
        // Grace periods.
        for running in [3, 1] {
            (sets[0].running, sets[1].running) = (0, running);
            assert!(!sync(&mut sets, target));
            assert_eq!(specs(&sets), [0, 0, 0]);
        }
        sets[1].running = 0;
        assert!(sync(&mut sets, target));
        assert_eq!(specs(&sets), [0, 0, 4]);
        assert!(!sync(&mut sets, target));
    }

    #[test]
    fn a_scale_request_resizes_the_set_that_has_pods() {
        let mut target = Target { replicas: 4, strategy: Strategy::Recreate };
        let mut sets = [ReplicaSet { is_new: true, ..ReplicaSet::default() }];
        assert!(sync(&mut sets, target));
        target.replicas = 9;
        assert!(sync(&mut sets, target));
        assert_eq!(sets[0].spec, 9);
        assert!(!sync(&mut sets, target));
    }
}
