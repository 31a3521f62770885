//! A guard: alarms that stop a rollout and take it back.

mod alarm;
pub(crate) mod keys;

pub use alarm::{Above, Alarm, Counts, Missing, Watched};

use super::{Action, AliasTarget, Command, Delay, Deployment, Resource, Rollout, Script, Step, View, Wake};
use crate::time::Span;

/// Which alarms stop a rollout.
#[derive(Clone, PartialEq, Debug)]
pub struct Guard {
    /// Any of these.
    pub alarms: Vec<Alarm>,
    /// What happens if one is in alarm before anything was done.
    pub at_start: AtStart,
    /// How long they are watched after the last change; `None` for as long as the window lasts.
    pub watch: Option<Span>,
}

/// What an alarm that is on before the start does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AtStart {
    /// Nothing is deployed, as CodeDeploy has it.
    Stop,
    /// It is not looked at in this rollout, as ECS has it.
    Ignore,
}

/// A script under guard.
#[derive(Clone, PartialEq, Debug)]
pub struct Guarded {
    guard: Guard,
    rollout: Rollout,
    deployment: Deployment,
    script: Script,
    state: State,
    /// Which alarms were on before the start.
    ignored: Vec<bool>,
    /// What has been done.
    done: Vec<Action>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// The script goes on.
    Going,
    /// It is through; alarms are still watched.
    Watching,
    /// What was done is taken back, or nothing happens any more.
    Over,
}

impl Guarded {
    pub(super) fn new(guard: &Guard, rollout: &Rollout, deployment: &Deployment) -> Self {
        Self {
            guard: guard.clone(),
            rollout: rollout.clone(),
            deployment: *deployment,
            script: rollout.script(deployment),
            state: State::Going,
            ignored: vec![false; guard.alarms.len()],
            done: Vec::new(),
        }
    }

    pub(super) fn wake(&mut self, why: Wake, view: &impl View, commands: &mut Vec<Command>) {
        match (why, self.state) {
            (Wake::Start, _) => {
                let on = (0..self.guard.alarms.len()).map(|alarm| view.is_in_alarm(alarm)).collect::<Vec<_>>();
                if self.guard.at_start == AtStart::Stop && on.contains(&true) {
                    self.state = State::Over;
                    return commands.extend([Command::RollBack, Command::End]);
                }
                self.ignored = on;
                self.go_on(commands);
            }
            (Wake::Alarm(alarm), State::Going | State::Watching) if !self.ignored[alarm] => {
                self.state = State::Over;
                self.script = undo(&self.rollout, &self.deployment, &self.done);
                commands.push(Command::RollBack);
                self.go_on(commands);
            }
            (Wake::Over, State::Watching) => {
                self.state = State::Over;
                commands.push(Command::End);
            }
            (Wake::Over, _) => self.go_on(commands),
            (Wake::Alarm(_), _) => {}
        }
    }

    /// The script's next steps.
    fn go_on(&mut self, commands: &mut Vec<Command>) {
        let before = commands.len();
        self.script.wake(commands);
        self.done.extend(commands[before..].iter().filter_map(|command| match command {
            Command::Do(action) => Some(*action),
            _ => None,
        }));
        if commands.last() != Some(&Command::Through) {
            return;
        }
        match (self.state, self.guard.watch) {
            (State::Going, None) => self.state = State::Watching,
            (State::Going, Some(span)) => {
                self.state = State::Watching;
                commands.push(Command::WakeIn(span));
            }
            _ => commands.push(Command::End),
        }
    }
}

/// How to take back what was done: each resource to what it was, in the reverse of the order in which they were first changed.
/// The first call is made at once.
fn undo(rollout: &Rollout, deployment: &Deployment, done: &[Action]) -> Script {
    let mut changed: Vec<Resource> = Vec::new();
    for action in done {
        let resource = action.resource();
        if !changed.contains(&resource) {
            changed.push(resource);
        }
    }
    let mut steps = Vec::new();
    for (place, resource) in changed.into_iter().rev().enumerate() {
        let (call, back) = match resource {
            Resource::Gateway => {
                let qualifier = rollout.qualifier(deployment);
                (Delay::RedeployGateway, Action::RedeployGateway { shape: deployment.from, qualifier })
            }
            Resource::Code => (Delay::UpdateCode, Action::UpdateCode(deployment.from)),
            Resource::Alias => {
                let target = AliasTarget { primary: deployment.from, additional: None };
                (Delay::UpdateAlias, Action::UpdateAlias(target))
            }
        };
        steps.extend((place > 0).then_some(Step::Delay(call)));
        steps.extend((resource == Resource::Code).then_some(Step::Delay(Delay::UpdateInProgress)));
        steps.push(Step::Do(back));
    }
    Script::new(steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::script::seconds;
    use crate::strategy::tests::deployment;
    use crate::strategy::{Alias, GatewayMove, Latest, Order, Shift};

    /// When each resource is taken back after everything was done.
    fn back(rollout: &Rollout) -> Vec<(f64, Resource)> {
        let done: Vec<Action> = seconds(&rollout.script(&deployment())).into_iter().map(|(_, action)| action).collect();
        let back = seconds(&undo(rollout, &deployment(), &done));
        back.iter().map(|(at, action)| (*at, action.resource())).collect()
    }

    #[test]
    fn the_order_reverses_and_the_first_call_is_made_at_once() {
        let latest = |order| back(&Rollout::Latest(Latest { order }));
        assert_eq!(latest(Order::FunctionFirst), [(0.0, Resource::Gateway), (25.0, Resource::Code)]);
        assert_eq!(latest(Order::GatewayFirst), [(20.0, Resource::Code), (25.0, Resource::Gateway)]);
        let alias = |gateway| back(&Rollout::Alias(Alias { shift: Shift::AllAtOnce, gateway, trailing: Span::ZERO }));
        assert_eq!(alias(GatewayMove::After), [(0.0, Resource::Gateway), (5.0, Resource::Alias)]);
        assert_eq!(alias(GatewayMove::Before), [(0.0, Resource::Alias), (5.0, Resource::Gateway)]);
        assert_eq!(alias(GatewayMove::None), [(0.0, Resource::Alias)]);
    }
}
