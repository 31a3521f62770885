//! Statistics: levels over time, latency histograms, intervals and paired comparison.

mod histogram;
pub mod interval;
mod level;
pub mod rare;

pub use histogram::{Histogram, Percentile};
pub use level::Level;
