//! The slow model's rollout: its controller and its fleet are the simulator's own, what they see and command is not.

use crate::model::{CONTROL, Event, Model};
use crate::watch::{Ended, exceeds};
use cutover::controller::argo::{Measured, Measurement, Verdict};
use cutover::dist::Law;
use cutover::ids::{Contract, Qualifier, Version};
use cutover::platform::{Course, Outcome};
use cutover::random::Stream;
use cutover::strategy::Watched;
use cutover::strategy::fleet::{Order, Replicas, Seen};
use cutover::strategy::{
    Action, AliasTarget, Analysis, Command, Controller, Delay, Fleet, Strategy, View, Wake, Wanted,
};
use cutover::time::{Instant, Span};
use rand_distr::Distribution;

/// The changes of one resource and who learns of them when.
pub struct Resource<T> {
    /// What everybody holds from the beginning, then what each change brings.
    pub values: Vec<T>,
    /// When each change was made.
    pub made: Vec<Instant>,
    /// When change k + 1 reaches each observer.
    pub reaches: Vec<Vec<Instant>>,
    observers: u32,
    lag: Law,
    stream: Stream,
}

impl<T> Resource<T> {
    pub fn new(initial: T, observers: u32, lag: Law, stream: Stream) -> Self {
        Self { values: vec![initial], made: Vec::new(), reaches: Vec::new(), observers, lag, stream }
    }

    fn change(&mut self, at: Instant, value: T) {
        let number = self.values.len() as u64;
        self.values.push(value);
        self.made.push(at);
        let reach = |who: u32| at + self.lag.sample(&mut self.stream.at(who.into(), number));
        self.reaches.push((0..self.observers).map(reach).collect());
    }

    /// The highest-numbered change that has reached the observer.
    pub fn view(&self, observer: u32, now: Instant) -> usize {
        (1..self.values.len()).filter(|&change| self.reaches[change - 1][observer as usize] <= now).max().unwrap_or(0)
    }

    fn last_reach(&self) -> Option<Instant> {
        self.reaches.last()?.iter().copied().max()
    }
}

/// Of each source: how long after a deployment its producer's own begins, and what it writes.
pub type Producers = Vec<Option<(Span, Resource<Contract>)>>;

/// A rollout and how far it has got.
pub struct Rollout {
    pub gateway: Resource<(Contract, Qualifier)>,
    pub alias: Resource<AliasTarget>,
    /// What the producer of each source writes that is wired by itself, and how long after a deployment its own begins.
    pub producers: Producers,
    pub actions: Vec<(Instant, Action)>,
    /// Since when what was deployed was being taken back, or was not.
    pub backs: Vec<(Instant, bool)>,
    /// Whether it has a director, and which of its deployments have begun when.
    pub planned: bool,
    pub begun: Vec<(Instant, Version)>,
    controller: Controller,
    fleet: Fleet,
    step: Law,
    /// The control plane's delays so far.
    delays: Vec<Delay>,
    hook_fails: bool,
    analyses: Vec<Analysis>,
    /// The one that goes on, what it has measured, and when it is measured next.
    analysis: Option<(usize, Measured, Instant)>,
    /// How many pauses there have been.
    pauses: u64,
    /// Whether replicas have ever been wanted, and when those wanted last were there.
    asked: bool,
    there: Option<Instant>,
    waits: bool,
    /// Whether the fleet is to look at this instant because something has changed.
    looks: Option<Instant>,
    /// The version whose replicas were wanted last.
    pub aim: Option<Version>,
    /// How often what the controller waited for was forgotten.
    turn: usize,
    through: bool,
    taken_back: bool,
    timed_out: bool,
    stopped: Option<Instant>,
    first: Option<Instant>,
    ended: bool,
}

/// What controllers see.
struct Shown<'a>(Instant, &'a [bool]);

impl View for Shown<'_> {
    fn now(&self) -> Instant {
        self.0
    }

    fn is_in_alarm(&self, alarm: usize) -> bool {
        self.1[alarm]
    }
}

/// What fleets see.
struct Counted(Instant, Vec<(Version, Seen)>);

impl Replicas for Counted {
    fn now(&self) -> Instant {
        self.0
    }

    fn of(&self, version: Version) -> Seen {
        self.1.iter().find(|&&(of, _)| of == version).unwrap().1
    }
}

impl Rollout {
    pub fn new(
        strategy: &Strategy,
        gateway: Resource<(Contract, Qualifier)>,
        (alias, producers): (Resource<AliasTarget>, Producers),
        replicas: u32,
    ) -> Self {
        Self {
            gateway,
            alias,
            producers,
            actions: Vec::new(),
            backs: Vec::new(),
            planned: strategy.reacts(),
            begun: Vec::new(),
            controller: strategy.controller(),
            fleet: strategy.fleet(replicas).unwrap(),
            step: strategy.deployment.step,
            delays: Vec::new(),
            hook_fails: false,
            analyses: strategy.analyses().to_vec(),
            analysis: None,
            pauses: 0,
            asked: false,
            there: None,
            waits: false,
            looks: None,
            aim: None,
            turn: 0,
            through: false,
            taken_back: false,
            timed_out: false,
            stopped: None,
            first: None,
            ended: false,
        }
    }

    /// Whether alarms are still looked at.
    fn is_watching(&self) -> bool {
        !self.ended && self.stopped.is_none()
    }

    /// What it came to by `end`.
    pub fn course(&self, end: Instant) -> Course {
        let reached = [self.gateway.last_reach(), self.alias.last_reach()].into_iter().flatten().max();
        let all = if self.asked { self.there.map(|there| reached.map_or(there, |at| at.max(there))) } else { reached };
        let last = all.filter(|_| self.through && reached.is_none_or(|at| at <= end));
        Course {
            settled: last.filter(|_| !self.taken_back),
            taken_back: self.taken_back,
            stopped: self.stopped,
            timed_out: self.timed_out,
            overdue: self.fleet.is_overdue(end),
            detection: self.stopped.and_then(|stopped| Some(stopped.since(self.first?))),
            rollback: self.stopped.and_then(|stopped| Some(last?.since(stopped))),
        }
    }
}

impl Model<'_> {
    /// An event of the control plane.
    pub fn control(&mut self, event: Event, now: Instant) {
        match event {
            Event::Start => {
                self.wake(Wake::Start, now);
                (0..self.watches.len()).for_each(|alarm| self.look_later(alarm, now));
            }
            Event::Turn(turn) if turn == self.rollout.turn => {
                self.look_at_alarms(now);
                if turn == self.rollout.turn {
                    self.wake(Wake::Over, now);
                }
            }
            Event::Rung => {
                self.look_at_alarms(now);
                self.wake(Wake::Rung, now);
            }
            Event::Alarm(alarm) => {
                self.look_at_alarms(now);
                self.look_later(alarm, now);
            }
            Event::Scaling(replicas) => {
                self.rollout.fleet.resize(replicas);
                self.look(now);
            }
            Event::Measure => {
                self.look_at_alarms(now);
                self.measure(now);
            }
            Event::Fleet => {
                self.rollout.looks = None;
                self.look(now);
            }
            _ => {}
        }
    }

    fn wake(&mut self, why: Wake, now: Instant) {
        let on = self.alarms(now);
        let failed = why == Wake::Over && std::mem::take(&mut self.rollout.hook_fails);
        let mut commands = Vec::new();
        self.rollout.controller.wake(if failed { Wake::Failed } else { why }, &Shown(now, &on), &mut commands);
        for command in commands {
            self.obey(command, now);
            self.rollout.backs.push((now, self.rollout.taken_back));
        }
    }

    fn obey(&mut self, command: Command, now: Instant) {
        let stream = |name| self.seed.stream("control-plane", name);
        let rollout = &mut self.rollout;
        let turn = Event::Turn(rollout.turn);
        match command {
            Command::Next => (rollout.first, rollout.taken_back) = (None, false),
            Command::Begin(version) => {
                rollout.begun.push((now, version));
                self.producers_follow(version, now);
            }
            Command::Do(action) => {
                rollout.first = rollout.first.or(Some(now));
                self.act(action, now);
                if let Action::Replicas(wanted) = action {
                    let rollout = &mut self.rollout;
                    (rollout.asked, rollout.analysis) = (true, None);
                    rollout.fleet.want(wanted, now);
                    if let Wanted::Roll(version) | Wanted::Raise(version, _) = wanted {
                        rollout.aim = Some(version);
                        rollout.there = None;
                    }
                    self.look(now);
                }
            }
            Command::Delay(delay) => {
                let ordinal = rollout.delays.iter().filter(|&&other| other == delay).count() as u64;
                rollout.delays.push(delay);
                let takes = rollout.step.sample(&mut stream(delay.name()).at(ordinal, 0));
                self.schedule(now + takes, CONTROL, turn);
            }
            Command::WakeIn(span) => self.schedule(now + span, CONTROL, turn),
            Command::Hook(run) => {
                let number = run.number as u64;
                rollout.hook_fails =
                    run.hook.fails.threshold().admits(self.seed.stream("hook", "fails").bits(number, 0));
                let takes = run.hook.takes.sample(&mut self.seed.stream("hook", "takes").at(number, 0));
                self.schedule(now + takes, CONTROL, turn);
            }
            Command::WhenThere => {
                rollout.waits = true;
                self.look(now);
            }
            Command::RingAt(at) => self.schedule(at, CONTROL, Event::Rung),
            Command::Through => rollout.through = true,
            Command::Forget => (rollout.hook_fails, rollout.waits, rollout.turn) = (false, false, rollout.turn + 1),
            Command::TakeBack => rollout.taken_back = true,
            Command::TimedOut => {
                (rollout.timed_out, rollout.through, rollout.analysis) = (true, false, None);
                (rollout.hook_fails, rollout.waits, rollout.turn) = (false, false, rollout.turn + 1);
            }
            Command::Stopped => {
                (rollout.stopped, rollout.through, rollout.taken_back) = (Some(now), false, true);
                rollout.analysis = None;
                (rollout.hook_fails, rollout.waits, rollout.turn) = (false, false, rollout.turn + 1);
            }
            Command::End => rollout.ended = true,
            Command::Pause(law) => {
                let takes = law.sample(&mut stream("pause").at(rollout.pauses, 0));
                rollout.pauses += 1;
                self.schedule(now + takes, CONTROL, turn);
            }
            Command::WhenSettled => {
                let all = rollout.gateway.reaches.iter().chain(&rollout.alias.reaches).flatten().max().copied();
                self.schedule(all.map_or(now, |at| at.max(now)), CONTROL, turn);
            }
        }
    }

    /// The producers of sources that are wired by themselves are to write the contract of a version.
    pub fn producers_follow(&mut self, version: Version, now: Instant) {
        let contract = self.service.release(version).contract;
        for (at, producer) in self.rollout.producers.iter_mut().flatten() {
            producer.change(now + *at, contract);
        }
    }

    fn act(&mut self, action: Action, now: Instant) {
        self.rollout.actions.push((now, action));
        match action {
            Action::RedeployGateway { shape, qualifier } => {
                let contract = self.service.release(shape).contract;
                self.rollout.gateway.change(now, (contract, qualifier));
            }
            Action::UpdateAlias(target) => self.rollout.alias.change(now, target),
            Action::Replicas(_) => {}
            Action::UpdateCode(_) => unreachable!("hosts have no $LATEST"),
            Action::Provision { .. } => unreachable!("nothing is kept ready of hosts"),
            Action::Rewire { .. } => unreachable!("mappings name no stack"),
        }
    }

    fn counted(&self, now: Instant) -> Counted {
        Counted(now, self.versions.iter().map(|&version| (version, self.seen(version))).collect())
    }

    /// The fleet looks at its replicas.
    fn look(&mut self, now: Instant) {
        // What its time has stopped half-way is scaled by nobody.
        if self.rollout.timed_out && self.rollout.ended && self.rollout.stopped.is_none() {
            return;
        }
        let mut orders = Vec::new();
        let counted = self.counted(now);
        self.rollout.fleet.look(&counted, &mut orders);
        for order in orders {
            match order {
                Order::Scale(version, replicas) => self.scale(version, replicas, now),
                Order::Do(action) => self.act(action, now),
                Order::WakeIn(span) => self.schedule(now + span, CONTROL, Event::Fleet),
                Order::Analyse(which) => {
                    let due = now + self.rollout.analyses[which].initial_delay;
                    self.rollout.analysis = Some((which, Measured::default(), due));
                    self.schedule(due, CONTROL, Event::Measure);
                }
            }
        }
        let counted = self.counted(now);
        if self.rollout.there.is_none() && self.rollout.fleet.is_done(&counted) {
            self.rollout.there = Some(now);
        }
        if self.rollout.waits && self.rollout.there.is_some() {
            self.rollout.waits = false;
            self.schedule(now, CONTROL, Event::Turn(self.rollout.turn));
        }
    }

    /// The analysis that goes on is measured, if it is due.
    fn measure(&mut self, now: Instant) {
        let Some((which, mut measured, _)) = self.rollout.analysis.filter(|&(_, _, due)| due == now) else { return };
        let analysis = self.rollout.analyses[which].clone();
        let ended = self.ended();
        let wanted = self.rollout.aim.unwrap();
        let counts = |of: &&Ended| {
            let (end, back) = (of.end.ns(), now.ns() - analysis.window.ns() as i64);
            let is_watched = analysis.watches == Watched::All || of.version == wanted;
            is_watched && end > 0 && (back..now.ns()).contains(&end)
        };
        let outcome = match exceeds(analysis.above, &ended.iter().filter(counts).collect::<Vec<_>>()) {
            None => analysis.missing,
            Some(true) => Measurement::Failed,
            Some(false) => Measurement::Successful,
        };
        let verdict = measured.add(&analysis.metric, outcome);
        if verdict == Verdict::Running {
            let retry = Span::from_s(10);
            let wait = if outcome == Measurement::Error { retry } else { analysis.interval.unwrap_or(retry) };
            self.rollout.analysis = Some((which, measured, now + wait));
            return self.schedule(now + wait, CONTROL, Event::Measure);
        }
        self.rollout.analysis = None;
        if matches!(verdict, Verdict::Failed | Verdict::Error) {
            return self.wake(Wake::TurnedDown, now);
        }
        self.rollout.fleet.analysed(verdict);
        self.look(now);
    }

    /// Something of the replicas has changed: the fleet looks at them once.
    pub fn fleet_changed(&mut self, now: Instant) {
        if self.has_begun && self.rollout.looks != Some(now) {
            self.rollout.looks = Some(now);
            self.schedule(now, CONTROL, Event::Fleet);
        }
    }

    /// Looks at every alarm, as long as anybody does.
    fn look_at_alarms(&mut self, now: Instant) {
        if self.rollout.is_watching() {
            for (alarm, on) in self.alarms(now).into_iter().enumerate() {
                if on {
                    self.wake(Wake::Alarm(alarm), now);
                }
            }
        }
    }

    fn look_later(&mut self, alarm: usize, now: Instant) {
        if self.rollout.is_watching() {
            self.schedule(self.watches[alarm].next_look(now), CONTROL, Event::Alarm(alarm));
        }
    }

    /// Which alarms are on. Of who gave up they know at once.
    fn alarms(&self, now: Instant) -> Vec<bool> {
        if self.watches.is_empty() {
            return Vec::new();
        }
        let ended = self.ended();
        self.watches.iter().map(|watch| watch.is_on(&ended, &self.rollout.begun, now)).collect()
    }

    /// The attempts that have ended, those also whose callers have given up.
    fn ended(&self) -> Vec<Ended> {
        let late = self.tries.iter().enumerate().filter_map(|(number, attempt)| {
            let last = self.retries(number, Outcome::Expired).is_none();
            let end = attempt.gave_up?;
            Some(Ended { version: attempt.version, arrival: attempt.arrival, end, outcome: Outcome::Expired, last })
        });
        let written = self.attempts.iter().filter(|attempt| attempt.outcome != Outcome::Expired);
        written.map(Ended::of).chain(late).collect()
    }
}
