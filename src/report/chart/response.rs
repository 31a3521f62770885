//! The chart of a sweep: how one metric responds to what was varied, a line a strategy. The key with most values runs
//! along the axis; every combination of the others is a panel.

use super::axis::{self, Scale};
use super::picture::{Align, Mark, Picture, Rect};
use super::theme;
use super::{fonts, style::Font};
use crate::experiment::metrics::{Metric, Unit};
use crate::experiment::results::Estimate;
use crate::experiment::sweep::{PointResults, Sweep};
use crate::report::number::brief_percent;
use crate::report::sensitivity::brief;

/// More panels than this are not drawn: nobody could read them.
const MOST_PANELS: usize = 12;
const MARGIN: f64 = 28.0;

/// The points of one panel, in the order of the axis.
struct Panel<'a> {
    name: String,
    points: Vec<&'a PointResults>,
}

/// Draws the chart.
pub(super) fn draw(picture: &mut Picture, sweep: &Sweep) {
    let (along, panels) = panels(sweep);
    let room = picture.width - 2.0 * MARGIN;
    let shown = &panels[..panels.len().min(MOST_PANELS)];
    let Some(first) = sweep.points.first() else { return };
    let key = sweep.metric.key();
    let axis = sweep.keys.get(along).map_or("", String::as_str);
    let title = |keys: &[&str]| format!("How {key} responds to {}", keys.join(" and "));
    let whole: Vec<&str> = sweep.keys.iter().map(String::as_str).collect();
    let ends: Vec<&str> = whole.iter().map(|key| end(key)).collect();
    let title = Some(title(&whole)).filter(|text| fonts::width(text, theme::TITLE) <= room).unwrap_or(title(&ends));
    picture.fitted((MARGIN, 46.0), &title, theme::TITLE, Align::Left, room);
    let left_out = match panels.len() - shown.len() {
        0 => String::new(),
        n => format!(" · {n} further panels are in sweep.csv"),
    };
    // First what is needed to read it: a title may be long.
    let bars = match first.results.replications {
        1 => "one run, without intervals".to_owned(),
        n => format!("mean of {n} runs, bars: {} % intervals", brief_percent(sweep.confidence)),
    };
    let about = format!("{bars}{left_out} · {}: {}", first.results.name, first.results.title);
    picture.fitted((MARGIN, 72.0), &about, theme::SUBTITLE, Align::Left, room);
    let below = names(picture, first, room);

    let columns = match shown.len() {
        few @ 0..=3 => few.max(1) as f64,
        many => crate::math::sqrt(many as f64).ceil(),
    };
    let rows = (shown.len() as f64 / columns).ceil().max(1.0);
    let (top, bottom) = (below + 18.0, picture.height - MARGIN);
    let (width, height) = ((room + 24.0) / columns, (bottom - top) / rows);
    let high = highest(sweep, shown);
    for (place, panel) in shown.iter().enumerate() {
        let (column, row) = (place as f64 % columns, (place as f64 / columns).floor());
        let left = MARGIN + column * width;
        // Rows keep their distance.
        let gap = if row + 1.0 < rows { 8.0 } else { 0.0 };
        let (top, bottom) = (top + row * height, top + (row + 1.0) * height - gap);
        let rect = Rect { left, top, right: left + width - 24.0, bottom };
        draw_panel(picture, sweep, panel, along, rect, high);
        picture.fitted(
            ((rect.left + rect.right) / 2.0, rect.bottom - 4.0),
            axis,
            theme::NOTE,
            Align::Centre,
            rect.width(),
        );
    }
}

/// The end of a key, by which people know it: `canary.bake`.
fn end(key: &str) -> &str {
    let mut dots = key.rmatch_indices('.').map(|(at, _)| at + 1);
    dots.nth(1).map_or(key, |at| &key[at..])
}

/// The key along the axis, and what remains for panels.
fn panels(sweep: &Sweep) -> (usize, Vec<Panel<'_>>) {
    let values = |key: usize| {
        let mut values: Vec<&str> = sweep.points.iter().map(|point| point.values[key].as_str()).collect();
        values.sort_unstable();
        values.dedup();
        values.len()
    };
    // The first of those with most values.
    let along = (0..sweep.keys.len()).rev().max_by_key(|&key| values(key)).unwrap_or(0);
    let mut panels: Vec<Panel<'_>> = Vec::new();
    for point in &sweep.points {
        let others = sweep.keys.iter().zip(&point.values).enumerate().filter(|(place, _)| *place != along);
        let name = others.map(|(_, (key, value))| format!("{key} = {value}")).collect::<Vec<_>>().join(", ");
        match panels.iter_mut().find(|panel| panel.name == name) {
            Some(panel) => panel.points.push(point),
            None => panels.push(Panel { name, points: vec![point] }),
        }
    }
    (along, panels)
}

/// The strategies' names in their colours, in as many rows as it takes; the answer is where they end.
fn names(picture: &mut Picture, point: &PointResults, room: f64) -> f64 {
    let (mut x, mut baseline) = (MARGIN, 102.0);
    for (place, strategy) in point.results.strategies.iter().enumerate() {
        let width = 17.0 + fonts::width(&strategy.name, theme::NAME);
        if x > MARGIN && x + width > MARGIN + room {
            (x, baseline) = (MARGIN, baseline + 24.0);
        }
        picture.dot((x + 5.0, baseline - 5.5), 5.0, theme::strategy(place));
        picture.fitted((x + 17.0, baseline), &strategy.name, theme::NAME, Align::Left, room - 17.0);
        x += width + 26.0;
    }
    baseline
}

/// The highest end of an interval in the panels shown.
fn highest(sweep: &Sweep, panels: &[Panel<'_>]) -> f64 {
    let key = sweep.metric.key();
    let mut high = 0.0_f64;
    for point in panels.iter().flat_map(|panel| &panel.points) {
        for place in 0..point.results.strategies.len() {
            high = high.max(ends(point.results.estimate(place, &key)).map_or(0.0, |(_, _, high)| high));
        }
    }
    high
}

/// Mean, lower and upper end, where they can be drawn.
fn ends(estimate: Estimate) -> Option<(f64, f64, f64)> {
    let mean = estimate.mean.filter(|mean| mean.is_finite())?;
    let (low, high) = estimate.interval.unwrap_or((mean, mean));
    Some((mean, if low.is_finite() { low } else { mean }, if high.is_finite() { high } else { mean }))
}

fn draw_panel(picture: &mut Picture, sweep: &Sweep, panel: &Panel<'_>, along: usize, rect: Rect, high: f64) {
    let named = if panel.name.is_empty() { 0.0 } else { 22.0 };
    picture.fitted((rect.left, rect.top + 12.0), &panel.name, theme::LABEL, Align::Left, rect.width());
    let (scaled, unit) = in_unit(&sweep.metric, high);
    let (ends_of_axis, ticks) = axis::amounts(0.0, high / scaled, (rect.height() / 55.0).max(2.0));
    let label = |text: &str| if text == "0" { "0".to_owned() } else { format!("{text}{unit}") };
    let widest = ticks.iter().map(|tick| fonts::width(&label(&tick.label), theme::TICK)).fold(0.0, f64::max);
    let plot = Rect {
        left: rect.left + widest + 8.0,
        top: rect.top + named + 8.0,
        right: rect.right - 6.0,
        bottom: rect.bottom - 42.0,
    };
    let y = Scale { values: ends_of_axis, places: (plot.bottom, plot.top) };
    for tick in &ticks {
        let at = y.at(tick.value);
        picture.line((plot.left, at), (plot.right, at), theme::GRID, 1.0);
        picture.text((plot.left - 6.0, at + 5.0), label(&tick.label), theme::TICK, Align::Right);
    }
    picture.line((plot.left, plot.bottom), (plot.right, plot.bottom), theme::AXIS, 1.0);
    let positions = positions(panel, along);
    let (low, far) =
        positions.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, far), &x| (low.min(x), far.max(x)));
    let inset = (plot.width() * 0.05).min(40.0);
    let x = Scale { values: (low, far), places: (plot.left + inset, plot.right - inset) };
    tick_values(picture, panel, along, &positions, x, plot);
    let key = sweep.metric.key();
    let strategies = panel.points.first().map_or(0, |point| point.results.strategies.len());
    for place in 0..strategies {
        let colour = theme::strategy(place);
        let mut points = Vec::new();
        for (point, &position) in panel.points.iter().zip(&positions) {
            let Some((mean, low, high)) = ends(point.results.estimate(place, &key)) else { continue };
            let at = (x.at(position), y.at(mean / scaled));
            picture.line((at.0, y.at(low / scaled)), (at.0, y.at(high / scaled)), colour, 2.0);
            picture.dot(at, 4.0, colour);
            points.push(at);
        }
        if points.len() > 1 {
            picture.marks.push(Mark::Line { points, colour, width: 2.0 });
        }
    }
}

/// By what values are divided for the axis, and the unit written after them.
fn in_unit(metric: &Metric, high: f64) -> (f64, &'static str) {
    match metric.unit() {
        Unit::Share => (0.01, " %"),
        Unit::Milliseconds if high >= 2_000.0 => (1_000.0, " s"),
        Unit::Milliseconds => (1.0, " ms"),
        Unit::Seconds if high >= 7_200.0 => (3_600.0, " h"),
        Unit::Seconds if high >= 120.0 => (60.0, " min"),
        Unit::Seconds => (1.0, " s"),
        Unit::Number => (1.0, ""),
    }
}

/// Where the points lie along the axis: at their numbers, if all have one and they ascend, else evenly spaced.
fn positions(panel: &Panel<'_>, along: usize) -> Vec<f64> {
    let number = |point: &&PointResults| {
        let text = point.values.get(along)?;
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let unit = match &text[end..] {
            "" | "%" | "s" | "/s" => 1.0,
            "ns" => 1e-9,
            "us" => 1e-6,
            "ms" => 1e-3,
            "m" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            "/m" => 1.0 / 60.0,
            "/h" => 1.0 / 3_600.0,
            "/d" => 1.0 / 86_400.0,
            _ => return None,
        };
        Some(text[..end].parse::<f64>().ok()? * unit)
    };
    let numbers: Option<Vec<f64>> = panel.points.iter().map(number).collect();
    match numbers {
        Some(numbers) if numbers.windows(2).all(|pair| pair[0] < pair[1]) => numbers,
        _ => (0..panel.points.len()).map(|place| place as f64).collect(),
    }
}

/// The values below the axis, as many as have room, none beyond the axis.
fn tick_values(picture: &mut Picture, panel: &Panel<'_>, along: usize, positions: &[f64], x: Scale, plot: Rect) {
    const FONT: Font = theme::TICK;
    let room = (plot.width() / positions.len().max(1) as f64 - 10.0).max(80.0);
    let mut free = f64::NEG_INFINITY;
    for (point, &position) in panel.points.iter().zip(positions) {
        let Some(text) = point.values.get(along) else { continue };
        let text = fonts::cut(&brief(text), FONT, room);
        let (at, half) = (x.at(position), fonts::width(&text, FONT) / 2.0);
        picture.line((at, plot.bottom), (at, plot.bottom + 4.0), theme::AXIS, 1.0);
        let at = at.min(plot.right + 6.0 - half).max(plot.left + half);
        if at - half > free {
            picture.text((at, plot.bottom + 18.0), text, FONT, Align::Centre);
            free = at + half + 5.0;
        }
    }
}
