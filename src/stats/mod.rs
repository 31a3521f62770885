//! Statistics: levels over time, latency histograms, intervals and paired comparison.

pub mod bounded;
mod coarse;
mod histogram;
pub mod interval;
mod latencies;
mod level;
mod normal;
pub mod rare;
pub mod sequential;
pub mod skewed;

pub use coarse::Coarse;
pub use histogram::{Histogram, Percentile};
pub use latencies::Latencies;
pub use level::Level;

/// The sum of the squares by which `values` differ from their mean.
#[must_use]
pub fn squares(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|value| (value - mean) * (value - mean)).sum()
}

/// The mean of `values`, exactly where all are the same and a sum would round; `None` without values.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    let &first = values.first()?;
    let same = values.iter().all(|&value| value == first);
    Some(if same { first } else { values.iter().sum::<f64>() / values.len() as f64 })
}
