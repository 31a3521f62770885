//! Where in its steps a rollout is, what its canary is to have there, and when the step is passed.

use super::analysis::Verdict;
use super::routed::{AbortDelay, Router, Size};
use super::share::{PERCENT, Whole};
use super::{ReplicaSet, ReplicaSets};

/// One step of a canary.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The canary gets this weight, in parts of the router's whole; in per cent without a router.
    SetWeight(u32),
    /// The canary gets this size, whatever its weight. Without a router this changes nothing.
    SetScale(Scale),
    /// Wait so long, in the unit of [`Progress::paused`]; `None` until a person goes on.
    Pause(Option<u64>),
    /// Wait for an analysis to succeed.
    Analysis,
}

/// The size that a step gives to the canary. It holds until the next such step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scale {
    /// So many pods.
    Pods(u32),
    /// The pods for this weight, which may be more than the whole.
    Weight(u32),
    /// The pods for the weight of the traffic again.
    MatchTraffic,
}

/// What a rollout is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// It goes through its steps.
    Stepping,
    /// A person has told it to leave out all steps that remain.
    PromotedInFull,
    /// The canary's version is the stable one, or there is no stable one.
    Stable,
    /// It has been aborted.
    Aborted(AbortDelay),
}

/// A place in the steps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Course<'a> {
    /// All steps.
    pub steps: &'a [Step],
    /// How many of them have been passed; the step of this number is the present one.
    pub passed: usize,
    /// What the rollout is doing.
    pub state: State,
}

/// What decides whether a step is passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Whether the replica sets are where the step wants them ([`are_placed`](super::are_placed)).
    pub is_placed: bool,
    /// Whether the router has the weight; true of routers that do not report.
    pub is_weight_verified: bool,
    /// How long the rollout has been paused by this step.
    pub paused: u64,
    /// Whether a person has ended the pause.
    pub is_resumed: bool,
    /// The verdict of the step's analysis.
    pub verdict: Verdict,
}

impl Step {
    /// Whether this step is passed (AR `completedCurrentCanaryStep`). A pause is passed as soon as its span is over.
    #[must_use]
    pub fn is_passed(self, progress: &Progress) -> bool {
        match self {
            Self::SetWeight(_) => progress.is_placed && progress.is_weight_verified,
            Self::SetScale(_) => progress.is_placed,
            Self::Pause(span) => progress.is_resumed || span.is_some_and(|span| progress.paused >= span),
            Self::Analysis => progress.verdict == Verdict::Successful,
        }
    }
}

impl Course<'_> {
    /// The present step; none when all are passed.
    #[must_use]
    pub fn step(&self) -> Option<Step> {
        self.steps.get(self.passed).copied()
    }

    /// The weight that the steps ask for: the present step's or the last one's before it that has one; 0 before the first, the
    /// whole after all steps (AR `GetCurrentSetWeight`).
    #[must_use]
    pub fn weight_of_step(&self, whole: Whole) -> u32 {
        if self.step().is_none() { whole.get() } else { last(self.reached(1), weight).unwrap_or(0) }
    }

    /// The weight that the steps before the present one asked for.
    #[must_use]
    pub fn weight_before(&self) -> u32 {
        last(self.reached(0), weight).unwrap_or(0)
    }

    /// The weight that a canary without a router is to have, in per cent; an aborted one none at all.
    #[must_use]
    pub fn weight(&self) -> u32 {
        match self.state {
            State::Stepping => self.weight_of_step(PERCENT),
            State::PromotedInFull | State::Stable => PERCENT.get(),
            State::Aborted(_) => 0,
        }
    }

    /// What a canary behind a router is to have (AR `GetCanaryReplicasOrWeight`). An aborted canary keeps the size that a step
    /// gave it only if it is never to be scaled down.
    #[must_use]
    pub fn size(&self, router: &Router, sets: &ReplicaSets) -> Size {
        let weight = match self.state {
            State::PromotedInFull | State::Stable => return Size::Weight(router.whole.get()),
            State::Stepping => self.weight_of_step(router.whole),
            State::Aborted(delay) => match (sets.canary, sets.stable) {
                (Some(ReplicaSet { available: canary, .. }), Some(ReplicaSet { available: stable, .. }))
                    if router.is_stable_dynamic =>
                {
                    router.weight_on_abort(self.steps, delay, canary, stable)
                }
                _ => 0,
            },
        };
        match self.scale() {
            Some(Scale::Pods(pods)) => Size::Pods(pods),
            Some(Scale::Weight(scaled)) => Size::Weight(scaled),
            Some(Scale::MatchTraffic) | None => Size::Weight(weight),
        }
    }

    /// The scale that holds now (AR `UseSetCanaryScale`).
    fn scale(&self) -> Option<Scale> {
        let holds = matches!(self.state, State::Stepping | State::Aborted(AbortDelay::Never));
        if !holds || self.step().is_none() {
            return None;
        }
        last(self.reached(1), |step| if let Step::SetScale(scale) = step { Some(scale) } else { None })
    }

    /// The steps that are passed, and so many more.
    fn reached(&self, more: usize) -> &[Step] {
        &self.steps[..self.passed.saturating_add(more).min(self.steps.len())]
    }
}

/// The weight that a step sets.
pub(super) fn weight(step: Step) -> Option<u32> {
    if let Step::SetWeight(weight) = step { Some(weight) } else { None }
}

/// What the last of the steps says that says anything.
fn last<T>(steps: &[Step], what: impl Fn(Step) -> Option<T>) -> Option<T> {
    steps.iter().rev().find_map(|&step| what(step))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 5] = [
        Step::Pause(None),
        Step::SetWeight(20),
        Step::SetScale(Scale::Pods(7)),
        Step::SetWeight(40),
        Step::SetScale(Scale::MatchTraffic),
    ];
    const ROUTER: Router = Router { replicas: 10, whole: PERCENT, least_pods: None, is_stable_dynamic: false };

    fn at(passed: usize, state: State) -> (u32, Size) {
        let course = Course { steps: &STEPS, passed, state };
        (course.weight(), course.size(&ROUTER, &ReplicaSets::default()))
    }

    #[test]
    fn a_weight_and_a_scale_hold_until_the_next_of_their_kind() {
        let walk = [0, 1, 2, 3, 4, 5].map(|passed| at(passed, State::Stepping));
        let weight = Size::Weight;
        let expected = [
            (0, weight(0)),
            (20, weight(20)),
            (20, Size::Pods(7)),
            (40, Size::Pods(7)),
            (40, weight(40)),
            (100, weight(100)),
        ];
        assert_eq!(walk, expected);
        assert_eq!(Course { steps: &STEPS, passed: 3, state: State::Stepping }.weight_before(), 20);
        assert_eq!(Course { steps: &[], passed: 0, state: State::Stepping }.weight(), 100);
    }

    #[test]
    fn an_aborted_canary_keeps_its_scale_only_if_it_is_never_scaled_down() {
        assert_eq!(at(3, State::Aborted(AbortDelay::Usual)), (0, Size::Weight(0)));
        assert_eq!(at(3, State::Aborted(AbortDelay::Never)), (0, Size::Pods(7)));
        assert_eq!(at(5, State::Aborted(AbortDelay::Never)), (0, Size::Weight(0)));
        assert_eq!(at(3, State::PromotedInFull), (100, Size::Weight(100)));
    }

    #[test]
    fn a_step_waits_for_what_it_is_about() {
        let nothing = Progress {
            is_placed: false,
            is_weight_verified: true,
            paused: 9,
            is_resumed: false,
            verdict: Verdict::Inconclusive,
        };
        let steps = [Step::SetWeight(1), Step::SetScale(Scale::MatchTraffic), Step::Pause(Some(10)), Step::Analysis];
        assert_eq!(steps.map(|step| step.is_passed(&nothing)), [false; 4]);
        let all = Progress { is_placed: true, paused: 10, verdict: Verdict::Successful, ..nothing };
        assert_eq!(steps.map(|step| step.is_passed(&all)), [true; 4]);
        assert!(!Step::Pause(None).is_passed(&all));
        assert!(Step::Pause(None).is_passed(&Progress { is_resumed: true, ..nothing }));
        assert!(!Step::SetWeight(1).is_passed(&Progress { is_weight_verified: false, ..all }));
    }
}
