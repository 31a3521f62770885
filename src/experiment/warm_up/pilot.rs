//! Pilot runs: nothing is deployed, and only the instances just before t = 0 are looked at.

use crate::engine;
use crate::platform::{Bins, Fate, Service, Simulation, SimulationError, Window};
use crate::random::Seed;
use crate::scenario::Scenario;
use crate::source::{Arrivals, Firings, Source};
use crate::strategy::{Deployment, On, Rollout, Strategy};
use crate::time::{Instant, Span};

/// A scenario's traffic and one of its releases, with nothing deployed.
#[derive(Clone, Debug)]
pub(super) struct Pilot {
    service: Service,
    strategy: Strategy,
    /// Where sources that begin with the warm-up begin.
    start: Instant,
}

/// Which part of the past is simulated, in spans before t = 0, the longest first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Past {
    /// From when on sources send.
    pub sends: Span,
    /// From when on the platform serves: what was sent before is lost.
    pub serves: Span,
    /// From when on the level is measured.
    pub looks: Span,
    /// Instances that are idle when it begins to serve, besides those of the scenario.
    pub warm: u32,
}

/// The mean numbers of instances over a stretch of time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Level {
    /// In every state.
    pub alive: f64,
    /// Busy or starting.
    pub at_work: f64,
}

impl Pilot {
    /// The pilot of the strategies that replace `from`.
    pub fn new(scenario: &Scenario, deployment: &Deployment, on: On) -> Self {
        let deployment = Deployment { to: deployment.from, ..*deployment };
        let strategy = Strategy { name: "pilot".to_owned(), deployment, rollout: Rollout::None(on), guard: None };
        Self { service: scenario.service.clone(), strategy, start: scenario.window.start() }
    }

    /// Whether it is known what was before the window. It is not for a recorded trace, unless it is repeated.
    pub fn knows_the_past(&self) -> bool {
        let recorded = |source: &Source| matches!(&source.arrivals, Arrivals::Trace(trace) if trace.period.is_none());
        !self.service.sources.iter().any(recorded)
    }

    /// About how many requests are sent from `start` to t = 0; or, where these are more, how many times their sources
    /// change.
    pub fn requests(&self, start: Instant) -> f64 {
        let work = |source: &Source| {
            let arrivals = &source.arrivals;
            arrivals.about(start, Instant::ZERO).max(arrivals.changes(start, Instant::ZERO))
        };
        self.service.sources.iter().map(work).sum()
    }

    /// The mean level over the last `past.looks` before t = 0.
    pub fn level(&self, past: Past, seed: Seed) -> Result<Level, SimulationError> {
        // The shortest window that has a bin from t = 0 on, which nobody looks at.
        let window = Window { warm_up: past.serves, after: Span::from_ns(1) };
        let mut service = self.reaching_back(past.sends);
        service.function.warm = service.function.warm.saturating_add(past.warm);
        let fate = &Fate::default();
        let bins = Bins::new(window, past.looks);
        let (mut simulation, mut calendar) = Simulation::new(&service, &self.strategy, (seed, fate), window, bins, ())?;
        simulation.begin_amid(&service, seed, Instant::ZERO.before(past.sends), window);
        engine::run(&mut simulation, &mut calendar, window.end())?;
        simulation.finish(window.end())?;
        let last = simulation.levels.integrals_of(bins.first_counted() - 1);
        let mean = |integral: u128| integral as f64 / past.looks.ns() as f64;
        Ok(Level {
            alive: mean(last.iter().map(|levels| levels.alive()).sum()),
            at_work: mean(last.iter().map(|levels| levels.starting + levels.busy).sum()),
        })
    }

    /// The service, with the sources that begin with the warm-up beginning `sends` before t = 0, in the same rhythm.
    fn reaching_back(&self, sends: Span) -> Service {
        let mut service = self.service.clone();
        let begin = Instant::ZERO.before(sends);
        for Source { arrivals, .. } in &mut service.sources {
            match arrivals {
                Arrivals::Constant(constant) if constant.first == self.start => {
                    let earlier = constant.rate.due_ns(constant.rate.due_before(constant.first.since(begin).ns()));
                    let earlier = u64::try_from(earlier).unwrap_or(u64::MAX);
                    constant.first = constant.first.before(Span::from_ns(earlier));
                }
                Arrivals::Schedule(schedule) => match &mut schedule.firings {
                    Firings::Every { every, first } if *first == self.start => {
                        let firings = first.since(begin).ns().div_ceil(every.ns());
                        *first = first.before(Span::from_ns(firings.saturating_mul(every.ns())));
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        service
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Replication;
    use crate::scenario::{Options, load};

    const SEED: Seed = Seed { seed: 3, replication: 1 };

    fn scenario() -> Scenario {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mixed.toml");
        let content = r#"
        window = { warm_up = "20s", after = "10s" }
        timeline = { bin = "2s" }
        [source]
        web.arrivals.poisson = "50/s"
        cron.arrivals.constant = "3/s"
        late.arrivals.constant = { rate = "1/s", first = "-5s" }
        jobs.arrivals.schedule = { every = "7s", batch = 20 }
        [code]
        service = { exponential = { mean = "100ms" } }
        [function]
        idle = { constant = "3s" }
        [strategy]
        none.none = {}
        "#;
        std::fs::write(&path, content).unwrap();
        load(&[path], &Options::default()).unwrap().remove(0)
    }

    fn past(sends: u64, serves: u64) -> Past {
        Past { sends: Span::from_s(sends), serves: Span::from_s(serves), looks: Span::from_s(2), warm: 0 }
    }

    #[test]
    fn a_pilot_that_begins_with_the_warm_up_is_the_run_before_zero() {
        let scenario = scenario();
        let strategy = &scenario.strategies[0];
        let run = Replication::run(&scenario, strategy, SEED).unwrap();
        let last = run.levels.integrals_of(run.levels.bins().first_counted() - 1);
        let alive: u128 = last.iter().map(|levels| levels.alive()).sum();
        let level = Pilot::new(&scenario, &strategy.deployment, On::Function).level(past(20, 20), SEED).unwrap();
        assert_eq!(level.alive, alive as f64 / 2e9);
        assert!(level.at_work > 0.0 && level.at_work < level.alive, "{level:?}");
    }

    #[test]
    fn two_runs_on_the_same_requests_meet() {
        let scenario = scenario();
        let pilot = Pilot::new(&scenario, &scenario.strategies[0].deployment, On::Function);
        let level = |sends, serves| pilot.level(past(sends, serves), SEED).unwrap();
        assert_eq!(level(40, 20), level(40, 40), "the beginning is forgotten");
        assert_ne!(level(40, 3), level(40, 40), "it is not after three seconds");
        assert_ne!(level(20, 20), level(40, 40), "other requests");
    }

    #[test]
    fn what_begins_with_the_warm_up_reaches_back_in_its_rhythm() {
        let scenario = scenario();
        let service =
            Pilot::new(&scenario, &scenario.strategies[0].deployment, On::Function).reaching_back(Span::from_s(40));
        let firsts: Vec<f64> = service
            .sources
            .iter()
            .filter_map(|source| match &source.arrivals {
                Arrivals::Constant(constant) => Some(constant.first.seconds()),
                Arrivals::Schedule(schedule) => match schedule.firings {
                    Firings::Every { first, .. } => Some(first.seconds()),
                    Firings::At(_) => None,
                },
                _ => None,
            })
            .collect();
        // 60 arrivals earlier; where it was told to begin; three firings earlier.
        assert_eq!(firsts, [-40.0, -5.0, -41.0]);
    }
}
