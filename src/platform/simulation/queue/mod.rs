//! Queues take events over: they wait for their turn, pollers receive them in batches, and what fails is seen again.

mod batch;
mod stream;

use super::Simulation;
use super::fleet::{MOST_REPLICA_HANDLE, SCALINGS};
use super::overflow::WAITS;
use crate::engine::{Calendar, Rank};
use crate::platform::function::instance::Instance;
use crate::platform::index::{ContractIx, VersionIx};
use crate::platform::observer::Observer;
use crate::platform::queue::{Batch, Next, Open, Queue as Waiting};
use crate::platform::record::{Call, Outcome, Way};
use crate::platform::room::Crowded;
use crate::platform::stream::Stream;
use crate::platform::way::router::Router;
use crate::source::{Consumers, Delivery, Messages, Missed, Queue, Resolve, Target};
use crate::time::{Instant, Span};

/// The handle of the event at which the first source's queue is looked at; the others' follow.
pub(super) const LOOKS_AT_QUEUE: u32 = 7 << 20;

const _: () = assert!(MOST_REPLICA_HANDLE <= LOOKS_AT_QUEUE && SCALINGS < LOOKS_AT_QUEUE && LOOKS_AT_QUEUE < WAITS);

/// The number of the first event that waits at t = 0; no source sends so many.
const BACKLOG: u64 = 1 << 48;

impl<O: Observer> Simulation<O> {
    /// What waits in queues at t = 0, besides what the warm-up has left.
    pub(super) fn fill_queues(&mut self, calendar: &mut Calendar) -> Result<(), Crowded> {
        if !self.queues.is_empty() {
            // The bins before t = 0 have nothing of it.
            self.roll(Instant::ZERO);
        }
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
            (0..waiting).for_each(|_| self.levels.queued(source).begin(Instant::ZERO));
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
            self.levels.queued(call.source).begin(now);
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
        match &queue.delivery {
            Delivery::Stream(stream) => self.append(stream, call)?,
            _ => self.queues[source as usize].put(lane(queue, &call), call, &mut self.room)?,
        }
        self.receive(source, now, calendar)
    }

    /// A queue is looked at: what may be received is.
    pub(super) fn receive(&mut self, source: u32, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        let Some(queue) = self.sources[source as usize].queue.filter(|_| now < self.end) else { return Ok(()) };
        if now == Instant::ZERO && self.live.is_none() {
            // Once the rollout has begun, all of it is looked at.
            self.streams[source as usize].look_at_all();
            return Ok(());
        }
        if let Delivery::Stream(stream) = &queue.delivery {
            return self.read(source, stream, now, calendar);
        }
        loop {
            let open = self.open_lanes(source, &queue, now);
            let Delivery::Messages(messages) = queue.delivery else {
                let Some(&lane) = open.as_slice().first() else { return Ok(()) };
                for (_, call) in self.queues[source as usize].take(lane.into()) {
                    self.attempt_on_function(&call, now, calendar)?;
                }
                continue;
            };
            match self.queues[source as usize].next(&open, &messages, now) {
                Next::Receive(lane, some) => {
                    let list = self.batches.list();
                    let calls = self.queues[source as usize].receive(lane, some, list);
                    self.invoke(&messages, calls, now, calendar)?;
                }
                Next::Look(at) => {
                    self.look_at_queue(source, at, calendar);
                    return Ok(());
                }
                Next::Nothing => return Ok(()),
            }
        }
    }

    /// The calendar looks at a queue at `at`. At t = 0 it does anyway, once the rollout has begun.
    pub(super) fn look_at_queue(&self, source: u32, at: Instant, calendar: &mut Calendar) {
        if at < self.end && (self.live.is_some() || at != Instant::ZERO) {
            calendar.push(at, Rank::Control, LOOKS_AT_QUEUE + source);
        }
    }

    /// The lanes of a queue whose events some version takes now.
    fn open_lanes(&mut self, source: u32, queue: &Queue, now: Instant) -> Open {
        let (router, cast) = (&mut self.router, &self.cast);
        // Where no version can be asked for, the one that is there takes what is in its format.
        let closed = |first: &Call, router: &mut Router| {
            !router.askable() && written(first) != cast.spoken(router.way_of(first, None, now).version)
        };
        let waiting = &mut self.queues[source as usize];
        let mut open = waiting.open(queue.target == Target::WhenOldGone);
        if queue.consumers == Consumers::ByVersion {
            open.retain(|lane| waiting.first(lane).is_some_and(|first| !closed(first, router)));
        }
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

    /// A poller calls the function with messages.
    fn invoke(
        &mut self,
        messages: &Messages,
        calls: Vec<Call>,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let Some(calls) = self.young_enough(calls, Some(messages.retention), now, calendar) else { return Ok(()) };
        let source = calls[0].source;
        let batch = Batch { calls, lane: 0, failures: 0 };
        let Some((batch, way, outcome)) = self.call_with(batch, now, calendar)? else {
            self.queues[source as usize].begin();
            return Ok(());
        };
        let until = messages.seen_again(now, now);
        for call in &batch.calls {
            let way = Way { contract: written(call), ..way };
            let last = self.recorded_away(call, way, (now, now), outcome);
            self.put_back(&self.kept(call, way), (last, until), now, calendar)?;
        }
        self.queues[source as usize].hold(until);
        self.look_at_queue(source, until, calendar);
        Ok(())
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
            false => self.wait(Call { attempt: call.attempt + 1, since: now, ..*call }, at, calendar),
        }
    }

    /// An event has been handled, or given up.
    pub(super) fn left(&mut self, call: &Call, now: Instant, calendar: &mut Calendar) {
        let Some(queue) = self.sources[call.source as usize].queue else { return };
        self.queued -= 1;
        self.levels.queued(call.source).end(now);
        if queue.target == Target::WhenOldGone {
            self.queues[call.source as usize].leave(lane(&queue, call));
            // Those of the next version may go on now.
            self.look_at_queue(call.source, now, calendar);
        }
    }

    /// An invocation of messages is over.
    pub(super) fn handled_messages(
        &mut self,
        messages: &Messages,
        place: u32,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let Instance { source, way, at, .. } = self.instances.hot[place as usize];
        self.queues[source as usize].end();
        let (batch, ends) = self.end_batch(place, messages.partial, now);
        for (number, (call, outcome)) in batch.calls.iter().zip(ends).enumerate() {
            let last = self.is_last(call, outcome, now);
            self.record_of_batch(place, (number, call), (outcome, last), now);
            let way = Way { contract: written(call), ..way };
            self.put_back(&self.kept(call, way), (last, messages.seen_again(at, now)), now, calendar)?;
        }
        self.batches.give_back(batch.calls);
        Ok(())
    }

    /// The window ends: whatever waits in a queue is in flight.
    pub(super) fn still_queued(&mut self) {
        let waiting: Vec<(u32, Instant)> = self.in_queues().map(|call| (call.source, call.request)).collect();
        for (source, request) in waiting {
            self.observer.unanswered(source, request);
            self.ended += 1;
        }
    }

    /// Everything that waits in a queue, to be tried first or again.
    pub(super) fn in_queues(&self) -> impl Iterator<Item = &Call> {
        let in_streams = self.streams.iter().flat_map(Stream::waiting);
        self.queues.iter().flat_map(Waiting::waiting).chain(in_streams)
    }
}

/// When a queue tries an event again whose attempt has ended so at `now`, and how often its code has failed by then.
pub(super) fn tried_again(queue: &Queue, call: &Call, outcome: Outcome, now: Instant) -> Option<(Instant, u8)> {
    let missed = match outcome {
        Outcome::Incompatible | Outcome::Failed | Outcome::Killed | Outcome::Unreadable => Missed::Failed,
        Outcome::Throttled | Outcome::Refused | Outcome::Expired | Outcome::WaitedOut => Missed::Unreached,
        Outcome::Served | Outcome::InFlight | Outcome::Waiting => return None,
    };
    match &queue.delivery {
        Delivery::Invocation(invocation) => {
            invocation.again(missed, now, call.request, call.attempt + 1, call.failures)
        }
        // Nothing is received again that is too old.
        Delivery::Messages(messages) => {
            let again = call.attempt + 1 < messages.receives && outcome != Outcome::WaitedOut;
            again.then(|| (messages.seen_again(now, now), 0))
        }
        // How often a batch was tried its stream knows.
        Delivery::Stream(_) => (outcome != Outcome::WaitedOut).then_some((now, 0)),
    }
}

/// The contract in which an event was sent that a queue has taken.
pub(super) fn written(call: &Call) -> ContractIx {
    call.contract.unwrap_or(ContractIx::FIRST)
}

/// The lane of an event.
fn lane(queue: &Queue, call: &Call) -> usize {
    match call.bound {
        _ if queue.sorts() => written(call).number(),
        Some(version) => version.number(),
        None => 0,
    }
}
