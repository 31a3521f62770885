//! Instances: one slab for all pools, with a free list, so that a started instance allocates nothing once the slab
//! has reached its greatest size.

use super::router::Way;
use super::side::Side;
use crate::engine::HANDLES;
use crate::time::{Instant, Span};

/// No instance.
pub const NIL: u32 = u32::MAX;

/// The greatest number of instances alive at once: what a calendar's handle can name, less a handle for each pool.
pub const MOST: u32 = HANDLES - 256;

/// The handle of a pool's timer: the last handles there are, which no instance can have.
#[must_use]
pub const fn timer(side: Side) -> u32 {
    HANDLES - 1 - side as u32
}

/// What an instance is doing. It never changes version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Being initialised for the request that caused it.
    Starting,
    /// Serving a request.
    Busy,
    /// Waiting for one.
    Idle,
    /// Reclaimed; its place may be taken.
    Gone,
}

/// One instance, and the request it serves or served last. Hot: every request touches it.
#[derive(Clone, Copy, Debug)]
pub struct Instance {
    /// When that request arrived.
    pub arrival: Instant,
    /// When it became Busy (or Idle).
    pub since: Instant,
    /// That request's number within its source; the instance's own number if it never served.
    pub index: u64,
    /// That request's source; [`NIL`] if it never served.
    pub source: u32,
    /// The neighbours in the pool's list of idle instances; `next` also links free places.
    pub previous: u32,
    /// See `previous`.
    pub next: u32,
    /// The way of that request; its version is the instance's own.
    pub way: Way,
    /// What the instance is doing.
    pub state: State,
    /// Which attempt of the request it is, from 0.
    pub attempt: u8,
    /// What else is known of attempt and instance.
    pub marks: Marks,
}

/// Truths about an instance and its attempt, a bit each, so that an instance fills no more than 48 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Marks(u8);

impl Marks {
    /// The request started the instance.
    pub const COLD: u8 = 1;
    /// The caller gives up before the answer: see [`Rest::gives_up`].
    pub const LATE: u8 = 2;
    /// The function's timeout ends the request.
    pub const CUT: u8 = 4;
    /// The instance crashed or was cut: it must be initialised again before its next request.
    pub const RESET: u8 = 8;
    /// The instance is past its greatest age, and goes when it is done.
    pub const AGED: u8 = 16;

    /// Whether this mark is set.
    #[inline]
    #[must_use]
    pub const fn has(self, mark: u8) -> bool {
        self.0 & mark != 0
    }

    /// Sets or clears a mark.
    #[inline]
    pub const fn set(&mut self, mark: u8, on: bool) {
        self.0 = if on { self.0 | mark } else { self.0 & !mark };
    }

    /// The marks of an instance that takes a new request, cold or not: those of the earlier one are gone.
    #[inline]
    #[must_use]
    pub const fn renewed(self, cold: bool) -> Self {
        Self(self.0 & Self::AGED | cold as u8)
    }
}

/// What is seldom needed of an instance.
#[derive(Clone, Copy, Debug)]
pub struct Rest {
    /// The instance's number in order of creation, over all pools.
    pub ordinal: u64,
    /// How long the request that is waiting for its initialisation will then take.
    pub service: Span,
    /// When the idle period that began at `looked_at` ends in reclamation.
    pub deadline: Instant,
    /// Which idle period was looked at last, by its beginning.
    pub looked_at: Instant,
    /// When the calendar will next look at this place; [`Instant::END`] if it will not. It outlives the instance,
    /// as the calendar's entry does.
    pub armed: Instant,
    /// Its place in the pool's index of idle instances, where the choice needs one.
    pub place: u32,
    /// When the request arrived, if this is not its first attempt.
    pub request: Instant,
    /// How long the code takes, where the request's source knows it.
    pub known: Option<Span>,
    /// When the caller gives up, if it is marked so.
    pub gives_up: Instant,
    /// When the instance reaches its greatest age; [`Instant::END`] if it has none.
    pub ages_at: Instant,
}

/// All instances.
#[derive(Clone, Debug)]
pub struct Instances {
    /// The hot halves.
    pub hot: Vec<Instance>,
    /// The rest, at the same places.
    pub rest: Vec<Rest>,
    free: u32,
    created: u64,
}

impl Default for Instances {
    fn default() -> Self {
        Self { hot: Vec::new(), rest: Vec::new(), free: NIL, created: 0 }
    }
}

impl Instances {
    /// A place for a new instance of a version; `None` when there are too many.
    pub fn create(&mut self, version: Side) -> Option<u32> {
        let ordinal = self.created;
        let place = if self.free != NIL {
            let place = self.free;
            self.free = self.hot[place as usize].next;
            place
        } else {
            let place = u32::try_from(self.hot.len()).ok().filter(|&place| place < MOST)?;
            self.hot.push(Instance {
                arrival: Instant::ZERO,
                since: Instant::ZERO,
                index: ordinal,
                source: NIL,
                previous: NIL,
                next: NIL,
                way: Way { revision: 0, alias_view: 0, contract: Side::Old, version },
                state: State::Gone,
                attempt: 0,
                marks: Marks::default(),
            });
            self.rest.push(Rest {
                ordinal,
                service: Span::ZERO,
                deadline: Instant::END,
                looked_at: Instant::END,
                armed: Instant::END,
                place: NIL,
                request: Instant::ZERO,
                known: None,
                gives_up: Instant::END,
                ages_at: Instant::END,
            });
            place
        };
        self.created += 1;
        let rest = &mut self.rest[place as usize];
        (rest.ordinal, rest.ages_at) = (ordinal, Instant::END);
        let instance = &mut self.hot[place as usize];
        instance.way.version = version;
        (instance.source, instance.index, instance.attempt) = (NIL, ordinal, 0);
        instance.marks = Marks::default();
        Some(place)
    }

    /// Gives up the place of an instance that is gone.
    pub fn remove(&mut self, place: u32) {
        let instance = &mut self.hot[place as usize];
        instance.state = State::Gone;
        instance.next = self.free;
        self.free = place;
    }
}
