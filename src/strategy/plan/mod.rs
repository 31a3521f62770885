//! `plan`: several deployments in one window, one after the other, with waits between them and perhaps a rollback by hand.

mod director;
pub(super) mod keys;

pub use director::Director;

use super::{Deployment, Guard, Hook, Levers, Rollout};
use crate::dist::Law;
use crate::time::{Instant, Span};

/// What is done, item by item.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// The items in their order; at least one deploys something.
    pub items: Vec<Item>,
}

/// One item of a plan, which begins when the one before has settled: when everybody has learnt of its last change.
#[derive(Clone, PartialEq, Debug)]
pub struct Item {
    /// The earliest moment at which it begins; some begin then whatever is still going on.
    pub at: Option<Instant>,
    /// What it is.
    pub task: Task,
}

/// What an item of a plan does.
#[derive(Clone, PartialEq, Debug)]
pub enum Task {
    /// Deploys a version.
    Deploy(Box<Stage>),
    /// Waits: for a time, or for somebody's consent.
    Wait(Law),
    /// Takes back the last item that deployed something.
    RollBack,
}

/// A deployment, how it is carried out, and which alarms stop it.
#[derive(Clone, PartialEq, Debug)]
pub struct Stage {
    /// What is deployed.
    pub deployment: Deployment,
    /// How; no plan.
    pub rollout: Rollout,
    /// Which alarms stop it, and with it the plan.
    pub guard: Option<Guard>,
}

impl Item {
    /// The moment at which it begins whatever is still going on, if it is one that does.
    fn interrupts(&self) -> Option<Instant> {
        self.at.filter(|_| match &self.task {
            Task::Deploy(stage) => stage.rollout.rolls_over(),
            Task::Wait(_) => false,
            Task::RollBack => true,
        })
    }
}

impl Stage {
    /// The hooks that are run, in the order of their turn.
    pub(super) fn hooks(&self) -> Vec<Hook> {
        let script = || self.rollout.script(&self.deployment);
        self.guard.as_ref().map_or_else(Vec::new, |guard| guard.hooks.runs(&script()))
    }

    /// How many alarms are looked at.
    fn alarms(&self) -> usize {
        self.guard.as_ref().map_or(0, |guard| guard.alarms.len())
    }
}

impl Plan {
    /// The deployments, in their order.
    pub fn stages(&self) -> impl Iterator<Item = &Stage> {
        stages(&self.items)
    }

    pub(super) fn stages_mut(&mut self) -> impl Iterator<Item = &mut Stage> {
        self.items.iter_mut().filter_map(|item| match &mut item.task {
            Task::Deploy(stage) => Some(stage.as_mut()),
            Task::Wait(_) | Task::RollBack => None,
        })
    }

    /// Whether its last deployment stays.
    #[must_use]
    pub fn ends_deployed(&self) -> bool {
        let last = self.items.iter().rev().find(|item| !matches!(item.task, Task::Wait(_)));
        last.is_some_and(|item| matches!(item.task, Task::Deploy(_)))
    }

    /// How long it takes at least: its waits, and those of its shifts.
    #[must_use]
    pub fn least(&self) -> Span {
        let mut now = Instant::ZERO;
        for item in &self.items {
            now = item.at.map_or(now, |at| now.max(at));
            now = now
                + match &item.task {
                    Task::Deploy(stage) => stage.rollout.script(&stage.deployment).waits(),
                    Task::Wait(law) => law.least(),
                    Task::RollBack => Span::ZERO,
                };
        }
        now.since(Instant::ZERO)
    }

    /// What its figures hang on: what those of its deployments do.
    pub(super) fn levers(&self) -> Levers {
        let mut all = Levers::default();
        for levers in self.stages().map(|stage| stage.rollout.levers()) {
            for (mine, theirs) in [(&mut all.decisive, levers.decisive), (&mut all.further, levers.further)] {
                theirs.into_iter().for_each(|lever| {
                    if !mine.contains(&lever) {
                        mine.push(lever);
                    }
                });
            }
        }
        all
    }
}

fn stages(items: &[Item]) -> impl Iterator<Item = &Stage> {
    items.iter().filter_map(|item| match &item.task {
        Task::Deploy(stage) => Some(stage.as_ref()),
        Task::Wait(_) | Task::RollBack => None,
    })
}
