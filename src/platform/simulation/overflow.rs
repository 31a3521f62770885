//! Attempts that wait until somebody has room for them: at the balancer for a replica, at the function for what its limits leave.

use super::Simulation;
use super::attempt::ALONE;
use crate::engine::{Calendar, Rank};
use crate::ids::Version;
use crate::platform::function::pool::Pool;
use crate::platform::index::{Each, VersionIx};
use crate::platform::observer::Observer;
use crate::platform::overflow::Waiting;
use crate::platform::record::{Call, Outcome, Way};
use crate::platform::room::{Crowded, MOST_WAITING};
use crate::platform::way::expected::Known;
use crate::time::Instant;

/// The handle of the first attempt that waits; the others' follow.
pub(super) const WAITS: u32 = 1 << 23;
/// The handle of the moment at which the function may add an instance again.
const OPENS: u32 = WAITS + MOST_WAITING;

impl<O: Observer> Simulation<O> {
    /// An attempt waits for room, for its way's version or for `any`; `known`: what is known of it, where its odds count.
    pub(super) fn wait_for_room(
        &mut self,
        call: &Call,
        way: Way,
        (node, is_any): (u32, bool),
        known: Option<&Known>,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        // Its contract is drawn now, its version found later: the odds of every version are those of now.
        let odds = Each::from_fn(|version: VersionIx| {
            let of = |known: &Known| Known { version: known.version.map(|(_, told)| (version, told)), ..*known };
            known.map_or(0.0, |known| self.running.odds(&mut self.router.control, now, &of(known)))
        });
        let Some((wait, overflow)) = &mut self.overflow else { return Ok(()) };
        let until = now + (*wait).min(self.sources[call.source as usize].patience);
        let waiting = Waiting { call: *call, way, node, at: now, odds };
        let handle = overflow.wait(waiting, (!is_any).then_some(way.version), &mut self.room)?;
        calendar.push(until, Rank::Control, WAITS + handle);
        self.open_later(now, calendar);
        Ok(())
    }

    /// Of which versions the limits let a request in at `now`.
    pub(super) fn let_in(&self, now: Instant) -> Each<Version, bool> {
        if !self.capacity.is_limited {
            return Each::from_fn(|_| true);
        }
        let full = self
            .capacity
            .limits
            .concurrency
            .is_some_and(|most| self.pools.iter().map(Pool::at_work).sum::<u64>() >= u64::from(most));
        let may_add = self.capacity.allowance.as_ref().is_none_or(|allowance| allowance.admits(now));
        let has_room = |pool: &Pool| pool.is_ready() || (!full && (may_add || pool.idle() > 0));
        Each::from_fn(|version| has_room(&self.pools[version]))
    }

    /// A replica takes those who wait, as long as it has room.
    pub(super) fn fill(&mut self, replica: u32, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        loop {
            let (Some(hosts), Some((_, overflow))) = (&self.hosts, &mut self.overflow) else { return Ok(()) };
            if !hosts.replicas[replica as usize].is_ready() || !hosts.takes(replica) {
                return Ok(());
            }
            let version = hosts.replicas[replica as usize].version;
            let Some(Waiting { call, way, node, at, odds, .. }) = overflow.next(version) else { return Ok(()) };
            self.running.add_odds(odds[version]);
            self.seat(&call, Way { version, ..way }, (replica, node), (at, now), calendar)?;
        }
    }

    /// The function takes those who wait, as long as its limits let it.
    pub(super) fn let_in_who_waits(&mut self, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        loop {
            let let_in = self.let_in(now);
            let Some((_, overflow)) = &mut self.overflow else { return Ok(()) };
            let next = overflow.longest(|version| let_in[version]).and_then(|version| overflow.next(version));
            let Some(Waiting { call, way, at, odds, .. }) = next else { break };
            self.running.add_odds(odds[way.version]);
            self.serve_specially(call, way, (at, now), ALONE, calendar)?;
        }
        self.open_later(now, calendar);
        Ok(())
    }

    /// Where somebody waits until the function may add an instance again, the calendar watches for that.
    fn open_later(&mut self, now: Instant, calendar: &mut Calendar) {
        let waits = self.overflow.as_mut().is_some_and(|(_, overflow)| overflow.longest(|_| true).is_some());
        let (Some(allowance), true, None) = (&self.capacity.allowance, waits, &self.hosts) else { return };
        let at = allowance.admits_from();
        if at > now && at != self.opens_at && at < self.end {
            self.opens_at = at;
            calendar.push(at, Rank::Control, OPENS);
        }
    }

    /// The moment of one of these events has come.
    pub(super) fn overflows(&mut self, now: Instant, handle: u32, calendar: &mut Calendar) -> Result<(), Crowded> {
        if handle == OPENS {
            return self.let_in_who_waits(now, calendar);
        }
        let Some((_, overflow)) = &mut self.overflow else { return Ok(()) };
        match overflow.late(handle - WAITS) {
            Some(Waiting { call, way, at, .. }) => {
                self.turn_away_after(&call, way, (at, Outcome::WaitedOut), now, calendar)
            }
            None => Ok(()),
        }
    }

    /// The window ends: whoever waits is in flight.
    pub(super) fn still_waiting(&mut self, end: Instant) {
        let waiting: Vec<Waiting> = self.overflow.iter().flat_map(|(_, overflow)| overflow.all()).copied().collect();
        for Waiting { call, way, at, .. } in waiting {
            self.recorded_away(&call, way, (at, end), Outcome::Waiting);
        }
    }
}
