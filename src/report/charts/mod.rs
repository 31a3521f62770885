//! The charts of a scenario: pictures that say at a glance what its strategies do.

mod bins;
mod choice;
mod comparison;
mod frame;
pub mod frontier;
mod over_time;
mod palette;
mod response;
mod rollout;
pub mod strips;
mod title;
mod tornado;
pub mod whiskers;

#[cfg(test)]
pub(super) mod tests;

use super::draw::picture::Picture;
pub use super::draw::{ChartError, Format, Size, SizeError};
use super::draw::{empty, paint};
use super::text::studies::sensitivity::Report;
use crate::results::{ScenarioResults, Sweep};
pub use choice::{applies, chosen};
use over_time::multiples::Chart;
use over_time::{backlog, causes, instances, latency, lost, mismatches, multiples, replicas, sessions, spend, traffic};
pub(super) use rollout::told as agenda;

/// What a chart shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChartKind {
    /// The requests that users lost over time, by cause.
    Lost,
    /// Mismatched requests over time: ahead and behind, harmful and harmless.
    Mismatches,
    /// Mismatched requests over time, by why.
    Causes,
    /// Sessions thrown back to the old version, over time.
    Sessions,
    /// All strategies side by side, in the figures that decide.
    Comparison,
    /// What strategies cost, against what users lose: and which are beaten in neither.
    Frontier,
    /// What is done on the control plane and when, and until when everybody has followed.
    Rollout,
    /// Traffic over time, by the version that ran it.
    Traffic,
    /// Latency percentiles over time.
    Latency,
    /// Cold starts and instances over time, by version.
    Instances,
    /// Replicas of hosts over time, by version and state.
    Replicas,
    /// What is spent over time.
    Spend,
    /// What is in queues over time.
    Backlog,
}

impl ChartKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Lost,
        Self::Mismatches,
        Self::Causes,
        Self::Sessions,
        Self::Comparison,
        Self::Frontier,
        Self::Rollout,
        Self::Traffic,
        Self::Latency,
        Self::Instances,
        Self::Replicas,
        Self::Spend,
        Self::Backlog,
    ];

    /// The name, as in the name of the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Mismatches => "mismatches",
            Self::Causes => "causes",
            Self::Sessions => "sessions",
            Self::Comparison => "comparison",
            Self::Frontier => "frontier",
            Self::Rollout => "rollout",
            Self::Traffic => "traffic",
            Self::Latency => "latency",
            Self::Instances => "instances",
            Self::Replicas => "replicas",
            Self::Spend => "spend",
            Self::Backlog => "backlog",
        }
    }
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
    if let Some(chart) = timed(scenario, kind, decides) {
        return multiples::draw(picture, scenario, &chart);
    }
    match kind {
        ChartKind::Comparison => comparison::draw(picture, scenario, confidence, decides),
        ChartKind::Frontier => frontier::draw(picture, scenario, confidence),
        ChartKind::Rollout => rollout::draw(picture, scenario, decides),
        _ => {}
    }
}

/// A chart over time, composed; `None` of one that is none.
fn timed(scenario: &ScenarioResults, kind: ChartKind, decides: bool) -> Option<Chart> {
    Some(match kind {
        ChartKind::Lost => lost::chart(scenario, decides),
        ChartKind::Mismatches => mismatches::chart(scenario, decides),
        ChartKind::Causes => causes::chart(scenario, decides),
        ChartKind::Sessions => sessions::chart(scenario, decides),
        ChartKind::Traffic => traffic::chart(scenario, decides),
        ChartKind::Latency => latency::chart(scenario, decides),
        ChartKind::Instances => instances::chart(scenario, decides),
        ChartKind::Replicas => replicas::chart(scenario, decides),
        ChartKind::Spend => spend::chart(scenario, decides),
        ChartKind::Backlog => backlog::chart(scenario, decides),
        ChartKind::Comparison | ChartKind::Frontier | ChartKind::Rollout => return None,
    })
}

/// Draws how a sweep's metric responds to what was varied; the answer is the content of a file.
///
/// # Errors
/// If the size cannot be drawn, or drawing fails.
pub fn draw_response(sweep: &Sweep, format: Format, size: Size) -> Result<Vec<u8>, ChartError> {
    let mut picture = empty(size)?;
    response::draw(&mut picture, sweep, None);
    paint(&picture, format, size)
}

/// Draws how often a guard stops a rollout, by the size of a regression: an operating characteristic. The answer is the content of
/// a file.
///
/// # Errors
/// If the size cannot be drawn, or drawing fails.
pub fn draw_power(sweep: &Sweep, title: &str, format: Format, size: Size) -> Result<Vec<u8>, ChartError> {
    let mut picture = empty(size)?;
    response::draw(&mut picture, sweep, Some(title));
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
