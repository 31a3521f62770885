//! The chart of latency: what served requests took over time, in the median and at the 99th percentile.

use super::bins::{self, Bins};
use super::frame::{Key, Runs};
use super::multiples::{Band, Chart, Panel, Values};
use super::plot::{Area, Form};
use super::{axis, theme, title};
use crate::experiment::results::{ScenarioResults, Series};
use crate::report::judge::mean;

/// What is drawn, and how.
const LINES: [(Series, &str, super::style::Colour); 2] =
    [(Series::LatencyP99, "p99", theme::INK), (Series::LatencyP50, "median", theme::FAINT)];

/// Composes the chart.
pub(super) fn chart(scenario: &ScenarioResults) -> Chart {
    let shown = bins::focus(scenario, scenario.strategies.iter().map(bins::last_of_old));
    let panels = scenario.strategies.iter().enumerate().map(|(place, strategy)| {
        let bins = Bins::new(&strategy.timeline, shown);
        let line = |&(kind, _, colour): &(Series, &str, super::style::Colour)| Area {
            heights: bins.greatest(kind),
            colour,
            form: Form::Curve,
        };
        Panel {
            figures: figures(scenario, place),
            nothing: "too few requests a bin",
            bands: vec![LINES.iter().map(line).collect()],
            stretches: bins.stretches,
            actions: Panel::actions(strategy),
        }
    });
    let keys = LINES.iter().map(|&(_, name, colour)| Key::new(name, colour));
    let remark = format!("of the requests that arrived in {}, within 1.6 %; a gap: too few of them", scenario.bin);
    Chart {
        title: title::latency(scenario),
        legend: keys.chain([Key::remark(remark)]).collect(),
        shown,
        bands: vec![Band { title: "latency", part: 1.0, values: Values::Milliseconds }],
        panels: panels.collect(),
        named_actions: false,
        runs: Runs::Together,
    }
}

/// The p99 of the whole window.
fn figures(scenario: &ScenarioResults, place: usize) -> Vec<String> {
    let Some(p99) = mean(scenario, place, "latency_p99_ms") else { return Vec::new() };
    vec![format!("p99 {} over all", axis::span(p99)), format!("p99 {}", axis::span(p99))]
}
