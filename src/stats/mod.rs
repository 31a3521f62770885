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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_of_differences_however_large_the_values() {
        assert_eq!(squares(&[1.0, 2.0, 6.0]), 4.0 + 1.0 + 9.0);
        // Their mean is rounded to 1e15 + 3/8, which is wrong by a 24th and costs 3 of its squares.
        let found = squares(&[1e15, 1e15, 1e15 + 1.0]);
        assert!((found - (2.0 / 3.0 + 3.0 / 576.0)).abs() < 1e-12, "{found}");
    }

    #[test]
    fn means_of_equal_values_are_those_values() {
        assert_eq!(mean(&[]), None);
        assert_eq!(mean(&[1.0, 2.0, 6.0]), Some(3.0));
        // A third of their sum would be 0.10000000000000002.
        assert_eq!(mean(&[0.1; 3]), Some(0.1));
    }
}
