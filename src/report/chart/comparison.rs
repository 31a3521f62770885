//! The chart of the comparison: one row a strategy, one column a figure that decides, whiskers for the intervals.

use super::axis::{self, Scale, Tick};
use super::frame::{self, Key, Runs};
use super::picture::{Align, Picture, Rect};
use super::style::Colour;
use super::{fonts, theme, title};
use crate::experiment::results::{Estimate, ScenarioResults};
use crate::math::log10;
use crate::report::judge::{Harm, deploys, half_width, mean, name, old_name, ranked};
use crate::report::number::{count, duration, grouped, measured, percent};

/// A figure to compare.
struct Column {
    heading: String,
    key: &'static str,
    unit: Unit,
}

/// How a figure is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Count,
    Level,
    Share,
    Milliseconds,
    Seconds,
}

impl Unit {
    /// What stands below a column's heading.
    const fn note(self, logarithmic: bool) -> &'static str {
        match self {
            Self::Count if logarithmic => "per run, log scale",
            Self::Count => "per run",
            Self::Level => "alive, mean over time",
            Self::Share => "of attempts that ran",
            Self::Milliseconds => "of served requests",
            Self::Seconds => "from t = 0",
        }
    }
}

/// The figures that decide: what breaks, what starts cold, how slow it gets, how long two versions live. Without a
/// deployment nothing breaks or goes, and what is alive matters instead.
fn columns(scenario: &ScenarioResults) -> [Column; 4] {
    let column = |heading: &str, key, unit| Column { heading: heading.to_owned(), key, unit };
    let share = column("cold start share", "cold_start_share", Unit::Share);
    let latency = column("p99 latency", "latency_p99_ms", Unit::Milliseconds);
    if deploys(scenario) {
        let harm = Harm::of(scenario);
        let gone = column(&format!("{} gone after", old_name(scenario)), "old_drained_s", Unit::Seconds);
        [column(harm.noun(), harm.key(), Unit::Count), share, latency, gone]
    } else {
        let alive = column("instances", "instances_mean", Unit::Level);
        [column("cold starts", "cold_starts", Unit::Count), share, alive, latency]
    }
}

/// The height of the columns' headings, and of their axes.
const HEADING: f64 = 50.0;
const AXIS: f64 = 26.0;
/// The length of the arrow of a mean that is only a lower bound.
const ARROW: f64 = 20.0;
/// Where a value below a logarithmic scale stands, as a part of the way from zero to the scale's first value.
const BELOW_SCALE: f64 = 0.4;
/// Between columns.
const GAP: f64 = 30.0;

/// Draws the chart.
pub(super) fn draw(picture: &mut Picture, scenario: &ScenarioResults, confidence: f64) {
    let columns = columns(scenario);
    let [judged, ..] = &columns;
    let order = ranked(scenario, judged.key);
    let legend = legend(scenario, &columns, confidence);
    let body = frame::draw(picture, scenario, &title::most(scenario, judged.key, &judged.heading), &legend, Runs::Mean);

    let names = order.iter().map(|&place| frame::strategy_width(name(scenario, place))).fold(0.0, f64::max);
    let labels = names.min(body.width() * 0.24);
    let rows = Rect { top: body.top + HEADING, bottom: body.bottom - AXIS, ..body };
    // A few strategies keep together at the top instead of drifting apart.
    let pitch = (rows.height() / order.len().max(1) as f64).min(150.0);
    let centres: Vec<f64> = (0..order.len()).map(|row| rows.top + (row as f64 + 0.5) * pitch).collect();
    let bottom = rows.top + pitch * order.len() as f64;
    for (&place, &y) in order.iter().zip(&centres) {
        frame::strategy(picture, name(scenario, place), place, (body.left, y + 5.5), labels);
        picture.line((body.left + labels + GAP / 2.0, y), (body.right, y), theme::GRID, 1.0);
    }
    let width = (body.width() - labels) / columns.len() as f64 - GAP;
    for (index, column) in columns.iter().enumerate() {
        let left = body.left + labels + GAP + index as f64 * (width + GAP);
        let rect = Rect { left, right: left + width, top: rows.top, bottom };
        draw_column(picture, scenario, column, &order, &centres, &rect);
    }
}

/// The legend says only what the chart shows.
fn legend(scenario: &ScenarioResults, columns: &[Column], confidence: f64) -> Vec<Key> {
    let estimates = || {
        let strategies = 0..scenario.strategies.len();
        columns.iter().flat_map(move |column| strategies.clone().map(|place| scenario.estimate(place, column.key)))
    };
    let mut legend = Vec::new();
    if columns.iter().any(|column| column.key == Harm::NearMisses.key()) {
        legend.push(Key::remark("near misses: mismatched requests that the code could read"));
    }
    if estimates().any(|estimate| estimate.interval.is_some()) {
        let percent = grouped(confidence * 100.0, 1);
        let percent = percent.trim_end_matches('0').trim_end_matches('.');
        legend.push(Key::remark(format!("dot: mean; line: {percent} % interval")));
    }
    if estimates().any(|estimate| estimate.censored > 0) {
        legend.push(Key::remark("ring, arrow, ≥: at least, as some runs ended before it was over"));
    }
    if estimates().any(|estimate| estimate.mean.is_none()) {
        legend.push(Key::remark("–: no figure"));
    }
    legend
}

/// How a column's values find their place.
struct Values {
    /// From the least value to the greatest.
    scale: Scale,
    /// Whether the scale is logarithmic; zero then stands apart, at `zero`.
    logarithmic: bool,
    zero: f64,
    ticks: Vec<Tick>,
}

impl Values {
    fn at(&self, value: f64) -> f64 {
        match (self.logarithmic, value > 0.0) {
            (true, false) => self.zero,
            // Below the scale but not zero, as the end of an interval may be: between the two.
            (true, true) if log10(value) < self.scale.values.0 => {
                self.zero + (self.scale.places.0 - self.zero) * BELOW_SCALE
            }
            (true, true) => self.scale.at(log10(value)),
            (false, _) => self.scale.at(value),
        }
    }
}

/// The axis of a column between two places: logarithmic where counts span decades.
fn values(scenario: &ScenarioResults, column: &Column, (left, right): (f64, f64)) -> Values {
    let strategies = 0..scenario.strategies.len();
    let estimates: Vec<Estimate> = strategies.map(|place| scenario.estimate(place, column.key)).collect();
    let means = || estimates.iter().filter_map(|estimate| estimate.mean).filter(|mean| mean.is_finite());
    let ends = estimates.iter().filter_map(|estimate| estimate.interval).map(|(_, high)| high);
    let high = means().chain(ends.filter(|end| end.is_finite())).fold(0.0, f64::max);
    let least = means().filter(|&mean| mean > 0.0).fold(f64::INFINITY, f64::min);
    if column.unit == Unit::Count && high > least * 50.0 {
        // Zero has no logarithm: it gets a place of its own, off the scale.
        let start = if means().any(|mean| mean == 0.0) { left + 44.0 } else { left };
        let (ends, ticks) = axis::decades(least, high);
        return Values { scale: Scale { values: ends, places: (start, right) }, logarithmic: true, zero: left, ticks };
    }
    let (ends, ticks) = match column.unit {
        Unit::Seconds => {
            let high = if high > 0.0 { high } else { 1.0 };
            ((0.0, high), axis::times(0.0, high, (right - left) * 1.6))
        }
        Unit::Share => {
            let (ends, ticks) = axis::amounts(0.0, high * 100.0, 2.0);
            let percent = |tick: Tick| Tick { value: tick.value / 100.0, label: format!("{} %", tick.label) };
            ((0.0, ends.1 / 100.0), ticks.into_iter().map(percent).collect())
        }
        Unit::Milliseconds => axis::spans(high, 3.0),
        Unit::Count | Unit::Level => axis::amounts(0.0, high, 3.0),
    };
    Values { scale: Scale { values: ends, places: (left, right) }, logarithmic: false, zero: left, ticks }
}

fn draw_column(
    picture: &mut Picture,
    scenario: &ScenarioResults,
    column: &Column,
    order: &[usize],
    centres: &[f64],
    rect: &Rect,
) {
    let labels: Vec<String> = order.iter().map(|&place| label(scenario, column, place)).collect();
    let widest = labels.iter().map(|label| fonts::width(label, theme::LABEL)).fold(0.0, f64::max);
    // Room for a figure to the right of the greatest value, so that no figure meets a dot.
    let arrow = if order.iter().any(|&place| scenario.estimate(place, column.key).censored > 0) { ARROW } else { 0.0 };
    let right = (rect.right - widest - 14.0 - arrow).max(rect.left + rect.width() * 0.25);
    let values = values(scenario, column, (rect.left + 6.0, right));
    let room = rect.width() + GAP / 2.0;
    picture.fitted((rect.left, rect.top - 31.0), &column.heading, theme::NAME, Align::Left, room);
    picture.fitted((rect.left, rect.top - 12.0), column.unit.note(values.logarithmic), theme::NOTE, Align::Left, room);
    if order.iter().any(|&place| mean(scenario, place, column.key).is_some()) {
        draw_axis(picture, &values, rect);
    }
    for ((&place, &y), label) in order.iter().zip(centres).zip(&labels) {
        let estimate = scenario.estimate(place, column.key);
        match mean(scenario, place, column.key) {
            None => picture.grounded((rect.left + 4.0, y + 5.0), "–", theme::NOTE, Align::Left),
            Some(mean) => {
                let end = draw_estimate(picture, &values, mean, estimate, y, theme::strategy(place));
                picture.grounded((end + 8.0, y + 5.0), label, theme::LABEL, Align::Left);
            }
        }
    }
}

/// The ticks below a column, and its zero.
fn draw_axis(picture: &mut Picture, values: &Values, rect: &Rect) {
    let mut ticks = values.ticks.clone();
    if values.logarithmic && values.scale.places.0 > values.zero {
        ticks.insert(0, Tick { value: 0.0, label: "0".to_owned() });
    } else if let Some(first) = ticks.iter_mut().find(|tick| tick.value == 0.0 && !values.logarithmic) {
        first.label = "0".to_owned();
    }
    let mut free = f64::NEG_INFINITY;
    for (index, tick) in ticks.iter().enumerate() {
        let off_scale = values.logarithmic && index == 0 && ticks.len() > values.ticks.len();
        let x = if off_scale { values.zero } else { values.scale.at(tick.value) };
        picture.line((x, rect.top), (x, rect.bottom), theme::GRID, 1.0);
        let half = fonts::width(&tick.label, theme::TICK) / 2.0;
        // A label that would meet its neighbour is left out; the grid line stays.
        if x - half >= free {
            picture.text((x, rect.bottom + 18.0), tick.label.as_str(), theme::TICK, Align::Centre);
            free = x + half + 6.0;
        }
    }
    picture.line((values.zero, rect.top), (values.zero, rect.bottom), theme::AXIS, 1.0);
}

/// Draws a mean with its interval, or the arrow of a mean that is only a lower bound; the answer is where it ends.
fn draw_estimate(picture: &mut Picture, values: &Values, mean: f64, estimate: Estimate, y: f64, colour: Colour) -> f64 {
    let x = values.at(mean);
    let mut end = x + 6.0;
    if let Some((low, high)) = estimate.interval.filter(|(low, high)| low.is_finite() && high.is_finite()) {
        let (from, to) = (values.at(low), values.at(high));
        picture.line((from, y), (to, y), colour, 3.0);
        // Ends within the dot would only blur it.
        for edge in [from, to].into_iter().filter(|edge| (edge - x).abs() > 6.0) {
            picture.line((edge, y - 7.0), (edge, y + 7.0), colour, 2.0);
        }
        end = end.max(to + 2.0);
    }
    picture.dot((x, y), 5.0, colour);
    if estimate.censored > 0 {
        picture.dot((x, y), 3.0, theme::WHITE);
        let tip = end + ARROW - 6.0;
        picture.line((end, y), (tip, y), colour, 2.0);
        picture.area(vec![(tip - 1.0, y - 5.0), (tip + 6.0, y), (tip - 1.0, y + 5.0)], colour);
        end = tip + 6.0;
    }
    end
}

/// The figure beside a dot.
fn label(scenario: &ScenarioResults, column: &Column, place: usize) -> String {
    let estimate = scenario.estimate(place, column.key);
    let Some(mean) = mean(scenario, place, column.key) else { return String::new() };
    let text = match (column.unit, half_width(estimate)) {
        (Unit::Count | Unit::Level, Some(half)) => measured(mean, half).0,
        (Unit::Count | Unit::Level, None) => count(mean),
        (Unit::Share, _) => percent(mean),
        (Unit::Milliseconds, _) => axis::span(mean),
        (Unit::Seconds, _) => duration(mean),
    };
    if estimate.censored > 0 { format!("≥ {text}") } else { text }
}
