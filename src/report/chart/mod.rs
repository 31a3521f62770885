//! The charts of a scenario: four pictures that say at a glance what its strategies do.
//!
//! A chart is composed as a `picture` of marks and painted from there as SVG or PNG, so that both show the same.

mod axis;
mod bins;
mod comparison;
mod fonts;
mod frame;
mod instances;
mod mismatches;
mod multiples;
mod paint;
mod picture;
mod response;
mod style;
mod theme;
mod title;
mod tornado;
mod traffic;

#[cfg(test)]
mod tests;

use crate::experiment::Sweep;
use crate::experiment::results::ScenarioResults;
use crate::report::sensitivity::Report;
use picture::Picture;

/// The size that charts are designed for, in pixels.
pub const SIZE: (u32, u32) = (1280, 720);

/// The sizes that can be drawn: each side, in pixels.
const SIDES: std::ops::RangeInclusive<u32> = 160..=4096;

/// What a chart shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChartKind {
    /// Traffic over time, by the version that ran it.
    Traffic,
    /// Mismatched requests over time, ahead and behind.
    Mismatches,
    /// Cold starts and instances over time, by version.
    Instances,
    /// All strategies side by side, in the figures that decide.
    Comparison,
}

impl ChartKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Traffic, Self::Mismatches, Self::Instances, Self::Comparison];

    /// The name, as in the name of the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Traffic => "traffic",
            Self::Mismatches => "mismatches",
            Self::Instances => "instances",
            Self::Comparison => "comparison",
        }
    }
}

/// How a chart is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Scalable Vector Graphics.
    Svg,
    /// Portable Network Graphics.
    Png,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Svg, Self::Png];

    /// The ending of a file's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
        }
    }
}

/// Why a chart could not be drawn.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChartError {
    /// A side is too short or too long.
    #[error("a chart of {0} x {1} pixels; each side may have {min} to {max}", min = SIDES.start(), max = SIDES.end())]
    Size(u32, u32),
    /// A font that the program carries cannot be read.
    #[error("the fonts of the charts cannot be read")]
    Font,
    /// The picture could not be painted or encoded.
    #[error("drawing failed: {0}")]
    Drawing(String),
}

/// The name of a chart's file, as in `incidents-x-traffic.svg`.
#[must_use]
pub fn file_name(scenario: &str, kind: ChartKind, format: Format) -> String {
    format!("{}-{}.{}", scenario.replace('/', "-"), kind.name(), format.extension())
}

/// Draws a chart of a scenario whose intervals have the given confidence; the answer is the content of a file.
///
/// # Errors
/// If the size cannot be drawn, or drawing fails.
pub fn draw(
    scenario: &ScenarioResults,
    confidence: f64,
    kind: ChartKind,
    format: Format,
    size: (u32, u32),
) -> Result<Vec<u8>, ChartError> {
    let mut picture = empty(size)?;
    match kind {
        ChartKind::Traffic => multiples::draw(&mut picture, scenario, &traffic::chart(scenario)),
        ChartKind::Mismatches => multiples::draw(&mut picture, scenario, &mismatches::chart(scenario)),
        ChartKind::Instances => multiples::draw(&mut picture, scenario, &instances::chart(scenario)),
        ChartKind::Comparison => comparison::draw(&mut picture, scenario, confidence),
    }
    paint(&picture, format, size)
}

/// Draws how a sweep's metric responds to what was varied; the answer is the content of a file.
///
/// # Errors
/// If the size cannot be drawn, or drawing fails.
pub fn draw_response(sweep: &Sweep, format: Format, size: (u32, u32)) -> Result<Vec<u8>, ChartError> {
    let mut picture = empty(size)?;
    response::draw(&mut picture, sweep);
    paint(&picture, format, size)
}

/// Draws what a verdict hangs on; the answer is the content of a file.
///
/// # Errors
/// If the size cannot be drawn, or drawing fails.
pub fn draw_tornado(report: &Report<'_>, format: Format, size: (u32, u32)) -> Result<Vec<u8>, ChartError> {
    let mut picture = empty(size)?;
    tornado::draw(&mut picture, report);
    paint(&picture, format, size)
}

/// A picture of these pixels.
fn empty(size: (u32, u32)) -> Result<Picture, ChartError> {
    if !SIDES.contains(&size.0) || !SIDES.contains(&size.1) {
        return Err(ChartError::Size(size.0, size.1));
    }
    fonts::register()?;
    // The shorter of the two proportions decides how large a unit is, so that everything finds its place.
    let unit = (f64::from(size.0) / f64::from(SIZE.0)).min(f64::from(size.1) / f64::from(SIZE.1));
    Ok(Picture::new(f64::from(size.0) / unit, f64::from(size.1) / unit))
}

fn paint(picture: &Picture, format: Format, size: (u32, u32)) -> Result<Vec<u8>, ChartError> {
    match format {
        Format::Svg => paint::svg(picture, size),
        Format::Png => paint::png(picture, size),
    }
}
