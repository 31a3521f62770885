//! A rollout at work: its controller is woken, and what it commands is done.

use super::Control;
use crate::dist::Law;
use crate::ids::Version;
use crate::platform::{Fate, Service};
use crate::random::Seed;
use crate::strategy::{Action, Command, Controller, Delay, Run, Strategy, View, Wake};
use crate::time::{Instant, Span};
use rand_distr::Distribution;

/// What carries out what a controller wants.
pub trait Hands {
    /// Whether one of its alarms was on when it was last looked at.
    fn is_in_alarm(&self, alarm: usize) -> bool;
    /// The deployment of a version begins.
    fn begin(&mut self, now: Instant, version: Version);
    /// Does something on the control plane.
    fn act(&mut self, now: Instant, action: Action);
    /// When every observer will have adopted what has been done so far.
    fn settles_at(&mut self, now: Instant) -> Instant;
    /// Wakes the controller at a moment: on this turn, or whatever it waits for by then.
    fn wake_at(&mut self, at: Instant, turn: Option<u32>);
}

/// The controller of one replication.
#[derive(Clone, Debug)]
pub struct Live {
    controller: Controller,
    delays: Delays,
    /// Which hooks are given to fail, or not to.
    fate: Fate,
    /// Whether the hook that it waits for fails.
    failed: bool,
    commands: Vec<Command>,
    /// How often what it waited for was forgotten.
    turn: u32,
    through: bool,
    taken_back: bool,
    stopped: Option<Instant>,
    timed_out: bool,
    /// The first change of the deployment that was begun last.
    first: Option<Instant>,
    ended: bool,
}

/// What a rollout came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Course {
    /// When the last observer adopted the last change of a rollout that went through; `None` before.
    pub settled: Option<Instant>,
    /// Whether it was taken back, by an alarm or by hand.
    pub taken_back: bool,
    /// When an alarm, a hook or its time stopped it and it was taken back.
    pub stopped: Option<Instant>,
    /// Whether it took too long.
    pub timed_out: bool,
    /// How long that was after the first change of what was stopped; `None` if there was none.
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
    /// How many pauses there have been.
    pauses: u64,
}

impl Delays {
    fn draw(&mut self, delay: Delay) -> Span {
        let (law, made) = &mut self.kinds[delay as usize];
        let span = law.sample(&mut self.seed.stream("control-plane", delay.name()).at(*made, 0));
        *made += 1;
        span
    }

    /// How long a run of a hook takes, and whether it fails.
    fn hook(&self, run: &Run) -> (Span, bool) {
        let number = run.number as u64;
        let takes = run.hook.takes.sample(&mut self.seed.stream("hook", "takes").at(number, 0));
        (takes, run.hook.fails.threshold().admits(self.seed.stream("hook", "fails").bits(number, 0)))
    }

    fn pause(&mut self, law: &Law) -> Span {
        self.pauses += 1;
        law.sample(&mut self.seed.stream("control-plane", "pause").at(self.pauses - 1, 0))
    }
}

/// What a controller sees.
struct Seen<'a, H>(Instant, &'a H);

impl<H: Hands> View for Seen<'_, H> {
    fn now(&self) -> Instant {
        self.0
    }

    fn is_in_alarm(&self, alarm: usize) -> bool {
        self.1.is_in_alarm(alarm)
    }
}

impl Live {
    /// A rollout that has not begun.
    #[must_use]
    pub fn new(service: &Service, strategy: &Strategy, seed: Seed, fate: &Fate) -> Self {
        let kinds = Delay::ALL.map(|delay| (service.delay(&strategy.deployment, delay), 0));
        Self {
            controller: strategy.controller(),
            delays: Delays { seed, kinds, pauses: 0 },
            fate: fate.clone(),
            failed: false,
            commands: Vec::new(),
            turn: 0,
            through: false,
            taken_back: false,
            stopped: None,
            timed_out: false,
            first: None,
            ended: false,
        }
    }

    /// Wakes the controller at `now`, and has what it wants done.
    pub fn wake(&mut self, why: Wake, now: Instant, hands: &mut impl Hands) {
        let why = match why {
            Wake::Over if std::mem::take(&mut self.failed) => Wake::Failed,
            why => why,
        };
        self.controller.wake(why, &Seen(now, hands), &mut self.commands);
        for command in self.commands.drain(..) {
            match command {
                Command::Next => (self.first, self.taken_back) = (None, false),
                Command::Begin(version) => hands.begin(now, version),
                Command::Do(action) => {
                    self.first = self.first.or(Some(now));
                    hands.act(now, action);
                }
                Command::Delay(delay) => hands.wake_at(now + self.delays.draw(delay), Some(self.turn)),
                Command::WakeIn(span) => hands.wake_at(now + span, Some(self.turn)),
                Command::Pause(law) => hands.wake_at(now + self.delays.pause(&law), Some(self.turn)),
                Command::Hook(run) => {
                    let (takes, failed) = self.delays.hook(&run);
                    self.failed = self.fate.hook(run.number).unwrap_or(failed);
                    hands.wake_at(now + takes, Some(self.turn));
                }
                Command::WhenSettled => {
                    let at = hands.settles_at(now);
                    hands.wake_at(at, Some(self.turn));
                }
                Command::RingAt(at) => hands.wake_at(at, None),
                Command::Through => self.through = true,
                Command::Forget => (self.turn, self.failed) = (self.turn + 1, false),
                Command::TakeBack => self.taken_back = true,
                Command::TimedOut => {
                    (self.turn, self.through, self.failed) = (self.turn + 1, false, false);
                    self.timed_out = true;
                }
                Command::Stopped => {
                    (self.turn, self.through, self.taken_back) = (self.turn + 1, false, true);
                    (self.stopped, self.failed) = (Some(now), false);
                }
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
        Course {
            settled: settled.filter(|_| !self.taken_back),
            taken_back: self.taken_back,
            stopped: self.stopped,
            timed_out: self.timed_out,
            detection: self.stopped.zip(self.first).map(|(stopped, first)| stopped.since(first)),
            rollback: settled.zip(self.stopped).map(|(settled, stopped)| settled.since(stopped)),
        }
    }
}
