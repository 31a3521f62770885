//! Whether replica sets are where a step wants them.

use super::routed::Router;
use super::{Counts, ReplicaSet, ReplicaSets};

/// How much of a canary must be available before its step is passed (`replicaProgressThreshold`). Below zero it is as if it
/// were absent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Threshold {
    /// So many per cent of the pods that it is to have.
    Percent(i32),
    /// So many pods.
    Pods(i32),
}

/// Whether enough of a replica set is available, `wanted` being the pods that it is to have (AR `ReplicaProgressThresholdMet`).
/// Without a threshold: exactly those are asked for and available. A set that does not exist is never enough; of no pods any
/// percentage is.
#[must_use]
pub fn is_enough(threshold: Option<Threshold>, set: Option<ReplicaSet>, wanted: u32) -> bool {
    let Some(ReplicaSet { requested, available }) = set else { return false };
    match threshold {
        Some(Threshold::Percent(percent @ 0..)) => {
            u64::from(available) * 100 >= u64::from(percent.unsigned_abs()) * u64::from(wanted)
        }
        Some(Threshold::Pods(pods @ 0..)) => available >= pods.unsigned_abs(),
        _ => requested == wanted && available == wanted,
    }
}

/// Whether all replica sets are where the step wants them (AR `AtDesiredReplicaCountsForCanary`): enough of the canary is
/// available; the stable set is as large as it is to be, if that is not dynamic; and nothing older takes traffic, which it can only
/// do without a router.
///
/// Pods are taken to exist as soon as they are asked for; stable ones need not be available.
#[must_use]
pub fn are_placed(
    router: Option<&Router>,
    threshold: Option<Threshold>,
    sets: &ReplicaSets,
    Counts { canary, stable }: Counts,
) -> bool {
    let is_stable_free = router.is_some_and(|router| router.is_stable_dynamic);
    is_enough(threshold, sets.canary, canary)
        && (is_stable_free || sets.stable.is_some_and(|set| set.requested == stable))
        && (router.is_some() || sets.older.available == 0)
}

#[cfg(test)]
mod tests {
    use super::super::share::PERCENT;
    use super::*;

    const TEN: ReplicaSet = ReplicaSet { requested: 10, available: 9 };

    #[test]
    fn without_a_threshold_all_must_be_available_and_no_more() {
        assert!(!is_enough(None, Some(TEN), 10));
        assert!(is_enough(Some(Threshold::Pods(-100)), Some(ReplicaSet::whole(10)), 10));
        assert!(!is_enough(None, Some(ReplicaSet::whole(10)), 5));
        assert!(is_enough(None, Some(ReplicaSet::whole(0)), 0));
        assert!(!is_enough(Some(Threshold::Pods(0)), None, 0));
    }

    #[test]
    fn a_threshold_is_met_exactly() {
        let met = |threshold| is_enough(Some(threshold), Some(TEN), 10);
        assert!(met(Threshold::Percent(90)) && !met(Threshold::Percent(91)));
        assert!(met(Threshold::Pods(9)) && !met(Threshold::Pods(10)));
        assert!(is_enough(Some(Threshold::Percent(100)), Some(ReplicaSet::default()), 0));
        assert!(!is_enough(Some(Threshold::Pods(1)), Some(ReplicaSet::default()), 0));
    }

    #[test]
    fn older_pods_are_in_the_way_unless_there_is_a_router() {
        let older = ReplicaSet { requested: 0, available: 1 };
        let sets = ReplicaSets { canary: Some(ReplicaSet::whole(2)), stable: Some(TEN), older };
        let counts = Counts { canary: 2, stable: 10 };
        let router = Router { replicas: 10, whole: PERCENT, least_pods: None, is_stable_dynamic: false };
        assert!(!are_placed(None, None, &sets, counts));
        assert!(are_placed(Some(&router), None, &sets, counts));
        assert!(!are_placed(Some(&router), None, &sets, Counts { stable: 9, ..counts }));
        let dynamic = Router { is_stable_dynamic: true, ..router };
        assert!(are_placed(Some(&dynamic), None, &sets, Counts { stable: 9, ..counts }));
    }
}
