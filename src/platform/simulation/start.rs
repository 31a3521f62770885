//! Instances come: those that are there from the beginning, and those that requests start.

use super::Simulation;
use crate::engine::Calendar;
use crate::platform::index::VersionIx;
use crate::platform::observer::Observer;
use crate::platform::room::Crowded;
use crate::time::Instant;

impl<O: Observer> Simulation<O> {
    /// An instance that is idle without having had a request.
    pub(super) fn start_warm(
        &mut self,
        version: VersionIx,
        now: Instant,
        calendar: &mut Calendar,
    ) -> Result<(), Crowded> {
        let place = self.instances.create(version, self.pools[version].created, &mut self.room)?;
        self.instances.rest[place as usize].ready = now;
        self.age(place, version, now, calendar);
        self.pools[version].create(now);
        self.rest(place, now, calendar);
        self.levels.present(now, self.pools.iter().map(|pool| pool.alive.count()).sum());
        Ok(())
    }

    /// Starts an instance for a request that found none idle.
    #[cold]
    pub(super) fn start(&mut self, version: VersionIx, now: Instant, calendar: &mut Calendar) -> Result<u32, Crowded> {
        let place = self.instances.create(version, self.pools[version].created, &mut self.room)?;
        self.age(place, version, now, calendar);
        self.pools[version].create(now);
        let alive = self.pools.iter().map(|pool| pool.alive.count()).sum();
        self.levels.started(now, version, alive);
        if let Some(allowance) = &mut self.capacity.allowance {
            allowance.spend(now);
        }
        Ok(place)
    }
}
