//! The charts of a scenario: pictures that say at a glance what its strategies do.
//!
//! A chart is composed as a `picture` of marks and painted from there as SVG or PNG, so that both show the same.

mod axis;
mod bins;
mod choice;
mod clock;
mod comparison;
mod fonts;
mod frame;
mod instances;
mod labels;
mod latency;
mod lost;
mod mismatches;
mod multiples;
mod palette;
mod picture;
mod plot;
mod raster;
mod response;
mod rollout;
mod scale;
mod sessions;
mod size;
mod style;
mod svg;
mod theme;
mod title;
mod tornado;
mod traffic;

#[cfg(test)]
mod tests;

use crate::report::sensitivity::Report;
use crate::results::ScenarioResults;
use crate::results::Sweep;
pub use choice::{applies, chosen};
use picture::Picture;
pub use size::{Size, SizeError};

/// What a chart shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChartKind {
    /// The requests that users lost over time, by cause.
    Lost,
    /// Mismatched requests over time: ahead and behind, harmful and harmless.
    Mismatches,
    /// Sessions thrown back to the old version, over time.
    Sessions,
    /// All strategies side by side, in the figures that decide.
    Comparison,
    /// What is done on the control plane and when, and until when everybody has followed.
    Rollout,
    /// Traffic over time, by the version that ran it.
    Traffic,
    /// Latency percentiles over time.
    Latency,
    /// Cold starts and instances over time, by version.
    Instances,
}

impl ChartKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Lost,
        Self::Mismatches,
        Self::Sessions,
        Self::Comparison,
        Self::Rollout,
        Self::Traffic,
        Self::Latency,
        Self::Instances,
    ];

    /// The name, as in the name of the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Mismatches => "mismatches",
            Self::Sessions => "sessions",
            Self::Comparison => "comparison",
            Self::Rollout => "rollout",
            Self::Traffic => "traffic",
            Self::Latency => "latency",
            Self::Instances => "instances",
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
    compose(&mut picture, scenario, confidence, kind);
    paint(&picture, format, size)
}

/// Composes a chart on a picture.
fn compose(picture: &mut Picture, scenario: &ScenarioResults, confidence: f64, kind: ChartKind) {
    let decides = chosen(scenario).first() == Some(&kind);
    match kind {
        ChartKind::Lost => multiples::draw(picture, scenario, &lost::chart(scenario, decides)),
        ChartKind::Mismatches => multiples::draw(picture, scenario, &mismatches::chart(scenario, decides)),
        ChartKind::Sessions => multiples::draw(picture, scenario, &sessions::chart(scenario, decides)),
        ChartKind::Comparison => comparison::draw(picture, scenario, confidence, decides),
        ChartKind::Rollout => rollout::draw(picture, scenario, decides),
        ChartKind::Traffic => multiples::draw(picture, scenario, &traffic::chart(scenario, decides)),
        ChartKind::Latency => multiples::draw(picture, scenario, &latency::chart(scenario, decides)),
        ChartKind::Instances => multiples::draw(picture, scenario, &instances::chart(scenario, decides)),
    }
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
    fonts::check()?;
    let unit = size.unit();
    let (width, height) = size.pixels();
    Ok(Picture::new(f64::from(width) / unit, f64::from(height) / unit))
}

fn paint(picture: &Picture, format: Format, size: Size) -> Result<Vec<u8>, ChartError> {
    match format {
        Format::Svg => svg::svg(picture, size.pixels()),
        Format::Png => raster::png(picture, size.pixels()),
    }
}
