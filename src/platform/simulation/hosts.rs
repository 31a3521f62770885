//! Attempts on hosts: a node of the balancer gives each to a replica, which serves it, lets it wait, or turns it away.
//!
//! How an attempt ends is never known beforehand, for its replica may be killed. No event is ever called off, so that the place of an
//! attempt is given back once its completion has come, and the moment at which its caller would have given up.

use super::answer::Ended;
use super::{PoolRelease, Simulation};
use crate::engine::{Calendar, Rank};
use crate::platform::function::instance::{Condition, Instance, State};
use crate::platform::hosts::Hosts;
use crate::platform::index::{Each, VersionIx};
use crate::platform::observer::Observer;
use crate::platform::record::{Attempt, Call, Outcome, Way};
use crate::platform::room::Crowded;
use crate::platform::way::expected::{Known, Shape, Told};
use crate::source::Users;
use crate::time::{Instant, Span};
use rand_distr::Distribution;

/// What is known of an attempt that gets through to a version.
fn getting_through(call: &Call, shape: Shape, way: Way, told: Told) -> Known {
    Known { source: call.source, shape, version: Some((way.version, told)), gets_through: Each::from_fn(|_| 1.0) }
}

/// What becomes of an attempt that reaches the balancer.
enum Given {
    /// A replica serves it, or lets it wait.
    To(u32),
    /// The same, and it is not wanted any more.
    ToEnding(u32),
    /// The replica that it was given to takes no requests any more, or there is none.
    Nobody,
    /// The replica has no room for it.
    Full,
    /// No replica has, and it waits until one has.
    Waits,
}

impl<O: Observer> Simulation<O> {
    /// Any attempt on hosts.
    #[inline(never)]
    pub(super) fn attempt_on_hosts(
        &mut self,
        call: &Call,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let node = self.router.front_end(call.source, call.index, call.attempt.into());
        let kept_on = match self.sources[call.source as usize].users {
            Some(_) => self.callers.kept_on(call.source, Users::user(call.index), now),
            None => None,
        };
        // Who is kept on a version that is gone goes the way of all others.
        let knows = |version: &VersionIx| {
            self.hosts.as_deref_mut().is_some_and(|hosts| hosts.balancer.knows(node, *version, now))
        };
        let kept_on = kept_on.filter(knows);
        let mut way = self.router.way_of(call, kept_on, now);
        let is_any = kept_on.is_none() && self.router.asks_for_any(call.source, way.revision);
        let (given, version) = self.give(call, node, (!is_any).then_some(way.version), now);
        // Where nobody is, those are missing that are to be there.
        let aim = self.hosts.as_ref().filter(|_| is_any).map(|hosts| hosts.aim);
        way.version = version.or(aim).unwrap_or(way.version);
        if is_any && matches!(given, Given::ToEnding(_)) {
            way.alias_view = Way::ENDING;
        }
        let is_refused = self.is_refused(call, way, now);
        let told = if is_any || kept_on.is_some() { Told::Kept } else { Told::Drawn };
        match given {
            Given::To(replica) | Given::ToEnding(replica) if is_refused => {
                if let Some(hosts) = self.hosts.as_deref_mut() {
                    hosts.balancer.pass_over(node, replica);
                }
                self.turn_away(call, way, Outcome::Refused, now, calendar)
            }
            Given::To(replica) | Given::ToEnding(replica) => {
                if call.request >= Instant::ZERO {
                    match self.shape(call, now) {
                        Shape::Node => {
                            self.running.add_shaped(&mut self.router.control, now, call.source, (way.version, told));
                        }
                        shape => {
                            let known = getting_through(call, shape, way, told);
                            self.running.add(&mut self.router.control, now, &known);
                        }
                    }
                }
                self.seat(call, way, (replica, node), (now, now), calendar)
            }
            Given::Waits if !is_refused => {
                let counts = call.request >= Instant::ZERO;
                let known = counts.then(|| getting_through(call, self.shape(call, now), way, told));
                self.wait_for_room(call, way, (node, is_any), known.as_ref(), now, calendar)
            }
            Given::Full if !is_refused => self.turn_away(call, way, Outcome::Throttled, now, calendar),
            Given::Waits | Given::Full | Given::Nobody => self.turn_away(call, way, Outcome::Refused, now, calendar),
        }
    }

    /// To which replica a node gives a request for a version, or for any, and which version that runs.
    fn give(&mut self, call: &Call, node: u32, version: Option<VersionIx>, now: Instant) -> (Given, Option<VersionIx>) {
        let Some(hosts) = self.hosts.as_deref_mut() else { return (Given::Nobody, None) };
        let waits = self.overflow.is_some();
        // Where nothing may wait, nobody asks.
        let has_room = waits && hosts.has_room(version);
        let Hosts { settings, replicas, balancer, .. } = hosts;
        let stream = self.sources[call.source as usize].choice;
        let (mut tried, mut last, mut full) = (Vec::new(), None, 0);
        while tried.len() - full <= settings.balancer.retries as usize {
            let key = u64::from(call.attempt) << 32 | tried.len() as u64;
            let draw = |n| stream.below(n, call.index, key);
            let Some(chosen) = balancer.choose(node, version, &tried, now, draw) else { break };
            let replica = &replicas[chosen as usize];
            last = Some(replica.version);
            if replica.is_open && replica.requests() < settings.rooms() {
                let given = if replica.phase.is_wanted() { Given::To } else { Given::ToEnding };
                return (given(chosen), last);
            }
            balancer.pass_over(node, chosen);
            if replica.is_open {
                if !waits {
                    return (Given::Full, last);
                }
                full += 1;
                if !has_room {
                    break;
                }
            }
            tried.push(chosen);
        }
        (if full > 0 { Given::Waits } else { Given::Nobody }, last)
    }

    /// A replica that has room for an attempt, which came through a node and arrived at `at`, serves it, or lets it wait.
    pub(super) fn seat(
        &mut self,
        call: &Call,
        way: Way,
        (replica, node): (u32, u32),
        (at, now): (Instant, Instant),
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let Call { source, index, attempt, .. } = *call;
        let place = self.instances.create(way.version, index, &mut self.room)?;
        self.observer.began(source, index, attempt, replica.into(), now);
        let Some(hosts) = self.hosts.as_deref_mut() else { return Ok(()) };
        let state = &self.sources[source as usize];
        let release = &self.releases[way.version];
        let law = release.failure_time.as_ref().filter(|_| release.rejects[way.contract]);
        let usual = match (law, call.known) {
            (None, Some(known)) => known,
            (law, _) => law.unwrap_or(&release.service).sample(&mut state.service.at(index, attempt.into())),
        };
        hosts.balancer.connect(node, replica);
        hosts.taken(replica);
        let host = &mut hosts.replicas[replica as usize];
        let is_served = host.served.len() < hosts.settings.concurrency as usize;
        let doing = if is_served { State::Busy } else { State::Idle };
        let mut condition = Condition::of_request(doing, 0);
        condition.mark(Condition::OPEN);
        let position = if is_served { host.served.len() as u32 } else { 0 };
        self.instances.hot[place as usize] = Instance { at, index, source, position, way, attempt, condition };
        let rest = &mut self.instances.rest[place as usize];
        (rest.request, rest.known, rest.service) = (call.request, call.known, usual);
        (rest.host, rest.place, rest.ready, rest.begun) = (replica, node, host.opened, now);
        (rest.gives_up, rest.armed, rest.deadline) = (Instant::END, Instant::END, Instant::END);
        if is_served {
            host.served.push(place);
            self.observer.turn(source, index, attempt, now);
            rest.deadline = now + takes(release, usual, now, rest.ready);
            calendar.push(rest.deadline, Rank::Completion, place);
        } else {
            host.line.push_back(place);
        }
        let gives_up = at + state.patience;
        if state.patience < Span::LONGEST && (!is_served || rest.deadline > gives_up) {
            (rest.gives_up, rest.armed) = (gives_up, gives_up);
            calendar.push(gives_up, Rank::Expiry, place);
        }
        Ok(())
    }

    /// The completion of a seat has come.
    #[inline(never)]
    pub(super) fn leave_host(&mut self, place: u32, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        self.instances.rest[place as usize].deadline = Instant::END;
        let instance = &self.instances.hot[place as usize];
        if instance.condition.state() == State::Gone {
            // It was killed before.
            self.clear(place);
            return Ok(());
        }
        let (ready, release) = (self.instances.rest[place as usize].ready, &self.releases[instance.way.version]);
        let ended = match release.ends_specially {
            true => Ended::by_chance(instance, ready, &self.sources[instance.source as usize], release),
            false => Ended::plain(release, instance.way),
        };
        let replica = self.instances.rest[place as usize].host;
        self.give_back(place, now);
        self.end_on_host(place, ended, now, calendar)?;
        self.clear(place);
        if ended.reset {
            return self.crash(replica, now, calendar);
        }
        self.serve_next(replica, now, calendar)
    }

    /// An attempt is over; its place is given back unless something will still come for it.
    fn clear(&mut self, place: u32) {
        self.instances.hot[place as usize].condition.enter(State::Gone);
        let rest = &self.instances.rest[place as usize];
        if rest.armed == Instant::END && rest.deadline == Instant::END {
            self.instances.remove(place);
        }
    }

    /// An attempt leaves the seat in which it is served.
    fn give_back(&mut self, place: u32, now: Instant) {
        let Some(hosts) = self.hosts.as_deref_mut() else { return };
        let rest = &self.instances.rest[place as usize];
        hosts.balancer.disconnect(rest.place, rest.host, now);
        hosts.given_back(rest.host);
        let served = &mut hosts.replicas[rest.host as usize].served;
        let seat = self.instances.hot[place as usize].position;
        served.swap_remove(seat as usize);
        if let Some(&moved) = served.get(seat as usize) {
            self.instances.hot[moved as usize].position = seat;
        }
    }

    /// An attempt on a host has ended: it is recorded, and its caller goes on.
    #[inline]
    fn end_on_host(&mut self, place: u32, ended: Ended, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        let Instance { source, condition, .. } = self.instances.hot[place as usize];
        let follows = self.sources[source as usize].follows && !condition.has(Condition::LATE);
        let outcome = self.record(place, now, ended);
        if follows { self.answered(place, outcome, now, calendar) } else { Ok(()) }
    }

    /// A replica has a seat free: who has waited longest is served. One that ends goes when it has nothing left.
    fn serve_next(&mut self, replica: u32, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        loop {
            let Some(hosts) = self.hosts.as_deref_mut() else { return Ok(()) };
            let host = &mut hosts.replicas[replica as usize];
            let Some(place) = host.line.pop_front() else { break };
            let instance = &mut self.instances.hot[place as usize];
            if instance.condition.has(Condition::LATE) {
                // Its caller has given up.
                let node = self.instances.rest[place as usize].place;
                hosts.balancer.disconnect(node, replica, now);
                hosts.given_back(replica);
                self.end_on_host(place, Ended::expired(), now, calendar)?;
                self.clear(place);
                continue;
            }
            instance.condition.enter(State::Busy);
            instance.position = host.served.len() as u32;
            host.served.push(place);
            self.observer.turn(instance.source, instance.index, instance.attempt, now);
            let release = &self.releases[instance.way.version];
            let rest = &mut self.instances.rest[place as usize];
            rest.deadline = now + takes(release, rest.service, now, rest.ready);
            calendar.push(rest.deadline, Rank::Completion, place);
            break;
        }
        if self.overflow.is_some() {
            self.fill(replica, now, calendar)?;
        }
        // Most are not told to end.
        if self.hosts.as_ref().is_some_and(|hosts| hosts.replicas[replica as usize].is_told()) {
            self.go_if_idle(replica, now, calendar);
        }
        Ok(())
    }

    /// The caller of an attempt gives up, if it still waits.
    pub(super) fn give_up_on_host(&mut self, place: u32, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        self.instances.rest[place as usize].armed = Instant::END;
        let instance = &mut self.instances.hot[place as usize];
        if instance.condition.state() == State::Gone {
            self.clear(place);
            return Ok(());
        }
        instance.condition.mark(Condition::LATE);
        let Instance { source, index, attempt, way, .. } = *instance;
        let rest = &self.instances.rest[place as usize];
        let (request, known) = (rest.request, rest.known);
        let expired = Ended::expired().attempt(instance, &self.cast, self.pools[way.version].version, now);
        let last = !self.retries(source, attempt, Outcome::Expired);
        if !self.signals.is_empty() || !self.probes.is_empty() {
            self.seen(&Attempt { last, ..expired }, way.version);
        }
        if last {
            self.ends(source, index, Outcome::Expired);
        }
        let call = Call { attempt, since: now, ..Call::first(source, index, request, known) };
        self.follow(&self.kept(&call, way), (Outcome::Expired, last), now, calendar)
    }

    /// A replica crashes: what it serves and what waits for it fails, and it starts again.
    fn crash(&mut self, replica: u32, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        if let Some(hosts) = self.hosts.as_deref_mut() {
            hosts.close(replica);
        }
        // It is the code that fails them.
        self.lose_attempts(replica, Outcome::Failed, now, calendar)?;
        let Some(hosts) = self.hosts.as_deref_mut() else { return Ok(()) };
        let was_ready = hosts.replicas[replica as usize].is_ready();
        if hosts.crash(replica, now) {
            if was_ready {
                let version = hosts.replicas[replica as usize].version;
                self.pools[version].starting.begin(now);
            }
            self.expect(replica, calendar);
            self.fleet_changed(now, calendar);
        }
        self.go_if_idle(replica, now, calendar);
        Ok(())
    }

    /// All attempts that a replica has fail, in this way.
    pub(super) fn lose_attempts(
        &mut self,
        replica: u32,
        outcome: Outcome,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let Some(hosts) = self.hosts.as_deref_mut() else { return Ok(()) };
        let host = &mut hosts.replicas[replica as usize];
        let served = std::mem::take(&mut host.served);
        let line = std::mem::take(&mut host.line);
        for &place in served.iter().chain(&line) {
            let rest = &self.instances.rest[place as usize];
            if let Some(hosts) = self.hosts.as_deref_mut() {
                hosts.balancer.disconnect(rest.place, replica, now);
            }
            let Way { contract, version, .. } = self.instances.hot[place as usize].way;
            let ended = Ended::lost(&self.releases[version], contract, outcome);
            self.end_on_host(place, ended, now, calendar)?;
            self.clear(place);
        }
        Ok(())
    }
}

/// How long a request takes that begins at `now` on a replica that has been ready since `ready`.
fn takes(release: &PoolRelease, usual: Span, now: Instant, ready: Instant) -> Span {
    release.settle.as_ref().map_or(usual, |settle| settle.slowed(usual, now, ready))
}
