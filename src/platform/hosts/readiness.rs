//! The readiness probe: when it runs for a replica, and what it finds.
//!
//! It finds every replica well that has started, but for those whose code is broken by an event: of these it fails for the share of the
//! requests that the event concerns. Where neither can change anything it is not run.

use super::{Hosts, Phase, Replica, Set, Turn};
use crate::platform::service::Probe;
use crate::time::{Instant, Span};
use crate::units::Threshold;

impl Hosts {
    /// A replica that is there from the beginning has been probed for long, and nobody knows when.
    pub(super) fn probed_for_long(&mut self, number: u32, now: Instant) {
        let Some(probe) = self.settings.ready else { return };
        let replica = &mut self.replicas[number as usize];
        let draw = self.sets[replica.version].probe.bits(replica.ordinal, 0);
        let part = (u128::from(draw) * u128::from(probe.period.ns())) >> 64;
        replica.clock = now + Span::from_ns(part as u64);
    }

    /// From `now` on things may break: ready replicas whose code does are probed. Answers how many replicas there are.
    pub fn expect_outages(&mut self, now: Instant) -> u32 {
        let Some(probe) = self.settings.ready else { return 0 };
        for replica in self.replicas.iter_mut().filter(|replica| replica.is_ready()) {
            replica.probe_from(probe, &self.sets[replica.version], now);
        }
        self.replicas.len() as u32
    }

    /// A replica has started, and is probed until it is found ready.
    pub(super) fn be_probed(&mut self, probe: Probe, number: u32, now: Instant) -> Turn {
        let replica = &mut self.replicas[number as usize];
        (replica.phase, replica.streak) = (Phase::Probed, 0);
        // Its clock starts with the replica, or with the try that went well.
        replica.clock = replica.begun + probe.delay;
        replica.probe_from(probe, &self.sets[replica.version], now);
        if replica.probe > now { Turn::Later } else { self.probe(number, now) }
    }

    /// The time has come at which the probe of a replica runs.
    pub fn probe(&mut self, number: u32, now: Instant) -> Turn {
        let replica = &mut self.replicas[number as usize];
        let Some(probe) = self.settings.ready.filter(|_| replica.probe == now) else { return Turn::None };
        let is_ready = replica.is_ready();
        let fails = self.sets[replica.version].probe_fails(replica, now);
        replica.streak = if fails == is_ready { replica.streak + 1 } else { 0 };
        let enough = if is_ready { probe.failures } else { probe.successes };
        let turn = match replica.streak >= enough {
            false => Turn::Later,
            true if is_ready => {
                self.withdraw(number, now);
                let replica = &mut self.replicas[number as usize];
                (replica.phase, replica.next) = (Phase::Probed, Instant::END);
                Turn::Unready
            }
            true => self.become_ready(number, now),
        };
        let replica = &mut self.replicas[number as usize];
        replica.streak = if turn == Turn::Later { replica.streak } else { 0 };
        replica.probe_from(probe, &self.sets[replica.version], now + Span::from_ns(1));
        turn
    }
}

impl Replica {
    /// Is probed next at `from` or later, where that may change anything.
    fn probe_from(&mut self, probe: Probe, set: &Set, from: Instant) {
        let is_settled = self.is_ready() && self.streak == 0;
        let from = if is_settled { set.outages.next(from) } else { Some(from) };
        self.probe = from.map_or(Instant::END, |from| probe.first_run(self.clock, from));
    }
}

impl Set {
    /// Whether the probe of a replica fails that runs at `now`.
    fn probe_fails(&self, replica: &Replica, now: Instant) -> bool {
        let share = self.outages.besides(Threshold::NONE, now);
        // The first draw of a replica is that of its clock.
        share != Threshold::NONE && share.admits(self.probe.bits(replica.ordinal, now.ns() as u64 ^ 1 << 63))
    }
}
