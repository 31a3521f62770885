//! Curves: one panel for all strategies, a line each, named where the line ends.

use super::axis::{Scale, Tick};
use super::frame::{self, Key, Runs};
use super::picture::{Align, Picture, Point, Rect};
use super::{fonts, labels, theme};
use crate::experiment::results::ScenarioResults;

/// A chart of curves.
pub(super) struct Chart {
    /// The finding.
    pub title: String,
    pub legend: Vec<Key>,
    /// What became of the runs.
    pub runs: Runs,
    pub x: Axis,
    pub y: Axis,
    /// The lines, at most one a strategy.
    pub curves: Vec<Curve>,
    /// What to say if no line has a point.
    pub nothing: &'static str,
}

/// An axis: what it measures, the values at its ends, and its ticks.
pub(super) struct Axis {
    pub title: String,
    pub ends: (f64, f64),
    pub ticks: Vec<Tick>,
}

/// A line.
pub(super) struct Curve {
    /// The strategy's place.
    pub strategy: usize,
    /// Its points, by the axes' values, from left to right.
    pub points: Vec<Point>,
    /// The figure behind the strategy's name, in words from many to few.
    pub figures: Vec<String>,
}

/// The room below the panel, and between the panel and the names.
const BELOW: f64 = 44.0;
const LEADER: f64 = 26.0;
/// From name to name.
const LINE: f64 = 20.0;
/// The greatest part of the width that names may take.
const NAMES: f64 = 0.36;
/// How thick the first line is, and the last: where lines lie upon one another, the ones below show at the edges.
const THICK: f64 = 5.0;
const THIN: f64 = 2.5;

/// Draws the chart.
pub(super) fn draw(picture: &mut Picture, scenario: &ScenarioResults, chart: &Chart) {
    let body = frame::draw(picture, scenario, &chart.title, &chart.legend, chart.runs);
    let most = body.width() * NAMES;
    let texts: Vec<String> = chart.curves.iter().map(|curve| text(scenario, curve, most)).collect();
    let widest = texts.iter().map(|text| fonts::width(text, theme::NAME)).fold(0.0, f64::max).min(most);
    let ticks = chart.y.ticks.iter().map(|tick| fonts::width(&tick.label, theme::TICK)).fold(0.0, f64::max);
    let left = body.left + 26.0 + ticks;
    let right = if texts.is_empty() { body.right } else { body.right - widest - LEADER };
    let rect = Rect { left, right: right.max(left + 40.0), top: body.top + 4.0, bottom: body.bottom - BELOW };
    let x = Scale { values: chart.x.ends, places: (rect.left, rect.right) };
    let y = Scale { values: chart.y.ends, places: (rect.bottom, rect.top) };
    grid(picture, chart, &rect, (&x, &y), body.left);
    for (rank, curve) in chart.curves.iter().enumerate() {
        let points = curve.points.iter().map(|&(across, up)| (x.at(across), y.at(up))).collect();
        let step = (THICK - THIN) / chart.curves.len().saturating_sub(1).max(1) as f64;
        picture.path(points, theme::strategy(curve.strategy), THICK - step * rank as f64);
    }
    if chart.curves.iter().all(|curve| curve.points.is_empty()) {
        let middle = ((rect.left + rect.right) / 2.0, (rect.top + rect.bottom) / 2.0);
        picture.grounded(middle, chart.nothing, theme::NOTE, Align::Centre);
    }
    names(picture, chart, &texts, &rect, &y, body.right);
}

/// The longest text of a curve that has room.
fn text(scenario: &ScenarioResults, curve: &Curve, room: f64) -> String {
    let name = scenario.strategies.get(curve.strategy).map_or("", |strategy| strategy.name.as_str());
    let texts = curve.figures.iter().map(|figure| format!("{name}: {figure}"));
    let fits = |text: &String| fonts::width(text, theme::NAME) <= room;
    texts.into_iter().find(fits).unwrap_or_else(|| fonts::cut_middle(name, theme::NAME, room))
}

fn grid(picture: &mut Picture, chart: &Chart, rect: &Rect, (x, y): (&Scale, &Scale), left: f64) {
    for tick in &chart.x.ticks {
        let at = x.at(tick.value);
        picture.line((at, rect.top), (at, rect.bottom), theme::GRID, 1.0);
    }
    for tick in &chart.y.ticks {
        let at = y.at(tick.value);
        picture.line((rect.left, at), (rect.right, at), theme::GRID, 1.0);
        picture.text((rect.left - 7.0, at + 5.0), tick.label.as_str(), theme::TICK, Align::Right);
    }
    picture.line((rect.left, rect.bottom), (rect.right, rect.bottom), theme::AXIS, 1.0);
    let mut free = f64::NEG_INFINITY;
    for tick in &chart.x.ticks {
        let font = if tick.label == "t = 0" { theme::TICK_ZERO } else { theme::TICK };
        let half = fonts::width(&tick.label, font) / 2.0;
        let centre = x.at(tick.value).min(rect.right + 8.0 - half);
        if centre - half >= free {
            picture.text((centre, rect.bottom + 18.0), tick.label.as_str(), font, Align::Centre);
            free = centre + half + 8.0;
        }
    }
    let centre = (rect.left + rect.right) / 2.0;
    picture.text((centre, rect.bottom + 42.0), chart.x.title.as_str(), theme::NOTE, Align::Centre);
    let middle = (rect.top + rect.bottom) / 2.0;
    picture.text((left + 8.0, middle), chart.y.title.as_str(), theme::NOTE, Align::Upwards);
}

/// The names at the ends of the lines, those that meet moved apart and led to.
fn names(picture: &mut Picture, chart: &Chart, texts: &[String], rect: &Rect, y: &Scale, right: f64) {
    let end = |curve: &Curve| curve.points.last().map_or(rect.bottom, |point| y.at(point.1));
    let wanted: Vec<f64> = chart.curves.iter().map(end).collect();
    // Only where there are many do names use the room beside the axis' labels too.
    let few = rect.height() >= texts.len() as f64 * LINE;
    let room = (rect.top, if few { rect.bottom } else { rect.bottom + BELOW - 6.0 });
    let places = labels::spread(&wanted, LINE, room);
    let gap = (room.1 - room.0) / texts.len().saturating_sub(1).max(1) as f64;
    let font = super::style::Font { size: theme::NAME.size.min(gap * 0.85).max(7.0), ..theme::NAME };
    for ((curve, text), (&from, &at)) in chart.curves.iter().zip(texts).zip(wanted.iter().zip(&places)) {
        let colour = theme::strategy(curve.strategy);
        let left = rect.right + LEADER;
        if curve.points.is_empty() {
            picture.dot((left - 8.0, at), 4.0, colour);
        } else {
            picture.path(
                vec![(rect.right, from), (rect.right + 6.0, from), (left - 10.0, at), (left - 4.0, at)],
                colour,
                1.0,
            );
        }
        picture.fitted((left, at + font.size * 0.35), text, font, Align::Left, right - left);
    }
}
