//! The queues between sources and code: what waits in each, in lanes that are received one apart from the other, and its pollers.

use crate::platform::index::MOST_VERSIONS;
use crate::platform::record::Call;
use crate::platform::room::{Crowded, Room};
use crate::source::Messages;
use crate::time::Instant;
use std::collections::VecDeque;

/// One queue.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    lanes: Vec<Lane>,
    /// How many have been put into lanes.
    put: u64,
    /// The most that waited at once.
    most: usize,
    /// The lane whose messages are received until none of them is left, where they take turns.
    turn: Option<usize>,
    /// Pollers that have a batch.
    busy: u32,
    /// Pollers that were added.
    added: u32,
    /// When another will be.
    adds_at: Option<Instant>,
    /// Until when pollers have batches that were turned away.
    held: VecDeque<Instant>,
}

/// Messages that are received together.
#[derive(Clone, Debug, Default)]
struct Lane {
    /// Those that wait, each with its number in the order in which they came.
    waiting: VecDeque<(u64, Call)>,
    /// How many are in the queue, those that are hidden or handled included; where lanes take turns.
    inside: u64,
    /// Since when a poller has waited for a batch.
    gathers: Option<Instant>,
}

/// Some lanes, in order; a queue has no more than a scenario has versions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Open {
    places: [u8; MOST_VERSIONS],
    len: usize,
}

impl Open {
    /// The lanes' numbers.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.places[..self.len]
    }

    fn insert(&mut self, at: usize, lane: u8) {
        self.places.copy_within(at..self.len, at + 1);
        self.places[at] = lane;
        self.len += 1;
    }

    /// Leaves those out that are not wanted.
    pub fn retain(&mut self, mut wanted: impl FnMut(usize) -> bool) {
        let mut kept = 0;
        for place in 0..self.len {
            let lane = self.places[place];
            if wanted(lane.into()) {
                self.places[kept] = lane;
                kept += 1;
            }
        }
        self.len = kept;
    }
}

/// What a queue may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// So many messages of a lane may be received.
    Receive(usize, usize),
    /// It is to be looked at again then.
    Look(Instant),
    /// Nothing, until something happens.
    Nothing,
}

impl Queue {
    /// A message comes into a lane: a new one, or one that is seen again.
    ///
    /// # Errors
    /// [`Crowded`], when it does not fit into memory.
    pub fn put(&mut self, lane: usize, call: Call, room: &mut Room) -> Result<(), Crowded> {
        if self.lanes.len() <= lane {
            self.lanes.resize_with(lane + 1, Lane::default);
        }
        self.lanes[lane].waiting.push_back((self.put, call));
        self.put += 1;
        if call.attempt == 0 {
            self.lanes[lane].inside += 1;
        }
        let waiting = self.lanes.iter().map(|lane| lane.waiting.len()).sum();
        if waiting > self.most {
            self.most = waiting;
            room.take(size_of::<(u64, Call)>() as u64 * 9 / 8)?;
        }
        Ok(())
    }

    /// A message of a lane has been handled or given up, where lanes take turns.
    pub fn leave(&mut self, lane: usize) {
        self.lanes[lane].inside -= 1;
    }

    /// Everything that waits.
    pub fn waiting(&self) -> impl Iterator<Item = &Call> {
        self.lanes.iter().flat_map(|lane| lane.waiting.iter().map(|(_, call)| call))
    }

    /// The lanes with messages that wait, that of the oldest first.
    fn by_age(&self) -> Open {
        let oldest = |lane: &Lane| lane.waiting.front().map(|(number, _)| *number);
        let mut open = Open::default();
        for (place, lane) in self.lanes.iter().enumerate() {
            let Some(number) = oldest(lane) else { continue };
            let before = |&of: &u8| oldest(&self.lanes[usize::from(of)]) < Some(number);
            let at = open.as_slice().iter().take_while(|of| before(of)).count();
            open.insert(at, place as u8);
        }
        open
    }

    /// The oldest message of a lane that waits.
    #[must_use]
    pub fn first(&self, lane: usize) -> Option<&Call> {
        self.lanes.get(lane)?.waiting.front().map(|(_, call)| call)
    }

    /// Which lanes may be received from now. `takes_turns`: one after the other is emptied.
    pub fn open(&mut self, takes_turns: bool) -> Open {
        let mut open = self.by_age();
        if takes_turns {
            if self.turn.is_none_or(|lane| self.lanes[lane].inside == 0) {
                self.turn = open.as_slice().first().map(|&lane| lane.into());
            }
            open.retain(|lane| self.turn == Some(lane));
        }
        open
    }

    /// What pollers may do at `now` with the messages of lanes that are open, the first ones first.
    pub fn next(&mut self, open: &Open, messages: &Messages, now: Instant) -> Next {
        while self.held.front().is_some_and(|&until| until <= now) {
            self.held.pop_front();
            self.busy -= 1;
        }
        let pollers = messages.pollers;
        if open.as_slice().is_empty() {
            // Who finds nothing is there no longer.
            (self.added, self.adds_at) = (self.added.min(self.busy.saturating_sub(pollers.start)), None);
            return Next::Nothing;
        }
        if self.busy >= pollers.start + self.added {
            return self.add_poller(open, messages, now);
        }
        self.adds_at = None;
        let mut next = None;
        for place in open.as_slice().iter().map(|&place| usize::from(place)) {
            let lane = &mut self.lanes[place];
            let batch = messages.batch as usize;
            let until = *lane.gathers.get_or_insert(now) + messages.window;
            if lane.waiting.len() >= batch || until <= now {
                lane.gathers = None;
                return Next::Receive(place, lane.waiting.len().min(batch));
            }
            next = Some(next.map_or(until, |next: Instant| next.min(until)));
        }
        next.map_or(Next::Nothing, Next::Look)
    }

    /// All pollers have a batch, and messages wait: another one comes in time.
    fn add_poller(&mut self, open: &Open, messages: &Messages, now: Instant) -> Next {
        let pollers = messages.pollers;
        let step = pollers.step.filter(|_| pollers.start + self.added < pollers.most);
        let Some(step) = step else { return Next::Nothing };
        match self.adds_at {
            Some(at) if at <= now => {
                (self.added, self.adds_at) = (self.added + 1, None);
                self.next(open, messages, now)
            }
            Some(_) => Next::Nothing,
            None => {
                self.adds_at = Some(now + step);
                Next::Look(now + step)
            }
        }
    }

    /// A poller takes so many messages of a lane; `calls` is empty, and holds them then.
    pub fn receive(&mut self, lane: usize, messages: usize, mut calls: Vec<Call>) -> Vec<Call> {
        calls.extend(self.lanes[lane].waiting.drain(..messages).map(|(_, call)| call));
        calls
    }

    /// Takes all messages of a lane that wait.
    pub fn take(&mut self, lane: usize) -> VecDeque<(u64, Call)> {
        std::mem::take(&mut self.lanes[lane].waiting)
    }

    /// A poller has a batch that is handled.
    pub const fn begin(&mut self) {
        self.busy += 1;
    }

    /// It has been handled.
    pub const fn end(&mut self) {
        self.busy -= 1;
    }

    /// A poller has a batch that was turned away, and keeps it until then.
    pub fn hold(&mut self, until: Instant) {
        self.busy += 1;
        self.held.push_back(until);
    }
}

/// Events that one invocation handles, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// They.
    pub calls: Vec<Call>,
    /// Their lane.
    pub lane: usize,
    /// How often they have failed together.
    pub failures: u32,
}

/// All batches that are being handled.
#[derive(Clone, Debug, Default)]
pub struct Batches {
    all: Vec<Batch>,
    free: Vec<u32>,
    /// Lists of batches that have been handled, to be filled again.
    spare: Vec<Vec<Call>>,
}

impl Batches {
    /// An empty list for a batch.
    pub fn list(&mut self) -> Vec<Call> {
        self.spare.pop().unwrap_or_default()
    }

    /// The list of a batch that is done with.
    pub fn give_back(&mut self, mut list: Vec<Call>) {
        list.clear();
        self.spare.push(list);
    }

    /// A batch begins to be handled; answers its number.
    pub fn begin(&mut self, batch: Batch) -> u32 {
        match self.free.pop() {
            Some(place) => {
                self.all[place as usize] = batch;
                place
            }
            None => {
                self.all.push(batch);
                self.all.len() as u32 - 1
            }
        }
    }

    /// It has been handled.
    pub fn end(&mut self, number: u32) -> Batch {
        self.free.push(number);
        std::mem::take(&mut self.all[number as usize])
    }

    /// One that is being handled.
    #[must_use]
    pub fn get(&self, number: u32) -> &Batch {
        &self.all[number as usize]
    }
}
