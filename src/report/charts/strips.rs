//! Charts over time as a page needs them: a strip a strategy, all on one axis of time, so wide as there is room for. What is
//! drawn has no letters: the page sets those beside it, and says what a pointer points at.

use super::frame::Named;
use super::over_time::multiples::{self, Chart, Panel};
use super::over_time::plot::{Area, Plot, Track};
use super::{ChartKind, timed};
use crate::report::draw::axis::{self, Axis};
use crate::report::draw::picture::{Picture, Rect};
use crate::report::draw::style::Colour;
use crate::report::draw::{ChartError, clock, fragment};
use crate::report::judge;
use crate::results::ScenarioResults;
use serde::Serialize;

/// Every chart over time.
pub const OVER_TIME: [ChartKind; 10] = [
    ChartKind::Lost,
    ChartKind::Mismatches,
    ChartKind::Causes,
    ChartKind::Sessions,
    ChartKind::Traffic,
    ChartKind::Latency,
    ChartKind::Instances,
    ChartKind::Replicas,
    ChartKind::Spend,
    ChartKind::Backlog,
];

/// A chart over time.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Strips {
    /// Its name, as in the names of files.
    pub name: &'static str,
    /// The finding.
    pub title: String,
    /// What stands for what.
    pub legend: Vec<Entry>,
    /// The axis of time.
    pub time: Time,
    /// The bands of every strip, from the top down.
    pub bands: Vec<Band>,
    /// The strips, in the one order of strategies.
    pub strips: Vec<Strip>,
}

/// An entry of the legend; one without colours is a remark.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Entry {
    /// What it says.
    pub label: String,
    /// Its colours, as in `#B2182B`.
    pub colours: Vec<String>,
}

/// An axis of time.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Time {
    /// When it begins, in seconds.
    pub low: f64,
    /// When it ends.
    pub high: f64,
    /// Up to where it is linear, if not all the way, in seconds.
    pub bend: Option<f64>,
    /// How it runs, in words.
    pub note: String,
    /// The times worth a label.
    pub ticks: Vec<Tick>,
}

/// A value worth a label.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Tick {
    /// Where it is: in per cent of the axis, from the left or from the top.
    pub at: f64,
    /// What it says.
    pub label: String,
    /// Whether it has room on a narrow page too.
    pub narrow: bool,
}

/// A part of every strip.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Band {
    /// What it measures, and how its axis runs.
    pub title: String,
    /// How high it is, in pixels.
    pub height: f64,
    /// The values worth a label, from the top.
    pub ticks: Vec<Tick>,
}

/// What one strategy did.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Strip {
    /// The strategy's place.
    pub place: usize,
    /// The figure beside its name.
    pub figure: String,
    /// What to say where there is nothing to see.
    pub nothing: Option<String>,
    /// A drawing a band: `<svg>`.
    pub drawings: Vec<String>,
    /// What is done on the control plane, and where on the axis, in per cent.
    pub actions: Vec<Tick>,
    /// What a pointer reads.
    pub reads: Reads,
}

/// The values behind a strip.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Reads {
    /// When each bin begins, and the last ends, in seconds.
    pub edges: Vec<f64>,
    /// The layers that show anything, from the top down.
    pub layers: Vec<Layer>,
}

/// The values of a layer.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Layer {
    /// What it is.
    pub name: String,
    /// As it stands behind a value: `/s`, ` ms`.
    pub unit: &'static str,
    /// How much of it there is in each bin; `None` where nothing is known.
    pub values: Vec<Option<f64>>,
}

/// The width that strips are drawn at; a page stretches them.
const WIDTH: f64 = 1_000.0;
/// The width of a narrow page.
const NARROW: f64 = 300.0;
/// The height of a strip of one band, and of each band where there are several.
const HEIGHT: f64 = 56.0;
const HEIGHT_OF_SEVERAL: f64 = 44.0;

/// Draws a chart over time; `None` for one that is none, or that has nothing to show.
///
/// # Errors
/// If drawing fails.
pub fn strips(scenario: &ScenarioResults, kind: ChartKind) -> Result<Option<Strips>, ChartError> {
    let decides = super::chosen(scenario).first() == Some(&kind);
    let Some(chart) = timed(scenario, kind, decides) else { return Ok(None) };
    if chart.panels.is_empty() {
        return Ok(None);
    }
    let time = clock::times(chart.shown.stretch, chart.shown.bend, WIDTH);
    let narrow = clock::times(chart.shown.stretch, chart.shown.bend, NARROW);
    let height = if chart.bands.len() > 1 { HEIGHT_OF_SEVERAL } else { HEIGHT };
    let tracks = multiples::tracks(&chart, |_| height);
    let scale = time.scale((0.0, 100.0));
    let bands =
        tracks.iter().map(|track| Band { title: track.title.clone(), height, ticks: apart(&track.axis, height) });
    let mut strips = Vec::new();
    for &place in judge::order(scenario).iter().filter(|&&place| chart.is_shown(scenario, place)) {
        let panel = &chart.panels[place];
        let drawings = tracks.iter().zip(&panel.bands).map(|(track, areas)| draw(&time, track, panel, areas, height));
        let acts = scenario.strategies[place].actions.iter().filter(|action| action.at_s <= time.ends.1);
        strips.push(Strip {
            place,
            figure: panel.figures.first().cloned().unwrap_or_default(),
            nothing: panel.bands.iter().flatten().all(Area::is_empty).then(|| panel.nothing.clone()),
            drawings: drawings.collect::<Result<_, _>>()?,
            actions: acts
                .map(|action| Tick { at: hundredth(scale.at(action.at_s)), label: action.what.clone(), narrow: true })
                .collect(),
            reads: reads(&chart, panel),
        });
    }
    let (low, high) = time.ends;
    Ok(Some(Strips {
        name: kind.name(),
        title: chart.frame.title.clone(),
        legend: chart.frame.legend.iter().map(|key| entry(&key.label, &key.colours)).collect(),
        time: Time { low, high, bend: time.bend, note: clock::note(&time), ticks: times(&time, &narrow) },
        bands: bands.collect(),
        strips,
    }))
}

/// The ticks of an axis of time: those that have room where there is much, and those where there is little.
fn times(wide: &Axis, narrow: &Axis) -> Vec<Tick> {
    let scale = wide.scale((0.0, 100.0));
    let has = |axis: &Axis, value: f64| axis.ticks.iter().any(|tick| (tick.value - value).abs() <= value.abs() * 1e-9);
    let all = wide.ticks.iter().chain(narrow.ticks.iter().filter(|tick| !has(wide, tick.value)));
    let tick = |tick: &axis::Tick| Tick {
        at: hundredth(scale.at(tick.value)),
        label: tick.label.clone(),
        narrow: has(narrow, tick.value),
    };
    all.map(tick).collect()
}

/// So many pixels a label needs.
const LABEL: f64 = 13.0;

/// The ticks of an axis of values that have room for their labels, from the top.
fn apart(axis: &Axis, height: f64) -> Vec<Tick> {
    let scale = axis.scale((100.0, 0.0));
    let mut ticks: Vec<Tick> = Vec::new();
    // Its zero is told in any case.
    let (zero, others): (Vec<_>, Vec<_>) = axis.ticks.iter().partition(|tick| tick.value == 0.0);
    for tick in zero.into_iter().chain(others.into_iter().rev()) {
        let at = hundredth(scale.at(tick.value));
        if ticks.iter().all(|other| (other.at - at).abs() / 100.0 * height >= LABEL) {
            ticks.push(Tick { at, label: tick.label.clone(), narrow: true });
        }
    }
    ticks
}

/// Draws a band of a strategy, without a letter.
fn draw(time: &Axis, track: &Track, panel: &Panel, areas: &[Area], height: f64) -> Result<String, ChartError> {
    let mut picture = Picture::new(WIDTH, height);
    let cell = Rect { left: 0.0, top: 0.0, right: WIDTH, bottom: height };
    let plot = Plot::new(&cell, &Track { range: (1.0, height - 1.0), ..track.clone() }, time);
    plot.grid(&mut picture, track, time, false);
    plot.areas(&mut picture, &panel.stretches, areas);
    plot.axes(&mut picture);
    fragment(&picture, "drawing", true)
}

/// What a pointer reads of a panel: what is something, the layers in the order of the drawing from the top down.
fn reads(chart: &Chart, panel: &Panel) -> Reads {
    let starts = panel.stretches.iter().map(|&(start, _)| start);
    let edges = starts.chain(panel.stretches.last().map(|&(_, end)| end)).map(thousandth).collect();
    let bands = chart.bands.iter().zip(&panel.bands);
    let shown = bands.flat_map(|(band, areas)| areas.iter().map(move |area| (band, area)));
    let layer = |(band, area): (&multiples::Band, &Area)| {
        let downwards = area.values.iter().any(|value| *value < 0.0);
        let name = named(chart, area.colour) + if downwards { " (older event)" } else { "" };
        let values = area.values.iter().map(|value| value.is_finite().then(|| three_digits(value.abs())));
        Layer { name, unit: unit(band), values: values.collect() }
    };
    Reads { edges, layers: shown.filter(|(_, area)| !area.is_empty()).map(layer).collect() }
}

/// What stands behind a value of a band.
fn unit(band: &multiples::Band) -> &'static str {
    match (band.values, band.title) {
        (multiples::Values::Milliseconds, _) => " ms",
        (_, title) if title.contains("per second") || title.contains("/s") => "/s",
        (_, title) if title.contains("an hour") => "/h",
        _ => "",
    }
}

/// What a colour stands for, from the legend: one of several that share an entry has a word of it.
fn named(chart: &Chart, colour: Colour) -> String {
    let found = chart.frame.legend.iter().find_map(|key| {
        let place = key.colours.iter().position(|&known| known == colour)?;
        Some((key, place))
    });
    match found {
        None => chart.bands.first().map_or(String::new(), |band| band.title.to_owned()),
        Some((key, _)) if key.colours.len() == 1 => {
            key.label.split(':').next().unwrap_or_default().trim_start_matches("run by ").to_owned()
        }
        Some((key, place)) => {
            let (head, words) = key.label.split_once(' ').unwrap_or_default();
            format!("{head} {}", words.split(", ").nth(place).unwrap_or_default())
        }
    }
}

/// The colours of a scenario's strategies, in its order, as in `#B2182B`.
#[must_use]
pub fn colours(scenario: &ScenarioResults) -> Vec<String> {
    Named::all(scenario).iter().map(|named| named.colour.hex()).collect()
}

fn entry(label: &str, colours: &[Colour]) -> Entry {
    Entry { label: label.to_owned(), colours: colours.iter().map(|colour| colour.hex()).collect() }
}

fn hundredth(x: f64) -> f64 {
    (x * 100.0).round() / 100.0
}

fn thousandth(x: f64) -> f64 {
    (x * 1e3).round() / 1e3
}

/// More than a reader wants to see.
fn three_digits(x: f64) -> f64 {
    if x == 0.0 {
        return 0.0;
    }
    let unit = crate::math::pow(10.0, crate::math::log10(x).floor() - 2.0);
    // Through text, so that no hair is left of a division.
    format!("{:.12}", (x / unit).round() * unit).parse().unwrap_or(x)
}
