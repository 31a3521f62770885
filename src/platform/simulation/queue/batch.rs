//! An invocation handles a batch of events, one after the other: what becomes of one may become of all.

use super::written;
use crate::engine::Calendar;
use crate::platform::function::instance::{Condition, Instance};
use crate::platform::observer::Observer;
use crate::platform::queue::Batch;
use crate::platform::record::{Attempt, Call, Outcome, Way};
use crate::platform::room::Crowded;
use crate::platform::simulation::Simulation;
use crate::platform::simulation::answer::Ended;
use crate::platform::way::expected::{Known, Shape, Told};
use crate::time::{Instant, Span};
use rand_distr::Distribution;

impl<O: Observer> Simulation<O> {
    /// Those of some events that are not too old to be tried, if there are any; the others are given up.
    pub(super) fn young_enough(
        &mut self,
        calls: Vec<Call>,
        most: Option<Span>,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Option<Vec<Call>> {
        let Some(most) = most else { return Some(calls) };
        if calls.iter().all(|call| now <= call.request + most) {
            return Some(calls);
        }
        let (young, old): (Vec<Call>, Vec<Call>) = calls.into_iter().partition(|call| now <= call.request + most);
        for call in old {
            let way = Way { contract: written(&call), ..self.router.way_of(&call, None, now) };
            self.recorded_away(&call, way, (now, now), Outcome::WaitedOut);
            self.left(&call, now, calendar);
        }
        (!young.is_empty()).then_some(young)
    }

    /// The function is called with a batch that is not empty; answers it, with its way and how, where it is turned away.
    pub(super) fn call_with(
        &mut self,
        batch: Batch,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<Option<(Batch, Way, Outcome)>, Crowded> {
        let first = batch.calls[0];
        let Some(queue) = self.sources[first.source as usize].queue else { return Ok(None) };
        let asked = self.asked_for(&queue, &first, now);
        let let_in = self.let_in(now);
        if now >= Instant::ZERO {
            let gets_through = self.gets_through(first.source, &let_in, now);
            for call in &batch.calls {
                let (shape, version) = (Shape::Known(written(call)), asked.map(|version| (version, Told::Kept)));
                let known = Known { source: first.source, shape, version, gets_through };
                self.running.add(&mut self.router.control, now, &known);
            }
        }
        let way = self.router.way_of(&first, asked, now);
        match () {
            () if self.is_refused(&first, way, now) => return Ok(Some((batch, way, Outcome::Refused))),
            () if !let_in[way.version] => return Ok(Some((batch, way, Outcome::Throttled))),
            () => {}
        }
        let release = &self.releases[way.version];
        let state = &self.sources[first.source as usize];
        let takes = |call: &Call| {
            let law = release.failure_time.as_ref().filter(|_| release.rejects[written(call)]);
            match (law, call.known) {
                (None, Some(known)) => known,
                (law, _) => {
                    law.unwrap_or(&release.service).sample(&mut state.service.at(call.index, call.attempt.into()))
                }
            }
        };
        let others = batch.calls[1..].iter().map(takes).fold(Span::ZERO, |sum, span| sum + span);
        self.observer.handled_more(now, batch.calls.len() as u64 - 1);
        let number = self.batches.begin(batch);
        self.serve_specially(first, way, (now, now), (others, number), calendar)?;
        Ok(None)
    }

    /// An invocation of a batch is over: the batch, and how each of its events ended. `partial`: whether one that fails leaves the others
    /// alone.
    pub(super) fn end_batch(&mut self, place: u32, partial: bool, now: Instant) -> (Batch, Vec<Outcome>) {
        let instance = self.instances.hot[place as usize];
        let rest = self.instances.rest[place as usize];
        let Instance { source, way, .. } = instance;
        let batch = self.batches.end(rest.host);
        let (state, release) = (&self.sources[source as usize], &self.releases[way.version]);
        let ended = |call: &Call| {
            let way = Way { contract: written(call), ..way };
            let of_call = Instance { index: call.index, attempt: call.attempt, way, ..instance };
            Ended::by_chance(&of_call, rest.ready, state, release)
        };
        let ends: Vec<Ended> = batch.calls.iter().map(ended).collect();
        let reset = ends.iter().any(|ended| ended.reset);
        let all_fail = reset || (!partial && ends.iter().any(|ended| ended.outcome.is_lost()));
        if reset {
            self.instances.hot[place as usize].condition.mark(Condition::RESET);
        }
        if self.bills {
            self.bill(place, rest.begun, now);
        }
        let outcome = |ended: Ended| match ended.outcome {
            Outcome::Served if all_fail => Outcome::Failed,
            outcome => outcome,
        };
        (batch, ends.into_iter().map(outcome).collect())
    }

    /// Records how an event of a batch ended at `now` that an instance has handled.
    pub(super) fn record_of_batch(
        &mut self,
        place: u32,
        (number, call): (usize, &Call),
        (outcome, last): (Outcome, bool),
        now: Instant,
    ) {
        let Instance { way, condition, .. } = self.instances.hot[place as usize];
        let rest = &self.instances.rest[place as usize];
        // What befalls the instance befalls it once.
        let is_first = number == 0;
        let is_cold = is_first && condition.has(Condition::COLD);
        let cold_wait = is_cold.then(|| rest.ready.since(rest.begun));
        let reset = is_first && condition.has(Condition::RESET);
        let attempt =
            Attempt { last, outcome, cold_wait, cold: is_cold, reset, ..self.attempt_in_batch(place, call, now) };
        if last {
            self.ends(call.source, call.index, outcome);
        }
        self.observer.ended(&attempt, Way { contract: written(call), ..way });
        self.ended += u64::from(last);
        self.seen(&attempt, way.version);
    }

    /// The attempt of an event in the batch that an instance handles: in flight, and not the first one.
    fn attempt_in_batch(&self, place: u32, call: &Call, end: Instant) -> Attempt {
        let Instance { source, way, at, .. } = self.instances.hot[place as usize];
        Attempt {
            source,
            index: call.index,
            attempt: call.attempt.into(),
            request: call.request,
            arrival: at,
            revision: u32::from(way.revision),
            alias_view: u32::from(way.alias_view),
            contract: self.cast.contract(written(call)),
            version: self.pools[way.version].version,
            cold_wait: None,
            cold: false,
            end,
            outcome: Outcome::InFlight,
            last: true,
            reset: false,
        }
    }

    /// The window ends: the events of a batch that an instance handles, but for the first one, are in flight.
    pub(in crate::platform::simulation) fn others_in_flight(&mut self, place: u32, end: Instant) {
        let Instance { source, way, .. } = self.instances.hot[place as usize];
        if !self.sources.get(source as usize).and_then(|source| source.queue).is_some_and(|queue| queue.has_batches()) {
            return;
        }
        let batch = self.batches.get(self.instances.rest[place as usize].host);
        for call in batch.calls.iter().skip(1).copied().collect::<Vec<_>>() {
            let attempt = self.attempt_in_batch(place, &call, end);
            self.observer.ended(&attempt, Way { contract: written(&call), ..way });
            self.ended += 1;
        }
    }
}
