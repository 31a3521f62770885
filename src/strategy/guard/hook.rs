//! Hooks: something is run on the way, takes a while, and may fail: a smoke test, a gate between stages, a person's consent.

use crate::dist::Law;
use crate::strategy::{Action, Script, Step};
use crate::units::Share;

/// What is run.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Hook {
    /// How long it takes.
    pub takes: Law,
    /// How likely it fails, each time.
    pub fails: Share,
    /// What happens if it does.
    pub then: Then,
}

/// What a failed hook does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Then {
    /// The rollout is taken back.
    RollBack,
    /// Somebody is told, and the rollout goes on.
    GoOn,
}

/// When hooks are run.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Hooks {
    /// Before anything is changed.
    pub before: Option<Hook>,
    /// Before each stage of a shift but the first.
    pub between: Option<Hook>,
    /// After the last change.
    pub after: Option<Hook>,
}

/// One run of a hook.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Run {
    /// Its number among those of a strategy.
    pub number: usize,
    /// What is run.
    pub hook: Hook,
}

impl Hooks {
    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.before.is_none() && self.between.is_none() && self.after.is_none()
    }

    /// A script with the hooks where they belong, their runs numbered from `first` on.
    #[must_use]
    pub fn within(&self, script: &Script, first: usize) -> Script {
        let runs = self.placed(script).into_iter().zip(first..);
        let mut runs = runs.map(|((step, hook), number)| (step, Run { number, hook })).peekable();
        let mut steps = Vec::new();
        for (place, step) in script.steps().iter().map(Some).chain([None]).enumerate() {
            while let Some((_, run)) = runs.next_if(|&(before, _)| before == place) {
                steps.push(Step::Hook(run));
            }
            steps.extend(step);
        }
        Script::new(steps)
    }

    /// The hooks that are run in a script, in their order.
    #[must_use]
    pub fn runs(&self, script: &Script) -> Vec<Hook> {
        self.placed(script).into_iter().map(|(_, hook)| hook).collect()
    }

    /// Before which step each hook is run.
    fn placed(&self, script: &Script) -> Vec<(usize, Hook)> {
        let steps = script.steps();
        let is_stage = |step: &Step| matches!(step, Step::Do(Action::UpdateAlias(_)));
        let stages = steps.iter().enumerate().filter(|(_, step)| is_stage(step)).skip(1);
        let between = stages.filter_map(|(place, _)| Some((place, self.between?)));
        let (before, after) = (self.before.map(|hook| (0, hook)), self.after.map(|hook| (steps.len(), hook)));
        before.into_iter().chain(between).chain(after).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::tests::deployment;
    use crate::strategy::{Alias, GatewayMove, Shift};
    use crate::time::Span;

    #[test]
    fn hooks_are_run_before_between_and_after() {
        let shift = Shift::Linear { weight: Share::percent(40), every: Span::from_s(60) };
        let script = Alias { shift, gateway: GatewayMove::After, trailing: Span::ZERO }.script(&deployment());
        let hook = |s| Some(Hook { takes: Law::Constant(Span::from_s(s)), fails: Share::ZERO, then: Then::RollBack });
        let hooks = Hooks { before: hook(1), between: hook(2), after: hook(3) };
        let found = hooks.within(&script, 10);
        let runs = found.steps().iter().filter_map(|step| match step {
            Step::Hook(run) => Some((run.number, run.hook.takes)),
            _ => None,
        });
        let expected = [(10, 1), (11, 2), (12, 2), (13, 3)].map(|(n, s)| (n, Law::Constant(Span::from_s(s))));
        assert_eq!(runs.collect::<Vec<_>>(), expected);
        let [first, last] = [found.steps().first(), found.steps().last()];
        assert!(matches!((first, last), (Some(Step::Hook(_)), Some(Step::Hook(_)))));
        let stage = |place: usize| matches!(found.steps()[place], Step::Do(Action::UpdateAlias(_)));
        let between = |&place: &usize| matches!(found.steps()[place], Step::Hook(run) if run.hook == hook(2).unwrap());
        assert!((0..found.steps().len()).filter(between).all(|place| stage(place + 1)));
    }
}
