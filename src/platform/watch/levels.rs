//! The pools' levels over time, bin by bin.

use super::bins::Bins;
use crate::ids::Version;
use crate::platform::function::pool::Pool;
use crate::platform::index::{Each, VersionIx};
use crate::stats::Level;
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// Integrals and counts of every pool.
#[derive(Clone, Debug)]
pub struct Levels {
    bins: Bins,
    /// Integrals by bin, and in each by version.
    integrals: Vec<PoolLevels>,
    versions: usize,
    /// How many events are in the queue of each source; none where no source has one.
    queued: Vec<Level>,
    /// Their integrals by bin, and in each by source, in events times nanoseconds.
    backlogs: Vec<u128>,
    current: usize,
    due: Instant,
    /// Instances started in [0, after), by version.
    pub started: Each<Version, u64>,
    /// Instances reclaimed in [0, after), by version.
    pub reclaimed: Each<Version, u64>,
    /// Instances that went in [0, after) because of their age, by version.
    pub recycled: Each<Version, u64>,
    /// The greatest number of instances alive at once in [0, after).
    pub peak: u64,
}

/// Integrals of one pool's levels over one bin, in instances times nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PoolLevels {
    /// Instances being started.
    pub starting: u128,
    /// Idle instances.
    pub idle: u128,
    /// Busy instances.
    pub busy: u128,
}

impl Levels {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(bins: Bins, versions: usize) -> Self {
        Self {
            bins,
            integrals: vec![PoolLevels::default(); bins.len() * versions],
            versions,
            queued: Vec::new(),
            backlogs: Vec::new(),
            current: 0,
            due: bins.edge(1),
            started: Each::default(),
            reclaimed: Each::default(),
            recycled: Each::default(),
            peak: 0,
        }
    }

    /// When the current bin ends: [`Levels::roll`] must be called before anything changes from then on.
    #[inline]
    #[must_use]
    pub const fn due(&self) -> Instant {
        self.due
    }

    /// Closes every bin that ends by `now`.
    #[cold]
    pub fn roll(&mut self, now: Instant, pools: &mut Each<Version, Pool>) {
        while self.due <= now && self.current < self.bins.len() {
            let integrals = &mut self.integrals[self.current * self.versions..][..self.versions];
            for (levels, pool) in integrals.iter_mut().zip(pools.iter_mut()) {
                let [alive, starting, busy] =
                    [&mut pool.alive, &mut pool.starting, &mut pool.busy].map(|level| level.close(self.due));
                *levels = PoolLevels { starting, idle: alive - starting - busy, busy };
            }
            let backlogs = self.backlogs.iter_mut().skip(self.current * self.queued.len());
            for (backlog, queued) in backlogs.zip(&mut self.queued) {
                *backlog = queued.close(self.due);
            }
            self.current += 1;
            if self.current == self.bins.first_counted() {
                self.peak = pools.iter().map(|pool| pool.alive.count()).sum();
            }
            self.due = if self.current < self.bins.len() { self.bins.edge(self.current + 1) } else { Instant::END };
        }
    }

    /// There are queues, one for each of so many sources.
    #[must_use]
    pub fn with_queues(self, sources: usize) -> Self {
        let (queued, backlogs) = (vec![Level::default(); sources], vec![0; sources * self.bins.len()]);
        Self { queued, backlogs, ..self }
    }

    /// How many events are in the queue of a source.
    pub fn queued(&mut self, source: u32) -> &mut Level {
        &mut self.queued[source as usize]
    }

    /// The integrals of the backlogs by bin, and in each by source.
    #[must_use]
    pub fn backlogs(&self) -> &[u128] {
        &self.backlogs
    }

    /// An instance has been started, the `alive`-th of those now alive.
    pub fn started(&mut self, now: Instant, version: VersionIx, alive: u64) {
        self.started[version] += u64::from(now >= Instant::ZERO);
        self.present(now, alive);
    }

    /// There are now `alive` instances.
    pub fn present(&mut self, now: Instant, alive: u64) {
        if now >= Instant::ZERO {
            self.peak = self.peak.max(alive);
        }
    }

    /// An instance has been reclaimed.
    pub fn reclaimed(&mut self, now: Instant, version: VersionIx) {
        self.reclaimed[version] += u64::from(now >= Instant::ZERO);
    }

    /// An instance has gone because of its age.
    pub fn recycled(&mut self, now: Instant, version: VersionIx) {
        self.recycled[version] += u64::from(now >= Instant::ZERO);
    }

    /// The bins.
    #[must_use]
    pub const fn bins(&self) -> &Bins {
        &self.bins
    }

    /// The integrals by bin, and in each by version.
    pub fn integrals(&self) -> impl Iterator<Item = &[PoolLevels]> {
        self.integrals.chunks_exact(self.versions)
    }

    /// The integrals of bin `bin` by version.
    #[must_use]
    pub fn integrals_of(&self, bin: usize) -> &[PoolLevels] {
        &self.integrals[bin * self.versions..][..self.versions]
    }

    /// From now on there are so many versions, of which only the first has had instances.
    pub fn change_to(&mut self, versions: usize) {
        let mut integrals = vec![PoolLevels::default(); self.bins.len() * versions];
        for (new, old) in integrals.chunks_exact_mut(versions).zip(self.integrals()) {
            new[0] = old[0];
        }
        (self.integrals, self.versions) = (integrals, versions);
    }

    /// The integrals of each pool over [0, after).
    #[must_use]
    pub fn counted(&self) -> Each<Version, PoolLevels> {
        let mut sums = Each::<Version, PoolLevels>::default();
        for bin in self.integrals().skip(self.bins.first_counted()) {
            for (sum, levels) in sums.iter_mut().zip(bin) {
                sum.add(levels);
            }
        }
        sums
    }
}

impl PoolLevels {
    /// All states together.
    #[must_use]
    pub const fn alive(&self) -> u128 {
        self.starting + self.idle + self.busy
    }

    /// Adds other integrals.
    pub const fn add(&mut self, other: &Self) {
        self.starting += other.starting;
        self.idle += other.idle;
        self.busy += other.busy;
    }
}
