//! Canary and stable counts where a router splits the traffic, so that pods and shares are not the same thing.

use super::Counts;
use super::course::{self, Step};
use super::share::{Whole, carriers};

/// What a rollout behind a router keeps to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Router {
    /// Replicas that all traffic needs.
    pub replicas: u32,
    /// The parts that a weight is counted in.
    pub whole: Whole,
    /// Pods that either side has at least, if it has any (`minPodsPerReplicaSet`); never more than the replicas.
    pub least_pods: Option<u32>,
    /// Whether the stable set is only as large as its share of the traffic needs (`dynamicStableScale`).
    pub is_stable_dynamic: bool,
}

/// What the canary is to have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Size {
    /// So many pods, and no weight.
    Pods(u32),
    /// The pods for this weight.
    Weight(u32),
}

/// The weights that the router has now. Other versions may have a share too, so that they need not add up to the whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Weights {
    /// The canary's.
    pub canary: u32,
    /// The stable version's.
    pub stable: u32,
}

/// How long the canary stays after an abort (`abortScaleDownDelaySeconds`); only what matters for counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AbortDelay {
    /// Nothing is written: 30 s.
    Usual,
    /// 0 is written: for ever.
    Never,
    /// Anything else is written.
    Own,
}

impl AbortDelay {
    /// From what is written, in seconds.
    #[must_use]
    pub const fn written(seconds: Option<u64>) -> Self {
        match seconds {
            None => Self::Usual,
            Some(0) => Self::Never,
            Some(_) => Self::Own,
        }
    }
}

impl Router {
    /// The counts for what the canary is to have (AR `CalculateReplicaCountsForTrafficRoutedCanary`): the pods for its weight, and
    /// the stable set whole. A dynamic stable set has the pods for the rest of the traffic, and for the traffic that it has now if
    /// that is more. Then an aborted canary likewise keeps the pods for the traffic that it still has.
    ///
    /// Without `actual` weights only what is wanted counts.
    #[must_use]
    pub fn counts(&self, size: Size, actual: Option<Weights>, is_aborted: bool) -> Counts {
        let (canary, weight) = match size {
            Size::Pods(pods) => (pods, 0),
            Size::Weight(weight) => (self.at_least(self.carriers(weight)), weight),
        };
        if !self.is_stable_dynamic {
            return Counts { canary, stable: self.replicas };
        }
        let kept = actual.filter(|_| is_aborted).map_or(0, |actual| self.carriers(actual.canary));
        let rest = self.carriers(self.whole.get().saturating_sub(weight));
        let busy = actual.map_or(0, |actual| self.carriers(actual.stable));
        Counts { canary: self.at_least(canary.max(kept)), stable: self.at_least(rest.max(busy)) }
    }

    /// The weight for which an aborted canary is to have pods beside a dynamic stable set (AR `GetDesiredCanaryWeight`): that of
    /// the last step that needs fewer pods than it must still have; 0 if there is none.
    ///
    /// It must have what the stable set lacks. Unless a delay of its own keeps it whole, it has what is available of it, too.
    #[must_use]
    pub fn weight_on_abort(&self, steps: &[Step], delay: AbortDelay, canary: u32, stable: u32) -> u32 {
        let lacking = self.replicas.saturating_sub(stable);
        let pods = if delay == AbortDelay::Own { lacking } else { lacking.max(canary) };
        let mut weights = steps.iter().rev().filter_map(|&step| course::weight(step));
        weights.find(|&weight| self.carriers(weight) < pods).unwrap_or(0)
    }

    fn carriers(&self, weight: u32) -> u32 {
        carriers(self.replicas, weight, self.whole)
    }

    /// That many pods, but not few.
    fn at_least(&self, pods: u32) -> u32 {
        if pods == 0 { 0 } else { pods.max(self.least_pods.unwrap_or(0).min(self.replicas)) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::share::PERCENT;
    use super::*;

    const PLAIN: Router = Router { replicas: 10, whole: PERCENT, least_pods: None, is_stable_dynamic: false };
    const DYNAMIC: Router = Router { is_stable_dynamic: true, ..PLAIN };
    const STEPS: [Step; 3] = [Step::SetWeight(10), Step::Pause(None), Step::SetWeight(50)];

    fn counts(router: Router, size: Size, actual: (u32, u32), is_aborted: bool) -> (u32, u32) {
        let (canary, stable) = actual;
        let Counts { canary, stable } = router.counts(size, Some(Weights { canary, stable }), is_aborted);
        (canary, stable)
    }

    #[test]
    fn the_stable_set_stays_whole() {
        assert_eq!(counts(PLAIN, Size::Weight(25), (90, 10), true), (3, 10));
        assert_eq!(counts(PLAIN, Size::Pods(0), (0, 100), false), (0, 10));
        assert_eq!(counts(Router { replicas: 0, ..PLAIN }, Size::Weight(100), (0, 100), false), (0, 0));
    }

    #[test]
    fn a_dynamic_one_has_what_traffic_needs_and_no_less_than_it_has() {
        assert_eq!(counts(DYNAMIC, Size::Weight(25), (25, 75), false), (3, 8));
        assert_eq!(counts(DYNAMIC, Size::Weight(25), (5, 95), false), (3, 10));
        assert_eq!(counts(DYNAMIC, Size::Weight(0), (20, 80), true), (2, 10));
        assert_eq!(counts(DYNAMIC, Size::Weight(150), (100, 0), false), (15, 0));
        assert_eq!(DYNAMIC.counts(Size::Pods(2), None, false), Counts { canary: 2, stable: 10 });
    }

    #[test]
    fn a_side_with_pods_has_no_few() {
        let least = Router { replicas: 2, least_pods: Some(3), ..DYNAMIC };
        assert_eq!(counts(least, Size::Weight(1), (0, 100), false), (2, 2));
        assert_eq!(counts(least, Size::Weight(0), (0, 100), false), (0, 2));
    }

    #[test]
    fn an_aborted_canary_walks_the_weights_backwards() {
        let weight = |delay, canary, stable| DYNAMIC.weight_on_abort(&STEPS, delay, canary, stable);
        assert_eq!(weight(AbortDelay::Usual, 6, 4), 50);
        assert_eq!(weight(AbortDelay::Usual, 5, 5), 10);
        assert_eq!(weight(AbortDelay::Usual, 5, 9), 10);
        assert_eq!(weight(AbortDelay::Own, 5, 9), 0);
        assert_eq!(weight(AbortDelay::Never, 1, 12), 0);
    }
}
