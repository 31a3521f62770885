//! The chart of cumulative harm: how the requests that went wrong add up, all strategies in one panel.

use super::axis::{self, Tick};
use super::curves::{Axis, Chart, Curve};
use super::frame::{Key, Runs};
use super::{bins, title};
use crate::experiment::results::{ScenarioResults, Series, StrategyResults};
use crate::math::log10;
use crate::report::judge::{Harm, mean};

/// A count spans decades if the greatest is so many times the least.
const DECADES: f64 = 50.0;

/// Composes the chart.
pub(super) fn chart(scenario: &ScenarioResults) -> Chart {
    let (harm, noun) = harm(scenario);
    let ends = scenario.strategies.iter().map(|strategy| bins::last(&strategy.timeline, |series| counts(harm, series)));
    let shown = (0.0, bins::focus(scenario, ends).1);
    let courses: Vec<_> = scenario.strategies.iter().map(|strategy| course(strategy, harm, shown.1)).collect();
    let totals = || courses.iter().filter_map(|course| course.last()).map(|&(_, sum)| sum);
    let high = totals().fold(0.0, f64::max);
    let least = totals().filter(|&sum| sum > 0.0).fold(f64::INFINITY, f64::min);
    let logarithmic = high > least * DECADES;
    let y = if logarithmic { decades(high, least) } else { amounts(high) };
    let place = |sum: f64| if logarithmic { log10(sum.max(1e-300)).max(y.0.0) } else { sum };
    let curve = |(strategy, course): (usize, &Vec<(f64, f64)>)| Curve {
        strategy,
        points: course.iter().map(|&(at, sum)| (at, place(sum))).collect(),
        figures: figures(scenario, strategy, harm),
    };
    let scale = if logarithmic { ", log scale" } else { "" };
    Chart {
        title: title::most(scenario, harm.key(), noun),
        legend: vec![Key::remark(format!("{noun} since t = 0{scale}"))],
        x: Axis {
            title: "time from t = 0, the deployment's first effect on traffic".to_owned(),
            ends: shown,
            ticks: axis::times(shown.0, shown.1, 800.0),
        },
        curves: courses.iter().enumerate().map(curve).collect(),
        y: Axis { title: format!("{noun} so far, per run"), ends: y.0, ticks: y.1 },
        runs: Runs::Mean,
        nothing: "no figures",
    }
}

/// What is added up: what the scenario is judged by.
fn harm(scenario: &ScenarioResults) -> (Harm, &'static str) {
    let harm = Harm::of(scenario);
    (harm, harm.noun())
}

/// Whether a series counts it.
fn counts(harm: Harm, series: Series) -> bool {
    match harm {
        Harm::Lost => matches!(series, Series::Failed | Series::Throttled | Series::Expired),
        Harm::NearMisses => matches!(series, Series::MismatchedAhead | Series::MismatchedBehind),
    }
}

/// The sum at every edge of a bin from t = 0 on; empty where nobody counted.
fn course(strategy: &StrategyResults, harm: Harm, end: f64) -> Vec<(f64, f64)> {
    let timeline = &strategy.timeline;
    let counted: Vec<_> = timeline.series.iter().filter(|(series, _)| counts(harm, *series)).collect();
    if !counted.iter().any(|(_, values)| values.iter().any(Option::is_some)) {
        return Vec::new();
    }
    let mut points = vec![(0.0, 0.0)];
    let mut sum = 0.0;
    for (bin, edges) in timeline.edges.windows(2).enumerate() {
        let [from, to] = edges else { continue };
        if from.seconds() >= 0.0 && from.seconds() < end {
            let values = counted.iter().filter_map(|(_, values)| values.get(bin).copied().flatten());
            sum += values.filter(|value| value.is_finite()).sum::<f64>();
            points.push((to.seconds().min(end), sum));
        }
    }
    points
}

fn amounts(high: f64) -> ((f64, f64), Vec<Tick>) {
    axis::amounts(0.0, high, 6.0)
}

/// Powers of ten from a hundredth of the least total on; what is below stands on the line of zero.
fn decades(high: f64, least: f64) -> ((f64, f64), Vec<Tick>) {
    let (ends, mut ticks) = axis::decades((least / 100.0).max(high / 1e9), high);
    let zero = ends.0 - 0.3;
    ticks.insert(0, Tick { value: zero, label: "0".to_owned() });
    ((zero, ends.1), ticks)
}

/// The total behind a name.
fn figures(scenario: &ScenarioResults, strategy: usize, harm: Harm) -> Vec<String> {
    match mean(scenario, strategy, harm.key()) {
        Some(0.0) => vec!["none".to_owned()],
        _ => title::brief(scenario, strategy, harm.key()),
    }
}
