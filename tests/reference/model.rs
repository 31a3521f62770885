//! The same model, slow and obvious: one list of events, one record per instance ever started, everything else derived
//! from those records afterwards.
//!
//! It shares with the simulator only what chance is made of: the random streams and their names, the laws, the
//! sources' arrivals and the strategies' timetables. Every draw of an attempt is made when it begins, needed or
//! not; every idle period has an event of its own; what an observer holds is found by scanning all changes.

use crate::faults::below;
use crate::kept::Besides;
use crate::queues::{Line, Seen};
use crate::routing::{Routing, Try, Wish};
use crate::streams::Lanes;
use crate::watch::{Ended, Watch};
use cutover::ids::{Contract, Version};
use cutover::metrics::Cause;
use cutover::platform::{Attempt, Choice, Course, Outcome, ScaleOut};
use cutover::random::Seed;
use cutover::scenario::Scenario;
use cutover::source::{Arrivals, Delivery, Resolve, Retries, Source, Users, Via};
use cutover::strategy::{Slip, Strategy, Wake};
use cutover::time::{Instant, Span};
use rand_distr::Distribution;
use std::collections::BTreeMap;

/// What happened in one replication.
pub struct Truth {
    pub attempts: Vec<Attempt>,
    /// Who had an instance, from when to when: of each attempt that reached one, its version, up to the end of the window.
    pub runs: Vec<(Version, Instant, Instant)>,
    /// The same of environments that are kept ready.
    pub kept_runs: Vec<(Version, Instant, Instant)>,
    /// For how long environments of each version were kept ready, and for how long that is billed.
    pub held: Vec<(Version, u128, u128)>,
    pub spilled: u64,
    /// Why attempts were mismatched.
    pub causes: BTreeMap<(u32, u64, u32, Instant), Cause>,
    /// How many instances were warm when a version began to go live.
    pub prewarmed: u64,
    pub instances: Vec<Life>,
    /// The greatest number of instances alive at any moment from t = 0 on.
    pub peak: u64,
    pub course: Course,
    pub operator_steps: usize,
    pub mismatched_expected: f64,
    /// What happened to the users' sessions: how many, how many saw several versions, how many saw a later one, then an earlier, how
    /// many lost a request.
    pub sessions: (u64, u64, u64, u64),
    /// When a session flipped.
    pub flips: Vec<Instant>,
    /// Requests that were waiting to be tried again at the end, by arrival.
    pub unanswered: Vec<(usize, Instant)>,
    /// How many routes were pointed at another version, and how many mismatched attempts passed no gateway.
    pub mistaken: u64,
    pub direct: u64,
    /// How many mismatched attempts a queue made, how many events it gave up, and how many attempts it made of bound ones.
    pub queued: (u64, u64, u64),
    /// How many attempts waited for room and were then served.
    pub waited: u64,
    /// How many arrivals found another event at their very instant: the order of ranks was put to the test.
    pub coincidences: u64,
    /// The most events that were in queues at once from t = 0 on.
    pub backlog_peak: u64,
    /// For how long shards were held up, in seconds.
    pub blocked_s: f64,
    /// How many messages were never received.
    pub never_tried: u64,
    /// When invocations handled several messages, and how many beyond the first.
    pub together: Vec<(Instant, u64)>,
    /// What queues put to the test.
    pub seen: Seen,
}

/// An instance from its start to its end.
pub struct Life {
    pub version: Version,
    /// Whether a request started it; the others are warm from the beginning.
    pub started_by_request: bool,
    pub began: Instant,
    /// When it was reclaimed.
    pub gone: Option<Instant>,
    /// Whether its age was the reason.
    pub recycled: bool,
    /// What it did, from when to when.
    pub states: Vec<(State, Instant, Instant)>,
    /// Whether it is kept ready.
    pub kept: bool,
    state: State,
    since: Instant,
    /// Its place in the list of attempts.
    attempt: Option<usize>,
    pub cold: bool,
    pub must_initialise: bool,
    /// When it was last initialised: when it was ready.
    pub born: Instant,
    ages_at: Option<Instant>,
    pub became_ready: Option<Instant>,
    /// Counts its idle periods, so that an expiry knows its own.
    period: u64,
    /// The order in which instances became idle.
    pub idle_order: u64,
}

impl Life {
    pub const fn state(&self) -> State {
        self.state
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    Starting,
    Busy,
    Idle,
    Gone,
}

/// A person of a closed loop.
struct Person {
    next: u32,
    left: u32,
    whole: bool,
    counted: bool,
    /// Whether it lost a request since it counts.
    harmed: bool,
    /// Whether it was counted as one that saw both versions.
    mixed: bool,
    contract: Option<Contract>,
    cookie: Option<(Version, Instant)>,
    /// The versions that answered in this session, in order.
    saw: Vec<Version>,
}

pub enum Event {
    Attempt(Wish),
    /// The queue of a source is looked at.
    Queue(usize),
    /// The rollout begins.
    Start,
    /// What its controller waited for on this turn is over.
    Control(usize),
    /// A moment has come at which its controller wants to be woken.
    Rung,
    /// One of its alarms is looked at.
    Look(usize),
    Ready(usize),
    Completion(usize),
    /// The end of the instance's idle period of that number.
    Expiry(usize, u64),
    /// The instance's greatest age.
    Aged(usize),
    /// An attempt may wait for room no longer.
    WaitedOut(usize),
    /// An instance may be added again.
    Opens,
    Besides(Besides),
}

/// Ranks in the order of guarantee G8. (Adoptions have no event here: `adopt_at <= now` gives them theirs.)
const COMPLETION: u8 = 0;
pub const CONTROL: u8 = 1;
pub const ARRIVAL: u8 = 2;
const EXPIRY: u8 = 3;

/// The simulation proper: the list of events, all attempts, and all instances there ever were.
pub struct Model<'a> {
    pub routing: Routing<'a>,
    pub seed: Seed,
    pub end: Instant,
    events: BTreeMap<(Instant, u8, u64), Event>,
    sequence: u64,
    pub tries: Vec<Try>,
    pub instances: Vec<Life>,
    pub became_idle: u64,
    /// Idle instances of each version in the order that a random choice counts them in. That order is arbitrary and
    /// the simulator documents it: a new idle instance is put last; where one leaves, the last takes its place.
    shelves: BTreeMap<Version, Vec<usize>>,
    /// The attempts that wait for room, in the order in which they came, and how likely each is mismatched.
    crowd: Vec<(usize, f64)>,
    /// How many have waited and then been served.
    waited: u64,
    /// When instances were added, the warm ones apart.
    added: Vec<Instant>,
    people: BTreeMap<(usize, u32), Person>,
    sessions: (u64, u64, u64, u64),
    flips: Vec<Instant>,
    pub attempts: Vec<Attempt>,
    pub runs: Vec<(Version, Instant, Instant)>,
    pub kept_runs: Vec<(Version, Instant, Instant)>,
    /// How many environments were wanted from when on.
    pub keeping: Vec<(Instant, Version, u32)>,
    spilled: u64,
    prewarmed: u64,
    pub mismatched_expected: f64,
    /// The queues by source, how many events are in all of them, and the messages of each batch but its first, by that.
    pub lines: BTreeMap<usize, Line>,
    /// The lanes of streams by source, and the lane of each batch that is being handled, by its first attempt.
    pub shards: BTreeMap<usize, Lanes>,
    pub lane_of: BTreeMap<usize, usize>,
    pub queued: u64,
    /// Whether what waits besides at t = 0 is there.
    pub has_begun: bool,
    /// The most since t = 0.
    pub queued_most: u64,
    pub batches: BTreeMap<usize, Vec<usize>>,
    pub together: Vec<(Instant, u64)>,
    pub seen: Seen,
    watches: Vec<Watch>,
    guarded: bool,
}

impl Model<'_> {
    pub fn schedule(&mut self, at: Instant, rank: u8, event: Event) {
        self.events.insert((at, rank, self.sequence), event);
        self.sequence += 1;
    }

    pub fn source(&self, place: usize) -> &Source {
        &self.routing.service.sources[place]
    }

    fn users(&self, place: usize) -> Option<Users> {
        match self.source(place).arrivals {
            Arrivals::Users(users) => Some(users),
            _ => None,
        }
    }

    pub fn enter(&mut self, instance: usize, state: State, now: Instant) {
        let life = &mut self.instances[instance];
        life.states.push((life.state, life.since, now));
        (life.state, life.since) = (state, now);
    }

    fn start(&mut self, version: Version, now: Instant, state: State, attempt: Option<usize>) -> usize {
        let ordinal = self.instances.iter().filter(|life| life.version == version).count();
        let instance = self.launch(version, now, state, attempt);
        if let Some(law) = self.routing.service.release(version).max_age {
            let drawn = law.sample(&mut self.seed.stream("max-age", &version.to_string()).at(ordinal as u64, 0));
            self.instances[instance].ages_at = Some(now + drawn);
            self.schedule(now + drawn, EXPIRY, Event::Aged(instance));
        }
        instance
    }

    /// An instance that is idle without having had a request.
    pub fn start_warm(&mut self, version: Version, now: Instant) {
        let ordinal = self.instances.iter().filter(|life| life.version == version).count();
        let instance = self.start(version, now, State::Idle, None);
        let mut draw = self.seed.stream("warm-idle", &version.to_string()).at(ordinal as u64, 0);
        let timeout = self.routing.service.release(version).idle.timeout(&mut draw);
        self.rest(instance, now, timeout);
        self.prewarmed += u64::from(now >= Instant::ZERO);
    }

    pub fn launch(&mut self, version: Version, now: Instant, state: State, attempt: Option<usize>) -> usize {
        self.instances.push(Life {
            kept: false,
            version,
            started_by_request: attempt.is_some(),
            began: now,
            gone: None,
            recycled: false,
            states: Vec::new(),
            state,
            since: now,
            attempt,
            cold: attempt.is_some(),
            must_initialise: false,
            born: now,
            ages_at: None,
            became_ready: None,
            period: 0,
            idle_order: 0,
        });
        self.instances.len() - 1
    }

    fn rest(&mut self, instance: usize, now: Instant, timeout: Option<Span>) {
        let life = &mut self.instances[instance];
        life.period += 1;
        life.idle_order = self.became_idle;
        let (version, period) = (life.version, life.period);
        self.became_idle += 1;
        self.shelves.entry(version).or_default().push(instance);
        if let Some(timeout) = timeout {
            self.schedule(now + timeout, EXPIRY, Event::Expiry(instance, period));
        }
    }

    fn leave_shelf(&mut self, instance: usize) {
        let shelf = self.shelves.get_mut(&self.instances[instance].version).unwrap();
        let place = shelf.iter().position(|&other| other == instance).unwrap();
        shelf.swap_remove(place);
    }

    pub fn idle_of(&self, version: Version) -> impl Iterator<Item = usize> {
        (0..self.instances.len()).filter(move |&instance| {
            let life = &self.instances[instance];
            life.version == version && life.state == State::Idle && !life.kept
        })
    }

    fn idle_instance(&self, attempt: &Try) -> Option<usize> {
        let mut idle = self.idle_of(attempt.version);
        match self.routing.service.function.choose {
            Choice::MostRecent => idle.max_by_key(|&instance| self.instances[instance].idle_order),
            Choice::LeastRecent => idle.min_by_key(|&instance| self.instances[instance].idle_order),
            Choice::Newest => idle.max(),
            Choice::Random => {
                idle.next()?;
                let shelf = &self.shelves[&attempt.version];
                let place = (u128::from(attempt.choice_bits) * shelf.len() as u128) >> 64;
                Some(shelf[place as usize])
            }
        }
    }

    /// Whether the limits let an attempt to `version` in.
    pub fn lets_in(&self, version: Version, now: Instant) -> bool {
        let limits = self.routing.service.function.limits;
        if self.kept_idle(version).is_some() {
            return true;
        }
        let at_work = |life: &&Life| matches!(life.state, State::Starting | State::Busy) && !life.kept;
        let taken = || self.instances.iter().filter(at_work).count() + self.reserved();
        if limits.concurrency.is_some_and(|most| taken() >= most as usize) {
            return false;
        }
        // What is lacking is a whole number of 1 / `per` in nanoseconds, 2e-10 at least: not an error of rounding.
        self.idle_of(version).next().is_some() || self.allowance(now) >= 1.0 - 1e-11
    }

    /// How many instances may be added at `now`: every addition takes one away, and time brings them back.
    fn allowance(&self, now: Instant) -> f64 {
        let Some(ScaleOut { instances, per }) = self.routing.service.function.limits.scale_out else { return 1.0 };
        let (mut left, mut at) = (f64::from(instances), None);
        for &added in &self.added {
            let waited = added.since(at.unwrap_or(added)).seconds();
            left = (left + waited * f64::from(instances) / per.seconds()).min(f64::from(instances)) - 1.0;
            at = Some(added);
        }
        let waited = now.since(at.unwrap_or(now)).seconds();
        (left + waited * f64::from(instances) / per.seconds()).min(f64::from(instances))
    }

    fn wake(&mut self, why: Wake, now: Instant) {
        let on = self.alarms(now);
        let wakes = self.routing.wake(why, &on, now);
        // Of one moment what was asked for first comes first, and rings are asked for at the start.
        for at in std::mem::take(&mut self.routing.rings) {
            self.schedule(at, CONTROL, Event::Rung);
        }
        self.schedule_besides();
        for at in wakes {
            self.schedule(at, CONTROL, Event::Control(self.routing.turn));
        }
    }

    /// Looks at every alarm, as long as anybody does.
    fn look(&mut self, now: Instant) {
        if self.routing.is_watching() {
            for (alarm, on) in self.alarms(now).into_iter().enumerate() {
                if on {
                    self.wake(Wake::Alarm(alarm), now);
                }
            }
        }
    }

    fn look_later(&mut self, alarm: usize, now: Instant) {
        if self.routing.is_watching() {
            self.schedule(self.watches[alarm].next_look(now), CONTROL, Event::Look(alarm));
        }
    }

    /// Which alarms are on.
    fn alarms(&self, now: Instant) -> Vec<bool> {
        if self.watches.is_empty() {
            return Vec::new();
        }
        let of_tries = self.tries.iter().enumerate().filter_map(|(number, attempt)| {
            let end = attempt.gives_up.filter(|&at| at <= now)?;
            let last = self.next(number, Outcome::Expired, end).is_none();
            let Try { version, arrival, .. } = *attempt;
            Some(Ended { version, arrival, end, outcome: Outcome::Expired, last })
        });
        let written = self.attempts.iter().filter(|attempt| attempt.outcome != Outcome::Expired);
        let ended: Vec<Ended> = written.map(Ended::of).chain(of_tries).collect();
        self.watches.iter().map(|watch| watch.is_on(&ended, &self.routing.begun, now)).collect()
    }

    pub fn make(&mut self, mut wish: Wish, now: Instant) {
        let mut kept_on = self.asked_for(wish, now);
        if self.users(wish.source).is_some() {
            let routing = &self.routing;
            let clients = routing.service.sources[wish.source].clients;
            let drawn = clients.map(|_| routing.client(wish.source, wish.index, now, self.seed));
            let person = self.people.get_mut(&(wish.source, Users::user(wish.index))).unwrap();
            if wish.request.is_none() {
                if now >= Instant::ZERO && person.whole && !person.counted {
                    person.counted = true;
                    self.sessions.0 += 1;
                }
                person.contract = person.contract.or(drawn);
                wish.contract = person.contract;
            }
            kept_on = person.cookie.filter(|&(_, until)| now < until).map(|(version, _)| version);
            kept_on = kept_on.filter(|_| self.routing.askable());
        }
        let first_of_open = wish.attempt == 0 && self.users(wish.source).is_none();
        let limited = self.routing.service.function.limits.any() || self.guarded;
        let limited = limited || !self.routing.service.events.is_empty() || self.routing.hangs_together();
        let first_of_open = first_of_open && wish.request == Some(now);
        let is_queued = self.source(wish.source).via.queue().is_some();
        let counts = wish.request.filter(|_| !is_queued).unwrap_or(now) >= Instant::ZERO;
        if (!first_of_open || limited) && counts {
            self.mismatched_expected += self.routing.odds(wish, kept_on, &|version| self.lets_in(version, now), now);
        }
        let attempt = self.routing.attempt(wish, kept_on, now, self.seed);
        let let_in = self.lets_in(attempt.version, now);
        self.tries.push(attempt);
        let number = self.tries.len() - 1;
        match self.tries[number].refused {
            true => self.turn_away(number, Outcome::Refused, now),
            false if let_in => self.serve(number, now),
            false => match self.routing.service.function.limits.overflow {
                None => self.turn_away(number, Outcome::Throttled, now),
                Some(wait) => {
                    let patience = self.source(wish.source).caller.timeout.unwrap_or(Span::LONGEST);
                    let version = self.tries[number].version;
                    let odds = if counts { self.routing.odds_given(wish, kept_on, version, now) } else { 0.0 };
                    self.crowd.push((number, odds));
                    self.schedule(now + wait.min(patience), CONTROL, Event::WaitedOut(number));
                    self.opens(now);
                }
            },
        }
    }

    /// Whoever waits for room and may be let in is served.
    pub fn admit(&mut self, now: Instant) {
        while let Some(place) = self.crowd.iter().position(|&(number, _)| self.lets_in(self.tries[number].version, now))
        {
            let (number, odds) = self.crowd.remove(place);
            self.mismatched_expected += odds;
            self.waited += 1;
            self.serve(number, now);
        }
        self.opens(now);
    }

    /// Where somebody waits and no instance may be added, the first nanosecond is waited for at which one may.
    fn opens(&mut self, now: Instant) {
        let may = |at: Instant| self.allowance(at) >= 1.0 - 1e-11;
        let Some(ScaleOut { per, .. }) = self.routing.service.function.limits.scale_out else { return };
        if self.crowd.is_empty() || may(now) {
            return;
        }
        let (mut before, mut at) = (now.ns(), (now + per).ns());
        while at - before > 1 {
            let middle = before + (at - before) / 2;
            *(if may(Instant::from_ns(middle)) { &mut at } else { &mut before }) = middle;
        }
        self.schedule(Instant::from_ns(at), CONTROL, Event::Opens);
    }

    fn turn_away(&mut self, number: usize, outcome: Outcome, now: Instant) {
        self.write(number, now, outcome, (false, None), false);
        self.follow(number, outcome, now);
    }

    pub fn serve(&mut self, number: usize, now: Instant) {
        self.tries[number].begun = now;
        let (version, init) = (self.tries[number].version, self.tries[number].init);
        let kept = self.kept_idle(version);
        self.spilled += u64::from(kept.is_none() && self.keeps(version) && now >= Instant::ZERO);
        let idle = kept.or_else(|| self.idle_instance(&self.tries[number]));
        let instance = match idle {
            Some(instance) => {
                if kept.is_none() {
                    self.leave_shelf(instance);
                }
                let life = &mut self.instances[instance];
                (life.attempt, life.became_ready, life.cold) = (Some(number), None, false);
                self.tries[number].initialised = std::mem::take(&mut life.must_initialise);
                if self.tries[number].initialised {
                    life.born = now;
                }
                let state =
                    if self.tries[number].initialised && init.is_some() { State::Starting } else { State::Busy };
                self.enter(instance, state, now);
                instance
            }
            None => {
                self.added.push(now);
                self.tries[number].initialised = true;
                let state = if init.is_some() { State::Starting } else { State::Busy };
                self.start(version, now, state, Some(number))
            }
        };
        // An instance that has just become ready takes longest: at what moment the request begins on it hangs on nothing else.
        let initialised = self.tries[number].initialised;
        let release = self.routing.service.release(version);
        let age = if initialised { Span::ZERO } else { now.since(self.instances[instance].born) };
        let attempt = &mut self.tries[number];
        if let Some(settle) = release.settle.filter(|settle| age < settle.over && (init.is_some() || !initialised)) {
            let slower = 1.0 + (settle.factor - 1.0) * (1.0 - age.ns() as f64 / settle.over.ns() as f64);
            let which = usize::from(initialised);
            let drawn = Span::from_ns_f64(attempt.drawn[which].ns() as f64 * slower);
            let longest = release.timeout.unwrap_or(Span::LONGEST);
            (attempt.cut[which], attempt.service[which]) = (drawn > longest, drawn.min(longest));
        }
        let service = attempt.service[usize::from(initialised)];
        let attempt = &self.tries[number];
        let end = match init {
            Some(init) if attempt.initialised => {
                self.schedule(now + init, COMPLETION, Event::Ready(instance));
                now + init + service
            }
            _ => {
                self.instances[instance].became_ready = Some(now);
                self.schedule(now + service, COMPLETION, Event::Completion(instance));
                now + service
            }
        };
        // A caller who will give up plans what to do then at once: calls of one instant come in the order of planning.
        let source = self.source(self.tries[number].wish.source);
        if let Some(at) =
            source.caller.timeout.map(|timeout| self.tries[number].arrival + timeout).filter(|&at| at < end)
        {
            self.tries[number].gives_up = Some(at);
            self.follow(number, Outcome::Expired, at);
        }
    }

    fn happen(&mut self, now: Instant, event: Event) {
        match event {
            Event::Attempt(wish) => self.arrive(wish, now),
            Event::Queue(source) => self.receive(source, now),
            Event::Start => {
                self.wake(Wake::Start, now);
                (0..self.watches.len()).for_each(|alarm| self.look_later(alarm, now));
            }
            Event::Control(turn) => {
                if turn == self.routing.turn {
                    self.look(now);
                }
                if turn == self.routing.turn {
                    self.wake(Wake::Over, now);
                }
            }
            Event::Rung => {
                self.look(now);
                self.wake(Wake::Rung, now);
            }
            Event::Look(alarm) => {
                self.look(now);
                self.look_later(alarm, now);
            }
            Event::Ready(instance) => {
                self.enter(instance, State::Busy, now);
                let life = &mut self.instances[instance];
                (life.became_ready, life.born) = (Some(now), now);
                let service = self.tries[life.attempt.unwrap()].service[1];
                self.schedule(now + service, COMPLETION, Event::Completion(instance));
            }
            Event::Completion(instance) => {
                let number = self.instances[instance].attempt.unwrap();
                let source = self.tries[number].wish.source;
                let timeout = self.tries[number].timeout;
                if let Some(stream) = self.queue(source).and_then(|queue| queue.stream().copied()) {
                    self.handled_records(&stream, instance, number, now);
                } else if self.batches.contains_key(&number) {
                    self.handled_messages(instance, number, now);
                } else {
                    let outcome = self.record(instance, now, true);
                    let attempt = &self.tries[number];
                    let (late, version) = (attempt.gives_up.is_some(), attempt.version);
                    self.instances[instance].must_initialise = self.resets(number);
                    if !late {
                        self.answered(number, version, now);
                        self.follow(number, outcome, now);
                    }
                }
                if self.rests_kept(instance, now) {
                } else if self.instances[instance].ages_at.is_some_and(|at| at < now) {
                    self.leave(instance, now, true);
                } else {
                    self.enter(instance, State::Idle, now);
                    self.rest(instance, now, timeout);
                }
                self.admit(now);
                self.receive(source, now);
            }
            Event::Expiry(instance, period) => {
                let life = &self.instances[instance];
                if life.state == State::Idle && life.period == period {
                    let aged = life.ages_at.is_some_and(|at| at <= now);
                    self.leave_shelf(instance);
                    self.leave(instance, now, aged);
                }
            }
            Event::WaitedOut(number) => {
                if let Some(place) = self.crowd.iter().position(|&(other, _)| other == number) {
                    self.crowd.remove(place);
                    self.turn_away(number, Outcome::WaitedOut, now);
                }
            }
            Event::Opens => self.admit(now),
            Event::Besides(besides) => self.besides(&besides, now),
            Event::Aged(instance) => {
                if self.instances[instance].state == State::Idle {
                    self.leave_shelf(instance);
                    self.leave(instance, now, true);
                }
            }
        }
    }

    pub fn leave(&mut self, instance: usize, now: Instant, recycled: bool) {
        self.enter(instance, State::Gone, now);
        let life = &mut self.instances[instance];
        (life.gone, life.recycled) = (Some(now), recycled);
    }

    /// Whether the attempt leaves its instance to be initialised again.
    fn resets(&self, number: usize) -> bool {
        let attempt = &self.tries[number];
        attempt.crashes || attempt.cut[usize::from(attempt.initialised)]
    }

    fn retries(&self, number: usize, outcome: Outcome) -> Option<Retries> {
        let wish = self.tries[number].wish;
        let retries = self.source(wish.source).caller.retries?;
        let wanted = match outcome {
            Outcome::Incompatible | Outcome::Failed | Outcome::Killed | Outcome::Refused | Outcome::Unreadable => {
                retries.after.failed
            }
            Outcome::Throttled => retries.after.throttled,
            Outcome::Expired | Outcome::WaitedOut => retries.after.expired,
            Outcome::Served | Outcome::InFlight | Outcome::Waiting => false,
        };
        (wanted && wish.attempt + 1 < u32::from(retries.attempts)).then_some(retries)
    }

    /// When an attempt that ends so at `now` is followed by another one of its request, and how often its code has failed by then.
    pub fn next(&self, number: usize, outcome: Outcome, now: Instant) -> Option<(Instant, u8)> {
        let attempt = &self.tries[number];
        let (wish, made) = (attempt.wish, attempt.wish.attempt + 1);
        let source = self.source(wish.source);
        let Via::Queue(_, queue) = source.via else {
            let retries = self.retries(number, outcome)?;
            let stream = self.seed.stream("backoff", &source.name);
            return Some((now + retries.wait(made as u8, stream.at(wish.index, made.into())), 0));
        };
        let queue = match queue.delivery {
            Delivery::Invocation(invocation) => invocation,
            Delivery::Messages(messages) => {
                let again = outcome.is_lost() && outcome != Outcome::WaitedOut && made < u32::from(messages.receives);
                return again.then_some((now, 0));
            }
            Delivery::Stream(_) => {
                return (outcome.is_lost() && outcome != Outcome::WaitedOut).then_some((now, 0));
            }
        };
        let (wait, failures) = match outcome {
            Outcome::Served | Outcome::InFlight | Outcome::Waiting => return None,
            Outcome::Incompatible | Outcome::Failed | Outcome::Killed | Outcome::Unreadable => {
                let failures = wish.failures + 1;
                (*queue.after[..usize::from(queue.retries)].get(usize::from(failures - 1))?, failures)
            }
            Outcome::Throttled | Outcome::Refused | Outcome::Expired | Outcome::WaitedOut => {
                let mut wait = queue.backoff;
                for _ in 1..made - u32::from(wish.failures) {
                    wait = Span::from_ns(wait.ns() * 2).min(queue.most);
                }
                (wait, wish.failures)
            }
        };
        let next = now + wait;
        (next.since(attempt.request) <= queue.max_age).then_some((next, failures))
    }

    /// What the caller does after an attempt that ends at `now`.
    fn follow(&mut self, number: usize, outcome: Outcome, now: Instant) {
        let attempt = &self.tries[number];
        let (wish, service) = (attempt.wish, self.routing.service);
        let source = &service.sources[wish.source];
        if let Some((at, failures)) = self.next(number, outcome, now) {
            let queue = source.via.queue();
            let contract = (source.clients.is_some() || queue.is_some()).then_some(attempt.contract);
            let is_bound = queue.is_some_and(|queue| queue.resolve == Resolve::Enqueue);
            let (request, bound) = (Some(attempt.request), is_bound.then_some(attempt.version));
            let wish = Wish { attempt: wish.attempt + 1, request, since: now, contract, bound, failures, ..wish };
            self.schedule(at, ARRIVAL, Event::Attempt(wish));
        } else if source.via.queue().is_some() {
            let contract = Some(attempt.contract);
            self.left(&Wish { contract, ..wish }, now);
        } else if let Some(users) = self.users(wish.source) {
            let user = Users::user(wish.index);
            let lost = !matches!(outcome, Outcome::Served | Outcome::InFlight) && now <= self.end;
            let person = self.people.get_mut(&(wish.source, user)).unwrap();
            if lost && person.counted && !person.harmed {
                person.harmed = true;
                self.sessions.3 += 1;
            }
            let (law, purpose) = if person.left == 0 { (users.pause, "pause") } else { (users.think, "think") };
            let stream = self.seed.stream(purpose, &source.name);
            let wait = law.sample(&mut stream.at(user.into(), person.next.into()));
            self.plan(wish.source, user, now + wait);
        }
    }

    /// A user will send the next request at `at`.
    fn plan(&mut self, source: usize, user: u32, at: Instant) {
        let session = self.users(source).unwrap().session;
        let person = self.people.get_mut(&(source, user)).unwrap();
        if person.left == 0 {
            (person.left, person.whole, person.counted, person.contract) = (session, true, false, None);
            (person.mixed, person.harmed) = (false, false);
            person.saw.clear();
        }
        let index = Users::index(user, person.next);
        (person.left, person.next) = (person.left - 1, person.next + 1);
        let wish = Wish {
            source,
            index,
            attempt: 0,
            request: None,
            since: at,
            known: None,
            contract: None,
            bound: None,
            failures: 0,
        };
        self.schedule(at, ARRIVAL, Event::Attempt(wish));
    }

    /// A user sees an answer.
    fn answered(&mut self, number: usize, version: Version, now: Instant) {
        let wish = self.tries[number].wish;
        let Some(users) = self.users(wish.source) else { return };
        let from = self.routing.from;
        let person = self.people.get_mut(&(wish.source, Users::user(wish.index))).unwrap();
        if person.cookie.is_none_or(|(_, until)| now >= until) {
            let span = if version == from { users.sticky.old } else { users.sticky.new };
            person.cookie = (span > Span::ZERO).then(|| (version, now + span));
        }
        let turn = |version: Version| self.routing.versions.iter().position(|&other| other == version).unwrap();
        let both = |saw: &[Version]| saw.iter().any(|&version| version != saw[0]);
        // A version answered after one whose turn comes later.
        let flips = |saw: &[Version]| {
            (0..saw.len()).any(|later| saw[..later].iter().any(|&version| turn(version) > turn(saw[later])))
        };
        let before = flips(&person.saw);
        person.saw.push(version);
        if person.counted {
            if both(&person.saw) && !person.mixed {
                person.mixed = true;
                self.sessions.1 += 1;
            }
            if flips(&person.saw) && !before {
                self.sessions.2 += 1;
                self.flips.push(now);
            }
        }
    }

    fn record(&mut self, instance: usize, end: Instant, finished: bool) -> Outcome {
        let life = &self.instances[instance];
        let number = life.attempt.unwrap();
        let attempt = &self.tries[number];
        let release = self.routing.service.release(attempt.version);
        let run = (attempt.version, attempt.begun, end);
        self.ran(instance, run);
        let (life, attempt) = (&self.instances[instance], &self.tries[number]);
        let reset = finished && self.resets(number);
        let fails =
            below(self.routing.faults().fails(attempt.version, attempt.arrival, life.born), attempt.failure_bits);
        let (outcome, end) = match attempt.gives_up {
            Some(at) if at <= end => (Outcome::Expired, at),
            _ if !finished => (Outcome::InFlight, end),
            _ if attempt.rejected => (Outcome::Incompatible, end),
            _ if fails || reset => (Outcome::Failed, end),
            // Nobody reads what a queue is answered.
            _ if self.source(attempt.wish.source).via.queue().is_some() => (Outcome::Served, end),
            _ if !release.replies.contains(&attempt.contract) => (Outcome::Unreadable, end),
            _ => (Outcome::Served, end),
        };
        let cold = (life.cold, life.became_ready.filter(|_| life.cold));
        self.write(number, end, outcome, cold, reset);
        outcome
    }

    pub fn ran(&mut self, instance: usize, run: (Version, Instant, Instant)) {
        match self.instances[instance].kept {
            true => self.kept_runs.push(run),
            false => self.runs.push(run),
        }
    }

    pub fn write(&mut self, number: usize, end: Instant, outcome: Outcome, cold: (bool, Option<Instant>), reset: bool) {
        let last = self.next(number, outcome, end).is_none();
        let attempt = &self.tries[number];
        self.attempts.push(Attempt {
            source: attempt.wish.source as u32,
            index: attempt.wish.index,
            attempt: attempt.wish.attempt,
            request: attempt.request,
            arrival: attempt.arrival,
            revision: attempt.revision as u32,
            alias_view: attempt.alias_view as u32,
            contract: attempt.contract,
            version: attempt.version,
            cold_wait: cold.1.map(|ready| ready.since(attempt.begun)),
            cold: cold.0,
            end,
            outcome,
            last,
            reset,
        });
    }

    fn alive(&self) -> u64 {
        self.instances.iter().filter(|life| life.state != State::Gone).count() as u64
    }
}

/// Simulates one replication of `strategy`.
pub fn simulate(scenario: &Scenario, strategy: &Strategy, seed: Seed) -> Truth {
    let service = &scenario.service;
    let (start, end) = (scenario.window.start(), scenario.window.end());
    let routing = Routing::new(service, strategy, seed);
    let wishes = routing.wishes(seed, start, end);
    let mut model = Model {
        routing,
        seed,
        end,
        events: BTreeMap::new(),
        // Calls of one instant: requests that are known beforehand, source by source, then those that follow.
        sequence: wishes.len() as u64,
        tries: Vec::new(),
        instances: Vec::new(),
        became_idle: 0,
        shelves: BTreeMap::new(),
        crowd: Vec::new(),
        waited: 0,
        added: Vec::new(),
        people: BTreeMap::new(),
        sessions: (0, 0, 0, 0),
        flips: Vec::new(),
        attempts: Vec::new(),
        runs: Vec::new(),
        kept_runs: Vec::new(),
        keeping: Vec::new(),
        spilled: 0,
        prewarmed: 0,
        mismatched_expected: 0.0,
        lines: BTreeMap::new(),
        shards: BTreeMap::new(),
        lane_of: BTreeMap::new(),
        queued: 0,
        has_begun: false,
        queued_most: 0,
        batches: BTreeMap::new(),
        together: Vec::new(),
        seen: Seen::default(),
        guarded: strategy.reacts(),
        watches: strategy.alarms().map(|(alarm, new)| Watch::new(alarm, new, seed, start)).collect(),
    };
    for (number, (at, wish)) in wishes.into_iter().enumerate() {
        model.events.insert((at, ARRIVAL, number as u64), Event::Attempt(wish));
    }
    if strategy.rollout.deploys() && !strategy.reacts() {
        model.schedule(Instant::ZERO, CONTROL, Event::Besides(Besides::Warm(strategy.deployment.to)));
    }
    model.schedule(Instant::ZERO, CONTROL, Event::Start);
    let old = strategy.deployment.from;
    for _ in 0..service.release(old).warm.unwrap_or(service.function.warm) {
        model.start_warm(old, start);
    }
    model.begin_kept(start);
    for (place, source) in service.sources.iter().enumerate() {
        let Arrivals::Users(users) = &source.arrivals else { continue };
        for user in 0..users.count {
            let (left, wait) = users.seat(seed.stream("seat", &source.name).bits(user.into(), 0));
            let person = Person {
                next: 0,
                left,
                whole: false,
                counted: false,
                harmed: false,
                mixed: false,
                contract: None,
                cookie: None,
                saw: Vec::new(),
            };
            model.people.insert((place, user), person);
            model.plan(place, user, start + wait);
        }
    }

    let (mut peak, mut coincidences) = (if start == Instant::ZERO { model.alive() } else { 0 }, 0);
    let mut previous = Instant::BEGINNING;
    while let Some(((now, rank, sequence), event)) = model.events.pop_first() {
        if now > model.end || (now == model.end && rank != COMPLETION) {
            // Whoever waits for another attempt at the end is unanswered.
            model.events.insert((now, rank, sequence), event);
            break;
        }
        if previous < Instant::ZERO && now >= Instant::ZERO {
            peak = peak.max(model.alive());
        }
        // What is done by then is done before.
        if !model.has_begun && (now, rank) >= (Instant::ZERO, CONTROL) {
            model.has_begun = true;
            model.fill_queues();
            model.queued_most = model.queued;
        }
        coincidences += u64::from(rank == ARRIVAL && previous == now);
        previous = now;
        model.happen(now, event);
        if now >= Instant::ZERO {
            peak = peak.max(model.alive());
        }
    }
    if previous < Instant::ZERO {
        peak = peak.max(model.alive());
    }
    for instance in 0..model.instances.len() {
        if matches!(model.instances[instance].state, State::Starting | State::Busy) {
            model.record(instance, end, false);
            let first = model.instances[instance].attempt.unwrap();
            for number in model.batches.remove(&first).unwrap_or_default() {
                model.write(number, end, Outcome::InFlight, (false, None), false);
            }
        }
        if model.instances[instance].state != State::Gone {
            model.enter(instance, State::Gone, end);
        }
    }
    for (number, _) in std::mem::take(&mut model.crowd) {
        model.write(number, end, Outcome::Waiting, (false, None), false);
    }
    let waiting = model.events.values().filter_map(|event| match event {
        Event::Attempt(wish) if wish.attempt > 0 && wish.since <= end => Some((wish.source, wish.request?)),
        _ => None,
    });
    let mut unanswered: Vec<(usize, Instant)> = waiting.collect();
    let queued = model.lines.values().flat_map(|line| line.waiting.iter().map(|(_, wish)| wish));
    let lanes = model.shards.values().flat_map(|lanes| &lanes.all);
    let in_lanes = lanes.flat_map(|lane| lane.waiting.iter().chain(lane.again.iter().flat_map(|(batch, _)| batch)));
    let queued: Vec<&Wish> = queued.chain(in_lanes).collect();
    unanswered.extend(queued.iter().map(|wish| (wish.source, wish.request.unwrap())));
    let never_tried = queued.iter().filter(|wish| wish.attempt == 0).count() as u64;
    let blocked = model.shards.iter().filter_map(|(&source, lanes)| {
        let parallel = service.sources[source].via.queue()?.stream()?.parallel;
        Some(lanes.held_up(end) as f64 / 1e9 / f64::from(parallel))
    });
    let blocked_s = blocked.sum();
    let routing = &model.routing;
    let remembered = routing.slips.iter().filter(|&&slip| slip != Slip::Forgotten).count();
    let mistaken = routing.slips.iter().filter(|&&slip| slip == Slip::Wrong).count() as u64;
    let is_direct = |attempt: &&Attempt| {
        let differs = service.release(attempt.version).contract != attempt.contract;
        differs && service.sources[attempt.source as usize].via != Via::Gateway
    };
    let direct = model.attempts.iter().filter(is_direct).count() as u64;
    let of_queue = |attempt: &&Attempt| service.sources[attempt.source as usize].via.queue().is_some();
    let queued = model.attempts.iter().filter(is_direct).filter(of_queue).count() as u64;
    let dead = model.attempts.iter().filter(of_queue).filter(|of| of.last && of.outcome.is_lost()).count() as u64;
    let bound = model.tries.iter().filter(|of| of.wish.bound.is_some()).count() as u64;
    let held = model.held();
    let facts = routing.facts(strategy.rollout.qualifier(&strategy.deployment));
    let differs = |of: &&Attempt| of.handled() && service.release(of.version).contract != of.contract;
    let causes = model.attempts.iter().filter(differs);
    let causes = causes.map(|of| ((of.source, of.index, of.attempt, of.arrival), facts.cause(of))).collect();
    Truth {
        queued: (queued, dead, bound),
        mistaken,
        direct,
        course: routing.course(end),
        operator_steps: if strategy.rollout.by_hand().is_some() { remembered } else { 0 },
        // Where an alarm may have reacted, all was added up on the way.
        mismatched_expected: if model.guarded { 0.0 } else { routing.mismatched_expected(end) }
            + model.mismatched_expected,
        attempts: model.attempts,
        held,
        causes,
        runs: model.runs,
        kept_runs: model.kept_runs,
        spilled: model.spilled,
        prewarmed: model.prewarmed,
        instances: model.instances,
        peak,
        sessions: model.sessions,
        flips: model.flips,
        unanswered,
        waited: model.waited,
        coincidences,
        backlog_peak: model.queued_most,
        never_tried,
        blocked_s,
        together: model.together,
        seen: model.seen,
    }
}
