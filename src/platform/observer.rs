//! Observers: what watches a simulation, and what it is told.

use super::control::Control;
use super::index::VersionIx;
use super::record::{Attempt, Way};
use crate::time::Instant;

/// Environments that were kept ready, whether they had requests or not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Held {
    /// How many.
    pub environments: u32,
    /// From when, and until when, in [0, after).
    pub from: Instant,
    /// See there.
    pub to: Instant,
    /// How much longer is billed, in environments times nanoseconds, because some of them went then.
    pub besides: u128,
    /// The memory of each in bytes; 0 where it is not known.
    pub memory: u64,
}

/// What watches a simulation. Observers are dispatched statically: one that does nothing costs nothing.
pub trait Observer {
    /// An attempt that went this way has ended.
    fn ended(&mut self, attempt: &Attempt, way: Way);

    /// An attempt had an instance of a version whose running is billed from `from` to `to`, or has it still at the end of the window.
    fn ran(&mut self, _version: VersionIx, _from: Instant, _to: Instant) {}

    /// An attempt had an environment that is kept ready, of so many bytes, likewise.
    fn ran_kept(&mut self, _from: Instant, _to: Instant, _memory: u64) {}

    /// The control plane has been changed at `now`; `back`: whether what was deployed is being taken back.
    fn changed(&mut self, _now: Instant, _control: &Control, _back: bool) {}

    /// An attempt that is not alone in its batch but the first has got an instance at `now`, by its number; on hosts a replica, by its.
    #[inline(always)]
    fn began(&mut self, _source: u32, _index: u64, _attempt: u8, _instance: u64, _now: Instant) {}

    /// On hosts, the turn of an attempt has come at `now`: its replica serves it, at once or after others.
    #[inline(always)]
    fn turn(&mut self, _source: u32, _index: u64, _attempt: u8, _now: Instant) {}

    /// The window is over, and everybody has adopted what has reached them.
    fn over(&mut self, _control: &Control) {}

    /// Environments were kept ready.
    fn held(&mut self, _held: &Held) {}

    /// At the end of the window a request of a source that arrived at `request` was waiting to be tried again.
    fn unanswered(&mut self, _source: u32, _request: Instant) {}

    /// An invocation at `now` handled so many messages more than one.
    fn handled_more(&mut self, _now: Instant, _messages: u64) {}

    /// A session that counts, having seen a later version, was answered by an earlier one at `now`.
    fn flipped(&mut self, _now: Instant) {}
}

/// Attempts in the order in which they ended, for tests and explanations.
impl Observer for Vec<Attempt> {
    fn ended(&mut self, attempt: &Attempt, _: Way) {
        self.push(*attempt);
    }
}

/// Nobody watches.
impl Observer for () {
    #[inline]
    fn ended(&mut self, _: &Attempt, _: Way) {}
}

/// Both watch.
impl<A: Observer, B: Observer> Observer for (A, B) {
    #[inline(always)]
    fn ended(&mut self, attempt: &Attempt, way: Way) {
        self.0.ended(attempt, way);
        self.1.ended(attempt, way);
    }

    #[inline]
    fn ran(&mut self, version: VersionIx, from: Instant, to: Instant) {
        self.0.ran(version, from, to);
        self.1.ran(version, from, to);
    }

    #[inline]
    fn ran_kept(&mut self, from: Instant, to: Instant, memory: u64) {
        self.0.ran_kept(from, to, memory);
        self.1.ran_kept(from, to, memory);
    }

    #[inline]
    fn changed(&mut self, now: Instant, control: &Control, back: bool) {
        self.0.changed(now, control, back);
        self.1.changed(now, control, back);
    }

    #[inline(always)]
    fn began(&mut self, source: u32, index: u64, attempt: u8, instance: u64, now: Instant) {
        self.0.began(source, index, attempt, instance, now);
        self.1.began(source, index, attempt, instance, now);
    }

    #[inline(always)]
    fn turn(&mut self, source: u32, index: u64, attempt: u8, now: Instant) {
        self.0.turn(source, index, attempt, now);
        self.1.turn(source, index, attempt, now);
    }

    #[inline]
    fn over(&mut self, control: &Control) {
        self.0.over(control);
        self.1.over(control);
    }

    #[inline]
    fn held(&mut self, held: &Held) {
        self.0.held(held);
        self.1.held(held);
    }

    #[inline]
    fn unanswered(&mut self, source: u32, request: Instant) {
        self.0.unanswered(source, request);
        self.1.unanswered(source, request);
    }

    #[inline]
    fn handled_more(&mut self, now: Instant, messages: u64) {
        self.0.handled_more(now, messages);
        self.1.handled_more(now, messages);
    }

    #[inline]
    fn flipped(&mut self, now: Instant) {
        self.0.flipped(now);
        self.1.flipped(now);
    }
}
