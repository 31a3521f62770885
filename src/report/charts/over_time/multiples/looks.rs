//! A test that looks: painted charts are compared, pixel by pixel, with the data that they show. What data adds to a
//! picture lies where the data says, and nowhere else: no spike, and nothing through a heading. And it is there.

use super::*;
use crate::math::log10;
use crate::report::charts::over_time::plot::Form;
use crate::report::charts::over_time::{instances, latency, lost, mismatches, replicas, sessions, spend, traffic};
use crate::report::charts::tests;
use crate::report::draw::style::Colour;
use crate::report::draw::{Size, empty, raster};
use crate::report::sample::{Frame as Made, Sample, scenario};
use crate::results::Series;

/// A line's half width, and the pixel that its edge shades.
const AROUND: f64 = 2.0;
/// From how great a difference in brightness on a pixel is darker.
const DARKER: i32 = 24;

/// A painted picture.
struct Painted {
    width: usize,
    pixels: Vec<u8>,
}

impl Painted {
    fn new(picture: &Picture) -> Self {
        let bytes = raster::png(picture, (picture.width as u32, picture.height as u32)).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        Self { width: info.width as usize, pixels }
    }

    fn brightness(&self, x: usize, y: usize) -> i32 {
        let at = (y * self.width + x) * 3;
        self.pixels[at..at + 3].iter().map(|&channel| i32::from(channel)).sum::<i32>() / 3
    }
}

/// How far along an axis a value lies, from 0 to 1: reckoned here anew.
fn along(axis: &Axis, value: f64) -> f64 {
    let way = |value: f64| match axis.bend {
        Some(bend) if value.abs() > bend => value.signum() * bend * (1.0 + log10(value.abs() / bend)),
        _ => value,
    };
    ((way(value) - way(axis.ends.0)) / (way(axis.ends.1) - way(axis.ends.0))).clamp(0.0, 1.0)
}

/// From where to where something may be dark in each column of pixels, top and bottom.
type Columns = Vec<Vec<(f64, f64)>>;

/// Where the data of a panel lies: for every bin what its areas span, and between bins what their lines pass.
fn expected(panel: &Panel, layout: &Layout, cell: &Rect, times: &Axis, width: usize) -> Columns {
    let mut columns: Columns = vec![Vec::new(); width];
    for (band, areas) in layout.bands.iter().zip(&panel.bands) {
        let (top, bottom) = (cell.top + band.range.0, cell.top + band.range.1);
        let place = |value: f64| bottom - along(&band.axis, value) * (bottom - top);
        let across = |time: f64| cell.left + along(times, time) * cell.width();
        for area in areas {
            for (bin, (&(start, end), &height)) in panel.stretches.iter().zip(&area.heights).enumerate() {
                let filled = area.form == Form::Filled;
                if height.is_nan() || (filled && height == 0.0) {
                    continue;
                }
                let before = bin.checked_sub(1).map_or(f64::NAN, |before| area.heights[before]);
                let other = if filled {
                    0.0
                } else if before.is_nan() {
                    height
                } else {
                    before
                };
                let mark = |columns: &mut Columns, from: f64, to: f64, heights: (f64, f64)| {
                    let (a, b) = (place(heights.0), place(heights.1));
                    let first = (from - AROUND - 1.0).max(0.0) as usize;
                    for column in &mut columns[first..((to + AROUND + 1.0) as usize).min(width)] {
                        column.push((a.min(b), a.max(b)));
                    }
                };
                // What is narrow is drawn two pixels wide; a line passes from height to height where a bin begins.
                let (from, to) = (across(start), across(end).max(across(start) + 2.0));
                mark(&mut columns, from, if filled { to } else { from }, (height, other));
                mark(&mut columns, from, to, (height, if filled { 0.0 } else { height }));
            }
        }
    }
    columns
}

/// Compares a chart with its data.
fn look(name: &str, results: &ScenarioResults, chart: &Chart) {
    look_after(name, results, chart, |_, _| ());
}

/// The same after something was done to the picture.
fn look_after(name: &str, results: &ScenarioResults, chart: &Chart, alter: impl Fn(&mut Picture, &Layout)) {
    let mut picture = empty(Size::SLIDE).unwrap();
    let body = frame::draw(&mut picture, results, &chart.frame);
    let layout = Layout::new(chart, results, body);
    let mut without = picture.clone();
    draw_panels(&mut picture, results, chart, &layout);
    alter(&mut picture, &layout);
    let blank = |panel: &Panel| Panel {
        figures: panel.figures.clone(),
        nothing: String::new(),
        stretches: panel.stretches.clone(),
        bands: panel.bands.iter().map(|_| Vec::new()).collect(),
        actions: panel.actions.clone(),
    };
    let empty_panels = Chart {
        frame: chart.frame.clone(),
        shown: chart.shown,
        bands: Vec::new(),
        panels: chart.panels.iter().map(blank).collect(),
        shows: chart.shows,
    };
    draw_panels(&mut without, results, &empty_panels, &layout);
    let (full, bare) = (Painted::new(&picture), Painted::new(&without));
    let times = clock::times(chart.shown.stretch, chart.shown.bend, layout.width);
    let mut columns: Vec<Columns> = Vec::new();
    let shown = judge::order(results).iter().filter(|&&place| chart.is_shown(results, place));
    for (cell, &place) in shown.enumerate() {
        columns.push(expected(&chart.panels[place], &layout, &layout.cell(cell), &times, full.width));
    }
    let remarks: Vec<&str> = chart.panels.iter().map(|panel| panel.nothing.as_str()).collect();
    for y in 0..full.pixels.len() / 3 / full.width {
        for x in 0..full.width {
            if bare.brightness(x, y) - full.brightness(x, y) < DARKER {
                continue;
            }
            let (middle, within) =
                (y as f64 + 0.5, |&(top, bottom): &(f64, f64), y: f64| y >= top - AROUND && y <= bottom + AROUND);
            let shown = columns.iter().any(|columns| columns[x].iter().any(|span| within(span, middle)));
            assert!(
                shown || is_remark(&picture, &remarks, (x as f64, middle)),
                "{name}: dark at {x}, {y} without data"
            );
        }
    }
    seen(name, &layout, &columns, (&full, &bare));
}

/// Whether a point lies in a remark on a band without data.
fn is_remark(picture: &Picture, remarks: &[&str], (x, y): (f64, f64)) -> bool {
    picture.marks.iter().any(|mark| match mark {
        crate::report::draw::picture::Mark::Text { at, text, font, .. } if remarks.contains(&text.as_str()) => {
            let (left, right) = mark.reach();
            x >= left - 3.0 && x <= right + 3.0 && (at.1 - y) >= -font.size * 0.4 && (at.1 - y) <= font.size * 1.2
        }
        _ => false,
    })
}

/// In the middle of what data spans, something is there: of every panel a tenth of the columns that should be dark is.
fn seen(name: &str, layout: &Layout, columns: &[Columns], (full, bare): (&Painted, &Painted)) {
    for (place, columns) in columns.iter().enumerate() {
        let cell = layout.cell(place);
        let wanted: Vec<usize> = (0..full.width).filter(|&x| !columns[x].is_empty()).collect();
        let found = wanted.iter().filter(|&&x| {
            (cell.top as usize..cell.bottom as usize + 1)
                .any(|y| bare.brightness(x, y) - full.brightness(x, y) >= DARKER)
        });
        assert!(found.count() * 10 >= wanted.len(), "{name}: panel {place} shows nothing of its data");
    }
}

/// Twelve strategies whose latency jumps up and down in every one of many bins.
fn dense() -> ScenarioResults {
    let samples: Vec<_> = (0..12).map(|i| Sample::new(&format!("strategy-{i}"), 10.0 + i as f64, 100.0)).collect();
    let mut results = scenario(&Made { bins: 7_200, ..Made::default() }, &samples);
    for (place, strategy) in results.strategies.iter_mut().enumerate() {
        for (series, values) in &mut strategy.timeline.series {
            for (bin, value) in values.iter_mut().enumerate() {
                let jump = ((bin * 7_919 + place * 104_729) % 1_000) as f64;
                match series {
                    Series::LatencyP99 => *value = Some(if bin % 5 == 0 { 4_000.0 + jump } else { jump }),
                    Series::LatencyP50 => *value = (bin % 3 > 0).then_some(jump / 2.0),
                    _ => {}
                }
            }
        }
    }
    results
}

#[test]
fn dense_lines_stay_within_their_data() {
    let results = dense();
    look("dense", &results, &latency::chart(&results, true));
}

#[test]
fn every_chart_over_time_shows_its_data_and_nothing_else() {
    for (name, results) in tests::cases() {
        for (kind, chart) in [
            ("lost", lost::chart(&results, true)),
            ("mismatches", mismatches::chart(&results, true)),
            ("sessions", sessions::chart(&results, true)),
            ("traffic", traffic::chart(&results, true)),
            ("latency", latency::chart(&results, false)),
            ("instances", instances::chart(&results, false)),
            ("replicas", replicas::chart(&results, false)),
            ("spend", spend::chart(&results, false)),
        ] {
            look(&format!("{name} {kind}"), &results, &chart);
        }
    }
}

/// The test itself sees a spike: a line through a heading.
#[test]
#[should_panic(expected = "without data")]
fn a_spike_is_seen() {
    let results = dense();
    look_after("spike", &results, &latency::chart(&results, true), |picture, layout| {
        let cell = layout.cell(5);
        let middle = (cell.left + cell.right) / 2.0;
        picture.line((middle, cell.top + 8.0), (middle + 3.0, cell.top + 40.0), Colour(0, 0, 0), 2.0);
    });
}
