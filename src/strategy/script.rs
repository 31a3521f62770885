//! Scripts: what is to be done step by step, whatever happens meanwhile. Data, so that a strategy that is one can be tested
//! like a timetable, and its mean computed without simulating it.

use super::{Action, Command, Delay, Hook, Run, provisioned};
use crate::time::Span;

/// One step of a script, which begins when the one before has ended.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Step {
    /// Does something at once; observers may learn of it from then on.
    Do(Action),
    /// Lasts as long as the control plane takes.
    Delay(Delay),
    /// Lasts so long.
    Wait(Span),
    /// Lasts as long as a hook takes, which may fail.
    Hook(Run),
    /// Lasts until the replicas, or the environments kept ready, that are wanted are there.
    WhenThere,
    /// Lasts until every observer has adopted what has been done so far.
    WhenSettled,
}

/// A script and how far it has got.
#[derive(Clone, PartialEq, Debug)]
pub struct Script {
    steps: Vec<Step>,
    done: usize,
}

impl Script {
    /// These steps, from the first on.
    #[must_use]
    pub const fn new(steps: Vec<Step>) -> Self {
        Self { steps, done: 0 }
    }

    /// Its steps.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether nobody can have noticed anything once its next step is over: a hook, or environments that are prepared.
    pub(super) fn is_unnoticed(&self) -> bool {
        self.steps.get(self.done).is_some_and(|step| matches!(step, Step::Hook(_)) || provisioned::prepares(step))
    }

    /// How long it waits in all, whatever its calls take.
    pub(super) fn waits(&self) -> Span {
        self.steps.iter().fold(Span::ZERO, |sum, step| if let Step::Wait(span) = step { sum + *span } else { sum })
    }

    /// The hook that was run last.
    pub(super) fn last_hook(&self) -> Option<Hook> {
        self.steps[..self.done].iter().rev().find_map(|step| match step {
            Step::Hook(run) => Some(run.hook),
            _ => None,
        })
    }

    /// Goes on up to the next step that lasts.
    pub(super) fn wake(&mut self, commands: &mut Vec<Command>) {
        while let Some(&step) = self.steps.get(self.done) {
            self.done += 1;
            match step {
                Step::Do(action) => commands.push(Command::Do(action)),
                Step::Delay(delay) => return commands.push(Command::Delay(delay)),
                Step::Wait(span) => return commands.push(Command::WakeIn(span)),
                Step::Hook(run) => return commands.push(Command::Hook(run)),
                Step::WhenThere => return commands.push(Command::WhenThere),
                Step::WhenSettled => return commands.push(Command::WhenSettled),
            }
        }
        commands.push(Command::Through);
    }
}

/// When a script's actions are, in seconds, where every call takes 5 s and every update 20 s.
#[cfg(test)]
pub(super) fn seconds(script: &Script) -> Vec<(f64, Action)> {
    let mut now = 0.0;
    let mut actions = Vec::new();
    for step in script.steps() {
        match step {
            Step::Do(action) => actions.push((now, *action)),
            Step::Delay(Delay::UpdateInProgress) => now += 20.0,
            Step::Delay(_) => now += 5.0,
            Step::Wait(span) => now += span.seconds(),
            Step::Hook(_) | Step::WhenThere | Step::WhenSettled => {}
        }
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Version;

    #[test]
    fn a_script_goes_on_until_a_step_lasts_and_then_waits_to_be_woken() {
        let action = |version| Action::UpdateCode(Version(version));
        let minute = Span::from_s(60);
        let steps = [Step::Do(action(1)), Step::Do(action(2)), Step::Wait(minute), Step::Do(action(3))];
        let mut script = Script::new(steps.to_vec());
        let mut commands = Vec::new();
        script.wake(&mut commands);
        assert_eq!(commands, [Command::Do(action(1)), Command::Do(action(2)), Command::WakeIn(minute)]);
        commands.clear();
        script.wake(&mut commands);
        assert_eq!(commands, [Command::Do(action(3)), Command::Through]);
    }
}
