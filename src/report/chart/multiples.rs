//! Small multiples: one panel a strategy, with the same axes, so that panels can be compared at a glance.

use super::axis::{self, Scale, Tick};
use super::bins::Stretch;
use super::frame::{self, Key, Runs};
use super::picture::{Align, Picture, Rect};
use super::plot::{self, Area, Plot, Track};
use super::style::Colour;
use super::{fonts, theme};
use crate::experiment::results::{ScenarioResults, StrategyResults};
use crate::report::judge::deploys;

/// A chart of one panel a strategy.
pub(super) struct Chart {
    /// The finding.
    pub title: String,
    pub legend: Vec<Key>,
    /// The time shown, in seconds.
    pub shown: Stretch,
    /// The bands of every panel, from the top down.
    pub bands: Vec<Band>,
    /// The panels, in the order of the scenario's strategies.
    pub panels: Vec<Panel>,
    /// Whether actions on the control plane are named and not only marked.
    pub named_actions: bool,
    /// What became of the runs.
    pub runs: Runs,
}

/// A part of every panel.
pub(super) struct Band {
    /// What it measures.
    pub title: &'static str,
    /// Its part of the height.
    pub part: f64,
    /// How its values are read.
    pub values: Values,
}

/// How values are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Values {
    /// Numbers, above zero and below.
    Amounts,
    /// Spans in milliseconds.
    Milliseconds,
    /// Shares from 0 to 1, all of that shown.
    Whole,
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
    /// What is done on the control plane: when, in seconds, and what.
    pub actions: Vec<(f64, String)>,
}

impl Panel {
    /// The actions of a strategy.
    pub(super) fn actions(strategy: &StrategyResults) -> Vec<(f64, String)> {
        strategy.actions.iter().map(|action| (action.at_s, action.what.clone())).collect()
    }
}

/// Layers on top of one another, the first at the bottom.
pub(super) fn stacked(layers: Vec<(Vec<f64>, Colour)>) -> Vec<Area> {
    let mut areas: Vec<Area> = Vec::new();
    for (layer, colour) in layers {
        let below = areas.last().map(|area| area.heights.clone()).unwrap_or_else(|| vec![0.0; layer.len()]);
        let heights = layer.iter().zip(below).map(|(height, below)| height + below).collect();
        areas.push(Area::filled(heights, colour));
    }
    // Every area starts at zero, so the lower ones go in front.
    areas.reverse();
    areas
}

/// The height of the line above a panel that names the strategy.
const HEADING: f64 = 31.0;
/// The room below the panels for the labels and the title of the time axis.
const BELOW: f64 = 42.0;
/// How high a plot must be for actions to be named in it, and the room that their names take.
const NAMED: f64 = 150.0;
const NAMES: f64 = plot::ROW * plot::ROWS as f64 + 4.0;
/// Between panels.
const GAP: (f64, f64) = (26.0, 14.0);
/// Between the bands of a panel.
const BAND_GAP: f64 = 16.0;

/// Draws the chart.
pub(super) fn draw(picture: &mut Picture, scenario: &ScenarioResults, chart: &Chart) {
    let mut legend = chart.legend.clone();
    if chart.panels.iter().any(|panel| !panel.actions.is_empty()) {
        legend.push(Key::remark("▾ action on the control plane"));
    }
    let body = frame::draw(picture, scenario, &chart.title, &legend, chart.runs);
    let layout = Layout::new(chart, body);
    let times = axis::times(chart.shown.0, chart.shown.1, layout.width);
    for (place, (panel, strategy)) in chart.panels.iter().zip(&scenario.strategies).enumerate() {
        let cell = layout.cell(place);
        heading(picture, &strategy.name, place, &panel.figures, &cell);
        for (rank, (band, areas)) in layout.bands.iter().zip(&panel.bands).enumerate() {
            let plot = Plot::new(&cell, band, chart.shown);
            plot.grid(picture, band, &times, place % layout.columns == 0);
            plot.areas(picture, &panel.stretches, areas);
            plot.axes(picture);
            if rank == 0 {
                plot.actions(picture, &panel.actions);
            }
            if areas.iter().all(Area::is_empty) {
                picture.grounded(plot.middle(), panel.nothing, theme::NOTE, Align::Centre);
            } else if chart.named_actions && band.range.1 - band.range.0 >= NAMED {
                plot.name_actions(picture, &panel.actions);
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
    bands: Vec<Track>,
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

/// The bands in a panel of this height below its heading, with axes that hold the values of every panel.
fn measure(chart: &Chart, height: f64) -> Vec<Track> {
    let room = height - BAND_GAP * chart.bands.len().saturating_sub(1) as f64;
    let mut top = HEADING;
    let mut bands = Vec::new();
    for (place, &Band { title, part, values }) in chart.bands.iter().enumerate() {
        let heights = chart.panels.iter().filter_map(|panel| panel.bands.get(place)).flatten();
        let (low, high) = heights
            .flat_map(|area| &area.heights)
            .fold((0.0, 0.0), |(low, high): (f64, f64), &height| (low.min(height), high.max(height)));
        let size = room * part;
        let most = (size / 45.0).min(5.0);
        let (values, ticks) = match values {
            Values::Amounts => axis::amounts(low, high, most),
            Values::Milliseconds => axis::spans(high, most),
            Values::Whole if chart.named_actions && size >= NAMED => {
                let ((low, high), ticks) = axis::whole();
                ((low, high * size / (size - NAMES)), ticks)
            }
            Values::Whole => axis::whole(),
        };
        bands.push(Track { title, range: (top, top + size), values, ticks });
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
