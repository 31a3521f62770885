//! Small multiples: one panel a strategy, with the same axes, so that panels can be compared at a glance.

use super::axis::{self, Scale, Tick};
use super::bins::Stretch;
use super::frame::{self, Key};
use super::picture::{Align, Picture, Point, Rect};
use super::style::Colour;
use super::{fonts, theme};
use crate::experiment::results::ScenarioResults;
use crate::report::judge::deploys;

/// A chart of one panel a strategy.
pub(super) struct Chart {
    /// The finding.
    pub title: String,
    pub legend: Vec<Key>,
    /// The time shown, in seconds.
    pub shown: Stretch,
    /// What each band of a panel measures, from the top down, and its part of the height.
    pub bands: &'static [(&'static str, f64)],
    /// The panels, in the order of the scenario's strategies.
    pub panels: Vec<Panel>,
}

/// What one strategy did.
pub(super) struct Panel {
    /// The figure beside the strategy's name, in words from many to few: the first that has room is shown.
    pub figures: Vec<String>,
    /// What to say of a band in which there is nothing to see.
    pub nothing: &'static str,
    /// The bins.
    pub stretches: Vec<Stretch>,
    /// The areas of each band, those in front last.
    pub bands: Vec<Vec<Area>>,
}

/// A stepped area between zero and a height in every bin.
pub(super) struct Area {
    pub heights: Vec<f64>,
    pub colour: Colour,
}

/// Layers on top of one another, the first at the bottom.
pub(super) fn stacked(layers: Vec<(Vec<f64>, Colour)>) -> Vec<Area> {
    let mut areas: Vec<Area> = Vec::new();
    for (layer, colour) in layers {
        let below = areas.last().map(|area| area.heights.clone()).unwrap_or_else(|| vec![0.0; layer.len()]);
        let heights = layer.iter().zip(below).map(|(height, below)| height + below).collect();
        areas.push(Area { heights, colour });
    }
    // Every area starts at zero, so the lower ones go in front.
    areas.reverse();
    areas
}

/// The height of the line above a panel that names the strategy.
const HEADING: f64 = 24.0;
/// The room below the panels for the labels and the title of the time axis.
const BELOW: f64 = 42.0;
/// Between panels.
const GAP: (f64, f64) = (26.0, 14.0);
/// Between the bands of a panel.
const BAND_GAP: f64 = 16.0;

/// Draws the chart.
pub(super) fn draw(picture: &mut Picture, scenario: &ScenarioResults, chart: &Chart) {
    let body = frame::draw(picture, scenario, &chart.title, &chart.legend);
    let layout = Layout::new(chart, body);
    let times = axis::times(chart.shown.0, chart.shown.1, layout.width);
    for (place, (panel, strategy)) in chart.panels.iter().zip(&scenario.strategies).enumerate() {
        let cell = layout.cell(place);
        heading(picture, &strategy.name, place, &panel.figures, &cell);
        for (band, areas) in layout.bands.iter().zip(&panel.bands) {
            let plot = Plot::new(&cell, band, chart.shown);
            plot.grid(picture, band, &times, place % layout.columns == 0);
            plot.areas(picture, &panel.stretches, areas);
            plot.axes(picture);
            if areas.iter().all(|area| area.heights.iter().all(|&height| height == 0.0)) {
                picture.grounded(plot.middle(), panel.nothing, theme::NOTE, Align::Centre);
            }
        }
        // The lowest panel of a column carries its time axis.
        if place + layout.columns >= chart.panels.len() {
            time_labels(picture, &times, &cell, chart.shown);
        }
    }
    titles(picture, scenario, &layout);
}

/// Where the panels are.
struct Layout {
    body: Rect,
    /// Where the first panel begins, right of the axis' title and labels.
    left: f64,
    /// Of a panel.
    width: f64,
    height: f64,
    columns: usize,
    rows: usize,
    bands: Vec<Band>,
}

impl Layout {
    fn new(chart: &Chart, body: Rect) -> Self {
        let columns = columns(chart.panels.len());
        let rows = chart.panels.len().div_ceil(columns).max(1);
        let height = (body.height() - BELOW - GAP.1 * (rows - 1) as f64) / rows as f64;
        let bands = measure(chart, height - HEADING);
        let labels = bands.iter().flat_map(|band| &band.ticks).map(|tick| fonts::width(&tick.label, theme::TICK));
        let left = body.left + 26.0 + labels.fold(0.0, f64::max);
        let width = (body.right - left - GAP.0 * (columns - 1) as f64) / columns as f64;
        Self { body, left, width, height, columns, rows, bands }
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
fn columns(panels: usize) -> usize {
    match panels {
        0 | 1 => 1,
        2 | 4 => 2,
        3 => 3,
        _ => (2..panels).find(|side| side * side >= panels).unwrap_or(1),
    }
}

/// A band of every panel: its part of the height and its axis.
struct Band {
    title: &'static str,
    /// From and to, below the top of a panel.
    range: (f64, f64),
    values: (f64, f64),
    ticks: Vec<Tick>,
}

/// The bands in a panel of this height below its heading, with axes that hold the values of every panel.
fn measure(chart: &Chart, height: f64) -> Vec<Band> {
    let room = height - BAND_GAP * chart.bands.len().saturating_sub(1) as f64;
    let mut top = HEADING;
    let mut bands = Vec::new();
    for (place, &(title, part)) in chart.bands.iter().enumerate() {
        let heights = chart.panels.iter().filter_map(|panel| panel.bands.get(place)).flatten();
        let (low, high) = heights
            .flat_map(|area| &area.heights)
            .fold((0.0, 0.0), |(low, high): (f64, f64), &height| (low.min(height), high.max(height)));
        let size = room * part;
        let (values, ticks) = axis::amounts(low, high, (size / 45.0).min(5.0));
        bands.push(Band { title, range: (top, top + size), values, ticks });
        top += size + BAND_GAP;
    }
    bands
}

/// The strategy's name, and at the right its figure if there is room.
fn heading(picture: &mut Picture, name: &str, place: usize, figures: &[String], cell: &Rect) {
    let baseline = cell.top + 16.0;
    frame::strategy(picture, name, place, (cell.left, baseline), cell.width());
    let room = cell.width() - frame::strategy_width(name) - 10.0;
    if let Some(figure) = figures.iter().find(|figure| fonts::width(figure, theme::NOTE) <= room) {
        picture.text((cell.right, baseline), figure.as_str(), theme::NOTE, Align::Right);
    }
}

/// The labels of the time axis below a panel.
fn time_labels(picture: &mut Picture, times: &[Tick], cell: &Rect, shown: Stretch) {
    let x = Scale { values: shown, places: (cell.left, cell.right) };
    for tick in times {
        let font = if tick.value == 0.0 { theme::TICK_ZERO } else { theme::TICK };
        // Centred on its tick, but within the panel, where the neighbour's labels cannot be met.
        let half = fonts::width(&tick.label, font) / 2.0;
        let centre = x.at(tick.value).max(cell.left + half - 8.0).min(cell.right - half + 8.0);
        picture.text((centre, cell.bottom + 18.0), tick.label.as_str(), font, Align::Centre);
    }
}

/// The titles of the axes, with their units.
fn titles(picture: &mut Picture, scenario: &ScenarioResults, layout: &Layout) {
    let zero = if deploys(scenario) { "the deployment's first effect on traffic" } else { "where counting starts" };
    let body = &layout.body;
    let centre = (layout.left + body.right) / 2.0;
    picture.text((centre, body.bottom + 6.0), format!("time from t = 0, {zero}"), theme::NOTE, Align::Centre);
    let baseline = body.left + 8.0;
    if let [band] = layout.bands.as_slice() {
        let middle = (body.top + HEADING + body.bottom - BELOW) / 2.0;
        picture.text((baseline, middle), band.title, theme::NOTE, Align::Upwards);
        return;
    }
    for row in 0..layout.rows {
        let top = layout.cell(row * layout.columns).top;
        for band in &layout.bands {
            // Where there is no room, the legend alone says which band is which.
            if fonts::width(band.title, theme::NOTE) <= band.range.1 - band.range.0 + BAND_GAP {
                let middle = top + (band.range.0 + band.range.1) / 2.0;
                picture.text((baseline, middle), band.title, theme::NOTE, Align::Upwards);
            }
        }
    }
}

/// A band of one panel on the picture.
struct Plot {
    rect: Rect,
    x: Scale,
    y: Scale,
}

impl Plot {
    fn new(cell: &Rect, band: &Band, shown: Stretch) -> Self {
        let rect = Rect { top: cell.top + band.range.0, bottom: cell.top + band.range.1, ..*cell };
        let x = Scale { values: shown, places: (rect.left, rect.right) };
        let y = Scale { values: band.values, places: (rect.bottom, rect.top) };
        Self { rect, x, y }
    }

    fn grid(&self, picture: &mut Picture, band: &Band, times: &[Tick], labelled: bool) {
        for tick in times {
            let x = self.x.at(tick.value);
            picture.line((x, self.rect.top), (x, self.rect.bottom), theme::GRID, 1.0);
        }
        for tick in &band.ticks {
            let y = self.y.at(tick.value);
            picture.line((self.rect.left, y), (self.rect.right, y), theme::GRID, 1.0);
            if labelled {
                picture.text((self.rect.left - 7.0, y + 5.0), tick.label.as_str(), theme::TICK, Align::Right);
            }
        }
    }

    fn areas(&self, picture: &mut Picture, stretches: &[Stretch], areas: &[Area]) {
        for area in areas {
            let heights = stretches.iter().zip(&area.heights);
            let bins: Vec<(Stretch, f64)> = heights.map(|(&stretch, &height)| (stretch, height)).collect();
            for run in bins.split(|&(_, height)| height == 0.0).filter(|run| !run.is_empty()) {
                picture.area(self.outline(run), area.colour);
            }
        }
    }

    /// The outline of neighbouring bins that are all above or all below zero.
    fn outline(&self, run: &[(Stretch, f64)]) -> Vec<Point> {
        let zero = self.y.at(0.0);
        let mut points = Vec::with_capacity(run.len() * 2 + 2);
        for &((start, end), height) in run {
            // What is there is seen: at least a pixel high and, below, two wide.
            let y = self.y.at(height);
            let y = if height > 0.0 { y.min(zero - 1.0) } else { y.max(zero + 1.0) };
            points.extend([(self.x.at(start), y), (self.x.at(end), y)]);
        }
        let first = points.first().map_or(0.0, |point| point.0);
        if let Some(last) = points.last_mut() {
            last.0 = last.0.max(first + 2.0);
            let last = last.0;
            points.extend([(last, zero), (first, zero)]);
        }
        points
    }

    /// Where a remark is set.
    fn middle(&self) -> Point {
        ((self.rect.left + self.rect.right) / 2.0, (self.rect.top + self.rect.bottom) / 2.0 + 5.0)
    }

    /// The zero line, and t = 0.
    fn axes(&self, picture: &mut Picture) {
        let zero = self.y.at(0.0);
        picture.line((self.rect.left, zero), (self.rect.right, zero), theme::AXIS, 1.0);
        // Just before what happens at t = 0, so as not to hide it.
        let start = self.x.at(0.0) - 1.0;
        picture.line((start, self.rect.top), (start, self.rect.bottom), theme::INK, 1.0);
    }
}
