//! The chart of mismatches: when events and code did not belong together, and which of them was newer.

use super::bins::{self, Bins};
use super::frame::{Key, Runs};
use super::multiples::{Band, Chart, Panel, Values};
use super::plot::Area;
use super::{theme, title};
use crate::experiment::results::{ScenarioResults, Series};

/// Composes the chart: events ahead of the code point up, events behind it down.
pub(super) fn chart(scenario: &ScenarioResults) -> Chart {
    let mismatched = |series| matches!(series, Series::MismatchedAhead | Series::MismatchedBehind);
    let ends = scenario.strategies.iter().map(|strategy| bins::last(&strategy.timeline, mismatched));
    let shown = bins::focus(scenario, ends);
    let panels = scenario.strategies.iter().enumerate().map(|(place, strategy)| {
        let bins = Bins::joined(scenario, &strategy.timeline, shown);
        let ahead = bins.rates(|series| series == Series::MismatchedAhead);
        let behind = bins.rates(|series| series == Series::MismatchedBehind).iter().map(|rate| -rate).collect();
        Panel {
            figures: title::figures(scenario, place, "mismatched", "mismatched"),
            nothing: bins.nothing(mismatched, "no mismatched requests"),
            stretches: bins.stretches,
            bands: vec![vec![Area::filled(ahead, theme::AHEAD), Area::filled(behind, theme::BEHIND)]],
            actions: Panel::actions(strategy),
        }
    });
    Chart {
        title: title::most(scenario, "mismatched", "mismatched requests"),
        legend: vec![
            Key::new("upwards: ahead (newer event, older code)", theme::AHEAD),
            Key::new("downwards: behind (older event, newer code)", theme::BEHIND),
        ],
        shown,
        bands: vec![Band { title: "mismatched requests per second", part: 1.0, values: Values::Amounts }],
        panels: panels.collect(),
        named_actions: false,
        runs: Runs::Mean,
    }
}
