//! An attempt ends: how, what is recorded, what becomes of its instance, and what its caller does next.

use super::queue::tried_again;
use super::{PoolRelease, Simulation, SourceState};
use crate::engine::{Calendar, Rank};
use crate::ids::Version;
use crate::platform::function::instance::{Condition, Instance, State};
use crate::platform::index::{Cast, ContractIx};
use crate::platform::observer::Observer;
use crate::platform::record::Call;
use crate::platform::record::Way;
use crate::platform::record::{Attempt, Outcome};
use crate::platform::room::Crowded;
use crate::source::{Delivery, Resolve, Users};
use crate::time::Instant;
use rand_distr::Distribution;

/// How the code ended an attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    /// Whether the instance must be initialised again.
    pub(super) reset: bool,
}

impl Ended {
    /// Its caller gives up first.
    pub(super) const fn expired() -> Self {
        Self { outcome: Outcome::Expired, reset: false }
    }

    /// Its replica is gone before it ends, for this reason. What cannot be read fails for that, whatever else befalls it.
    pub(super) fn lost(release: &PoolRelease, contract: ContractIx, outcome: Outcome) -> Self {
        let is_read = release.answers[contract] != Outcome::Incompatible;
        Self { outcome: if is_read { outcome } else { Outcome::Incompatible }, reset: false }
    }

    /// How the code of a release that never fails ends an attempt that goes this way.
    #[inline(always)]
    pub(super) fn plain(release: &PoolRelease, way: Way) -> Self {
        Self { outcome: release.answers[way.contract], reset: false }
    }

    /// How the attempt of an instance ends, ready since `ready`, that may have crashed, failed or been cut short.
    #[inline(never)]
    pub(super) fn by_chance(instance: &Instance, ready: Instant, source: &SourceState, release: &PoolRelease) -> Self {
        let &Instance { at, index, attempt, way, condition, .. } = instance;
        let draw = u64::from(attempt);
        let crashes = release.crashes.parts() != 0 && release.crashes.admits(source.crash.bits(index, draw));
        let reset = crashes || condition.has(Condition::CUT);
        let fails = || !release.errors.is_zero && release.errors.at(at, ready).admits(source.failure.bits(index, draw));
        let answer = release.answers[way.contract];
        // Nobody reads a reply that a queue gets.
        let answer = match answer {
            Outcome::Unreadable if source.queue.is_some() => Outcome::Served,
            answer => answer,
        };
        // What cannot be read fails for that, whatever else befalls it.
        let outcome = if answer != Outcome::Incompatible && (reset || fails()) { Outcome::Failed } else { answer };
        Self { outcome, reset }
    }

    /// The attempt of an instance as an observer sees it: a first and last one, whose wait is not known.
    #[inline(always)]
    pub(super) fn attempt(self, instance: &Instance, cast: &Cast, version: Version, end: Instant) -> Attempt {
        let &Instance { at, index, source, way, attempt, condition, .. } = instance;
        Attempt {
            source,
            index,
            attempt: attempt.into(),
            request: at,
            arrival: at,
            revision: u32::from(way.revision),
            alias_view: u32::from(way.alias_view),
            contract: cast.contract(way.contract),
            version,
            cold_wait: None,
            cold: condition.has(Condition::COLD),
            end,
            outcome: self.outcome,
            last: true,
            reset: self.reset,
        }
    }
}

impl<O: Observer> Simulation<O> {
    /// An instance is ready for the request that caused it, or done with one.
    #[inline(always)]
    pub(super) fn proceed(&mut self, place: u32, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        if self.hosts.is_some() {
            return self.leave_host(place, now, calendar);
        }
        let instance = &mut self.instances.hot[place as usize];
        let pool = &mut self.pools[instance.way.version];
        if instance.condition.state() == State::Starting {
            instance.condition.enter(State::Busy);
            pool.starting.end(now);
            pool.busy.begin(now);
            let rest = &mut self.instances.rest[place as usize];
            rest.ready = now;
            calendar.push(now + rest.service, Rank::Completion, place);
            return Ok(());
        }
        pool.busy.end(now);
        if instance.condition.is_special() {
            return self.proceed_specially(place, now, calendar);
        }
        self.ended += 1;
        match pool.is_plain() {
            true => pool.become_idle(instance, place, now, calendar),
            false => pool.rest(&mut self.instances, place, now, calendar),
        }
        Ok(())
    }

    /// The same where the caller or the instance does more than end: off the path of first attempts, which is the
    /// shorter for it.
    #[inline(never)]
    fn proceed_specially(&mut self, place: u32, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        let instance = &mut self.instances.hot[place as usize];
        let Instance { source, way, condition, .. } = *instance;
        if condition.has(Condition::OPEN) {
            let state = &self.sources[source as usize];
            let delivery = state.queue.as_ref().map(|queue| &queue.delivery);
            if let Some(&Delivery::Messages(messages)) = delivery {
                self.handled_messages(&messages, place, now, calendar)?;
            } else if let Some(&Delivery::Stream(stream)) = delivery {
                self.handled_records(&stream, place, now, calendar);
            } else {
                let (ready, release) = (self.instances.rest[place as usize].ready, &self.releases[way.version]);
                let ended = Ended::by_chance(instance, ready, state, release);
                if ended.reset {
                    instance.condition.mark(Condition::RESET);
                }
                let follows = state.follows && !condition.has(Condition::LATE);
                let outcome = self.record(place, now, ended);
                if follows {
                    self.answered(place, outcome, now, calendar)?;
                }
            }
        } else {
            self.ended += 1;
        }
        if condition.has(Condition::AGED) {
            self.retire(way.version, place, now);
        } else {
            self.rest(place, now, calendar);
        }
        if self.overflow.is_some() {
            self.let_in_who_waits(now, calendar)?;
        }
        match self.queues.is_empty() {
            true => Ok(()),
            // Its poller is free, where it has one.
            false => self.receive(source, now, calendar),
        }
    }

    /// An instance becomes idle.
    pub(super) fn rest(&mut self, place: u32, now: Instant, calendar: &mut Calendar) {
        let instance = &mut self.instances.hot[place as usize];
        let pool = &mut self.pools[instance.way.version];
        match pool.is_plain() {
            true => pool.become_idle(instance, place, now, calendar),
            false => pool.rest(&mut self.instances, place, now, calendar),
        }
    }

    /// Records the attempt of an instance that is in flight at the end of the window.
    pub(super) fn record_in_flight(&mut self, place: u32, end: Instant) {
        self.record(place, end, Ended { outcome: Outcome::InFlight, reset: false });
        if !self.queues.is_empty() {
            self.others_in_flight(place, end);
        }
    }

    /// Records the attempt of an instance, which has ended at `end` or is in flight then; answers how.
    pub(super) fn record(&mut self, place: u32, end: Instant, ended: Ended) -> Outcome {
        let instance = &self.instances.hot[place as usize];
        let Instance { source, condition, way, .. } = *instance;
        let rest = &self.instances.rest[place as usize];
        let begun = rest.begun;
        let version = self.pools[instance.way.version].version;
        let mut attempt = ended.attempt(instance, &self.cast, version, end);
        if condition.has(Condition::COLD) && condition.state() != State::Starting {
            attempt.cold_wait = Some(rest.ready.since(begun));
        }
        if self.hosts.is_some() || self.sources[source as usize].follows || condition.has(Condition::LATE) {
            attempt.request = rest.request;
            if condition.has(Condition::LATE) && rest.gives_up <= end {
                (attempt.outcome, attempt.end) = (Outcome::Expired, rest.gives_up);
            }
            attempt.last = match &self.sources[source as usize].queue {
                None => !self.retries(source, instance.attempt, attempt.outcome),
                Some(_) => self.is_last(&self.call_of(place, end), attempt.outcome, end),
            };
        }
        if attempt.last && !condition.has(Condition::LATE) {
            self.ends(source, attempt.index, attempt.outcome);
        }
        self.observer.ended(&attempt, way);
        if self.bills {
            // Its instance runs on when its caller has given up.
            self.bill(place, begun, end);
        }
        self.ended += u64::from(attempt.last);
        // Of one that expired they have known since it began.
        if attempt.outcome != Outcome::Expired {
            self.seen(&attempt, way.version);
        }
        attempt.outcome
    }

    /// Tells who had an instance from `begun` until `end`, where that is billed.
    #[inline(never)]
    pub(super) fn bill(&mut self, place: u32, begun: Instant, end: Instant) {
        let way = self.instances.hot[place as usize].way;
        let release = &self.releases[way.version];
        match self.instances.is_kept(place) {
            true => self.observer.ran_kept(begun, end, release.memory),
            false if release.is_billed => self.observer.ran(way.version, begun, end),
            false => {}
        }
    }

    /// A request ends with this outcome, which a user's session may be the worse for.
    pub(super) fn ends(&mut self, source: u32, index: u64, outcome: Outcome) {
        if outcome.is_lost() && self.sources[source as usize].users.is_some() {
            self.callers.lost(source, Users::user(index));
        }
    }

    /// Whether a caller tries again after an attempt that ended so.
    pub(super) fn retries(&self, source: u32, attempt: u8, outcome: Outcome) -> bool {
        self.sources[source as usize].caller.retries.is_some_and(|retries| {
            let wanted = match outcome {
                Outcome::Incompatible | Outcome::Failed | Outcome::Killed | Outcome::Refused | Outcome::Unreadable => {
                    retries.after.failed
                }
                Outcome::Throttled => retries.after.throttled,
                Outcome::Expired | Outcome::WaitedOut => retries.after.expired,
                Outcome::Served | Outcome::InFlight | Outcome::Waiting => false,
            };
            wanted && attempt + 1 < retries.attempts
        })
    }

    /// Whether a request ends with an attempt that ended so at `now`.
    pub(super) fn is_last(&self, call: &Call, outcome: Outcome, now: Instant) -> bool {
        match &self.sources[call.source as usize].queue {
            None => !self.retries(call.source, call.attempt, outcome),
            Some(queue) => tried_again(queue, call, outcome, now).is_none(),
        }
    }

    /// The call that an instance serves, whose caller has waited since `since`.
    pub(super) fn call_of(&self, place: u32, since: Instant) -> Call {
        let Instance { source, index, attempt, .. } = self.instances.hot[place as usize];
        let rest = &self.instances.rest[place as usize];
        let (request, known, failures) = (rest.request, rest.known, rest.host as u8);
        Call { attempt, since, failures, ..Call::first(source, index, request, known) }
    }

    /// A call with what its next attempt keeps of this one's way: the contract that a client or a producer has written, and the
    /// version that a queue has bound it to.
    pub(super) fn kept(&self, call: &Call, way: Way) -> Call {
        let contract = self.router.keeps_contract(call.source).then_some(way.contract);
        // Whether its version can be asked for is looked at when it is: before t = 0 no strategy is known.
        let queue = self.sources[call.source as usize].queue.as_ref().filter(|queue| queue.resolve == Resolve::Enqueue);
        let bound = queue.map(|_| way.version);
        Call { contract, bound, ..*call }
    }

    /// A caller that may have more to do has an answer.
    pub(super) fn answered(
        &mut self,
        place: u32,
        outcome: Outcome,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let Instance { source, index, way, .. } = self.instances.hot[place as usize];
        if let Some(users) = &self.sources[source as usize].users {
            let user = Users::user(index);
            if self.callers.answered(source, user, way.version, users.sticky, now) {
                self.observer.flipped(now);
            }
        }
        let call = self.call_of(place, now);
        let last = self.is_last(&call, outcome, now);
        self.follow(&self.kept(&call, way), (outcome, last), now, calendar)
    }

    /// What follows the end of the attempt `call` at `now`, or at an instant to come: another attempt, unless it was
    /// the last, or a user's next request.
    pub(super) fn follow(
        &mut self,
        call: &Call,
        (outcome, last): (Outcome, bool),
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let &Call { source, attempt, index, .. } = call;
        let state = &self.sources[source as usize];
        if let Some(queue) = &state.queue {
            return match tried_again(queue, call, outcome, now) {
                Some((at, failures)) => {
                    self.wait(Call { attempt: attempt + 1, since: now, failures, ..*call }, at, calendar)
                }
                None => {
                    self.left(call, now, calendar);
                    Ok(())
                }
            };
        }
        match state.caller.retries {
            Some(retries) if !last => {
                let attempt = attempt + 1;
                let wait = retries.wait(attempt, state.backoff.at(index, attempt.into()));
                self.wait(Call { attempt, since: now, ..*call }, now + wait, calendar)
            }
            _ if state.users.is_some() => self.think(source, Users::user(index), now, calendar),
            _ => Ok(()),
        }
    }

    /// A user's next request, after a thought or a pause from `now` on.
    fn think(&mut self, source: u32, user: u32, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        let state = &self.sources[source as usize];
        let Some(users) = &state.users else { return Ok(()) };
        let next = self.callers.user(source, user);
        let (law, stream) =
            if next.is_between_sessions() { (&users.pause, state.pause) } else { (&users.think, state.think) };
        let wait = law.sample(&mut stream.at(user.into(), next.next().into()));
        self.plan(source, user, now + wait, now, calendar)
    }

    /// A user's next request will be sent at `at`; the user has been waiting for that moment since `since`.
    fn plan(
        &mut self,
        source: u32,
        user: u32,
        at: Instant,
        since: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let Some(users) = &self.sources[source as usize].users else { return Ok(()) };
        let index = Users::index(user, self.callers.user(source, user).begin_next(users.session));
        let call = Call { since, ..Call::first(source, index, at, None) };
        self.wait(call, at, calendar)
    }

    /// Seats every user at the start of the warm-up, somewhere in a session or between two.
    pub(super) fn seat_users(&mut self, start: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        for source in 0..self.sources.len() as u32 {
            let state = &self.sources[source as usize];
            let (Some(users), seat) = (state.users, state.seat) else { continue };
            for user in 0..users.count {
                let (left, wait) = users.seat(seat.bits(user.into(), 0));
                self.callers.user(source, user).join(left);
                self.plan(source, user, start + wait, start, calendar)?;
            }
        }
        Ok(())
    }

    /// A user's request arrives at `now`: the contract in which its client writes, which is the same for a session,
    /// as an open page is.
    pub(super) fn begin_request(&mut self, call: &Call, now: Instant) -> Option<ContractIx> {
        let user = Users::user(call.index);
        self.callers.sends(call.source, user, now);
        let drawn = self.router.client(call.source, call.index, now);
        let user = self.callers.user(call.source, user);
        user.contract = user.contract.or(drawn);
        user.contract
    }

    /// Lets a call wait until `at`.
    pub(super) fn wait(&mut self, call: Call, at: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        let handle = self.callers.wait(call, &mut self.room)?;
        if at < self.end {
            calendar.push(at, Rank::Arrival, handle);
        }
        Ok(())
    }
}
