//! A column of the comparison: one figure of every strategy, on an axis of its own.

use super::super::frame::Named;
use crate::report::charts::title;
use crate::report::draw::axis::{self, Axis, Tick};
use crate::report::draw::picture::{Align, Picture, Rect};
use crate::report::draw::scale::{self, Scale};
use crate::report::draw::style::Colour;
use crate::report::draw::{clock, fonts, theme};
use crate::report::judge::{half_width, mean};
use crate::report::number::{compact, count, duration, measured, percent, significant};
use crate::results::{Estimate, ScenarioResults};

/// A figure to compare.
pub(in crate::report::charts) struct Column {
    pub heading: String,
    pub key: &'static str,
    pub unit: Unit,
}

impl Column {
    /// A count, by its key.
    pub const fn count(key: &'static str) -> Self {
        Self { heading: String::new(), key, unit: Unit::Count }
    }
}

/// How a figure is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::report::charts) enum Unit {
    Count,
    Level,
    Share,
    Milliseconds,
    Seconds,
    Dollars,
}

impl Unit {
    /// What a figure is of.
    const fn of(self) -> &'static str {
        match self {
            Self::Count => "per run",
            Self::Level => "alive, mean over time",
            Self::Share => "of attempts that ran",
            Self::Milliseconds => "of served requests",
            Self::Seconds => "from t = 0",
            Self::Dollars => "US dollars per run",
        }
    }
}

/// The length of the arrow of a mean that is only a lower bound.
const ARROW: f64 = 20.0;
/// Between a mark and its figure.
const BESIDE: f64 = 8.0;

/// The rows: strategies by their places, and how high each stands.
pub(super) struct Rows<'a> {
    pub order: &'a [usize],
    pub centres: &'a [f64],
    pub names: &'a [Named<'a>],
}

/// Draws a column; `rect` spans its rows.
pub(super) fn draw(picture: &mut Picture, scenario: &ScenarioResults, column: &Column, rows: &Rows<'_>, rect: &Rect) {
    let estimates: Vec<Estimate> = rows.order.iter().map(|&place| scenario.estimate(place, column.key)).collect();
    let labels: Vec<Vec<String>> = rows.order.iter().map(|&place| labels(scenario, column, place)).collect();
    let (axis, scale) = fitting(column, &estimates, &labels, rect);
    let note = match column.unit {
        Unit::Seconds => clock::note(&axis),
        Unit::Milliseconds => axis.note(axis::span),
        _ => axis.note(compact),
    };
    picture.fitted((rect.left, rect.top - 31.0), &column.heading, theme::NAME, Align::Left, rect.width() + 15.0);
    let note = format!("{}; {note}", column.unit.of());
    picture.fitted((rect.left, rect.top - 12.0), &note, theme::TICK, Align::Left, rect.width() + 15.0);
    if estimates.iter().any(|estimate| estimate.mean.is_some()) {
        draw_axis(picture, &axis, scale, rect);
    }
    for (((&place, &y), labels), &estimate) in rows.order.iter().zip(rows.centres).zip(&labels).zip(&estimates) {
        let Some(mean) = estimate.mean.filter(|mean| mean.is_finite()) else {
            picture.grounded((rect.left + 4.0, y + 5.0), "–", theme::NOTE, Align::Left);
            continue;
        };
        let colour = rows.names.get(place).map_or(theme::INK, |named| named.colour);
        let end = draw_estimate(picture, scale, mean, estimate, y, colour);
        let room = rect.right - end - BESIDE;
        let fits = |label: &&String| fonts::width(label, theme::LABEL) <= room;
        let label = labels.iter().find(fits).or(labels.last()).map_or("", String::as_str);
        picture.grounded((end + BESIDE, y + 5.0), label, theme::LABEL, Align::Left);
    }
}

/// The axis for estimates between two places, and its scale; what reaches beyond its end is drawn within.
pub(in crate::report::charts) fn axis(column: &Column, estimates: &[Estimate], places: (f64, f64)) -> (Axis, Scale) {
    let axis = axis_of(column, estimates, places.1 - places.0);
    let is_cut = estimates.iter().any(|estimate| estimate.censored > 0);
    let scale = axis.scale((places.0, places.1 - if is_cut { ARROW } else { 0.0 }));
    (axis, scale)
}

/// The axis and its scale: as wide as leaves every row room for its figure.
fn fitting(column: &Column, estimates: &[Estimate], labels: &[Vec<String>], rect: &Rect) -> (Axis, Scale) {
    let left = rect.left + 6.0;
    let axis = axis_of(column, estimates, rect.width());
    let fits = |scale: Scale| {
        estimates.iter().zip(labels).all(|(estimate, labels)| {
            let shortest = labels.iter().map(|label| fonts::width(label, theme::LABEL)).fold(f64::INFINITY, f64::min);
            let end = reach(scale, *estimate).map_or(left, |end| end + BESIDE);
            shortest.is_infinite() || end + shortest <= rect.right
        })
    };
    let least = left + rect.width() * 0.2;
    let mut scale = axis.scale((left, rect.right - 10.0));
    while scale.places.1 > least && !fits(scale) {
        scale.places.1 -= 4.0;
    }
    (axis, scale)
}

/// The axis for estimates: bent where they span decades.
fn axis_of(column: &Column, estimates: &[Estimate], room: f64) -> Axis {
    let means = || estimates.iter().filter_map(|estimate| estimate.mean).filter(|mean| mean.is_finite());
    let ends = estimates.iter().filter_map(|estimate| estimate.interval).map(|(_, high)| high);
    let high = means().chain(ends.filter(|end| end.is_finite())).fold(0.0, f64::max);
    match column.unit {
        Unit::Seconds => {
            let high = if high > 0.0 { high } else { 1.0 };
            let mut axis = clock::times((0.0, high), clock::bend(means(), 0.0), room);
            for tick in axis.ticks.iter_mut().filter(|tick| tick.value == 0.0) {
                "0".clone_into(&mut tick.label);
            }
            axis
        }
        Unit::Share => {
            let mut axis = axis::counts(0.0, high * 100.0, scale::bend(means().map(|mean| mean * 100.0)), 2.0);
            axis.ends.1 /= 100.0;
            axis.bend = axis.bend.map(|bend| bend / 100.0);
            let percent = |tick: Tick| Tick {
                value: tick.value / 100.0,
                label: if tick.value == 0.0 { tick.label } else { format!("{} %", tick.label) },
            };
            axis.ticks = axis.ticks.into_iter().map(percent).collect();
            axis
        }
        Unit::Milliseconds => match scale::bend(means()) {
            Some(bend) => axis::bent_spans(high, bend, 3.0),
            None => axis::spans(high, 3.0),
        },
        Unit::Count | Unit::Level | Unit::Dollars => axis::counts(0.0, high, scale::bend(means()), 3.0),
    }
}

/// The ticks below a column, and its zero.
fn draw_axis(picture: &mut Picture, axis: &Axis, scale: Scale, rect: &Rect) {
    let mut free = f64::NEG_INFINITY;
    for tick in &axis.ticks {
        let x = scale.at(tick.value);
        picture.line((x, rect.top), (x, rect.bottom), theme::GRID, 1.0);
        let half = fonts::width(&tick.label, theme::TICK) / 2.0;
        // A label that would meet its neighbour is left out; the grid line stays.
        if x - half >= free {
            picture.text((x, rect.bottom + 18.0), tick.label.as_str(), theme::TICK, Align::Centre);
            free = x + half + 6.0;
        }
    }
    let zero = scale.at(0.0);
    picture.line((zero, rect.top), (zero, rect.bottom), theme::AXIS, 1.0);
}

/// The ends of an interval that can be drawn.
fn interval(estimate: Estimate) -> Option<(f64, f64)> {
    estimate.interval.filter(|(low, high)| low.is_finite() && high.is_finite())
}

/// Where the drawing of an estimate ends.
fn reach(scale: Scale, estimate: Estimate) -> Option<f64> {
    let mean = estimate.mean.filter(|mean| mean.is_finite())?;
    let whisker = interval(estimate).map_or(0.0, |(_, high)| scale.at(high) + 2.0);
    Some((scale.at(mean) + 6.0).max(whisker) + if estimate.censored > 0 { ARROW } else { 0.0 })
}

/// Draws a mean with its interval, or the arrow of a mean that is only a lower bound; the answer is where it ends.
pub(in crate::report::charts) fn draw_estimate(
    picture: &mut Picture,
    scale: Scale,
    mean: f64,
    estimate: Estimate,
    y: f64,
    colour: Colour,
) -> f64 {
    let x = scale.at(mean);
    if let Some((low, high)) = interval(estimate) {
        let (from, to) = (scale.at(low), scale.at(high));
        picture.line((from, y), (to, y), colour, 3.0);
        // Ends within the dot would only blur it.
        for edge in [from, to].into_iter().filter(|edge| (edge - x).abs() > 6.0) {
            picture.line((edge, y - 7.0), (edge, y + 7.0), colour, 2.0);
        }
    }
    picture.dot((x, y), 5.0, colour);
    let end = reach(scale, estimate).unwrap_or(x);
    if estimate.censored > 0 {
        picture.dot((x, y), 3.0, theme::WHITE);
        picture.line((end - ARROW, y), (end - 6.0, y), colour, 2.0);
        picture.area(vec![(end - 7.0, y - 5.0), (end, y), (end - 7.0, y + 5.0)], colour);
    }
    end
}

/// The figure beside a dot, in words from many to few.
fn labels(scenario: &ScenarioResults, column: &Column, place: usize) -> Vec<String> {
    let estimate = scenario.estimate(place, column.key);
    let Some(mean) = mean(scenario, place, column.key) else { return Vec::new() };
    let unseen = title::unseen(scenario, estimate);
    if !unseen.is_empty() {
        return unseen;
    }
    let text = match (column.unit, half_width(estimate)) {
        (Unit::Count | Unit::Level, Some(half)) => measured(mean, half).0,
        (Unit::Count | Unit::Level, None) => count(mean),
        (Unit::Share, _) => percent(mean),
        (Unit::Milliseconds, _) => axis::span(mean),
        (Unit::Seconds, _) => duration(mean),
        (Unit::Dollars, _) => significant(mean, 3),
    };
    vec![if estimate.censored > 0 { format!("≥ {text}") } else { text }]
}
