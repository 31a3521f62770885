//! A replication up to t = 0. Until then all strategies that replace the same version are the same, so that the warm-up is
//! simulated once and each of them goes on from a copy of it.

use super::replication::Replication;
use crate::engine::{self, Calendar};
use crate::platform::{
    Adopted, Bins, Cast, Fate, Observer, Simulation, SimulationError, Tally, VersionIx, expected, footprint,
};
use crate::random::Seed;
use crate::scenario::Scenario;
use crate::strategy::{On, Strategy};
use crate::time::{Instant, Span};
use crate::units::Bytes;

/// The state at t = 0, and what is due from then on.
#[derive(Clone, Debug)]
pub struct Begun<O> {
    simulation: Simulation<(Tally, O)>,
    calendar: Calendar,
    seed: Seed,
    memory: Bytes,
}

impl<O: Observer> Begun<O> {
    /// Simulates the warm-up of `strategy`, and of every other one that replaces the same version, in so much memory.
    ///
    /// # Errors
    /// [`SimulationError`], when the replication had to be given up.
    pub fn new(
        scenario: &Scenario,
        strategy: &Strategy,
        (seed, fate): (Seed, &Fate),
        memory: Bytes,
        observer: O,
    ) -> Result<Self, SimulationError> {
        let (service, window) = (&scenario.service, scenario.window);
        let bins = Bins::new(window, scenario.bin);
        let cast = Cast::new(service, strategy);
        let watchers = (Tally::new(bins, service, (&cast, strategy.on())), observer);
        let (mut simulation, mut calendar) = Simulation::new(service, strategy, (seed, fate), window, bins, watchers)?;
        simulation.room.limit(room(scenario, strategy, memory));
        engine::run(&mut simulation, &mut calendar, Instant::ZERO).map_err(|crowded| simulation.crowded(crowded))?;
        Ok(Self { simulation, calendar, seed, memory })
    }

    /// How many requests have arrived.
    pub const fn arrived(&self) -> u64 {
        self.simulation.arrived
    }

    /// Simulates the rest under `strategy`. `fate` gives the same requests as it did so far.
    ///
    /// # Errors
    /// [`SimulationError`], when the replication had to be given up.
    pub fn end(
        self,
        scenario: &Scenario,
        strategy: &Strategy,
        fate: &Fate,
    ) -> Result<(Replication, O), SimulationError> {
        let Self { mut simulation, mut calendar, seed, memory } = self;
        let (service, window) = (&scenario.service, scenario.window);
        let cast = Cast::new(service, strategy);
        simulation.observer.0.change_to(service, (&cast, strategy.on()));
        simulation.begin(service, strategy, (seed, fate), window, &mut calendar);
        simulation.room.limit(room(scenario, strategy, memory));
        engine::run(&mut simulation, &mut calendar, window.end()).map_err(|crowded| simulation.crowded(crowded))?;
        simulation.finish(window.end())?;

        let course = simulation.course();
        let control = &mut simulation.router.control;
        let known_beforehand = expected::mismatched(service, strategy, control, &window)?;
        let operator_steps = control.operator_steps(strategy);
        let operator_time = operator_time(strategy, operator_steps);
        let adopted = Adopted::new(control, strategy.deployment.to, &Bins::new(window, scenario.bin));
        let actions = std::mem::take(&mut control.actions);
        let old = &simulation.pools[VersionIx::FIRST];
        let old_drained =
            (old.alive.count() == 0).then(|| old.emptied.map_or(Instant::ZERO, |at| at.max(Instant::ZERO)));
        let mismatched_expected = known_beforehand + simulation.mismatched_expected();
        let sessions = service.has_users().then(|| simulation.sessions());
        let counted = simulation.arrived_from_zero();
        let available_min = simulation.hosts.as_ref().map(|hosts| hosts.least_available);
        let blocked_s = simulation.blocked(window.end());
        let backlog_peak = simulation.backlog_peak();
        // Where others keep environments ready, nothing spills over either.
        let spilled = service.function.provisioned.filter(|_| strategy.on() == On::Function);
        let spilled = spilled.map(|_| simulation.spilled());
        let Simulation { observer: (mut tally, observer), levels, arrived, .. } = simulation;
        tally.close();
        let plain = tally.counted().plain;
        if plain.requests() - plain.queued.carried != counted {
            return Err(SimulationError::NotConserved("outcomes"));
        }
        let (latencies, latency) = tally.take_latencies();
        let replication = Replication {
            simulated: arrived,
            tally,
            latencies,
            latency,
            levels,
            mismatched_expected,
            mismatched_first: known_beforehand,
            adopted,
            actions,
            course,
            old_drained,
            sessions,
            operator_steps,
            operator_time,
            available_min,
            backlog_peak,
            blocked_s,
            spilled,
        };
        Ok((replication, observer))
    }
}

/// How long a person takes for so many steps; `None` where nobody says how long for one.
fn operator_time(strategy: &Strategy, steps: usize) -> Option<Span> {
    match strategy.rollout.by_hand().map(|by_hand| by_hand.each) {
        None => Some(Span::ZERO),
        Some(Span::ZERO) => None,
        Some(each) => Some(Span::from_ns(each.ns().saturating_mul(steps as u64))),
    }
}

/// What is left of a replication's memory for instances and callers.
fn room(scenario: &Scenario, strategy: &Strategy, memory: Bytes) -> Bytes {
    let bins = Bins::new(scenario.window, scenario.bin).len() as u64;
    Bytes(memory.0.saturating_sub(footprint::fixed(&scenario.service, strategy, bins).0))
}
