//! An attempt begins: its way, whether it is let in, its instance, and how long it will take.

use super::answer::Ended;
use super::{Simulation, SourceState};
use crate::dist::Law;
use crate::engine::{Calendar, Rank};
use crate::ids::Version;
use crate::platform::ColdStart;
use crate::platform::function::instance::{Condition, Instance, State};
use crate::platform::index::Each;
use crate::platform::observer::Observer;
use crate::platform::record::Call;
use crate::platform::record::Way;
use crate::platform::record::{Attempt, Outcome};
use crate::platform::room::Crowded;
use crate::platform::way::expected::{Known, Shape, Told};
use crate::source::{Sent, Users};
use crate::time::{Instant, Span};
use crate::units::Threshold;
use rand_distr::Distribution;

/// How long the code takes besides for the other events of a batch, and the batch's number.
pub(super) type Others = (Span, u32);

/// An event that is handled by itself.
pub(super) const ALONE: Others = (Span::ZERO, 0);

impl<O: Observer> Simulation<O> {
    /// The first attempt of a request that a source has sent.
    #[inline(always)]
    pub(super) fn first_attempt(&mut self, sent: &Sent, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        let &Sent { source, index, known, .. } = sent;
        if self.reacts {
            return self.attempt_reacting(source, index, known, now, calendar);
        }
        let call = Call::first(source, index, now, known);
        let way = self.router.way(source, index, now);
        self.serve(&call, way, true, (now, now), ALONE, calendar)
    }

    /// The same where limits or alarms react. It takes its arguments one by one: a call whose address escapes would be written to memory
    /// for every request.
    #[inline(never)]
    fn attempt_reacting(
        &mut self,
        source: u32,
        index: u64,
        known: Option<Span>,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let call = Call::first(source, index, now, known);
        if self.queues.is_empty() { self.attempt(&call, now, calendar) } else { self.taken_over(&call, now, calendar) }
    }

    /// The same where some source has a queue.
    #[inline(never)]
    fn taken_over(&mut self, call: &Call, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        match self.sources[call.source as usize].queue {
            Some(queue) => self.enqueue(&queue, call, now, calendar),
            None => self.attempt(call, now, calendar),
        }
    }

    /// A call that waited is tried: a retry, or a user's next request.
    pub(super) fn try_again(&mut self, handle: u32, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        let Some(call) = self.callers.take(handle) else { return Ok(()) };
        if call.attempt > 0 {
            return match self.sources[call.source as usize].queue {
                Some(queue) if queue.messages().is_some() => self.enqueue(&queue, &call, now, calendar),
                _ => self.attempt(&call, now, calendar),
            };
        }
        self.arrived += 1;
        let call = Call { request: now, contract: self.begin_request(&call, now), ..call };
        self.attempt(&call, now, calendar)
    }

    /// Any attempt.
    #[inline]
    fn attempt(&mut self, call: &Call, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        match self.hosts {
            Some(_) => self.attempt_on_hosts(call, now, calendar),
            None => self.attempt_on_function(call, now, calendar),
        }
    }

    /// One that a limit may turn away, whose caller may be kept on a version, or whose odds are added up.
    #[inline(never)]
    pub(super) fn attempt_on_function(
        &mut self,
        call: &Call,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let kept_on = match self.sources[call.source as usize].users {
            Some(_) if self.router.askable() => self.callers.kept_on(call.source, Users::user(call.index), now),
            _ => match self.sources[call.source as usize].queue {
                Some(queue) => self.asked_for(&queue, call, now),
                None => None,
            },
        };
        let let_in = self.let_in(now);
        let mut told = None;
        let state = &self.sources[call.source as usize];
        // Of first attempts that are known beforehand the odds are not added up here.
        let is_new = call.attempt > 0 || call.request < now || state.users.is_some() || self.adds_up;
        if is_new && (call.request >= Instant::ZERO || (state.queue.is_some() && now >= Instant::ZERO)) {
            let shape = self.shape(call, now);
            let gets_through = self.gets_through(call.source, &let_in, now);
            let version = kept_on.map(|version| (version, Told::Kept));
            let known = Known { source: call.source, shape, version, gets_through };
            self.running.add(&mut self.router.control, now, &known);
            told = Some(known);
        }
        let way = self.router.way_of(call, kept_on, now);
        match () {
            () if self.is_refused(call, way, now) => self.turn_away(call, way, Outcome::Refused, now, calendar),
            () if let_in[way.version] => self.serve_specially(*call, way, (now, now), ALONE, calendar),
            () if self.overflow.is_some() => {
                // It has not been refused, and its version is known.
                let how = if kept_on.is_some() { Told::Kept } else { Told::Drawn };
                let gets_through = Each::from_fn(|_| 1.0);
                let known = told.map(|known| Known { version: Some((way.version, how)), gets_through, ..known });
                self.wait_for_room(call, way, (0, false), known.as_ref(), now, calendar)
            }
            () => self.turn_away(call, way, Outcome::Throttled, now, calendar),
        }
    }

    /// What is known of an attempt's contract at `now` before its node is drawn.
    #[inline]
    pub(super) fn shape(&self, call: &Call, now: Instant) -> Shape {
        match (call.contract, self.router.clients(call.source, now)) {
            (Some(contract), _) => Shape::Known(contract),
            (None, Some(clients)) => Shape::Drawn(clients),
            (None, None) => Shape::Node,
        }
    }

    /// How likely a request of a source that is sent to a version reaches it.
    pub(super) fn gets_through(&self, source: u32, let_in: &Each<Version, bool>, now: Instant) -> Each<Version, f64> {
        Each::from_fn(|place| match let_in[place] {
            false => 0.0,
            true => 1.0 - self.faults.refused(source, self.cast.version(place), now).as_f64(),
        })
    }

    /// Whether an attempt fails on its way, in an event.
    pub(super) fn is_refused(&self, call: &Call, way: Way, now: Instant) -> bool {
        let refused = self.faults.refused(call.source, self.cast.version(way.version), now);
        refused != Threshold::NONE
            && refused.admits(self.sources[call.source as usize].refusal.bits(call.index, call.attempt.into()))
    }

    /// An attempt reaches no instance, when it arrives.
    pub(super) fn turn_away(
        &mut self,
        call: &Call,
        way: Way,
        outcome: Outcome,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        self.turn_away_after(call, way, (now, outcome), now, calendar)
    }

    /// The same of one that arrived before.
    pub(super) fn turn_away_after(
        &mut self,
        call: &Call,
        way: Way,
        (arrival, outcome): (Instant, Outcome),
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let last = self.recorded_away(call, way, (arrival, now), outcome);
        self.follow(&self.kept(call, way), (outcome, last), now, calendar)
    }

    /// An attempt that reached no instance is recorded; answers whether it was the last one of its request.
    pub(super) fn recorded_away(
        &mut self,
        call: &Call,
        way: Way,
        (arrival, end): (Instant, Instant),
        outcome: Outcome,
    ) -> bool {
        let last = self.is_last(call, outcome, end);
        let attempt = Attempt {
            source: call.source,
            index: call.index,
            attempt: call.attempt.into(),
            request: call.request,
            arrival,
            revision: u32::from(way.revision),
            alias_view: u32::from(way.alias_view),
            contract: self.cast.contract(way.contract),
            version: self.pools[way.version].version,
            cold_wait: None,
            cold: false,
            end,
            outcome,
            last,
            reset: false,
        };
        self.observer.ended(&attempt, way);
        self.seen(&attempt, way.version);
        if last {
            self.ends(call.source, call.index, outcome);
        }
        self.ended += u64::from(last);
        last
    }

    /// [`Simulation::serve`] away from the path of first attempts, which is the shorter for it.
    #[inline(never)]
    pub(super) fn serve_specially(
        &mut self,
        call: Call,
        way: Way,
        times: (Instant, Instant),
        others: Others,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        self.serve(&call, way, false, times, others, calendar)
    }

    /// Gives an attempt its instance, which arrived at `at`, maybe before now. `in_order`: whether the source's attempts come in the
    /// order of their numbers, so that drawing ahead pays. `others`: those of its batch.
    #[inline(always)]
    fn serve(
        &mut self,
        call: &Call,
        way: Way,
        in_order: bool,
        (at, now): (Instant, Instant),
        others: Others,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let &Call { source, index, attempt, .. } = call;
        let state = &mut self.sources[source as usize];
        let pool = &mut self.pools[way.version];
        let release = &self.releases[way.version];
        let taken = match pool.is_plain() {
            true => pool.take(),
            false => pool.pick(&mut self.instances, now, state.choice.at(index, attempt.into())),
        };
        let Some(place) = taken else {
            let place = self.start(way.version, now, calendar)?;
            return self.initialise((place, true), Call { ..*call }, way, (at, now), others, calendar);
        };
        let instance = &mut self.instances.hot[place as usize];
        if instance.condition.has(Condition::RESET) {
            return self.initialise((place, false), Call { ..*call }, way, (at, now), others, calendar);
        }
        let drawn = match &release.failure_time {
            Some(law) if release.rejects[way.contract] => draw(law, state, call),
            _ => match call.known {
                Some(known) => known,
                None if in_order => state.ahead[release.ahead.number()].service(index),
                None => draw(&release.service, state, call),
            },
        };
        let drawn = drawn + others.0;
        let drawn = match &release.settle {
            None => drawn,
            Some(settle) => settle.slowed(drawn, now, self.instances.rest[place as usize].ready),
        };
        pool.busy.begin(now);
        self.observer.began(source, index, attempt, self.instances.rest[place as usize].serial, now);
        let service = drawn.min(release.timeout);
        let done = now + service;
        calendar.push(done, Rank::Completion, place);
        let cut = drawn > service;
        let condition = Condition::of_request(State::Busy, 0);
        *instance = Instance { at, index, source, position: 0, way, attempt, condition };
        if state.follows || cut || service > state.patience || done > self.end {
            return self.remember(place, Call { ..*call }, (service, cut, others.1), now, calendar);
        }
        if release.ends_specially {
            self.end_specially(place, way, done);
            return Ok(());
        }
        let ended = Ended::plain(release, way);
        self.observer.ended(&ended.attempt(instance, &self.cast, pool.version, done), way);
        Ok(())
    }

    /// The end of an attempt, at `done`, that may crash or fail, or whose running is billed.
    #[inline(never)]
    fn end_specially(&mut self, place: u32, way: Way, done: Instant) {
        let instance = &mut self.instances.hot[place as usize];
        let ready = self.instances.rest[place as usize].ready;
        let source = &self.sources[instance.source as usize];
        let ended = Ended::by_chance(instance, ready, source, &self.releases[way.version]);
        if ended.reset {
            instance.condition.mark(Condition::RESET);
        }
        let version = self.pools[way.version].version;
        self.observer.ended(&ended.attempt(instance, &self.cast, version, done), way);
        if self.bills {
            let begun = self.instances.hot[place as usize].at;
            self.bill(place, begun, done);
        }
    }

    /// An instance is initialised for an attempt: a new one, or one that crashed, which is no cold start.
    #[inline(never)]
    fn initialise(
        &mut self,
        (place, cold): (u32, bool),
        call: Call,
        way: Way,
        (at, now): (Instant, Instant),
        others: Others,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let Call { source, index, attempt, .. } = call;
        self.observer.began(source, index, attempt, self.instances.rest[place as usize].serial, now);
        let state = &self.sources[source as usize];
        let release = &self.releases[way.version];
        let drawn = match (&release.failure_time, &release.cold, call.known) {
            (Some(law), ..) if release.rejects[way.contract] => draw(law, state, &call),
            (_, ColdStart::Service(law), _) => draw(law, state, &call),
            (_, ColdStart::Init(_), Some(known)) => known,
            (_, ColdStart::Init(_), None) => draw(&release.service, state, &call),
        };
        let drawn = drawn + others.0;
        // It begins when the instance has just become ready.
        let drawn = match (&release.settle, &release.cold) {
            (Some(settle), ColdStart::Init(_)) => settle.slowed(drawn, now, now),
            _ => drawn,
        };
        let service = drawn.min(release.timeout);
        let rest = &mut self.instances.rest[place as usize];
        (rest.ready, rest.service) = (now, service);
        let pool = &mut self.pools[way.version];
        let (doing, takes) = match &release.cold {
            ColdStart::Init(law) => {
                let wait = law.sample(&mut state.init.at(index, attempt.into()));
                pool.starting.begin(now);
                calendar.push(now + wait, Rank::Completion, place);
                (State::Starting, wait + service)
            }
            ColdStart::Service(_) => {
                pool.busy.begin(now);
                calendar.push(now + service, Rank::Completion, place);
                (State::Busy, service)
            }
        };
        let condition = Condition::of_request(doing, if cold { Condition::COLD } else { 0 });
        self.instances.hot[place as usize] = Instance { at, index, source, position: 0, way, attempt, condition };
        self.remember(place, call, (takes, drawn > service, others.1), now, calendar)
    }

    /// Writes down what the end of an attempt will need that is recorded only then: it `takes` so long, maybe `cut`
    /// short. Where the caller gives up before, what it does then is known already.
    #[inline(never)]
    fn remember(
        &mut self,
        place: u32,
        call: Call,
        (takes, cut, batch): (Span, bool, u32),
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let patience = self.sources[call.source as usize].patience;
        let instance = &mut self.instances.hot[place as usize];
        let rest = &mut self.instances.rest[place as usize];
        (rest.request, rest.known, rest.begun) = (call.request, call.known, now);
        rest.host = u32::from(call.failures) + batch;
        instance.condition.mark(Condition::OPEN);
        if cut {
            instance.condition.mark(Condition::CUT);
        }
        rest.gives_up = instance.at + patience;
        if now + takes <= rest.gives_up {
            return Ok(());
        }
        instance.condition.mark(Condition::LATE);
        let (way, at) = (instance.way, rest.gives_up);
        let attempt = Ended::expired().attempt(instance, &self.cast, self.pools[way.version].version, at);
        let last = !self.retries(call.source, call.attempt, Outcome::Expired);
        if !self.signals.is_empty() {
            self.seen(&Attempt { last, ..attempt }, way.version);
        }
        // Later than the end it is in flight.
        if last && at <= self.end {
            self.ends(call.source, call.index, Outcome::Expired);
        }
        self.follow(&self.kept(&call, way), (Outcome::Expired, last), at, calendar)
    }
}

/// A service time of an attempt.
#[inline(always)]
fn draw(law: &Law, source: &SourceState, call: &Call) -> Span {
    law.sample(&mut source.service.at(call.index, call.attempt.into()))
}
