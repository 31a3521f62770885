//! A rollout at work: its controller is woken, and what it commands is done.

use super::Control;
use crate::controller::argo::{self, Measured, Measurement, Next};
use crate::dist::Law;
use crate::ids::Version;
use crate::platform::{Fate, Service};
use crate::random::Seed;
use crate::strategy::fleet::{Order, Replicas, Seen};
use crate::strategy::{Action, Analysis, Command, Controller, Delay, Fleet, Run, Strategy, View, Wake, Wanted};
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
    /// When the environments that are to be kept ready will be.
    fn ready_at(&self, now: Instant) -> Instant;
    /// Wakes the controller at a moment: on this turn, or whatever it waits for by then.
    fn wake_at(&mut self, at: Instant, turn: Option<u32>);
    /// The replicas of a version.
    fn replicas(&self, _version: Version) -> Seen {
        Seen::default()
    }
    /// A version is to have so many replicas.
    fn scale(&mut self, _now: Instant, _version: Version, _replicas: u32) {}
    /// Lets the fleet look again at a moment.
    fn look_at(&mut self, _at: Instant) {}
    /// Lets an analysis be measured at a moment.
    fn measure_at(&mut self, _at: Instant) {}
    /// What an analysis measures now of the version whose replicas were wanted last.
    fn measure(&self, _now: Instant, _analysis: usize) -> Measurement {
        Measurement::Error
    }
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
    /// What keeps the replicas of hosts, where there are any.
    fleet: Option<Fleet>,
    orders: Vec<Order>,
    analyses: Vec<Analysis>,
    /// The one that goes on.
    analysis: Option<Analysed>,
    /// Whether the controller waits for replicas.
    waits: bool,
    /// Whether it has ever wanted any, and when those that were wanted last were there.
    has_wanted: bool,
    there: Option<Instant>,
    /// How often what it waited for was forgotten.
    turn: u32,
    through: bool,
    taken_back: bool,
    stopped: Option<Instant>,
    timed_out: bool,
    /// The first change of the deployment that was begun last.
    first: Option<Instant>,
    ended: bool,
    /// Whether the fleet does nothing any more.
    is_frozen: bool,
}

/// An analysis that goes on.
#[derive(Clone, Copy, Debug)]
struct Analysed {
    which: usize,
    measured: Measured,
    /// When it is measured next.
    due: Instant,
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
    /// Whether it ever did not get on for longer than its controller's deadline for that; `None` where there is none.
    pub overdue: Option<bool>,
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

/// What controllers see.
struct Shown<'a, H>(Instant, &'a H);

impl<H: Hands> View for Shown<'_, H> {
    fn now(&self) -> Instant {
        self.0
    }

    fn is_in_alarm(&self, alarm: usize) -> bool {
        self.1.is_in_alarm(alarm)
    }
}

impl<H: Hands> Replicas for Shown<'_, H> {
    fn now(&self) -> Instant {
        self.0
    }

    fn of(&self, version: Version) -> Seen {
        self.1.replicas(version)
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
            fleet: service.hosts.and_then(|hosts| strategy.fleet(hosts.replicas)),
            orders: Vec::new(),
            analyses: strategy.analyses().to_vec(),
            analysis: None,
            waits: false,
            has_wanted: false,
            there: None,
            turn: 0,
            through: false,
            taken_back: false,
            stopped: None,
            timed_out: false,
            first: None,
            ended: false,
            is_frozen: false,
        }
    }

    /// Wakes the controller at `now`, and has what it wants done.
    pub fn wake(&mut self, why: Wake, now: Instant, hands: &mut impl Hands) {
        let why = match why {
            Wake::Over if std::mem::take(&mut self.failed) => Wake::Failed,
            why => why,
        };
        let mut commands = std::mem::take(&mut self.commands);
        self.controller.wake(why, &Shown(now, hands), &mut commands);
        for command in commands.drain(..) {
            match command {
                Command::Next => (self.first, self.taken_back) = (None, false),
                Command::Begin(version) => hands.begin(now, version),
                Command::Do(action) => {
                    self.first = self.first.or(Some(now));
                    hands.act(now, action);
                    if let (Action::Replicas(wanted), Some(fleet)) = (action, &mut self.fleet) {
                        self.analysis = None;
                        fleet.want(wanted, now);
                        self.has_wanted = true;
                        self.there = self.there.filter(|_| matches!(wanted, Wanted::Retire(..)));
                        self.look(now, hands);
                    }
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
                Command::WhenThere if self.fleet.is_none() => {
                    let at = hands.ready_at(now);
                    hands.wake_at(at, Some(self.turn));
                }
                Command::WhenThere => {
                    self.waits = true;
                    self.look(now, hands);
                }
                Command::RingAt(at) => hands.wake_at(at, None),
                Command::Through => self.through = true,
                Command::Forget => (self.turn, self.failed, self.waits) = (self.turn + 1, false, false),
                Command::TakeBack => self.taken_back = true,
                Command::TimedOut => {
                    (self.waits, self.analysis) = (false, None);
                    (self.turn, self.through, self.failed) = (self.turn + 1, false, false);
                    self.timed_out = true;
                }
                Command::Stopped => {
                    (self.waits, self.analysis) = (false, None);
                    (self.turn, self.through, self.taken_back) = (self.turn + 1, false, true);
                    (self.stopped, self.failed) = (Some(now), false);
                }
                Command::End => {
                    self.ended = true;
                    // What stays half-way is scaled by nobody.
                    self.is_frozen |= self.timed_out && self.stopped.is_none();
                }
            }
        }
        self.commands = commands;
    }

    /// Lets the fleet look at its replicas, and tells the controller if what it waits for is there.
    pub fn look(&mut self, now: Instant, hands: &mut impl Hands) {
        let Some(fleet) = self.fleet.as_mut().filter(|_| !self.is_frozen) else { return };
        fleet.look(&Shown(now, hands), &mut self.orders);
        for order in self.orders.drain(..) {
            match order {
                Order::Scale(version, replicas) => hands.scale(now, version, replicas),
                Order::Do(action) => hands.act(now, action),
                Order::WakeIn(span) => hands.look_at(now + span),
                Order::Analyse(which) => {
                    let due = now + self.analyses[which].initial_delay;
                    self.analysis = Some(Analysed { which, measured: Measured::default(), due });
                    hands.measure_at(due);
                }
            }
        }
        if self.there.is_none() && fleet.is_done(&Shown(now, hands)) {
            self.there = Some(now);
        }
        if self.waits && self.there.is_some() {
            self.waits = false;
            hands.wake_at(now, Some(self.turn));
        }
    }

    /// Measures the analysis that goes on, if it is due.
    pub fn measure(&mut self, now: Instant, hands: &mut impl Hands) {
        let Some(mut analysed) = self.analysis.filter(|analysed| analysed.due == now) else { return };
        let Analysis { metric, interval, .. } = self.analyses[analysed.which];
        let outcome = hands.measure(now, analysed.which);
        let verdict = analysed.measured.add(&metric, outcome);
        let retry = Span::from_s(argo::RETRY_SECONDS);
        let wait = match metric.next(&analysed.measured, outcome) {
            Next::Done => None,
            Next::AtInterval => Some(interval.unwrap_or(retry)),
            Next::Retry => Some(retry),
        };
        if let Some(wait) = wait {
            analysed.due = now + wait;
            hands.measure_at(analysed.due);
            self.analysis = Some(analysed);
            return;
        }
        self.analysis = None;
        if verdict.aborts() {
            return self.wake(Wake::TurnedDown, now, hands);
        }
        if let Some(fleet) = &mut self.fleet {
            fleet.analysed(verdict);
        }
        self.look(now, hands);
    }

    /// From now on so many replicas are wanted.
    pub fn resize(&mut self, replicas: u32, now: Instant, hands: &mut impl Hands) {
        if let Some(fleet) = &mut self.fleet {
            fleet.resize(replicas);
            self.look(now, hands);
        }
    }

    /// Whether what it waited for on this turn was forgotten.
    #[must_use]
    pub const fn has_forgotten(&self, turn: u32) -> bool {
        turn != self.turn
    }

    /// Whether what was deployed last is being, or has been, taken back.
    #[must_use]
    pub const fn is_taken_back(&self) -> bool {
        self.taken_back
    }

    /// Whether alarms are still looked at.
    #[must_use]
    pub const fn is_watching(&self) -> bool {
        !self.ended && self.stopped.is_none()
    }

    /// What the rollout came to by `now`, and by what `control` holds.
    #[must_use]
    pub fn course(&self, control: &Control, now: Instant) -> Course {
        let settled = match (self.has_wanted, control.changes_settled()) {
            (false, _) => control.settled(),
            (true, true) => self.there.map(|there| control.settled().map_or(there, |last| last.max(there))),
            (true, false) => None,
        };
        let settled = settled.filter(|_| self.through);
        Course {
            settled: settled.filter(|_| !self.taken_back),
            taken_back: self.taken_back,
            stopped: self.stopped,
            timed_out: self.timed_out,
            overdue: self.fleet.as_ref().and_then(|fleet| fleet.is_overdue(now)),
            detection: self.stopped.zip(self.first).map(|(stopped, first)| stopped.since(first)),
            rollback: settled.zip(self.stopped).map(|(settled, stopped)| settled.since(stopped)),
        }
    }
}
