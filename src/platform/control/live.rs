//! A rollout at work: its controller is woken, and what it commands is done.

use super::Control;
use crate::dist::Law;
use crate::platform::Service;
use crate::random::Seed;
use crate::strategy::{Action, Command, Controller, Delay, Strategy, View, Wake};
use crate::time::{Instant, Span};
use rand_distr::Distribution;

/// The controller of one replication.
#[derive(Clone, Debug)]
pub struct Live {
    controller: Controller,
    delays: Delays,
    commands: Vec<Command>,
    /// How often what it waited for was forgotten.
    turn: u32,
    through: bool,
    stopped: Option<Instant>,
    ended: bool,
}

/// What a rollout came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Course {
    /// When the last observer adopted the last change of a rollout that went through; `None` before.
    pub settled: Option<Instant>,
    /// When an alarm stopped it.
    pub stopped: Option<Instant>,
    /// How long that was after the first change; `None` if there was none.
    pub detection: Option<Span>,
    /// How long it then took until the last observer was back; `None` if some were not by the end, or nothing had to be.
    pub rollback: Option<Span>,
}

/// The control plane's delays.
#[derive(Clone, Debug)]
struct Delays {
    seed: Seed,
    /// By kind: its law, and how many there have been.
    kinds: [(Law, u64); Delay::ALL.len()],
}

impl Delays {
    fn draw(&mut self, delay: Delay) -> Span {
        let (law, made) = &mut self.kinds[delay as usize];
        let span = law.sample(&mut self.seed.stream("control-plane", delay.name()).at(*made, 0));
        *made += 1;
        span
    }
}

/// What a controller sees.
struct Seen<'a, A>(Instant, &'a A);

impl<A: Fn(usize) -> bool> View for Seen<'_, A> {
    fn now(&self) -> Instant {
        self.0
    }

    fn is_in_alarm(&self, alarm: usize) -> bool {
        (self.1)(alarm)
    }
}

impl Live {
    /// A rollout that has not begun.
    #[must_use]
    pub fn new(service: &Service, strategy: &Strategy, seed: Seed) -> Self {
        let kinds = Delay::ALL.map(|delay| (service.delay(&strategy.deployment, delay), 0));
        let delays = Delays { seed, kinds };
        let controller = strategy.controller();
        Self { controller, delays, commands: Vec::new(), turn: 0, through: false, stopped: None, ended: false }
    }

    /// Wakes the controller at `now`; what it does is told to `act`, and when it wants to be woken again to `wake_at`, with its
    /// turn. `in_alarm`: whether an alarm is on.
    pub fn wake(
        &mut self,
        why: Wake,
        now: Instant,
        in_alarm: &impl Fn(usize) -> bool,
        mut act: impl FnMut(Action),
        mut wake_at: impl FnMut(Instant, u32),
    ) {
        self.controller.wake(why, &Seen(now, in_alarm), &mut self.commands);
        for command in self.commands.drain(..) {
            match command {
                Command::Do(action) => act(action),
                Command::Delay(delay) => wake_at(now + self.delays.draw(delay), self.turn),
                Command::WakeIn(span) => wake_at(now + span, self.turn),
                Command::Through => self.through = true,
                Command::RollBack => (self.turn, self.through, self.stopped) = (self.turn + 1, false, Some(now)),
                Command::End => self.ended = true,
            }
        }
    }

    /// Whether what it waited for on this turn was forgotten.
    #[must_use]
    pub const fn has_forgotten(&self, turn: u32) -> bool {
        turn != self.turn
    }

    /// Whether alarms are still looked at.
    #[must_use]
    pub const fn is_watching(&self) -> bool {
        !self.ended && self.stopped.is_none()
    }

    /// What the rollout came to, by what `control` holds now.
    #[must_use]
    pub fn course(&self, control: &Control) -> Course {
        let settled = control.settled().filter(|_| self.through);
        let first = control.actions.first().map(|&(at, _)| at);
        Course {
            settled: settled.filter(|_| self.stopped.is_none()),
            stopped: self.stopped,
            detection: self.stopped.zip(first).map(|(stopped, first)| stopped.since(first)),
            rollback: settled.zip(self.stopped).map(|(settled, stopped)| settled.since(stopped)),
        }
    }
}
