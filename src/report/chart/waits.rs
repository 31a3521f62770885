//! The chart of cold starts' waits: which share of them had its instance after how long.

use super::axis::{self, Scale, span};
use super::curves::{Axis, Chart, Curve};
use super::frame::{Key, Runs};
use super::title;
use crate::experiment::results::{ScenarioResults, StrategyResults};
use crate::math::log10;

/// Waits span decades if the longest is so many times the shortest.
const DECADES: f64 = 20.0;

/// Composes the chart.
pub(super) fn chart(scenario: &ScenarioResults) -> Chart {
    let waits = || scenario.strategies.iter().flat_map(|strategy| &strategy.cold_waits).map(|&(wait, _)| wait);
    let high = waits().fold(0.0, f64::max);
    let low = waits().fold(f64::INFINITY, f64::min).max(1e-6);
    let logarithmic = high > low * DECADES;
    let (ends, ticks) = if logarithmic { axis::span_decades(low, high) } else { axis::spans(high, 8.0) };
    let x = Scale { values: ends, places: ends };
    let place = |wait: f64| x.at(if logarithmic { log10(wait.max(low)) } else { wait });
    let curve = |(strategy, results): (usize, &StrategyResults)| Curve {
        strategy,
        points: steps(&results.cold_waits, &place, ends),
        figures: figures(results),
    };
    let scale = if logarithmic { ", log scale" } else { "" };
    let (ends_y, ticks_y) = axis::whole();
    Chart {
        title: title::waits(scenario),
        legend: vec![Key::remark("beside a name: median and longest wait")],
        x: Axis { title: format!("wait for a new instance{scale}"), ends, ticks },
        curves: scenario.strategies.iter().enumerate().map(curve).collect(),
        y: Axis { title: "cold starts that waited no longer".to_owned(), ends: ends_y, ticks: ticks_y },
        runs: Runs::Together,
        nothing: "no cold start ended its wait",
    }
}

/// The share that waited no longer, a step at every wait, from the left edge to the right.
fn steps(waits: &[(f64, u64)], place: &dyn Fn(f64) -> f64, ends: (f64, f64)) -> Vec<(f64, f64)> {
    let all: u64 = waits.iter().map(|&(_, count)| count).sum();
    if all == 0 {
        return Vec::new();
    }
    let (mut seen, mut share) = (0, 0.0);
    let mut points = vec![(ends.0, 0.0)];
    for &(wait, count) in waits {
        points.push((place(wait), share));
        seen += count;
        share = seen as f64 / all as f64;
        points.push((place(wait), share));
    }
    points.push((ends.1, share));
    points
}

fn figures(results: &StrategyResults) -> Vec<String> {
    let longest = results.cold_waits.last().map(|&(wait, _)| wait);
    match title::median_wait(&results.cold_waits).zip(longest) {
        Some((median, longest)) => vec![format!("{}, at most {}", span(median), span(longest)), span(median)],
        None => vec!["none".to_owned()],
    }
}
