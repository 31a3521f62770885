//! Small multiples: one panel a strategy, with the same axes, so that panels can be compared at a glance.

#[cfg(test)]
mod looks;

use super::plot::{Area, Plot, Track};
use crate::report::charts::bins::{Shown, Stretch};
use crate::report::charts::frame::{self, Frame, Key, Named};
use crate::report::draw::axis::{self, Axis};
use crate::report::draw::picture::{Align, Picture, Rect};
use crate::report::draw::style::Colour;
use crate::report::draw::{clock, fonts, scale, theme};
use crate::report::judge::{self, deploys};
use crate::report::number::compact;
use crate::results::{ScenarioResults, StrategyResults};

/// A chart of one panel a strategy.
pub struct Chart {
    pub frame: Frame,
    /// The time shown.
    pub shown: Shown,
    /// The bands of every panel, from the top down.
    pub bands: Vec<Band>,
    /// The panels, in the order of the scenario's strategies.
    pub panels: Vec<Panel>,
    /// Which strategies have one that is shown; all, where none has.
    pub shows: fn(&StrategyResults) -> bool,
}

impl Chart {
    /// Whether the panel of a strategy is shown.
    pub fn is_shown(&self, scenario: &ScenarioResults, place: usize) -> bool {
        let shows = self.shows;
        shows(&scenario.strategies[place]) || !scenario.strategies.iter().any(shows)
    }
}

/// Every strategy has a panel that is shown.
pub const fn all(_: &StrategyResults) -> bool {
    true
}

/// A part of every panel.
pub struct Band {
    /// What it measures.
    pub title: &'static str,
    /// Its part of the height.
    pub part: f64,
    /// How its values are read.
    pub values: Values,
}

/// How values are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Values {
    /// Numbers, above zero and below.
    Amounts,
    /// Spans in milliseconds.
    Milliseconds,
}

/// What one strategy did.
pub struct Panel {
    /// The figure beside the strategy's name, in words from many to few: the first that has room is shown.
    pub figures: Vec<String>,
    /// What to say of a band in which there is nothing to see.
    pub nothing: String,
    /// The bins.
    pub stretches: Vec<Stretch>,
    /// The areas of each band, those in front last.
    pub bands: Vec<Vec<Area>>,
    /// When something is done on the control plane, in seconds.
    pub actions: Vec<f64>,
}

impl Panel {
    /// The actions of a strategy.
    pub fn actions(strategy: &StrategyResults) -> Vec<f64> {
        strategy.actions.iter().map(|action| action.at_s).collect()
    }

    /// The heights of all areas of a band.
    fn heights(&self, band: usize) -> Vec<f64> {
        self.bands.get(band).into_iter().flatten().flat_map(|area| area.heights.iter().copied()).collect()
    }
}

/// Layers on top of one another, the first at the bottom.
pub fn stacked(layers: Vec<(Vec<f64>, Colour)>) -> Vec<Area> {
    let mut areas: Vec<Area> = Vec::new();
    let mut below = vec![0.0; layers.first().map_or(0, |(layer, _)| layer.len())];
    for (layer, colour) in layers {
        below.iter_mut().zip(&layer).for_each(|(below, height)| *below += height);
        // What adds nothing is not drawn: its edges would shine through.
        let heights = layer.iter().zip(&below).map(|(&height, &top)| if height == 0.0 { 0.0 } else { top });
        areas.push(Area { values: layer.clone(), ..Area::filled(heights.collect(), colour) });
    }
    // Every area starts at zero, so the lower ones go in front.
    areas.reverse();
    areas
}

/// The height of the line above a panel that names the strategy.
const HEADING: f64 = 31.0;
/// The room below the panels for the labels and the title of the time axis.
const BELOW: f64 = 42.0;
/// Between panels.
const GAP: (f64, f64) = (26.0, 14.0);
/// Between the bands of a panel.
const BAND_GAP: f64 = 16.0;

/// Draws the chart.
pub fn draw(picture: &mut Picture, scenario: &ScenarioResults, chart: &Chart) {
    let mut frame = chart.frame.clone();
    if chart.panels.iter().any(|panel| !panel.actions.is_empty()) {
        frame.legend.push(Key::remark("▾ action on the control plane"));
    }
    let body = frame::draw(picture, scenario, &frame);
    draw_panels(picture, scenario, chart, &Layout::new(chart, scenario, body));
}

/// Draws everything within the frame, the panels in the one order of strategies.
fn draw_panels(picture: &mut Picture, scenario: &ScenarioResults, chart: &Chart, layout: &Layout) {
    let times = clock::times(chart.shown.stretch, chart.shown.bend, layout.width);
    let (names, order) = (Named::all(scenario), judge::order(scenario));
    let shown = order.iter().filter(|&&place| chart.is_shown(scenario, place));
    for (cell, &place) in shown.enumerate() {
        let (Some(panel), Some(named)) = (chart.panels.get(place), names.get(place)) else { continue };
        describe(picture, named, panel);
        draw_panel(picture, (named, panel), layout, cell, &times);
    }
    titles(picture, scenario, layout, &times);
}

/// Adds what a panel says to the description.
fn describe(picture: &mut Picture, named: &Named<'_>, panel: &Panel) {
    let mark = named.mark().map_or_else(String::new, |(word, _)| format!(" ({word})"));
    let figure = panel.figures.first().map_or(panel.nothing.as_str(), String::as_str);
    picture.description += &format!(" {}{mark}: {figure}.", named.name);
}

/// Draws the panel that stands at a place of the layout.
fn draw_panel(
    picture: &mut Picture,
    (named, panel): (&Named<'_>, &Panel),
    layout: &Layout,
    place: usize,
    times: &Axis,
) {
    let cell = layout.cell(place);
    outline(picture, named, &cell);
    heading(picture, named, &panel.figures, &cell);
    for (rank, (band, areas)) in layout.bands.iter().zip(&panel.bands).enumerate() {
        let plot = Plot::new(&cell, band, times);
        plot.grid(picture, band, times, place.is_multiple_of(layout.columns));
        plot.areas(picture, &panel.stretches, areas);
        plot.axes(picture);
        if rank == 0 {
            plot.actions(picture, &panel.actions);
        }
        if areas.iter().all(Area::is_empty) && !panel.nothing.is_empty() {
            picture.grounded(plot.middle(), &panel.nothing, theme::NOTE, Align::Centre);
        }
    }
    // The lowest panel of a column carries its time axis.
    if place + layout.columns >= layout.panels {
        time_labels(picture, times, &cell);
    }
}

/// A frame about the panel of a strategy that is favoured.
fn outline(picture: &mut Picture, named: &Named<'_>, cell: &Rect) {
    const OUT: f64 = 5.0;
    let Some(colour) = named.frame() else { return };
    let (left, right) = (cell.left - 1.0, cell.right + OUT);
    let (top, bottom) = (cell.top - OUT, cell.bottom + 1.0);
    for (from, to) in [
        ((left, top), (right, top)),
        ((right, top), (right, bottom)),
        ((left, bottom), (right, bottom)),
        ((left, top), (left, bottom)),
    ] {
        picture.line(from, to, colour, 2.0);
    }
}

/// Where the panels are.
pub struct Layout {
    body: Rect,
    /// Where the first panel begins, right of the axis' title and labels.
    left: f64,
    /// Of a panel.
    width: f64,
    height: f64,
    columns: usize,
    rows: usize,
    panels: usize,
    bands: Vec<Track>,
}

impl Layout {
    fn new(chart: &Chart, scenario: &ScenarioResults, body: Rect) -> Self {
        let panels = (0..chart.panels.len()).filter(|&place| chart.is_shown(scenario, place)).count();
        let columns = columns(panels);
        let rows = panels.div_ceil(columns).max(1);
        let height = (body.height() - BELOW - GAP.1 * (rows - 1) as f64) / rows as f64;
        let bands = measure(chart, height - HEADING);
        let ticks = bands.iter().flat_map(|band| &band.axis.ticks);
        let labels = ticks.map(|tick| fonts::width(&tick.label, theme::TICK));
        let left = body.left + 26.0 + labels.fold(0.0, f64::max);
        let width = (body.right - left - GAP.0 * (columns - 1) as f64) / columns as f64;
        Self { body, left, width, height, columns, rows, panels, bands }
    }

    /// Where a panel is, by its place.
    fn cell(&self, place: usize) -> Rect {
        let (row, column) = (place / self.columns, place % self.columns);
        let left = self.left + column as f64 * (self.width + GAP.0);
        let top = self.body.top + row as f64 * (self.height + GAP.1);
        Rect { left, top, right: left + self.width, bottom: top + self.height }
    }
}

/// Panels side by side: wide ones when few, a square of them when many.
pub fn columns(panels: usize) -> usize {
    match panels {
        0 | 1 => 1,
        2 | 4 => 2,
        3 => 3,
        _ => (2..panels).find(|side| side * side >= panels).unwrap_or(1),
    }
}

/// The bands in a panel of this height below its heading, with axes that hold the values of every panel, and that bend
/// where one panel's greatest would leave another's nothing to see.
fn measure(chart: &Chart, height: f64) -> Vec<Track> {
    let room = height - BAND_GAP * chart.bands.len().saturating_sub(1) as f64;
    tracks(chart, |band| room * band.part)
}

/// The bands, each as high as `size` says, one below the other.
pub fn tracks(chart: &Chart, size: impl Fn(&Band) -> f64) -> Vec<Track> {
    let mut top = HEADING;
    let mut bands = Vec::new();
    for (place, band) in chart.bands.iter().enumerate() {
        let (&Band { title, values, .. }, size) = (band, size(band));
        let each: Vec<Vec<f64>> = chart.panels.iter().map(|panel| panel.heights(place)).collect();
        let peaks = each.iter().map(|heights| heights.iter().fold(0.0, |most: f64, height| most.max(height.abs())));
        let bend = scale::bend(peaks);
        let (low, high) = each
            .iter()
            .flatten()
            .fold((0.0, 0.0), |(low, high): (f64, f64), &height| (low.min(height), high.max(height)));
        let most = (size / 45.0).min(5.0);
        let axis = match (values, bend) {
            (Values::Amounts, bend) => axis::counts(low, high, bend, most),
            (Values::Milliseconds, None) => axis::spans(high, most),
            (Values::Milliseconds, Some(bend)) => axis::bent_spans(high, bend, most),
        };
        let note = axis.note(match values {
            Values::Amounts => compact,
            Values::Milliseconds => axis::span,
        });
        bands.push(Track { title: format!("{title}, {note}"), range: (top, top + size), axis });
        top += size + BAND_GAP;
    }
    bands
}

/// The strategy's name, and at the right its figure if there is room.
fn heading(picture: &mut Picture, named: &Named<'_>, figures: &[String], cell: &Rect) {
    let baseline = cell.top + 16.0;
    named.draw(picture, (cell.left + 4.0, baseline), cell.width());
    let room = cell.width() - named.width() - 14.0;
    if let Some(figure) = figures.iter().find(|figure| fonts::width(figure, theme::NOTE) <= room) {
        picture.text((cell.right, baseline), figure.as_str(), theme::NOTE, Align::Right);
    }
}

/// The labels of the time axis below a panel.
fn time_labels(picture: &mut Picture, times: &Axis, cell: &Rect) {
    let x = times.scale((cell.left, cell.right));
    for tick in &times.ticks {
        let font = if tick.value == 0.0 { theme::TICK_ZERO } else { theme::TICK };
        // Centred on its tick, but within the panel, where the neighbour's labels cannot be met.
        let half = fonts::width(&tick.label, font) / 2.0;
        let centre = x.at(tick.value).max(cell.left + half - clock::OVER).min(cell.right - half + clock::OVER);
        picture.text((centre, cell.bottom + 18.0), tick.label.as_str(), font, Align::Centre);
    }
}

/// The titles of the axes, with their units.
fn titles(picture: &mut Picture, scenario: &ScenarioResults, layout: &Layout, times: &Axis) {
    let zero = if deploys(scenario) { "the deployment's first change" } else { "where counting starts" };
    let body = &layout.body;
    let centre = (layout.left + body.right) / 2.0;
    let text = format!("time from t = 0, {zero}; {}", clock::note(times));
    picture.text((centre, body.bottom + 6.0), text, theme::NOTE, Align::Centre);
    let baseline = body.left + 8.0;
    let mut upwards = |title: &str, middle: f64, room: f64| {
        // The title with how the axis runs; where there is no room the title alone, set smaller if need be.
        let smaller = crate::report::draw::style::Font { size: 12.0, ..theme::NOTE };
        let fits = |font| fonts::width(title, font) <= room;
        let font = if fits(theme::NOTE) { theme::NOTE } else { smaller };
        picture.fitted((baseline, middle), title, font, Align::Upwards, room);
    };
    if let [band] = layout.bands.as_slice() {
        let (top, bottom) = (body.top + HEADING, body.bottom - BELOW);
        return upwards(&band.title, (top + bottom) / 2.0, bottom - top + HEADING);
    }
    for row in 0..layout.rows {
        let top = layout.cell(row * layout.columns).top;
        for band in &layout.bands {
            upwards(&band.title, top + (band.range.0 + band.range.1) / 2.0, band.range.1 - band.range.0 + BAND_GAP);
        }
    }
}
