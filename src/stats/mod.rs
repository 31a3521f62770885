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
