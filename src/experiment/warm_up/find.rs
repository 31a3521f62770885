//! `warm_up = "auto"`: the length that pilot runs are content with.

use super::compare::{Comparison, LOOKS, MOST_PAIRS, round_up};
use crate::experiment::settings::{BatchError, Settings};
use crate::platform::SimulationError;
use crate::scenario::Scenario;
use crate::time::Span;

/// Why no length was found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// Pilot runs would take too long.
    #[error(
        "{scenario}: `warm_up = \"auto\"` would simulate {requests:.0e} requests to try {length}, as long as an instance \
         can matter; write a length instead"
    )]
    TooMuch {
        /// The scenario's name.
        scenario: String,
        /// The length to be tried.
        length: Span,
        /// About how many requests that takes.
        requests: f64,
    },
    /// Even the longest length tried was too short.
    #[error(
        "{scenario}: `warm_up = \"auto\"` finds no length: after {tried} there are {instances:.4} instances, and \
         {settled:.4} after a longer past; where idle instances take turns, their number may grow for ever: write a length"
    )]
    None {
        /// The scenario's name.
        scenario: String,
        /// The longest length tried.
        tried: Span,
        /// The number of instances then.
        instances: f64,
        /// The number after a longer past.
        settled: f64,
    },
    /// A pilot run had to be given up.
    #[error("{scenario}, looking for its warm-up: {source}")]
    Simulation {
        /// The scenario's name.
        scenario: String,
        /// Why.
        source: SimulationError,
    },
    /// There are no threads to run on.
    #[error(transparent)]
    Threads(#[from] BatchError),
}

/// How many lengths are tried, from the platform's memory on: up to a hundred times as long.
const TRIED: usize = 7;
/// More requests than anyone waits for before a run.
const MOST_REQUESTS: f64 = 5e9;

/// The shortest round length (1, 2 or 5 times a power of ten seconds), no shorter than an instance can matter, for which
/// pilot runs forget how they began. Follows from the scenario, all its strategies, and the seed alone.
///
/// # Errors
/// [`FindError`], where there is none.
pub fn find(scenario: &Scenario, settings: &Settings) -> Result<Span, FindError> {
    let (threads, _) = settings.pool(std::slice::from_ref(scenario))?;
    threads.install(|| {
        let each = Comparison::all(scenario, settings.seed).into_iter();
        let mut lengths = each.map(|comparison| length(scenario, &comparison));
        lengths.try_fold(Span::ZERO, |longest, length| Ok(longest.max(length?)))
    })
}

fn length(scenario: &Scenario, comparison: &Comparison) -> Result<Span, FindError> {
    let name = || scenario.name.clone();
    let mut length = round_up(comparison.memory.span);
    let mut last = None;
    for _ in 0..TRIED {
        let requests = comparison.cost(length, LOOKS[0]);
        if requests > MOST_REQUESTS {
            return Err(FindError::TooMuch { scenario: name(), length, requests });
        }
        let compared = comparison.of(length, MOST_PAIRS);
        let compared = compared.map_err(|source| FindError::Simulation { scenario: name(), source })?;
        if compared.is_content() {
            return Ok(length);
        }
        last = Some((length, compared));
        length = round_up(length + Span::from_ns(1));
    }
    let (tried, instances, settled) =
        last.map_or((length, 0.0, 0.0), |(tried, compared)| (tried, compared.instances, compared.settled));
    Err(FindError::None { scenario: name(), tried, instances, settled })
}
