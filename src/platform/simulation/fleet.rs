//! Replicas come and go: what their fleet orders, and what becomes of each.

use super::Simulation;
use crate::engine::{Calendar, Rank};
use crate::faults::Scaling;
use crate::ids::Version;
use crate::platform::Service;
use crate::platform::function::pool::Pool;
use crate::platform::hosts::{Hosts, Turn};
use crate::platform::index::{Each, VersionIx};
use crate::platform::observer::Observer;
use crate::platform::record::Outcome;
use crate::platform::room::{Crowded, MOST_REPLICAS, Room};
use crate::platform::watch::levels::Levels;
use crate::time::Instant;

/// The handle of the first scale request; the others' follow.
pub(super) const SCALINGS: u32 = 1 << 21;
/// The handle of the event at which the fleet looks at its replicas.
pub(super) const FLEET: u32 = 1 << 22;
/// The handle of the first replica's events; the others' follow.
const REPLICAS: u32 = FLEET + 1;
/// The handle of the first replica's probe; the others' follow.
const PROBES: u32 = REPLICAS + MOST_REPLICAS;

/// All handles of replicas are below.
pub(super) const MOST_REPLICA_HANDLE: u32 = PROBES + MOST_REPLICAS;

impl<O: Observer> Simulation<O> {
    /// The replicas of the old version that are there from the beginning.
    pub(super) fn begin_hosts(&mut self, now: Instant) -> Result<(), Crowded> {
        let Some(hosts) = self.hosts.as_deref_mut() else { return Ok(()) };
        for _ in 0..hosts.settings.replicas {
            hosts.create_ready(VersionIx::FIRST, now, &mut self.room)?;
            self.pools[VersionIx::FIRST].create(now);
        }
        self.levels.present(now, self.pools[VersionIx::FIRST].alive.count());
        Ok(())
    }

    /// The calendar watches the scale requests.
    pub(super) fn expect_scalings(&mut self, service: &Service, calendar: &mut Calendar) {
        if self.hosts.is_some() {
            self.scalings.clone_from(&service.scalings);
            for (scaling, handle) in self.scalings.iter().zip(SCALINGS..FLEET) {
                calendar.push(scaling.at, Rank::Control, handle);
            }
        }
    }

    /// The calendar watches the probes of replicas whose code breaks.
    pub(super) fn expect_outages(&mut self, calendar: &mut Calendar) {
        let probed = self.hosts.as_deref_mut().map_or(0, |hosts| hosts.expect_outages(Instant::ZERO));
        for number in 0..probed {
            self.expect_probe(number, calendar);
        }
    }

    /// A scale request is made, the fleet looks at its replicas, or the time of a replica's next event has come.
    pub(super) fn fleet(&mut self, now: Instant, handle: u32, calendar: &mut Calendar) -> Result<(), Crowded> {
        if handle < FLEET {
            if let Some(&Scaling { replicas, .. }) = self.scalings.get((handle - SCALINGS) as usize) {
                self.with_live(now, calendar, |live, whole| live.resize(replicas, now, whole));
                self.running.look_again();
            }
            return self.crowded.map_or(Ok(()), Err);
        }
        if handle == FLEET {
            self.fleet_looks_at = Instant::END;
            self.look_at_fleet(now, calendar);
            return self.crowded.map_or(Ok(()), Err);
        }
        let is_probe = handle >= PROBES;
        let number = handle - if is_probe { PROBES } else { REPLICAS };
        let Some(hosts) = self.hosts.as_deref_mut() else { return Ok(()) };
        let version = hosts.replicas[number as usize].version;
        match if is_probe { hosts.probe(number, now) } else { hosts.go_on(number, now) } {
            Turn::None => return Ok(()),
            Turn::Later => {}
            Turn::Unready => {
                self.pools[version].starting.begin(now);
                self.fleet_changed(now, calendar);
            }
            Turn::Ready => {
                self.pools[version].starting.end(now);
                self.fleet_changed(now, calendar);
                self.fill(number, now, calendar)?;
            }
            Turn::Available => self.fleet_changed(now, calendar),
            Turn::Told => self.go_if_idle(number, now, calendar),
            Turn::Killed => {
                self.lose_attempts(number, Outcome::Killed, now, calendar)?;
                self.go_if_idle(number, now, calendar);
            }
        }
        self.expect(number, calendar);
        self.expect_probe(number, calendar);
        Ok(())
    }

    /// A replica that has been told to end, and has nothing to do, is gone.
    pub(super) fn go_if_idle(&mut self, number: u32, now: Instant, calendar: &mut Calendar) {
        let Some(hosts) = self.hosts.as_deref_mut() else { return };
        let replica = &hosts.replicas[number as usize];
        if replica.is_told() && replica.is_idle() {
            let version = replica.version;
            hosts.remove(number);
            self.pools[version].lose(now);
            self.fleet_changed(now, calendar);
        }
    }

    /// The calendar watches a replica.
    pub(super) fn expect(&self, number: u32, calendar: &mut Calendar) {
        if let Some(hosts) = &self.hosts {
            expect(hosts, number, self.end, calendar);
        }
    }

    /// The calendar watches the probe of a replica.
    fn expect_probe(&self, number: u32, calendar: &mut Calendar) {
        let at = self.hosts.as_ref().map_or(Instant::END, |hosts| hosts.replicas[number as usize].probe);
        if at < self.end {
            calendar.push(at, Rank::Control, PROBES + number);
        }
    }

    /// Something of the replicas has changed: the fleet looks at them once all of this instant has happened to them.
    pub(super) fn fleet_changed(&mut self, now: Instant, calendar: &mut Calendar) {
        if self.live.is_some() && self.fleet_looks_at != now {
            self.fleet_looks_at = now;
            calendar.push(now, Rank::Control, FLEET);
        }
    }
}

fn expect(hosts: &Hosts, number: u32, end: Instant, calendar: &mut Calendar) {
    let at = hosts.replicas[number as usize].next;
    if at < end {
        calendar.push(at, Rank::Control, REPLICAS + number);
    }
}

/// What the orders of a fleet are carried out with.
pub(super) struct Yard<'a> {
    pub hosts: &'a mut Hosts,
    pub pools: &'a mut Each<Version, Pool>,
    pub levels: &'a mut Levels,
    pub room: &'a mut Room,
    /// What went wrong, if anything did.
    pub crowded: &'a mut Option<Crowded>,
    pub end: Instant,
}

impl Yard<'_> {
    /// A version is to have so many replicas.
    pub fn scale(&mut self, now: Instant, version: VersionIx, replicas: u32, calendar: &mut Calendar) {
        for _ in self.hosts.wanted(version)..replicas {
            match self.hosts.create(version, now, self.room) {
                Ok(number) => {
                    let pool = &mut self.pools[version];
                    pool.create(now);
                    pool.starting.begin(now);
                    expect(self.hosts, number, self.end, calendar);
                }
                Err(crowded) => {
                    *self.crowded = Some(crowded);
                    return;
                }
            }
            let alive = self.pools.iter().map(|pool| pool.alive.count()).sum();
            self.levels.started(now, version, alive);
        }
        for number in self.hosts.surplus(version, replicas) {
            let pool = &mut self.pools[version];
            if self.hosts.stop(number, now) {
                pool.starting.end(now);
            }
            pool.busy.begin(now);
            expect(self.hosts, number, self.end, calendar);
        }
    }
}
