//! The chart of traffic: who ran the requests, and how one version took over from another.

use super::bins::{self, Bins};
use super::frame::{Key, Runs};
use super::multiples::{Band, Chart, Panel, Values, stacked};
use super::{theme, title};
use crate::experiment::results::{ScenarioResults, Series, StrategyResults};
use crate::report::number::duration;

/// Composes the chart.
pub(super) fn chart(scenario: &ScenarioResults) -> Chart {
    let shown = bins::focus(scenario, scenario.strategies.iter().map(bins::last_of_old));
    let panels = scenario.strategies.iter().map(|strategy| {
        let bins = Bins::joined(scenario, &strategy.timeline, shown);
        let layers = scenario.versions.iter().enumerate().map(|(place, &version)| {
            let ran = |series| matches!(series, Series::Attempts(_, by) if by == version);
            (bins.rates(ran), theme::version(place))
        });
        let bands = vec![stacked(layers.collect())];
        let nothing = bins.nothing(|series| matches!(series, Series::Attempts(..)), "no requests");
        Panel {
            figures: figures(scenario, strategy),
            nothing,
            stretches: bins.stretches,
            bands,
            actions: Panel::actions(strategy),
        }
    });
    let keys = scenario.versions.iter().enumerate();
    Chart {
        title: title::handover(scenario),
        legend: keys.map(|(place, version)| Key::new(format!("run by {version}"), theme::version(place))).collect(),
        shown,
        bands: vec![Band { title: "requests per second", part: 1.0, values: Values::Amounts }],
        panels: panels.collect(),
        named_actions: false,
        runs: Runs::Mean,
    }
}

/// How long the old version ran requests.
fn figures(scenario: &ScenarioResults, strategy: &StrategyResults) -> Vec<String> {
    let Some((old, last)) = strategy.replaces.zip(bins::last_of_old(strategy)) else { return Vec::new() };
    if last == 0.0 {
        return vec![format!("no {old} from t = 0 on")];
    }
    let end = scenario.window.after.seconds();
    let until = if last >= end { "to the end".to_owned() } else { format!("until {}", duration(last)) };
    vec![format!("{old} {until}"), until]
}
