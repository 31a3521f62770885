//! Queues take events over: they wait for their turn, pollers receive them in batches, and what fails is seen again.

use super::Simulation;
use super::answer::Ended;
use super::fleet::{MOST_REPLICA_HANDLE, SCALINGS};
use super::overflow::WAITS;
use crate::engine::{Calendar, Rank};
use crate::platform::function::instance::{Condition, Instance};
use crate::platform::index::{ContractIx, VersionIx};
use crate::platform::queue::{Next, Queue as Waiting};
use crate::platform::record::{Attempt, Call, Observer, Outcome, Way};
use crate::platform::room::Crowded;
use crate::platform::way::expected::{Known, Shape, Told};
use crate::platform::way::router::Router;
use crate::source::{Consumers, Delivery, Messages, Queue, Resolve, Target};
use crate::time::{Instant, Span};
use rand_distr::Distribution;

/// The handle of the event at which the first source's queue is looked at; the others' follow.
pub(super) const LOOKS_AT_QUEUE: u32 = 7 << 20;

const _: () = assert!(MOST_REPLICA_HANDLE <= LOOKS_AT_QUEUE && SCALINGS < LOOKS_AT_QUEUE && LOOKS_AT_QUEUE < WAITS);

/// The number of the first event that waits at t = 0; no source sends so many.
const BACKLOG: u64 = 1 << 48;

impl<O: Observer> Simulation<O> {
    /// What waits in queues at t = 0, besides what the warm-up has left.
    pub(super) fn fill_queues(&mut self, calendar: &mut Calendar) -> Result<(), Crowded> {
        for source in 0..self.queues.len() as u32 {
            let Some(queue) = self.sources[source as usize].queue else { continue };
            // They were sent before t = 0.
            let sent = Instant::ZERO.before(queue.backlog.age.max(Span::from_ns(1)));
            let bound = (queue.resolve == Resolve::Enqueue).then_some(VersionIx::FIRST);
            for number in 0..u64::from(queue.backlog.messages) {
                let call = Call::first(source, BACKLOG + number, sent, None);
                let call = Call { contract: Some(ContractIx::FIRST), bound, ..call };
                let lane = lane(&queue, &call);
                self.queues[source as usize].put(lane, call, &mut self.room)?;
            }
            let waiting = u64::from(queue.backlog.messages);
            self.arrived += waiting;
            self.arrived_before_zero = self.arrived_before_zero.map(|before| before + waiting);
            self.queued += waiting;
            // After everything else of the control plane that happens then.
            calendar.push(Instant::ZERO, Rank::Control, LOOKS_AT_QUEUE + source);
        }
        self.queued_most = self.queued;
        Ok(())
    }

    /// An event is sent, or a message is seen again.
    pub(super) fn enqueue(
        &mut self,
        queue: &Queue,
        call: &Call,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        if call.attempt == 0 {
            self.queued += 1;
            self.queued_most = self.queued_most.max(self.queued);
            if queue.is_plain() {
                return self.attempt_on_function(call, now, calendar);
            }
        }
        let mut call = *call;
        if call.attempt == 0 {
            let way = self.router.way_of(&call, None, now);
            (call.contract, call.bound) =
                (Some(way.contract), (queue.resolve == Resolve::Enqueue).then_some(way.version));
        }
        let source = call.source;
        self.queues[source as usize].put(lane(queue, &call), call, &mut self.room)?;
        self.receive(source, now, calendar)
    }

    /// A queue is looked at: what may be received is.
    pub(super) fn receive(&mut self, source: u32, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        let Some(queue) = self.sources[source as usize].queue.filter(|_| now < self.end) else { return Ok(()) };
        loop {
            let open = self.open_lanes(source, &queue, now);
            let Delivery::Messages(messages) = queue.delivery else {
                let Some(&lane) = open.first() else { return Ok(()) };
                for (_, call) in self.queues[source as usize].take(lane) {
                    self.attempt_on_function(&call, now, calendar)?;
                }
                continue;
            };
            match self.queues[source as usize].next(&open, &messages, now) {
                Next::Receive(lane, some) => {
                    let Some((first, others)) = self.queues[source as usize].receive(lane, some) else { return Ok(()) };
                    self.invoke(&messages, first, others, now, calendar)?;
                }
                Next::Look(at) => {
                    if at < self.end {
                        calendar.push(at, Rank::Control, LOOKS_AT_QUEUE + source);
                    }
                    return Ok(());
                }
                Next::Nothing => return Ok(()),
            }
        }
    }

    /// The lanes of a queue whose events some version takes now.
    fn open_lanes(&mut self, source: u32, queue: &Queue, now: Instant) -> Vec<usize> {
        let (router, cast) = (&mut self.router, &self.cast);
        // Where no version can be asked for, the one that is there takes what is in its format.
        let closed = |first: &Call, router: &mut Router| {
            queue.consumers == Consumers::ByVersion
                && !router.askable()
                && call_contract(first) != cast.spoken(router.way_of(first, None, now).version)
        };
        let waiting = &mut self.queues[source as usize];
        let mut open = waiting.open(queue.target == Target::WhenOldGone);
        open.retain(|&lane| waiting.first(lane).is_some_and(|first| !closed(first, router)));
        open
    }

    /// Which version an event is to be asked for whatever its mapping says.
    pub(super) fn asked_for(&mut self, queue: &Queue, call: &Call, now: Instant) -> Option<VersionIx> {
        if !self.router.askable() {
            return None;
        }
        match call.contract {
            Some(contract) if queue.sorts() => {
                let drawn = self.router.way_of(call, None, now).version;
                let speaks = |place: &VersionIx| self.cast.spoken(*place) == contract;
                match speaks(&drawn) {
                    true => Some(drawn),
                    false => self.cast.versions().map(|(place, _)| place).find(speaks),
                }
            }
            _ => call.bound,
        }
    }

    /// A poller calls the function with a batch.
    fn invoke(
        &mut self,
        messages: &Messages,
        first: Call,
        mut others: Vec<Call>,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let source = first.source;
        let Some(queue) = self.sources[source as usize].queue else { return Ok(()) };
        let mut first = first;
        while now > first.request + messages.retention {
            self.forget(&first, now, calendar);
            if others.is_empty() {
                return Ok(());
            }
            first = others.remove(0);
        }
        for old in others.extract_if(.., |call| now > call.request + messages.retention).collect::<Vec<_>>() {
            self.forget(&old, now, calendar);
        }
        let asked = self.asked_for(&queue, &first, now);
        let let_in = self.let_in(now);
        if now >= Instant::ZERO {
            let gets_through = self.gets_through(source, &let_in, now);
            for call in std::iter::once(&first).chain(&others) {
                let version = asked.map(|version| (version, Told::Kept));
                let known = Known { source, shape: Shape::Known(call_contract(call)), version, gets_through };
                self.running.add(&mut self.router.control, now, &known);
            }
        }
        let way = self.router.way_of(&first, asked, now);
        let outcome = match () {
            () if self.is_refused(&first, way, now) => Outcome::Refused,
            () if !let_in[way.version] => Outcome::Throttled,
            () => {
                let release = &self.releases[way.version];
                let state = &self.sources[source as usize];
                let more = others.iter().map(|call| {
                    let law = release.failure_time.as_ref().filter(|_| release.rejects[call_contract(call)]);
                    match (law, call.known) {
                        (None, Some(known)) => known,
                        (law, _) => law
                            .unwrap_or(&release.service)
                            .sample(&mut state.service.at(call.index, call.attempt.into())),
                    }
                });
                let more = more.fold(Span::ZERO, |sum, span| sum + span);
                self.observer.handled_more(now, others.len() as u64);
                let noted = self.queues[source as usize].begin(others);
                return self.serve_specially(Call { others: more, noted, ..first }, way, (now, now), calendar);
            }
        };
        for call in std::iter::once(&first).chain(&others) {
            let way = Way { contract: call_contract(call), ..way };
            let last = self.recorded_away(call, way, (now, now), outcome);
            self.put_back(&self.kept(call, way), (last, messages.seen_again(now, now)), now, calendar)?;
        }
        let until = messages.seen_again(now, now);
        self.queues[source as usize].hold(until);
        if until < self.end {
            calendar.push(until, Rank::Control, LOOKS_AT_QUEUE + source);
        }
        Ok(())
    }

    /// A message is too old to be received.
    fn forget(&mut self, call: &Call, now: Instant, calendar: &mut Calendar) {
        let way = Way { contract: call_contract(call), ..self.router.way_of(call, None, now) };
        self.recorded_away(call, way, (now, now), Outcome::WaitedOut);
        self.left(call, now, calendar);
    }

    /// A message that was received is seen again at `at`, unless it was received for the last time.
    fn put_back(
        &mut self,
        call: &Call,
        (last, at): (bool, Instant),
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        match last {
            true => {
                self.left(call, now, calendar);
                Ok(())
            }
            false => self.wait(
                Call { attempt: call.attempt + 1, since: now, others: Span::ZERO, noted: 0, ..*call },
                at,
                calendar,
            ),
        }
    }

    /// An event has been handled, or given up.
    pub(super) fn left(&mut self, call: &Call, now: Instant, calendar: &mut Calendar) {
        let Some(queue) = self.sources[call.source as usize].queue else { return };
        self.queued -= 1;
        if queue.target == Target::WhenOldGone {
            self.queues[call.source as usize].leave(lane(&queue, call));
            // Those of the next version may go on now.
            calendar.push(now, Rank::Control, LOOKS_AT_QUEUE + call.source);
        }
    }

    /// An invocation of a batch is over.
    #[inline(never)]
    pub(super) fn handled(
        &mut self,
        messages: &Messages,
        place: u32,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let instance = self.instances.hot[place as usize];
        let rest = self.instances.rest[place as usize];
        let Instance { source, way, condition, at, .. } = instance;
        let others = self.queues[source as usize].end(rest.host);
        let calls: Vec<Call> = std::iter::once(self.call_of(place, now)).chain(others).collect();
        let calls: Vec<Call> =
            calls.iter().map(|call| Call { contract: Some(call.contract.unwrap_or(way.contract)), ..*call }).collect();
        let (state, release) = (&self.sources[source as usize], &self.releases[way.version]);
        let ended = |call: &Call| {
            let way = Way { contract: call_contract(call), ..way };
            Ended::by_chance(
                &Instance { index: call.index, attempt: call.attempt, way, ..instance },
                rest.ready,
                state,
                release,
            )
        };
        let ends: Vec<Ended> = calls.iter().map(ended).collect();
        let reset = ends.iter().any(|ended| ended.reset);
        let fails = reset || (!messages.partial && ends.iter().any(|ended| ended.outcome.is_lost()));
        if reset {
            self.instances.hot[place as usize].condition.mark(Condition::RESET);
        }
        if self.bills {
            self.bill(place, rest.begun, now);
        }
        let mut cold_wait = condition.has(Condition::COLD).then(|| rest.ready.since(rest.begun));
        for (number, (call, ended)) in calls.iter().zip(ends).enumerate() {
            let way = Way { contract: call_contract(call), ..way };
            let outcome = if fails && ended.outcome == Outcome::Served { Outcome::Failed } else { ended.outcome };
            let last = self.is_last(call, outcome, now);
            let attempt = Attempt {
                last,
                reset: reset && number == 0,
                outcome,
                cold_wait: cold_wait.take(),
                ..self.message(place, call, now)
            };
            if last {
                self.ends(source, call.index, outcome);
            }
            self.observer.ended(&attempt, way);
            self.ended += u64::from(last);
            self.seen(&attempt, way.version);
            self.put_back(&self.kept(call, way), (last, messages.seen_again(at, now)), now, calendar)?;
        }
        Ok(())
    }

    /// The attempt of a message of the batch that an instance handles; only the first one's may be a cold start.
    fn message(&self, place: u32, call: &Call, end: Instant) -> Attempt {
        let instance = &self.instances.hot[place as usize];
        let is_first = call.index == instance.index;
        let Instance { source, way, at, condition, .. } = *instance;
        Attempt {
            source,
            index: call.index,
            attempt: call.attempt.into(),
            request: call.request,
            arrival: at,
            revision: u32::from(way.revision),
            alias_view: u32::from(way.alias_view),
            contract: self.cast.contract(call_contract(call)),
            version: self.pools[way.version].version,
            cold_wait: None,
            cold: is_first && condition.has(Condition::COLD),
            end,
            outcome: Outcome::InFlight,
            last: true,
            reset: false,
        }
    }

    /// The window ends: the messages of a batch that an instance handles, but for the first one, are in flight.
    pub(super) fn others_in_flight(&mut self, place: u32, end: Instant) {
        let Instance { source, way, .. } = self.instances.hot[place as usize];
        let is_message = self
            .sources
            .get(source as usize)
            .and_then(|source| source.queue)
            .is_some_and(|queue| queue.messages().is_some());
        if !is_message {
            return;
        }
        let others = self.queues[source as usize].others(self.instances.rest[place as usize].host).to_vec();
        for call in others {
            let attempt = self.message(place, &call, end);
            self.observer.ended(&attempt, Way { contract: call_contract(&call), ..way });
            self.ended += 1;
        }
    }

    /// The window ends: whatever waits in a queue is in flight.
    pub(super) fn still_queued(&mut self) {
        for call in self.queues.iter().flat_map(Waiting::waiting) {
            self.observer.unanswered(call.source, call.request);
            self.ended += 1;
        }
    }
}

/// The contract in which an event was sent that a queue has taken.
fn call_contract(call: &Call) -> ContractIx {
    call.contract.unwrap_or(ContractIx::FIRST)
}

/// The lane of an event.
fn lane(queue: &Queue, call: &Call) -> usize {
    match call.bound {
        _ if queue.sorts() => call_contract(call).number(),
        Some(version) => version.number(),
        None => 0,
    }
}
