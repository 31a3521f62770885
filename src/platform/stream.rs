//! The lanes of a stream: the records of each are handled in order, a batch at a time, and a batch that fails holds up its lane.

use crate::platform::queue::Batch;
use crate::platform::record::Call;
use crate::platform::room::{Crowded, Room};
use crate::source;
use crate::time::Instant;
use std::collections::VecDeque;
use std::ops::Range;

/// The lanes of one stream.
#[derive(Clone, Debug)]
pub struct Stream {
    lanes: Vec<Lane>,
    /// How many records wait, and how many did at most.
    waiting: usize,
    most: usize,
    /// A lane to which something has just happened.
    touched: Option<usize>,
    /// When the calendar will look at all lanes.
    looks_at: Instant,
    /// For how long lanes were held up from t = 0 on, in nanoseconds, those apart that still are.
    held_up: u128,
}

#[derive(Clone, Debug, Default)]
struct Lane {
    /// Records that have not been tried, in order.
    waiting: VecDeque<Call>,
    /// Batches to be tried again before all others.
    again: VecDeque<Batch>,
    /// When the first of them is.
    again_at: Option<Instant>,
    is_busy: bool,
    /// Since when it has waited for a whole batch.
    gathers: Option<Instant>,
    /// Since when a batch that failed has held it up.
    held_up: Option<Instant>,
}

/// What may be done with a lane.
#[derive(Debug)]
pub enum Next {
    /// This batch may be handled.
    Handle(Batch),
    /// It is to be looked at again then.
    Look(Instant),
    /// Nothing, until something happens.
    Nothing,
}

impl Default for Stream {
    fn default() -> Self {
        let looks_at = Instant::BEGINNING;
        Self { lanes: Vec::new(), waiting: 0, most: 0, touched: None, looks_at, held_up: 0 }
    }
}

impl Stream {
    /// A record comes into a lane, of so many.
    ///
    /// # Errors
    /// [`Crowded`], when it does not fit into memory.
    pub fn put(&mut self, lane: usize, lanes: usize, call: Call, room: &mut Room) -> Result<(), Crowded> {
        if self.lanes.is_empty() {
            self.lanes.resize_with(lanes, Lane::default);
        }
        self.touched = Some(lane);
        self.lanes[lane].waiting.push_back(call);
        self.waiting += 1;
        if self.waiting > self.most {
            self.most = self.waiting;
            room.take(size_of::<Call>() as u64 * 9 / 8)?;
        }
        Ok(())
    }

    /// The lanes to be looked at: the one to which something has just happened, or all.
    pub fn lanes(&mut self) -> Range<usize> {
        match self.touched.take() {
            Some(lane) => lane..lane + 1,
            None => 0..self.lanes.len(),
        }
    }

    /// All lanes are to be looked at next, whatever has happened to one of them.
    pub const fn look_at_all(&mut self) {
        self.touched = None;
    }

    /// What may be done with a lane at `now`.
    pub fn next(&mut self, place: usize, settings: &source::Stream, now: Instant) -> Next {
        let lane = &mut self.lanes[place];
        if lane.is_busy {
            return Next::Nothing;
        }
        if !lane.again.is_empty() {
            match lane.again_at {
                Some(at) if at > now => return Next::Look(at),
                _ => lane.again_at = None,
            }
            return lane.again.pop_front().map_or(Next::Nothing, Next::Handle);
        }
        let Some(first) = lane.waiting.front() else { return Next::Nothing };
        let (read, batch) = (settings.read_by(now), settings.batch as usize);
        if first.request > read {
            return Next::Look(settings.read_from(first.request));
        }
        let readable = lane.waiting.iter().take(batch).take_while(|call| call.request <= read).count();
        let until = *lane.gathers.get_or_insert(now) + settings.window;
        if readable < batch && now < until {
            // More may be there when the shard is read next.
            let next = lane.waiting.get(readable).map(|call| settings.read_from(call.request));
            return Next::Look(next.map_or(until, |next| next.min(until)));
        }
        lane.gathers = None;
        self.waiting -= readable;
        let calls = lane.waiting.drain(..readable).collect();
        Next::Handle(Batch { calls, lane: place, failures: 0 })
    }

    /// Whether the calendar is to look at all lanes at `at`, because it will not before.
    pub fn looks(&mut self, at: Instant, now: Instant) -> bool {
        let is_known = self.looks_at > now && self.looks_at <= at;
        self.looks_at = if is_known { self.looks_at } else { at };
        !is_known
    }

    /// A batch of a lane is being handled.
    pub fn begin(&mut self, lane: usize) {
        self.lanes[lane].is_busy = true;
    }

    /// It has been.
    pub fn end(&mut self, lane: usize) {
        self.lanes[lane].is_busy = false;
        self.touched = Some(lane);
    }

    /// A batch is to be tried again at `at`, before all others of its lane.
    pub fn again(&mut self, batch: Batch, at: Option<Instant>, now: Instant) {
        let lane = &mut self.lanes[batch.lane];
        lane.held_up.get_or_insert(now);
        lane.again_at = at.or(lane.again_at);
        lane.again.push_front(batch);
    }

    /// A batch of a lane is done with, handled well or given up: the lane is held up no longer, unless there is more to be tried again.
    pub fn done(&mut self, place: usize, now: Instant) {
        let lane = &mut self.lanes[place];
        if lane.again.is_empty()
            && let Some(since) = lane.held_up.take()
        {
            self.held_up += u128::from(now.since(since.max(Instant::ZERO)).ns());
        }
    }

    /// For how long lanes were held up in [0, `end`), in nanoseconds.
    #[must_use]
    pub fn held_up(&self, end: Instant) -> u128 {
        let still = self.lanes.iter().filter_map(|lane| lane.held_up);
        self.held_up + still.map(|since| u128::from(end.since(since.max(Instant::ZERO)).ns())).sum::<u128>()
    }

    /// Everything that waits, to be tried first or again.
    pub fn waiting(&self) -> impl Iterator<Item = &Call> {
        self.lanes.iter().flat_map(|lane| lane.waiting.iter().chain(lane.again.iter().flat_map(|batch| &batch.calls)))
    }
}
