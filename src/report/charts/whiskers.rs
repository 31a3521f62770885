//! A metric of every strategy as a dot and a line for a row of a table: the mean and its interval, all on one axis.

use super::comparison::column::{self, Column};
use super::frame::Named;
use super::strips::Tick;
use crate::report::draw::picture::Picture;
use crate::report::draw::style::Font;
use crate::report::draw::{ChartError, fonts, fragment, theme};
use crate::report::judge::mean;
use crate::results::{Estimate, ScenarioResults};
use serde::Serialize;

/// The dots and lines of a metric.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Whiskers {
    /// The values worth a label, and where they are, in per cent.
    pub ticks: Vec<Tick>,
    /// By a strategy's place: `<svg>`; `None` where there is no figure.
    pub rows: Vec<Option<String>>,
}

const WIDTH: f64 = 150.0;
const HEIGHT: f64 = 22.0;
const MARGIN: f64 = 8.0;
/// As a page sets the labels of the axis.
const LABEL: Font = Font { size: 12.0, ..theme::TICK };

/// Draws a count of every strategy.
///
/// # Errors
/// If drawing fails.
pub fn whiskers(scenario: &ScenarioResults, key: &'static str) -> Result<Whiskers, ChartError> {
    let column = Column::count(key);
    let estimates: Vec<Estimate> = (0..scenario.strategies.len()).map(|place| scenario.estimate(place, key)).collect();
    let (axis, scale) = column::axis(&column, &estimates, (MARGIN, WIDTH - MARGIN));
    let names = Named::all(scenario);
    let mut ticks: Vec<Tick> = Vec::new();
    let mut free = f64::NEG_INFINITY;
    for tick in &axis.ticks {
        let half = fonts::width(&tick.label, LABEL) / 2.0;
        let at = scale.at(tick.value).min(WIDTH - half);
        // A label that would meet its neighbour is left out.
        if at - half >= free {
            ticks.push(Tick { at: (at / WIDTH * 1e4).round() / 100.0, label: tick.label.clone(), narrow: true });
            free = at + half + 5.0;
        }
    }
    let row = |place: usize| {
        let Some(mean) = mean(scenario, place, key) else { return Ok(None) };
        let mut picture = Picture::new(WIDTH, HEIGHT);
        let zero = scale.at(0.0);
        picture.line((zero, 0.0), (zero, HEIGHT), theme::AXIS, 1.0);
        column::draw_estimate(&mut picture, scale, mean, estimates[place], HEIGHT / 2.0, names[place].colour);
        fragment(&picture, "whisker", false).map(Some)
    };
    let rows = (0..scenario.strategies.len()).map(row).collect::<Result<_, _>>()?;
    Ok(Whiskers { ticks, rows })
}
