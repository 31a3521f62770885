//! The chart of the rollout: what is done on the control plane, and how nodes and front-ends follow.

use super::bins::{self, Bins, Stretch};
use super::frame::{Key, Runs};
use super::multiples::{Band, Chart, Panel, Values};
use super::plot::{Area, Form};
use super::style::Colour;
use super::{theme, title};
use crate::experiment::results::{ScenarioResults, Series, StrategyResults};
use crate::report::judge::mean;
use crate::report::number::duration;

/// What is drawn, and how.
const LINES: [(Series, Colour); 2] = [(Series::NodesNewShare, theme::FAINT), (Series::FrontEndsNewShare, theme::INK)];

/// Composes the chart.
pub(super) fn chart(scenario: &ScenarioResults) -> Chart {
    let shown = shown(scenario);
    let panels = scenario.strategies.iter().enumerate().map(|(place, strategy)| {
        let bins = Bins::new(&strategy.timeline, shown);
        let line =
            |&(kind, colour): &(Series, Colour)| Area { heights: bins.greatest(kind), colour, form: Form::Steps };
        Panel {
            figures: figures(scenario, place),
            nothing: if strategy.replaces.is_some() { "no figures" } else { "nothing is deployed" },
            bands: vec![LINES.iter().map(line).collect()],
            stretches: bins.stretches,
            actions: Panel::actions(strategy),
        }
    });
    Chart {
        title: title::rollout(scenario),
        legend: vec![
            Key::new("gateway nodes on the new revision", theme::FAINT),
            Key::new("requests that front-ends send to the new version", theme::INK),
        ],
        shown,
        bands: vec![Band { title: "share", part: 1.0, values: Values::Whole }],
        panels: panels.collect(),
        named_actions: true,
        runs: Runs::Mean,
    }
}

/// Until a little after the last change under every strategy.
fn shown(scenario: &ScenarioResults) -> Stretch {
    let end = |strategy: &StrategyResults| {
        let acts = strategy.actions.iter().map(|action| action.at_s);
        let settles = LINES.iter().filter_map(|&(kind, _)| bins::settled(&strategy.timeline, kind));
        acts.chain(settles).reduce(f64::max)
    };
    bins::focus(scenario, scenario.strategies.iter().map(end))
}

/// How long it took until everybody had followed.
fn figures(scenario: &ScenarioResults, place: usize) -> Vec<String> {
    let key = "rollout_duration_s";
    let Some(mean) = mean(scenario, place, key) else { return Vec::new() };
    let least = if scenario.estimate(place, key).censored > 0 { "at least " } else { "" };
    vec![format!("settled after {least}{}", duration(mean)), format!("{least}{}", duration(mean))]
}
