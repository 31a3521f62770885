//! A rollout at work: its controller is woken by the calendar, and what it commands is done.

use crate::dist::Law;
use crate::platform::Service;
use crate::random::Seed;
use crate::strategy::{Action, Command, Controller, Delay, Strategy, View};
use crate::time::{Instant, Span};
use rand_distr::Distribution;

/// The controller of one replication.
#[derive(Clone, Debug)]
pub struct Live {
    controller: Controller,
    delays: Delays,
    commands: Vec<Command>,
    ended: bool,
}

/// The control plane's delays.
#[derive(Clone, Debug)]
struct Delays {
    seed: Seed,
    step: Law,
    update_in_progress: Law,
    /// How many of each kind there have been.
    made: [u64; Delay::KINDS],
}

impl Delays {
    fn draw(&mut self, delay: Delay) -> Span {
        let made = &mut self.made[delay as usize];
        let law = if delay == Delay::UpdateInProgress { &self.update_in_progress } else { &self.step };
        let span = law.sample(&mut self.seed.stream("control-plane", delay.name()).at(*made, 0));
        *made += 1;
        span
    }
}

/// What a controller sees.
struct Seen(Instant);

impl View for Seen {
    fn now(&self) -> Instant {
        self.0
    }
}

impl Live {
    /// A rollout that has not begun.
    #[must_use]
    pub fn new(service: &Service, strategy: &Strategy, seed: Seed) -> Self {
        let deployment = &strategy.deployment;
        let update_in_progress = service.function.update_in_progress;
        let delays = Delays { seed, step: deployment.step, update_in_progress, made: [0; Delay::KINDS] };
        let controller = strategy.rollout.controller(deployment);
        Self { controller, delays, commands: Vec::new(), ended: false }
    }

    /// Wakes the controller at `now`; what it does is told to `act`, and when it wants to be woken again to `wake_at`.
    pub fn wake(&mut self, now: Instant, mut act: impl FnMut(Action), mut wake_at: impl FnMut(Instant)) {
        self.controller.wake(&Seen(now), &mut self.commands);
        for command in self.commands.drain(..) {
            match command {
                Command::Do(action) => act(action),
                Command::Delay(delay) => wake_at(now + self.delays.draw(delay)),
                Command::WakeIn(span) => wake_at(now + span),
                Command::End => self.ended = true,
            }
        }
    }

    /// Whether the rollout has come to its end, observers apart.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.ended
    }
}
