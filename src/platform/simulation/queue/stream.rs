//! Streams: records are appended to lanes and read in batches; what fails is tried again and holds up its lane.

use super::written;
use crate::engine::Calendar;
use crate::platform::function::instance::Instance;
use crate::platform::observer::Observer;
use crate::platform::queue::Batch;
use crate::platform::record::{Call, Way};
use crate::platform::room::Crowded;
use crate::platform::simulation::Simulation;
use crate::platform::stream::Next;
use crate::source::Stream;
use crate::time::Instant;

/// How the attempts of one record are numbered: those beyond the last one begin anew after the first.
const fn next_attempt(attempt: u8) -> u8 {
    if attempt == u8::MAX { 1 } else { attempt + 1 }
}

impl<O: Observer> Simulation<O> {
    /// A record comes into a lane.
    pub(super) fn append(&mut self, settings: &Stream, call: Call) -> Result<(), Crowded> {
        let lanes = settings.lanes();
        let lane = self.sources[call.source as usize].shard.below(lanes, call.index, 0);
        self.streams[call.source as usize].put(lane as usize, lanes as usize, call, &mut self.room)
    }

    /// The lanes of a stream are looked at: what may be read is.
    pub(super) fn read(
        &mut self,
        source: u32,
        settings: &Stream,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let mut look = Instant::END;
        for lane in self.streams[source as usize].lanes() {
            loop {
                match self.streams[source as usize].next(lane, settings, now) {
                    Next::Handle(batch) => self.handle(settings, batch, now, calendar)?,
                    Next::Look(at) => {
                        look = look.min(at);
                        break;
                    }
                    Next::Nothing => break,
                }
            }
        }
        if look < self.end && self.streams[source as usize].looks(look, now) {
            self.look_at_queue(source, look, calendar);
        }
        Ok(())
    }

    /// The function is called with a batch of records.
    fn handle(
        &mut self,
        settings: &Stream,
        batch: Batch,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let Batch { calls, lane, failures } = batch;
        let source = calls[0].source as usize;
        let Some(calls) = self.young_enough(calls, settings.max_age, now, calendar) else {
            self.streams[source].done(lane, now);
            return Ok(());
        };
        match self.call_with(Batch { calls, lane, failures }, now, calendar)? {
            None => self.streams[source].begin(lane),
            Some((mut batch, way, outcome)) => {
                for call in &mut batch.calls {
                    self.recorded_away(call, Way { contract: written(call), ..way }, (now, now), outcome);
                    call.attempt = next_attempt(call.attempt);
                }
                self.streams[source].again(batch, Some(settings.read_after(now)), now);
            }
        }
        Ok(())
    }

    /// An invocation of records is over.
    pub(in crate::platform::simulation) fn handled_records(
        &mut self,
        settings: &Stream,
        place: u32,
        now: Instant,
        calendar: &mut Calendar,
    ) {
        let Instance { source, .. } = self.instances.hot[place as usize];
        let (mut batch, ends) = self.end_batch(place, false, now);
        let stream = &mut self.streams[source as usize];
        stream.end(batch.lane);
        let has_failed = ends[0].is_lost();
        let is_split = settings.bisect && batch.calls.len() > 1;
        let is_over = !has_failed || (!is_split && settings.retries.is_some_and(|most| batch.failures >= most));
        for (number, (call, outcome)) in batch.calls.iter().zip(ends).enumerate() {
            self.record_of_batch(place, (number, call), (outcome, is_over), now);
            if is_over {
                self.left(call, now, calendar);
            }
        }
        let stream = &mut self.streams[source as usize];
        if is_over {
            return stream.done(batch.lane, now);
        }
        batch.calls.iter_mut().for_each(|call| call.attempt = next_attempt(call.attempt));
        batch.failures += 1;
        if is_split {
            let calls = batch.calls.split_off(batch.calls.len().div_ceil(2));
            stream.again(Batch { calls, lane: batch.lane, failures: 0 }, None, now);
            batch.failures = 0;
        }
        stream.again(batch, Some(settings.read_after(now)), now);
    }

    /// For how long shards were held up, in seconds; `None` where there is no stream.
    #[must_use]
    pub fn blocked(&self, end: Instant) -> Option<f64> {
        let of = self.sources.iter().zip(&self.streams).filter_map(|(source, stream)| {
            let parallel = source.queue?.stream()?.parallel;
            Some(stream.held_up(end) as f64 / 1e9 / f64::from(parallel))
        });
        of.fold(None, |sum, seconds| Some(sum.unwrap_or(0.0) + seconds))
    }
}
