//! Provisioned concurrency: environments of a version that are kept ready, and how a rollout moves them.
//!
//! Source: AWS Lambda Developer Guide, "Configuring provisioned concurrency": on a published version or an alias and not on
//! `$LATEST`; the allocation takes a minute or two to prepare, then at most 6,000 environments a minute, and none can be used until
//! all are there.

use super::{Action, Delay, Deployment, Rollout, Script, Step, Strategy};
use crate::dist::Law;
use crate::ids::{Qualifier, Version};
use crate::units::Rate;

/// What is kept ready of a function, and how it gets to the next version.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Provisioned {
    /// How many environments; at least 1.
    pub environments: u32,
    /// What they are configured on.
    pub on: Holder,
    /// How long it takes before the first is allocated.
    pub prepare: Law,
    /// How quickly they are then allocated.
    pub rate: Rate,
    /// When they are moved.
    pub moves: Moves,
}

/// What provisioned concurrency is configured on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holder {
    /// A published version: while it goes live, two versions hold all of them.
    Version,
    /// The alias, whose versions share them by their weights.
    Alias,
}

/// When provisioned concurrency is moved to the version that goes live.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moves {
    /// Before requests are.
    Before,
    /// Not in this deployment: it stays one version behind.
    Late,
}

impl Provisioned {
    /// The most environments that are held at once.
    #[must_use]
    pub const fn most(&self) -> u64 {
        match (self.moves, self.on) {
            (Moves::Late, _) => self.environments as u64,
            (Moves::Before, _) => 2 * self.environments as u64,
        }
    }

    /// Whether requests that ask so can get at them.
    const fn is_asked_by(&self, qualifier: Qualifier) -> bool {
        match qualifier {
            Qualifier::Alias => true,
            Qualifier::Number(_) => matches!(self.on, Holder::Version),
            Qualifier::Latest | Qualifier::Any => false,
        }
    }

    /// A script with what moves them.
    pub(super) fn within(&self, script: Script, deployment: &Deployment) -> Script {
        let (from, to, all) = (deployment.from, deployment.to, self.environments);
        let want = |version, environments| Step::Do(Action::Provision { version, environments });
        match (self.moves, self.on) {
            (Moves::Late, _) => script,
            (Moves::Before, Holder::Version) => {
                let before = [want(to, all), Step::WhenThere];
                let after = [Step::WhenSettled, Step::Delay(Delay::UpdateProvisioned), want(from, 0)];
                Script::new([&before, script.steps(), &after].concat())
            }
            (Moves::Before, Holder::Alias) => {
                let (mut steps, mut moved) = (Vec::new(), 0);
                for step in script.steps() {
                    let Step::Do(Action::UpdateAlias(target)) = step else {
                        steps.push(*step);
                        continue;
                    };
                    let share = match target.additional {
                        None if target.primary == to => all,
                        None => 0,
                        Some((_, weight)) => weight.of_rounded_up(all.into()) as u32,
                    };
                    let is_more = share > moved;
                    steps.extend(is_more.then(|| [want(to, share), Step::WhenThere]).into_iter().flatten());
                    steps.push(*step);
                    steps.extend(is_more.then(|| [Step::WhenSettled, want(from, all - share)]).into_iter().flatten());
                    moved = moved.max(share);
                }
                Script::new(steps)
            }
        }
    }
}

impl Strategy {
    /// Has the strategy keep environments ready, if its requests can get at them; answers whether.
    pub fn provision(&mut self, provisioned: &Provisioned) -> bool {
        let is_asked = |rollout: &Rollout, deployment: &Deployment| {
            matches!(rollout, Rollout::None(_)) || provisioned.is_asked_by(rollout.qualifier(deployment))
        };
        let can = match &self.rollout {
            Rollout::Plan(plan) => plan.stages().all(|stage| is_asked(&stage.rollout, &stage.deployment)),
            rollout => is_asked(rollout, &self.deployment),
        };
        if can && self.on() == super::On::Function {
            self.deployment.provisioned = Some(*provisioned);
            if let Rollout::Plan(plan) = &mut self.rollout {
                plan.stages_mut().for_each(|stage| stage.deployment.provisioned = Some(*provisioned));
            }
        }
        self.deployment.provisioned.is_some()
    }

    /// Whether it waits until environments are ready.
    pub(super) fn waits_for_provisioned(&self) -> bool {
        let moves = |provisioned: Provisioned| provisioned.moves == Moves::Before;
        self.rollout.deploys() && self.deployment.provisioned.is_some_and(moves)
    }
}

/// How many environments each version is to have, where it is any.
pub(super) type Shares = Vec<(Version, u32)>;

/// A version is to have so many from now on.
pub(super) fn want(shares: &mut Shares, version: Version, environments: u32) {
    shares.retain(|&(other, _)| other != version);
    shares.extend((environments > 0).then_some((version, environments)));
}

/// What makes of `now` what was `before`: what is wanted is asked for first.
pub(super) fn back(now: &Shares, before: &Shares) -> impl Iterator<Item = Action> {
    let gone =
        now.iter().map(|&(version, _)| version).filter(|&version| before.iter().all(|&(kept, _)| kept != version));
    let wanted = before.iter().filter(|share| !now.contains(share)).copied();
    wanted
        .chain(gone.map(|version| (version, 0)))
        .map(|(version, environments)| Action::Provision { version, environments })
}

/// Whether a step prepares what is not yet live.
pub(super) const fn prepares(step: &Step) -> bool {
    matches!(step, Step::Do(Action::Provision { .. }) | Step::WhenThere)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::tests::deployment;
    use crate::strategy::{Alias, GatewayMove, Shift};
    use crate::time::Span;
    use crate::units::Share;

    fn provisioned(on: Holder, moves: Moves) -> Provisioned {
        let prepare = Law::Constant(Span::from_s(60));
        Provisioned { environments: 10, on, prepare, rate: Rate::per_second(100), moves }
    }

    /// What a canary of 25 % wants of each version, and where it waits.
    fn wanted(on: Holder, moves: Moves) -> Vec<Option<(u16, u32)>> {
        let shift = Shift::Canary { weight: Share::percent(25), bake: Span::from_s(60) };
        let alias = Alias { shift, gateway: GatewayMove::None, trailing: Span::ZERO };
        let script = provisioned(on, moves).within(alias.script(&deployment()), &deployment());
        let of = |step: &Step| match step {
            Step::Do(Action::Provision { version, environments }) => Some(Some((version.0, *environments))),
            Step::Do(Action::UpdateAlias(_)) => Some(None),
            _ => None,
        };
        script.steps().iter().filter_map(of).collect()
    }

    #[test]
    fn a_version_gets_all_before_and_the_old_one_keeps_them_until_after() {
        let found = wanted(Holder::Version, Moves::Before);
        assert_eq!(found, [Some((2, 10)), None, None, Some((1, 0))]);
        assert_eq!(wanted(Holder::Version, Moves::Late), [None, None]);
    }

    #[test]
    fn the_versions_of_an_alias_share_them_by_its_weights() {
        let found = wanted(Holder::Alias, Moves::Before);
        assert_eq!(found, [Some((2, 3)), None, Some((1, 7)), Some((2, 10)), None, Some((1, 0))]);
    }

    #[test]
    fn what_was_held_comes_back() {
        let mut shares = vec![(Version(1), 10)];
        let before = shares.clone();
        want(&mut shares, Version(2), 10);
        want(&mut shares, Version(1), 0);
        let found: Vec<Action> = back(&shares, &before).collect();
        let provision = |version, environments| Action::Provision { version: Version(version), environments };
        assert_eq!(found, [provision(1, 10), provision(2, 0)]);
    }
}
