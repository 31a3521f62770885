//! Statistics: levels over time, latency histograms, intervals and paired comparison.

mod coarse;
mod histogram;
pub mod interval;
mod latencies;
mod level;
pub mod rare;
pub mod sequential;

pub use coarse::Coarse;
pub use histogram::{Histogram, Percentile};
pub use latencies::Latencies;
pub use level::Level;
