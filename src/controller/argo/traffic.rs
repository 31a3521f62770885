//! Which weight a router is given: never one that pods are not there for.

use super::ReplicaSets;
use super::course::{Course, State};
use super::ready::{Threshold, are_placed, is_enough};
use super::routed::{AbortDelay, Router, Weights};
use super::share::{carried, full};

impl Router {
    /// The weight that the canary is to be given now, in parts of the whole; `None` if the router is to be left alone, because the
    /// stable set has too few pods for what would remain (AR `reconcileTrafficRouting`).
    ///
    /// - The present step's weight is given when the replica sets are where that step wants them; until then that of the steps
    ///   before.
    /// - A canary without an available pod gets nothing.
    /// - A rollout that is promoted in full keeps its weight; beside a dynamic stable set it gets what the canary can carry.
    /// - After an abort it gets nothing, at once; beside a dynamic stable set what stable pods cannot carry yet.
    /// - Once the canary's version is the stable one, nothing.
    #[must_use]
    pub fn weight(
        &self,
        course: &Course<'_>,
        threshold: Option<Threshold>,
        sets: &ReplicaSets,
        actual: Option<Weights>,
    ) -> Option<u32> {
        let available = sets.canary.map_or(0, |set| set.available);
        let weight = match course.state {
            State::Stable => 0,
            State::Aborted(delay) => self.weight_after_abort(course, delay, sets, actual),
            State::PromotedInFull | State::Stepping if available == 0 => 0,
            State::PromotedInFull if self.is_stable_dynamic => {
                carried(self.replicas, available, self.whole).min(self.whole.get())
            }
            State::PromotedInFull => actual.map_or(0, |actual| actual.canary),
            State::Stepping => {
                let counts = self.counts(course.size(self, sets), None, false);
                match are_placed(Some(self), threshold, sets, counts) {
                    true => course.weight_of_step(self.whole),
                    false => course.weight_before(),
                }
            }
        };
        let stable = full(self.replicas, self.whole.get().saturating_sub(weight), self.whole);
        let carrier = if course.state == State::Stable { sets.stable.or(sets.canary) } else { sets.stable };
        let has_pods = carrier.is_some_and(|set| set.available >= stable || is_enough(threshold, Some(set), stable));
        has_pods.then_some(weight)
    }

    /// The weight of an aborted canary (AR `calculateDesiredWeightOnAbortOrStableRollback`). It never rises again.
    fn weight_after_abort(
        &self,
        course: &Course<'_>,
        delay: AbortDelay,
        sets: &ReplicaSets,
        actual: Option<Weights>,
    ) -> u32 {
        let (Some(canary), Some(stable)) = (sets.canary, sets.stable) else { return 0 };
        if !self.is_stable_dynamic || self.replicas == 0 {
            return 0;
        }
        let wanted = self.weight_on_abort(course.steps, delay, canary.available, stable.available);
        let safe = carried(self.replicas, stable.available, self.whole);
        let rest = self.whole.get().saturating_sub(safe);
        match actual {
            None => rest.max(wanted),
            Some(actual) if wanted == 0 => rest.min(actual.canary),
            Some(actual) if safe < self.whole.get().saturating_sub(wanted) => actual.canary,
            Some(actual) => wanted.min(actual.canary),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ReplicaSet;
    use super::super::course::Step;
    use super::super::share::PERCENT;
    use super::*;

    const STEPS: [Step; 3] = [Step::SetWeight(20), Step::Pause(None), Step::SetWeight(60)];
    const PLAIN: Router = Router { replicas: 10, whole: PERCENT, least_pods: None, is_stable_dynamic: false };
    const DYNAMIC: Router = Router { is_stable_dynamic: true, ..PLAIN };

    fn weight(
        router: Router,
        passed: usize,
        state: State,
        [canary, stable]: [(u32, u32); 2],
        actual: u32,
    ) -> Option<u32> {
        let set = |(requested, available)| Some(ReplicaSet { requested, available });
        let sets = ReplicaSets { canary: set(canary), stable: set(stable), older: ReplicaSet::default() };
        let actual = Some(Weights { canary: actual, stable: 100 - actual });
        router.weight(&Course { steps: &STEPS, passed, state }, None, &sets, actual)
    }

    #[test]
    fn pods_come_before_weight() {
        let at = |passed, canary, actual| weight(PLAIN, passed, State::Stepping, [canary, (10, 10)], actual);
        assert_eq!(at(0, (2, 1), 0), Some(0));
        assert_eq!(at(0, (2, 2), 0), Some(20));
        assert_eq!(at(2, (6, 5), 20), Some(20));
        assert_eq!(at(2, (6, 6), 20), Some(60));
        assert_eq!(at(3, (10, 9), 60), Some(60));
        assert_eq!(at(3, (10, 10), 60), Some(100));
        assert_eq!(at(3, (10, 0), 60), Some(0));
    }

    #[test]
    fn a_weight_waits_for_stable_pods() {
        let aborted = State::Aborted(AbortDelay::Usual);
        assert_eq!(weight(PLAIN, 2, aborted, [(6, 6), (10, 10)], 20), Some(0));
        assert_eq!(weight(PLAIN, 2, aborted, [(6, 6), (10, 9)], 20), None);
        assert_eq!(weight(DYNAMIC, 2, State::Stepping, [(6, 6), (8, 8)], 20), Some(60));
    }

    #[test]
    fn at_the_end_the_canary_is_the_stable_version() {
        let sets = ReplicaSets { canary: Some(ReplicaSet::whole(10)), ..ReplicaSets::default() };
        let course = Course { steps: &STEPS, passed: 3, state: State::Stable };
        assert_eq!(PLAIN.weight(&course, None, &sets, None), Some(0));
    }

    #[test]
    fn a_promotion_in_full_gives_what_the_canary_can_carry() {
        let at = |router, canary| weight(router, 0, State::PromotedInFull, [(10, canary), (10, 10)], 20);
        assert_eq!([at(PLAIN, 4), at(DYNAMIC, 4), at(DYNAMIC, 11)], [Some(20), Some(40), Some(100)]);
    }

    #[test]
    fn beside_a_dynamic_stable_set_an_abort_goes_step_by_step() {
        let aborted = State::Aborted(AbortDelay::Usual);
        let walk = |canary, stable, actual| weight(DYNAMIC, 2, aborted, [canary, stable], actual);
        assert_eq!(walk((6, 6), (8, 4), 60), Some(60)); // Pods for 20 % are on their way.
        assert_eq!(walk((6, 6), (8, 8), 60), Some(20));
        assert_eq!(walk((2, 2), (10, 9), 20), Some(10)); // All 10 are, and 9 can carry 90 %.
        assert_eq!(walk((2, 2), (10, 10), 10), Some(0));
    }
}
