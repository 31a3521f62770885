//! What an average hides: an event of a known chance that hits a whole rollout.

use crate::report::judge;
use crate::report::number::percent;
use crate::results::ScenarioResults;

/// A loss of this part of the requests is told, if it is so many times what is lost without the event.
const BAD: f64 = 0.01;
const TIMES: f64 = 3.0;

/// What a strategy loses if an event happens that may: `If event 1 happens (1 % of rollouts), a loses 90 % of its requests.`
#[must_use]
pub fn if_it_happens(results: &ScenarioResults, place: usize) -> Option<String> {
    let metric = results.metric("lost_share")?;
    let strategy = &results.strategies[place];
    let mean = |stratum: usize| {
        let values: Vec<f64> = strategy.rows.iter().filter_map(|rows| rows[stratum].values[metric]).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let without = mean(0)?;
    let told = strategy.strata.iter().enumerate().filter_map(|(place, stratum)| {
        let number = stratum.name.strip_prefix("event:")?;
        let lost = mean(place).filter(|&lost| lost >= BAD && lost >= TIMES * without)?;
        Some((lost, format!("event {number} happens ({} of rollouts)", percent(stratum.weight))))
    });
    let (lost, what) = told.max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(format!("If {what}, {} loses {} of its requests.", judge::name(results, place), percent(lost)))
}
