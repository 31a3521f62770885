//! How long a deployment takes that nothing ends early: the same rollouts without traffic, alarms and timeouts.

use super::replication::Replication;
use crate::platform::{Service, Window};
use crate::random::Seed;
use crate::scenario::Scenario;
use crate::source::{Arrivals, Firings, Schedule};
use crate::strategy::Strategy;
use crate::time::Span;

/// Over how many rollouts its mean is taken.
const ROLLOUTS: u64 = 20;
/// One that is not through by then is taken to be so never.
const LONGEST: Span = Span::from_s(30 * 24 * 3_600);

/// How long a strategy takes on average, from t = 0 until all have followed; `None` for a plan, and where some rollout does not get
/// through.
pub fn takes(scenario: &Scenario, strategy: &Strategy) -> Option<Span> {
    let strategy = strategy.undisturbed()?;
    // Who sends nothing is still wired.
    let silent = Schedule { firings: Firings::At(Vec::new()), batch: 1, jitter: Span::ZERO };
    let mut service = Service { events: Vec::new(), ..scenario.service.clone() };
    service.sources.iter_mut().for_each(|source| source.arrivals = Arrivals::Schedule(silent.clone()));
    let window = Window { warm_up: Span::ZERO, after: LONGEST };
    let scenario = Scenario { window, bin: LONGEST, service, ..scenario.clone() };
    let settled = |replication| {
        let seed = Seed { seed: 0, replication };
        Replication::run(&scenario, &strategy, seed).ok()?.course.settled
    };
    let all: Option<Vec<_>> = (0..ROLLOUTS).map(settled).collect();
    let mean = all?.iter().map(|settled| settled.seconds()).sum::<f64>() / ROLLOUTS as f64;
    Some(Span::from_ns_f64(mean * 1e9))
}
