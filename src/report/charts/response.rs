//! The chart of a sweep: how one metric responds to what was varied, a line a strategy. The key with most values runs
//! along the axis; every combination of the others is a panel.

mod finding;

use super::frame::fitting;
use super::palette;
use crate::metrics::{Metric, Unit};
use crate::report::draw::axis::{self, Axis};
use crate::report::draw::picture::{Align, Mark, Picture, Rect};
use crate::report::draw::scale::{self, Scale};
use crate::report::draw::style::{Colour, Font};
use crate::report::draw::{fonts, labels, theme};
use crate::report::judge;
use crate::report::number::{brief_percent, compact, many};
use crate::report::text::losses::worth;
use crate::report::text::studies::sensitivity::brief;
use crate::results::Estimate;
use crate::results::sweep::{PointResults, Sweep};

/// More panels than this are not drawn: nobody could read them.
const MOST_PANELS: usize = 12;
const MARGIN: f64 = 28.0;

/// The points of one panel, in the order of the axis.
struct Panel<'a> {
    name: String,
    points: Vec<&'a PointResults>,
}

/// Draws the chart.
pub(super) fn draw(picture: &mut Picture, sweep: &Sweep, title: Option<&str>) {
    let (along, panels) = panels(sweep);
    let room = picture.width - 2.0 * MARGIN;
    let shown = &panels[..panels.len().min(MOST_PANELS)];
    let Some(first) = sweep.points.first() else { return };
    let axis = sweep.keys.get(along).map_or("", String::as_str);
    let points: Vec<Vec<&PointResults>> = panels.iter().map(|panel| panel.points.clone()).collect();
    let title = title.map_or_else(|| finding::finding(sweep, end(axis), along, &points), str::to_owned);
    picture.title.clone_from(&title);
    picture.fitted((MARGIN, 46.0), &title, fitting(&title, room), Align::Left, room);
    let left_out = match panels.len() - shown.len() {
        0 => String::new(),
        n => format!(" · {} further in sweep.csv", many(n as u32, "panel")),
    };
    // First what is needed to read it: a title may be long.
    let bars = match first.results.replications {
        1 => "one run, without intervals".to_owned(),
        n => format!("mean of {n} runs, bars: {} % intervals", brief_percent(sweep.confidence)),
    };
    let about = format!(
        "{}; {bars}{}{left_out} · {}: {}",
        sweep.metric.key(),
        zeros(sweep),
        first.results.name,
        first.results.title
    );
    picture.description = format!("How {} responds to {}. {about}.", sweep.metric.key(), sweep.keys.join(" and "));
    picture.fitted((MARGIN, 72.0), &about, theme::SUBTITLE, Align::Left, room);

    let columns = match shown.len() {
        few @ 0..=3 => few.max(1) as f64,
        many => crate::math::sqrt(many as f64).ceil(),
    };
    let rows = (shown.len() as f64 / columns).ceil().max(1.0);
    let (top, bottom) = (92.0, picture.height - MARGIN);
    let (width, height) = ((room + 24.0) / columns, (bottom - top) / rows);
    let y = Values::of(sweep, shown, height);
    for (place, panel) in shown.iter().enumerate() {
        let (column, row) = (place as f64 % columns, (place as f64 / columns).floor());
        let left = MARGIN + column * width;
        // Rows keep their distance.
        let gap = if row + 1.0 < rows { 8.0 } else { 0.0 };
        let (top, bottom) = (top + row * height, top + (row + 1.0) * height - gap);
        draw_panel(picture, sweep, panel, along, Rect { left, top, right: left + width - 24.0, bottom }, &y);
    }
}

/// What the zeros of the chart are worth, at least: that of the fewest rollouts.
fn zeros(sweep: &Sweep) -> String {
    let of = |point: &PointResults| {
        let estimates =
            (0..point.results.strategies.len()).map(|place| point.results.estimate(place, &sweep.metric.key()));
        let zeros = estimates.filter(|estimate| estimate.mean == Some(0.0));
        zeros.filter_map(|estimate| Some((estimate.replications, worth(&point.results, estimate)?))).min()
    };
    sweep.points.iter().filter_map(of).min().map_or_else(String::new, |(_, worth)| format!(" · a zero: {worth}"))
}

/// The axis of the metric, which all panels share.
struct Values {
    axis: Axis,
    /// By what values are divided, and the unit written after them.
    scaled: f64,
    unit: &'static str,
    title: String,
}

impl Values {
    fn of(sweep: &Sweep, panels: &[Panel<'_>], height: f64) -> Self {
        let (scaled, unit) = in_unit(&sweep.metric, highest(sweep, panels));
        let key = sweep.metric.key();
        let points = || panels.iter().flat_map(|panel| &panel.points);
        let of = |point: &&PointResults| {
            let estimates = (0..point.results.strategies.len()).map(|place| point.results.estimate(place, &key));
            estimates.filter_map(ends).map(|(mean, ..)| mean / scaled).collect::<Vec<_>>()
        };
        let means: Vec<f64> = points().flat_map(of).collect();
        let most = (height / 55.0).max(2.0);
        let axis = axis::counts(0.0, highest(sweep, panels) / scaled, scale::bend(means.iter().copied()), most);
        let title = format!("{key}; {}", axis.note(|bend| compact(bend) + unit));
        Self { axis, scaled, unit, title }
    }

    fn label(&self, text: &str) -> String {
        if text == "0" { "0".to_owned() } else { format!("{text}{}", self.unit) }
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

/// The part of a panel's width that names may take, and how far a name stands from its line.
const NAMES: f64 = 0.3;
const LEADER: f64 = 16.0;

fn draw_panel(picture: &mut Picture, sweep: &Sweep, panel: &Panel<'_>, along: usize, rect: Rect, values: &Values) {
    // What the panel is of, and above its axis what is measured.
    let what = if panel.name.is_empty() { values.title.clone() } else { format!("{} · {}", panel.name, values.title) };
    picture.fitted((rect.left, rect.top + 12.0), &what, theme::TICK, Align::Left, rect.width());
    let ticks = values.axis.ticks.iter().map(|tick| fonts::width(&values.label(&tick.label), theme::TICK));
    let names: Vec<&str> = panel.points.first().map_or_else(Vec::new, |point| {
        (0..point.results.strategies.len()).map(|place| judge::name(&point.results, place)).collect()
    });
    let widest = names.iter().map(|name| fonts::width(name, theme::NAME)).fold(0.0, f64::max);
    let plot = Rect {
        left: rect.left + ticks.fold(0.0, f64::max) + 8.0,
        top: rect.top + 26.0,
        right: rect.right - widest.min(rect.width() * NAMES) - LEADER,
        bottom: rect.bottom - 42.0,
    };
    let y = values.axis.scale((plot.bottom, plot.top));
    for tick in &values.axis.ticks {
        let at = y.at(tick.value);
        picture.line((plot.left, at), (plot.right, at), theme::GRID, 1.0);
        picture.text((plot.left - 6.0, at + 5.0), values.label(&tick.label), theme::TICK, Align::Right);
    }
    picture.line((plot.left, plot.bottom), (plot.right, plot.bottom), theme::AXIS, 1.0);
    let (positions, x, note) = along_axis(panel, along, &plot);
    tick_values(picture, panel, along, &positions, x, plot);
    let axis = format!("{}; {note}", sweep.keys.get(along).map_or("", String::as_str));
    let centre = (plot.left + plot.right) / 2.0;
    picture.fitted((centre, rect.bottom - 4.0), &axis, theme::NOTE, Align::Centre, rect.width());

    let colours = panel.points.first().map_or_else(Vec::new, |point| palette::of(&point.results));
    let mut ends = Vec::new();
    for (place, &colour) in colours.iter().enumerate() {
        let line = Line { place, colour, x, y };
        ends.push(line.draw(picture, sweep, panel, &positions, values.scaled).unwrap_or(plot.bottom));
    }
    let last = positions.last().map_or(plot.right, |&position| x.at(position));
    name_lines(picture, &names, &colours, (last, &ends), &plot, rect.right);
}

/// A strategy's response.
struct Line {
    place: usize,
    colour: Colour,
    x: Scale,
    y: Scale,
}

impl Line {
    /// Draws it; the answer is how high it ends.
    fn draw(
        &self,
        picture: &mut Picture,
        sweep: &Sweep,
        panel: &Panel<'_>,
        positions: &[f64],
        scaled: f64,
    ) -> Option<f64> {
        let mut points = Vec::new();
        for (point, &position) in panel.points.iter().zip(positions) {
            let Some((mean, low, high)) = ends(point.results.estimate(self.place, &sweep.metric.key())) else {
                continue;
            };
            let at = (self.x.at(position), self.y.at(mean / scaled));
            picture.line((at.0, self.y.at(low / scaled)), (at.0, self.y.at(high / scaled)), self.colour, 2.0);
            picture.dot(at, 4.0, self.colour);
            points.push(at);
        }
        let end = points.last().map(|point| point.1);
        if points.len() > 1 {
            picture.marks.push(Mark::Line { points, colour: self.colour, width: 2.0 });
        }
        end
    }
}

/// The names at the ends of the lines, those that meet moved apart and led to.
fn name_lines(
    picture: &mut Picture,
    names: &[&str],
    colours: &[Colour],
    (from_x, ends): (f64, &[f64]),
    plot: &Rect,
    right: f64,
) {
    const ROW: f64 = 19.0;
    let places = labels::spread(ends, ROW, (plot.top, plot.bottom + 12.0));
    let gap = (plot.height() + 12.0) / names.len().saturating_sub(1).max(1) as f64;
    let font = Font { size: theme::NAME.size.min(gap * 0.85).max(7.0), ..theme::NAME };
    for (((name, &colour), &from), &at) in names.iter().zip(colours).zip(ends).zip(&places) {
        let left = plot.right + LEADER;
        picture.path(vec![(from_x + 6.0, from), (left - 4.0, at)], colour, 1.5);
        let name = fonts::cut_middle(name, font, right - left);
        picture.text((left, at + font.size * 0.35), name, font, Align::Left);
    }
}

/// Where the points lie along the axis, and how it runs.
fn along_axis(panel: &Panel<'_>, along: usize, plot: &Rect) -> (Vec<f64>, Scale, &'static str) {
    let (positions, numbers) = positions(panel, along);
    let (low, far) =
        positions.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, far), &x| (low.min(x), far.max(x)));
    let bend = scale::bend(positions.iter().copied()).filter(|_| numbers && low >= 0.0);
    let note = match (numbers, bend) {
        (false, _) => "as listed",
        (true, None) => "linear",
        (true, Some(_)) => "log scale",
    };
    let inset = (plot.width() * 0.05).min(40.0);
    (positions, Scale { values: (low, far), places: (plot.left + inset, plot.right - inset), bend }, note)
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
        Unit::Dollars => (1.0, " usd"),
        Unit::Number => (1.0, ""),
    }
}

/// Where the points lie along the axis: at their numbers, if all have one and they ascend, else evenly spaced; and whether they lie at
/// numbers.
fn positions(panel: &Panel<'_>, along: usize) -> (Vec<f64>, bool) {
    let number = |point: &&PointResults| {
        let text = point.values.get(along)?;
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let unit = match &text[end..] {
            "" | "%" | "s" | "/s" | "MiB" | " usd/M" | " usd/GBs" => 1.0,
            "GiB" => 1_024.0,
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
        Some(numbers) if numbers.windows(2).all(|pair| pair[0] < pair[1]) => (numbers, true),
        _ => ((0..panel.points.len()).map(|place| place as f64).collect(), false),
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
