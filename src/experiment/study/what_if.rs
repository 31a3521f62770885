//! What if? What strategies lose by mismatches at the ends of what was assumed, where that is known without a simulation.

use crate::experiment::levers::{self, Assumption};
use crate::platform::exact;
use crate::results::sensitivity::what_if::{Assumed, End, WhatIf};
use crate::scenario::Scenario;

/// The assumptions of a scenario with what becomes of its strategies. `moved` makes the scenario with a key written anew, or
/// `None` where that cannot be.
#[must_use]
pub fn what_if(scenario: &Scenario, moved: impl Fn(&str, &str) -> Option<Scenario>) -> WhatIf {
    let base = means(scenario);
    // Where nothing is known as it stands, no end says more.
    let known = base.iter().filter(|mean| mean.is_some()).count() > 1;
    let assumed = levers::moved(scenario).into_iter().map(|Assumption { key, low, high, about, default, origin }| {
        let end = |value: &'static str| Some(End { value, means: means(&moved(&key, value)?) });
        let ends = if known { [low, high].into_iter().filter_map(end).collect() } else { Vec::new() };
        Assumed { key, about, default, origin, ends }
    });
    let assumed = assumed.collect();
    WhatIf { base, assumed }
}

/// The exact mean number of requests that meet code which cannot read them, by strategy; of near misses where there is no
/// other harm anywhere.
fn means(scenario: &Scenario) -> Vec<Option<f64>> {
    let counts: Vec<_> = scenario
        .strategies
        .iter()
        .map(|strategy| {
            let exact = exact::figures(&scenario.service, strategy, &scenario.window).ok()?;
            exact.is_whole().then(|| exact.first.counts(&scenario.service, strategy))
        })
        .collect();
    let broken = |counts: &exact::Counts| counts.incompatible.iter().sum::<f64>();
    let breaks = counts.iter().flatten().any(|counts| broken(counts) > 0.0);
    let mean = |counts: &Option<exact::Counts>| {
        counts.as_ref().map(|counts| if breaks { broken(counts) } else { counts.near_misses })
    };
    counts.iter().map(mean).collect()
}
