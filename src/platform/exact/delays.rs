//! When a strategy's actions are, where the control plane takes a random time: each random delay moves a whole resource,
//! or everything.

use super::Inexact;
use crate::dist::Law;
use crate::platform::Service;
use crate::platform::plan::Plan;
use crate::strategy::{ControlPlane, Strategy};
use crate::time::{Instant, Span};

/// A plan whose random delays are nothing, and the delays.
pub(super) struct Delays {
    pub plan: Plan,
    /// What delays all changes of the gateway, of `$LATEST` or of the alias, and nothing else.
    pub of_resource: [Vec<Law>; 3],
    /// What delays every change.
    pub of_all: Vec<Law>,
}

/// The calls that a strategy makes, by their names, and how long the random ones take: nothing, unless said otherwise.
struct Calls<'a> {
    step: &'a Law,
    update_in_progress: &'a Law,
    /// The random calls so far.
    random: Vec<((&'static str, u64), Law)>,
    lasting: Vec<Span>,
}

impl Calls<'_> {
    fn last(&mut self, name: (&'static str, u64), law: Law) -> Span {
        if law.is_constant() {
            // Its only value, whichever law it is written as.
            return Span::from_ns_f64(law.knots().first().copied().unwrap_or(0.0));
        }
        let known = self.random.iter().position(|&(known, _)| known == name);
        let place = known.unwrap_or_else(|| {
            self.random.push((name, law));
            self.random.len() - 1
        });
        self.lasting.get(place).copied().unwrap_or(Span::ZERO)
    }
}

impl ControlPlane for Calls<'_> {
    fn call(&mut self, action: &'static str, ordinal: u64) -> Span {
        self.last((action, ordinal), *self.step)
    }

    fn update_in_progress(&mut self) -> Span {
        self.last(("update-in-progress", 0), *self.update_in_progress)
    }
}

/// How long a delay lasts that is to be seen.
const SEEN: Span = Span::from_s(1);

impl Delays {
    /// The delays of `strategy`.
    ///
    /// # Errors
    /// [`Inexact::Tangled`], where a random delay moves some changes of a resource and not others, or two resources of
    /// three.
    pub fn new(service: &Service, strategy: &Strategy) -> Result<Self, Inexact> {
        let deployment = &strategy.deployment;
        let mut calls = Calls {
            step: &deployment.step,
            update_in_progress: &service.function.update_in_progress,
            random: Vec::new(),
            lasting: Vec::new(),
        };
        let planned =
            |calls: &mut Calls<'_>| Plan::new(service, strategy, &strategy.rollout.timetable(deployment, calls));
        let plan = planned(&mut calls);
        let mut delays = Self { plan, of_resource: [const { Vec::new() }; 3], of_all: Vec::new() };
        let random = calls.random.clone();
        for (place, &(_, law)) in random.iter().enumerate() {
            calls.lasting = vec![Span::ZERO; random.len()];
            calls.lasting[place] = SEEN;
            delays.sort(&planned(&mut calls), law)?;
        }
        Ok(delays)
    }

    /// Puts a delay by `law`, which makes `moved` of the plan, where it belongs.
    fn sort(&mut self, moved: &Plan, law: Law) -> Result<(), Inexact> {
        let is_later = |(&before, &after): (&Instant, &Instant)| after == before + SEEN;
        let changed = |resource: usize| !self.plan.changes[resource].is_empty();
        let moves = [0, 1, 2].map(|resource| {
            let (before, after) = (&self.plan.changes[resource], &moved.changes[resource]);
            match before == after {
                true => Some(false),
                false => (before.len() == after.len() && before.iter().zip(after).all(is_later)).then_some(true),
            }
        });
        let [Some(gateway), Some(code), Some(alias)] = moves else { return Err(Inexact::Tangled) };
        let moves = [gateway, code, alias];
        match moves.iter().filter(|&&moves| moves).count() {
            0 => {}
            1 => (0..3).filter(|&resource| moves[resource]).for_each(|resource| self.of_resource[resource].push(law)),
            _ if (0..3).all(|resource| moves[resource] || !changed(resource)) => self.of_all.push(law),
            _ => return Err(Inexact::Tangled),
        }
        Ok(())
    }
}
