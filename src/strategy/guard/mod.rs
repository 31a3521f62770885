//! A guard: alarms and hooks that stop a rollout and take it back.

mod alarm;
pub(crate) mod analysis;
mod hook;
pub(crate) mod keys;

pub use alarm::{Above, Alarm, Counts, Missing, Watched};
pub use analysis::Analysis;
pub use hook::{Hook, Hooks, Run, Then};

use crate::time::Span;

/// What may stop a rollout.
#[derive(Clone, PartialEq, Debug)]
pub struct Guard {
    /// Any of these.
    pub alarms: Vec<Alarm>,
    /// What happens if one is in alarm before anything was done.
    pub at_start: AtStart,
    /// How long they are watched after the last change; `None` for as long as the window lasts.
    pub watch: Option<Span>,
    /// What is run on the way, and may fail.
    pub hooks: Hooks,
    /// When it is given up; `None` for never.
    pub timeout: Option<Timeout>,
}

impl Guard {
    /// The same hooks, and nothing that ends the rollout early.
    pub(super) fn undisturbed(&self) -> Self {
        let goes_on = |hook: Hook| Hook { then: Then::GoOn, ..hook };
        let Hooks { before, between, after } = self.hooks;
        let hooks = Hooks { before: before.map(goes_on), between: between.map(goes_on), after: after.map(goes_on) };
        Self { alarms: Vec::new(), timeout: None, hooks, ..self.clone() }
    }
}

/// When a deployment is given up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timeout {
    /// So long after it began, unless its last change has been made.
    pub after: Span,
    /// What then happens to what has been changed.
    pub then: AtTimeout,
}

/// What happens to a deployment that takes too long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AtTimeout {
    /// It is taken back.
    RollBack,
    /// It stays as it is, half-way.
    Stop,
}

/// What an alarm that is on before the start does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AtStart {
    /// Nothing is deployed, as CodeDeploy has it.
    Stop,
    /// It is not looked at in this rollout, as ECS has it.
    Ignore,
}
