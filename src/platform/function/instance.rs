//! Instances: one slab for all pools, with a free list, so that a started instance allocates nothing once the slab
//! has reached its greatest size.

use crate::engine::HANDLES;
use crate::platform::index::{ContractIx, MOST_VERSIONS, VersionIx};
use crate::platform::record::Way;
use crate::platform::room::Crowded;
use crate::platform::room::{EVENT, MOST_INSTANCES, Room};
use crate::time::{Instant, Span};

/// No instance.
pub const NIL: u32 = u32::MAX;
/// In place of an instance's place in an index: it is kept ready, and has none.
pub const KEPT: u32 = NIL - 1;

/// The handle of a pool's timer: the last handles there are, which no instance can have.
#[must_use]
pub const fn timer(version: VersionIx) -> u32 {
    HANDLES - 1 - version.number() as u32
}

/// Whose timer a handle is that no instance can have.
#[must_use]
pub const fn timed(handle: u32) -> VersionIx {
    VersionIx::nth((HANDLES - 1 - handle) as usize)
}

const _: () = assert!(MOST_VERSIONS as u32 <= HANDLES - MOST_INSTANCES);

/// What an instance is doing. It never changes version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum State {
    /// Being initialised for the request that caused it.
    Starting,
    /// Serving a request.
    Busy,
    /// Waiting for one; on hosts, a request that waits for a seat.
    Idle,
    /// Reclaimed; its place may be taken. On hosts, a request that is over: its place may be taken once nothing will come for it.
    Gone,
}

/// One instance, and the request it serves or served last. Hot: every request touches it, so it fills half a cache
/// line.
#[derive(Clone, Copy, Debug)]
pub struct Instance {
    /// When that request arrived; while the instance is idle, since when it is.
    pub at: Instant,
    /// That request's number within its source; the instance's own number if it never served.
    pub index: u64,
    /// That request's source; [`NIL`] if it never served.
    pub source: u32,
    /// Its position in the line of idle instances; links free places.
    pub position: u32,
    /// The way of that request; its version is the instance's own.
    pub way: Way,
    /// Which attempt of the request it is, from 0.
    pub attempt: u8,
    /// What the instance is doing, and what else is known of it and its attempt.
    pub condition: Condition,
}

const _: () = assert!(size_of::<Instance>() == 32);

/// What an instance takes of memory, in bytes: its two halves, its places in the line and the calendar, and an eighth for lists
/// that grow.
pub const INSTANCE: u64 = (size_of::<Instance>() + size_of::<Rest>() + size_of::<u32>() + EVENT) as u64 * 9 / 8;

/// A state, and truths about an instance and its attempt, a bit each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Condition(u8);

impl Condition {
    /// The request started the instance.
    pub const COLD: u8 = 1 << 2;
    /// The caller gives up before the answer: see [`Rest::gives_up`].
    pub const LATE: u8 = 1 << 3;
    /// The function's timeout ends the request.
    pub const CUT: u8 = 1 << 4;
    /// The instance crashed or was cut: it must be initialised again before its next request.
    pub const RESET: u8 = 1 << 5;
    /// The instance is past its greatest age, and goes when it is done.
    pub const AGED: u8 = 1 << 6;
    /// How the attempt ends is not known beforehand: it is recorded when it does.
    pub const OPEN: u8 = 1 << 7;

    const STATE: u8 = 3;
    const NEW: Self = Self(State::Gone as u8);

    /// What the instance is doing.
    #[inline]
    #[must_use]
    pub const fn state(self) -> State {
        match self.0 & Self::STATE {
            0 => State::Starting,
            1 => State::Busy,
            2 => State::Idle,
            _ => State::Gone,
        }
    }

    /// It does something else now.
    #[inline]
    pub const fn enter(&mut self, state: State) {
        self.0 = self.0 & !Self::STATE | state as u8;
    }

    /// Whether this is so.
    #[inline]
    #[must_use]
    pub const fn has(self, mark: u8) -> bool {
        self.0 & mark != 0
    }

    /// Whether more happens at the end of the attempt than that the instance becomes idle.
    #[inline]
    #[must_use]
    pub const fn is_special(self) -> bool {
        self.0 & (Self::OPEN | Self::AGED) != 0
    }

    /// This is so from now on.
    #[inline]
    pub const fn mark(&mut self, mark: u8) {
        self.0 |= mark;
    }

    /// The condition of an instance that takes a request, with these marks.
    #[inline]
    #[must_use]
    pub const fn of_request(state: State, marks: u8) -> Self {
        Self(state as u8 | marks)
    }
}

/// What is seldom needed of an instance.
#[derive(Clone, Copy, Debug)]
pub struct Rest {
    /// The instance's number in order of creation over all versions, which tells it from those that had its place before.
    pub serial: u64,
    /// How long the request that is waiting for its initialisation will then take.
    pub service: Span,
    /// When its last initialisation was over, or began where requests do not wait for it.
    pub ready: Instant,
    /// When the idle period that began at `looked_at` ends in reclamation; on hosts, when the completion comes.
    pub deadline: Instant,
    /// Which idle period was looked at last, by its beginning.
    pub looked_at: Instant,
    /// When the calendar will next look at this place; [`Instant::END`] if it will not. It outlives the instance,
    /// as the calendar's entry does. On hosts, for a caller who gives up.
    pub armed: Instant,
    /// Its place in the pool's index of idle instances, where the choice needs one; [`KEPT`] where it is kept ready; on hosts, the
    /// balancer's node that it came through.
    pub place: u32,
    /// On hosts, its replica; on functions, how often the code of its event has failed before, or the number of its batch.
    pub host: u32,
    /// When the request arrived, if this is not its first attempt.
    pub request: Instant,
    /// How long the code takes, where the request's source knows it.
    pub known: Option<Span>,
    /// When the attempt got its instance, where its end is not known beforehand.
    pub begun: Instant,
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
    /// A place for the `ordinal`-th instance of a version, from 0.
    ///
    /// # Errors
    /// [`Crowded`], when there are too many.
    pub fn create(&mut self, version: VersionIx, ordinal: u64, room: &mut Room) -> Result<u32, Crowded> {
        let serial = self.created;
        self.created += 1;
        let place = if self.free != NIL {
            let place = self.free;
            self.free = self.hot[place as usize].position;
            place
        } else {
            let place =
                u32::try_from(self.hot.len()).ok().filter(|&place| place < MOST_INSTANCES).ok_or(Crowded::Instances)?;
            room.take(INSTANCE)?;
            self.hot.push(Instance {
                at: Instant::ZERO,
                index: ordinal,
                source: NIL,
                position: 0,
                way: Way { revision: 0, alias_view: 0, contract: ContractIx::FIRST, version },
                attempt: 0,
                condition: Condition::NEW,
            });
            self.rest.push(Rest {
                serial,
                service: Span::ZERO,
                ready: Instant::ZERO,
                deadline: Instant::END,
                looked_at: Instant::END,
                armed: Instant::END,
                place: NIL,
                host: NIL,
                request: Instant::ZERO,
                known: None,
                begun: Instant::ZERO,
                gives_up: Instant::END,
                ages_at: Instant::END,
            });
            place
        };
        let rest = &mut self.rest[place as usize];
        (rest.serial, rest.ages_at, rest.place) = (serial, Instant::END, NIL);
        let instance = &mut self.hot[place as usize];
        instance.way.version = version;
        (instance.source, instance.index, instance.attempt) = (NIL, ordinal, 0);
        instance.condition = Condition::NEW;
        Ok(place)
    }

    /// Whether an instance is one that is kept ready.
    #[must_use]
    pub fn is_kept(&self, place: u32) -> bool {
        self.rest[place as usize].place == KEPT
    }

    /// Gives up the place of an instance that is gone.
    pub fn remove(&mut self, place: u32) {
        let instance = &mut self.hot[place as usize];
        instance.condition.enter(State::Gone);
        instance.position = self.free;
        self.free = place;
    }
}
