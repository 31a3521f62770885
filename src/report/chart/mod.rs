//! The charts of a scenario: pictures that say at a glance what its strategies do.
//!
//! A chart is composed as a `picture` of marks and painted from there as SVG or PNG, so that both show the same.

mod axis;
mod bins;
mod comparison;
mod cumulative;
mod curves;
mod fonts;
mod frame;
mod instances;
mod labels;
mod latency;
mod mismatches;
mod multiples;
mod paint;
mod picture;
mod plot;
mod response;
mod rollout;
mod size;
mod style;
mod theme;
mod title;
mod tornado;
mod traffic;
mod waits;

#[cfg(test)]
mod tests;

use crate::experiment::Sweep;
use crate::experiment::results::ScenarioResults;
use crate::report::sensitivity::Report;
use picture::Picture;
pub use size::{Size, SizeError};

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
    /// What is done on the control plane, and how nodes and front-ends follow.
    Rollout,
    /// Latency percentiles over time.
    Latency,
    /// How the requests that went wrong add up over time.
    Cumulative,
    /// The distribution of the waits of cold starts.
    ColdWaits,
}

impl ChartKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Traffic,
        Self::Mismatches,
        Self::Instances,
        Self::Comparison,
        Self::Rollout,
        Self::Latency,
        Self::Cumulative,
        Self::ColdWaits,
    ];

    /// Whether there is something to show of a scenario that deploys something, or nothing.
    #[must_use]
    pub const fn applies(self, deploys: bool) -> bool {
        deploys || !matches!(self, Self::Mismatches | Self::Rollout | Self::Cumulative)
    }

    /// The name, as in the name of the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Traffic => "traffic",
            Self::Mismatches => "mismatches",
            Self::Instances => "instances",
            Self::Comparison => "comparison",
            Self::Rollout => "rollout",
            Self::Latency => "latency",
            Self::Cumulative => "cumulative",
            Self::ColdWaits => "cold-waits",
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
/// If drawing fails.
pub fn draw(
    scenario: &ScenarioResults,
    confidence: f64,
    kind: ChartKind,
    format: Format,
    size: Size,
) -> Result<Vec<u8>, ChartError> {
    let mut picture = empty(size)?;
    match kind {
        ChartKind::Traffic => multiples::draw(&mut picture, scenario, &traffic::chart(scenario)),
        ChartKind::Mismatches => multiples::draw(&mut picture, scenario, &mismatches::chart(scenario)),
        ChartKind::Instances => multiples::draw(&mut picture, scenario, &instances::chart(scenario)),
        ChartKind::Comparison => comparison::draw(&mut picture, scenario, confidence),
        ChartKind::Rollout => multiples::draw(&mut picture, scenario, &rollout::chart(scenario)),
        ChartKind::Latency => multiples::draw(&mut picture, scenario, &latency::chart(scenario)),
        ChartKind::Cumulative => curves::draw(&mut picture, scenario, &cumulative::chart(scenario)),
        ChartKind::ColdWaits => curves::draw(&mut picture, scenario, &waits::chart(scenario)),
    }
    paint(&picture, format, size)
}

/// Draws how a sweep's metric responds to what was varied; the answer is the content of a file.
///
/// # Errors
/// If the size cannot be drawn, or drawing fails.
pub fn draw_response(sweep: &Sweep, format: Format, size: Size) -> Result<Vec<u8>, ChartError> {
    let mut picture = empty(size)?;
    response::draw(&mut picture, sweep);
    paint(&picture, format, size)
}

/// Draws what a verdict hangs on; the answer is the content of a file.
///
/// # Errors
/// If the size cannot be drawn, or drawing fails.
pub fn draw_tornado(report: &Report<'_>, format: Format, size: Size) -> Result<Vec<u8>, ChartError> {
    let mut picture = empty(size)?;
    tornado::draw(&mut picture, report);
    paint(&picture, format, size)
}

/// A picture of these pixels.
fn empty(size: Size) -> Result<Picture, ChartError> {
    fonts::register()?;
    let unit = size.unit();
    let (width, height) = size.pixels();
    Ok(Picture::new(f64::from(width) / unit, f64::from(height) / unit))
}

fn paint(picture: &Picture, format: Format, size: Size) -> Result<Vec<u8>, ChartError> {
    match format {
        Format::Svg => paint::svg(picture, size.pixels()),
        Format::Png => paint::png(picture, size.pixels()),
    }
}
