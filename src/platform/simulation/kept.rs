//! Instances that no request has started: environments that are kept ready, and those that are warm when a version goes live.

use super::Simulation;
use crate::engine::Calendar;
use crate::platform::function::instance::{KEPT, State};
use crate::platform::index::{MOST_VERSIONS, VersionIx};
use crate::platform::observer::{Held, Observer};
use crate::platform::room::Crowded;
use crate::strategy::Strategy;
use crate::time::{Instant, Span};

/// The handle of the moment at which what is kept ready of the first version changes; the others' follow.
pub(super) const KEEPS: u32 = 3 << 19;
/// The handle of the moment at which instances of the first version are warm; the others' follow.
pub(super) const WARMS: u32 = KEEPS + MOST_VERSIONS as u32;

/// What is kept ready is billed in whole periods of so long: AWS Lambda's price list, "rounded up to the nearest 5 minutes".
const PERIOD: Span = Span::from_s(300);

impl<O: Observer> Simulation<O> {
    /// What is kept ready of the old version, and has been for long.
    pub(super) fn begin_kept(&mut self, strategy: &Strategy, now: Instant) -> Result<(), Crowded> {
        let environments = strategy.deployment.provisioned.map_or(0, |provisioned| provisioned.environments);
        if let Some(kept) = &mut self.pools[VersionIx::FIRST].kept {
            kept.wanted = environments;
        }
        self.add_kept(VersionIx::FIRST, environments, now)
    }

    /// What is kept ready of a version changes, or instances of it are warm.
    pub(super) fn keeps(&mut self, now: Instant, handle: u32, calendar: &mut Calendar) -> Result<(), Crowded> {
        if handle >= WARMS {
            return self.warm(VersionIx::nth((handle - WARMS) as usize), now, calendar);
        }
        let version = VersionIx::nth((handle - KEEPS) as usize);
        let wanted = self.router.control.provisions.of(self.cast.version(version));
        self.paid_until(version, wanted.wanted, now);
        while let Some(place) = self.pools[version].kept.as_mut().and_then(|kept| kept.surplus()) {
            self.pools[version].retire(&mut self.instances, place, now);
        }
        if wanted.ready_at <= now {
            let alive = self.pools[version].kept.as_ref().map_or(0, |kept| kept.alive());
            self.add_kept(version, wanted.wanted.saturating_sub(alive), now)?;
        }
        match self.overflow {
            Some(_) => self.let_in_who_waits(now, calendar),
            None => Ok(()),
        }
    }

    fn add_kept(&mut self, version: VersionIx, environments: u32, now: Instant) -> Result<(), Crowded> {
        for _ in 0..environments {
            let pool = &mut self.pools[version];
            let place = self.instances.create(version, pool.created, &mut self.room)?;
            let (instance, rest) = (&mut self.instances.hot[place as usize], &mut self.instances.rest[place as usize]);
            instance.condition.enter(State::Idle);
            (instance.at, rest.ready, rest.place) = (now, now, KEPT);
            pool.create(now);
            if let Some(kept) = &mut pool.kept {
                kept.add(place);
            }
        }
        self.levels.present(now, self.pools.iter().map(|pool| pool.alive.count()).sum());
        Ok(())
    }

    /// As many instances of a version are idle as its release says.
    fn warm(&mut self, version: VersionIx, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        for _ in self.pools[version].idle()..self.releases[version].warm.into() {
            self.start_warm(version, now, calendar)?;
        }
        Ok(())
    }

    /// What is kept ready of a version is paid for until `now`, and so many from then on.
    pub(super) fn paid_until(&mut self, version: VersionIx, wanted: u32, now: Instant) {
        let memory = self.releases[version].memory;
        let Some(kept) = &mut self.pools[version].kept else { return };
        let before = std::mem::replace(&mut kept.wanted, wanted);
        let from = std::mem::replace(&mut kept.since, now).max(Instant::ZERO);
        if before == 0 {
            kept.first = now;
            return;
        }
        let held = now.since(kept.first.max(Instant::ZERO)).ns();
        let rounded = held.next_multiple_of(PERIOD.ns()) - held;
        let besides = u128::from(before.saturating_sub(wanted)) * u128::from(rounded);
        self.observer.held(&Held { environments: before, from, to: now, besides, memory });
    }

    /// Attempts that spilled over to instances that are not kept ready.
    #[must_use]
    pub fn spilled(&self) -> u64 {
        self.pools.iter().filter_map(|pool| pool.kept.as_ref()).map(|kept| kept.spilled).sum()
    }
}
