//! An attempt begins: its way, whether it is let in, its instance, and how long it will take.

use super::ColdStart;
use super::callers::Call;
use super::expected::Shape;
use super::instance::{Condition, Instance, State};
use super::pool::Pool;
use super::request::{Attempt, Observer, Outcome};
use super::router::Way;
use super::side::Side;
use super::simulation::{Simulation, SimulationError};
use crate::engine::{Calendar, Rank};
use crate::source::{Sent, Users};
use crate::time::{Instant, Span};
use rand_distr::Distribution;

impl<O: Observer> Simulation<O> {
    /// The first attempt of a request that a source has sent.
    #[inline(always)]
    pub(super) fn first_attempt(
        &mut self,
        sent: &Sent,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), SimulationError> {
        let &Sent { source, index, arrival } = sent;
        let known = arrival.service;
        let call = Call { source, attempt: 0, index, request: now, since: now, contract: None, known };
        if self.capacity.limits.any() {
            return self.attempt(&call, now, calendar);
        }
        let way = self.router.way(source, index, now);
        self.serve(&call, way, now, calendar)
    }

    /// A call that waited is tried: a retry, or a user's next request.
    pub(super) fn try_again(
        &mut self,
        handle: u32,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), SimulationError> {
        let Some(call) = self.callers.take(handle) else { return Ok(()) };
        if call.attempt > 0 {
            return self.attempt(&call, now, calendar);
        }
        self.arrived += 1;
        let call = Call { request: now, contract: self.begin_request(&call, now), ..call };
        self.attempt(&call, now, calendar)
    }

    /// Any attempt: one that a limit may turn away, whose caller may be kept on a version, or whose odds are added up.
    #[inline(never)]
    fn attempt(&mut self, call: &Call, now: Instant, calendar: &mut Calendar) -> Result<(), SimulationError> {
        let kept_on = match self.sources[call.source as usize].users {
            Some(_) if self.router.askable() => self.callers.kept_on(call.source, Users::user(call.index), now),
            _ => None,
        };
        let let_in = [Side::Old, Side::New].map(|version| self.lets_in(version, now));
        if call.request >= Instant::ZERO {
            let shape = match (call.contract, self.router.old_clients(call.source, now)) {
                (Some(contract), _) => Shape::Known(contract),
                (None, Some(old)) => Shape::Drawn(old),
                (None, None) => Shape::Node,
            };
            self.running.add(now, call.source, shape, kept_on, let_in);
        }
        let way = self.router.way_of(call, kept_on, now);
        if let_in[way.version as usize] {
            self.serve_specially(call, way, now, calendar)
        } else {
            self.throttle(call, way, now, calendar)
        }
    }

    /// Whether the limits let a request to `version` in at `now`.
    fn lets_in(&self, version: Side, now: Instant) -> bool {
        let at_work = |pool: &Pool| pool.starting.count() + pool.busy.count();
        let full = self
            .capacity
            .limits
            .concurrency
            .is_some_and(|most| self.pools.0.iter().map(at_work).sum::<u64>() >= u64::from(most));
        let has_idle = self.pools[version].idle.count() > 0;
        !full && (has_idle || self.capacity.allowance.as_ref().is_none_or(|allowance| allowance.admits(now)))
    }

    /// Turns an attempt away.
    fn throttle(
        &mut self,
        call: &Call,
        way: Way,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), SimulationError> {
        let last = !self.retries(call.source, call.attempt, Outcome::Throttled);
        self.observer.ended(&Attempt {
            source: call.source,
            index: call.index,
            attempt: call.attempt.into(),
            request: call.request,
            arrival: now,
            revision: u32::from(way.revision),
            alias_view: u32::from(way.alias_view),
            contract: self.contracts[way.contract],
            version: self.pools[way.version].version,
            cold_wait: None,
            cold: false,
            end: now,
            outcome: Outcome::Throttled,
            last,
            reset: false,
        });
        self.ended += u64::from(last);
        self.follow(&Call { contract: self.kept_contract(call.source, way), ..*call }, last, now, calendar)
    }

    /// [`Simulation::serve`] away from the path of first attempts, which is the shorter for it.
    #[inline(never)]
    fn serve_specially(
        &mut self,
        call: &Call,
        way: Way,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), SimulationError> {
        self.serve(call, way, now, calendar)
    }

    /// Gives an attempt its instance.
    #[inline(always)]
    fn serve(&mut self, call: &Call, way: Way, now: Instant, calendar: &mut Calendar) -> Result<(), SimulationError> {
        let &Call { source, index, attempt, .. } = call;
        let choice = self.sources[source as usize].choice;
        let pool = &mut self.pools[way.version];
        let (place, cold) = match pool.take(&mut self.instances, |n| choice.below(n, index, attempt.into())) {
            Some(place) => {
                pool.idle.end(now);
                (place, false)
            }
            None => (self.start(way.version, now, calendar)?, true),
        };
        // An instance that crashed is initialised like a new one; it is no cold start.
        let initialise = cold || self.instances.hot[place as usize].condition.has(Condition::RESET);
        let drawn = self.service_time(call, way, initialise);
        let state = &self.sources[source as usize];
        let release = &self.releases[way.version];
        let service = drawn.min(release.timeout);
        let pool = &mut self.pools[way.version];
        let mut condition = Condition::of_request(State::Busy, cold);
        let mut takes = service;
        if initialise {
            let rest = &mut self.instances.rest[place as usize];
            (rest.ready, rest.service) = (now, service);
            if let ColdStart::Init(law) = &release.cold {
                let wait = law.sample(&mut state.init.at(index, attempt.into()));
                condition.enter(State::Starting);
                pool.starting.begin(now);
                calendar.push(now + wait, Rank::Completion, place);
                takes = wait + service;
            }
        }
        if condition.state() == State::Busy {
            pool.busy.begin(now);
            calendar.push(now + service, Rank::Completion, place);
        }
        if drawn > service {
            condition.mark(Condition::CUT);
        }
        let late = takes > state.patience;
        if late {
            condition.mark(Condition::LATE);
        }
        let gives_up = late.then(|| now + state.patience);
        let instance = &mut self.instances.hot[place as usize];
        let position = instance.position;
        *instance = Instance { at: now, index, source, position, way, attempt, condition };
        if state.follows || late {
            return self.remember(place, call, way, gives_up, calendar);
        }
        Ok(())
    }

    /// Writes down what the end of the attempt will need; where the caller gives up before, what it does then is
    /// known already.
    #[inline(never)]
    fn remember(
        &mut self,
        place: u32,
        call: &Call,
        way: Way,
        gives_up: Option<Instant>,
        calendar: &mut Calendar,
    ) -> Result<(), SimulationError> {
        let rest = &mut self.instances.rest[place as usize];
        (rest.request, rest.known) = (call.request, call.known);
        let Some(at) = gives_up else { return Ok(()) };
        rest.gives_up = at;
        let last = !self.retries(call.source, call.attempt, Outcome::Expired);
        self.follow(&Call { contract: self.kept_contract(call.source, way), ..*call }, last, at, calendar)
    }

    /// How long the code takes for an attempt, once it runs.
    #[inline]
    fn service_time(&self, call: &Call, way: Way, initialise: bool) -> Span {
        let release = &self.releases[way.version];
        let law = match (&release.failure_time, &release.cold) {
            (Some(law), _) if release.rejects[way.contract] => law,
            (_, ColdStart::Service(law)) if initialise => law,
            _ => match call.known {
                Some(span) => return span,
                None => &release.service,
            },
        };
        law.sample(&mut self.sources[call.source as usize].service.at(call.index, call.attempt.into()))
    }
}
