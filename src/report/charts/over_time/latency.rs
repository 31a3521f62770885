//! The chart of latency: what served requests took over time, in the median and at the 99th percentile.

use super::multiples::{self, Band, Chart, Panel, Values};
use super::plot::Area;
use crate::report::charts::bins::{self, Bins};
use crate::report::charts::frame::{Frame, Key, Runs};
use crate::report::charts::title;
use crate::report::draw::style::Colour;
use crate::report::draw::{axis, theme};
use crate::report::judge::mean;
use crate::results::{ScenarioResults, Series};

/// What is drawn, and how.
const LINES: [(Series, &str, Colour); 2] =
    [(Series::LatencyP99, "p99", theme::INK), (Series::LatencyP50, "median", theme::FAINT)];

/// Composes the chart.
pub fn chart(scenario: &ScenarioResults, decides: bool) -> Chart {
    let ends: Vec<_> = scenario.strategies.iter().map(bins::last_of_old).collect();
    let shown = bins::focus(scenario, &ends, multiples::columns(scenario.strategies.len()));
    let panels = scenario.strategies.iter().enumerate().map(|(place, strategy)| {
        let bins = Bins::new(&strategy.timeline, shown);
        let line = |&(kind, _, colour): &(Series, &str, Colour)| Area::steps(bins.greatest(kind), colour);
        Panel {
            figures: figures(scenario, place),
            nothing: nothing(scenario, place),
            bands: vec![LINES.iter().map(line).collect()],
            stretches: bins.stretches,
            actions: Panel::actions(strategy),
        }
    });
    let keys = LINES.iter().map(|&(_, name, colour)| Key::new(name, colour));
    let remark = "of the requests that arrived in a bin and were served, within 3.2 %; a gap: too few were served";
    Chart {
        frame: Frame {
            title: title::latency(scenario),
            legend: keys.chain([Key::remark(remark)]).collect(),
            runs: Runs::Together,
            decides,
            binned: true,
        },
        bands: vec![Band { title: "latency", part: 1.0, values: Values::Milliseconds }],
        panels: panels.collect(),
        shows: multiples::all,
        shown,
    }
}

/// Why there is no line.
fn nothing(scenario: &ScenarioResults, place: usize) -> String {
    match mean(scenario, place, "served") {
        Some(0.0) => "no request was served",
        _ => "too few requests were served in a bin",
    }
    .to_owned()
}

/// The p99 of the whole window.
fn figures(scenario: &ScenarioResults, place: usize) -> Vec<String> {
    let Some(p99) = mean(scenario, place, "latency_p99_ms") else { return Vec::new() };
    vec![format!("p99 {} over all", axis::span(p99)), format!("p99 {}", axis::span(p99))]
}
