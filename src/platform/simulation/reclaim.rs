//! Reclamation: what happens when the calendar says that something may have been idle, or alive, for too long.

use super::Simulation;
use crate::engine::{Calendar, Rank};
use crate::platform::function::instance::{Condition, Instance, NIL, State, timed, timer};
use crate::platform::function::pool::Ripe;
use crate::platform::index::VersionIx;
use crate::platform::observer::Observer;
use crate::platform::room::MOST_INSTANCES;
use crate::time::Instant;
use rand_distr::Distribution;

impl<O: Observer> Simulation<O> {
    /// A pool's timer has fired, or an instance's deadline has come.
    #[cold]
    pub(super) fn expire(&mut self, now: Instant, handle: u32, calendar: &mut Calendar) {
        if handle >= MOST_INSTANCES {
            self.ripen(timed(handle), now, calendar);
            return;
        }
        if self.instances.is_kept(handle) {
            // What is due is that of an instance that had its place before.
            self.instances.rest[handle as usize].armed = Instant::END;
            return;
        }
        let rest = &mut self.instances.rest[handle as usize];
        let on_time = rest.armed == now;
        if on_time {
            rest.armed = Instant::END;
        }
        if rest.ages_at <= now {
            return self.grow_old(handle, now);
        }
        let deadline = rest.deadline;
        let instance = &self.instances.hot[handle as usize];
        // The deadline may be an earlier idle period's, the entry an earlier instance's.
        if instance.condition.state() != State::Idle || rest.looked_at != instance.at {
            return;
        }
        if deadline <= now {
            self.reclaim(instance.way.version, handle, now);
        } else if on_time {
            self.arm(handle, deadline, calendar);
        }
    }

    /// Looks at every instance of a pool that has been idle for the least span of its policy.
    fn ripen(&mut self, version: VersionIx, now: Instant, calendar: &mut Calendar) {
        loop {
            let (place, again_at) = self.pools[version].ripen(&self.instances, now);
            if let Some(at) = again_at {
                calendar.push(at, Rank::Expiry, timer(version));
            }
            match place {
                Some(place) => self.look(version, place, now, calendar),
                None => return,
            }
        }
    }

    /// Looks at one of them: draws its timeout, reclaims it or gives it a deadline.
    fn look(&mut self, version: VersionIx, place: u32, now: Instant, calendar: &mut Calendar) {
        let &Instance { at: since, source, index, attempt, .. } = &self.instances.hot[place as usize];
        let stream = if source == NIL { self.warm_idle[version] } else { self.sources[source as usize].idle };
        match self.pools[version].look(since, now, stream.at(index, attempt.into())) {
            Ripe::Over => self.reclaim(version, place, now),
            Ripe::At(deadline) => {
                let rest = &mut self.instances.rest[place as usize];
                (rest.deadline, rest.looked_at) = (deadline, since);
                if deadline < rest.armed {
                    self.arm(place, deadline, calendar);
                }
            }
            Ripe::Never => {}
        }
    }

    /// Draws the greatest age of a new instance, and has the calendar watch it.
    pub(super) fn age(&mut self, place: u32, version: VersionIx, now: Instant, calendar: &mut Calendar) {
        if let Some((law, stream)) = &self.releases[version].max_age {
            let ages_at = now + law.sample(&mut stream.at(self.pools[version].created, 0));
            self.instances.rest[place as usize].ages_at = ages_at;
            if ages_at < self.end {
                calendar.push(ages_at, Rank::Expiry, place);
            }
        }
    }

    /// An instance has reached its greatest age: it goes at once if idle, else when it is done.
    fn grow_old(&mut self, place: u32, now: Instant) {
        let instance = &mut self.instances.hot[place as usize];
        let version = instance.way.version;
        match instance.condition.state() {
            State::Idle => {
                self.pools[version].reclaim(&mut self.instances, place, now);
                self.levels.recycled(now, version);
            }
            State::Starting | State::Busy => instance.condition.mark(Condition::AGED),
            State::Gone => {}
        }
    }

    /// An instance past its greatest age is done with its last request.
    #[cold]
    pub(super) fn retire(&mut self, version: VersionIx, place: u32, now: Instant) {
        self.pools[version].retire(&mut self.instances, place, now);
        self.levels.recycled(now, version);
    }

    fn arm(&mut self, place: u32, at: Instant, calendar: &mut Calendar) {
        self.instances.rest[place as usize].armed = at;
        calendar.push(at, Rank::Expiry, place);
    }

    fn reclaim(&mut self, version: VersionIx, place: u32, now: Instant) {
        // Where timeout and greatest age come at one instant, the age counts, whichever event comes first.
        if self.instances.rest[place as usize].ages_at <= now {
            return self.grow_old(place, now);
        }
        self.pools[version].reclaim(&mut self.instances, place, now);
        self.levels.reclaimed(now, version);
    }
}
