//! `--precision KEY=WIDTH`: how narrow the intervals must become.

use crate::experiment::settings::{Goal, Width};
use crate::metrics::Metric;
use crate::scenario::{amount, metric_of};

/// Reads a goal, as in `cold_start_share=5%` or `incompatible_share=1e-6`.
pub fn goal(text: &str) -> Result<Goal, String> {
    let Some((key, width)) = text.split_once('=') else {
        return Err("write KEY=WIDTH, such as cold_start_share=5% or incompatible_share=1e-6".to_owned());
    };
    let metric = metric_of(key.trim())?;
    let width = self::width(&metric, width.trim())?;
    Ok(Goal { metric, width })
}

/// Reads a half-width: a share of the value, an amount with its unit, or a plain number in the metric's unit.
fn width(metric: &Metric, text: &str) -> Result<Width, String> {
    let (number, relative) = text.strip_suffix('%').map_or((text, false), |number| (number.trim_end(), true));
    let with_unit = || Some(amount(metric, text).ok()?).filter(|_| !relative);
    match number.parse::<f64>().ok().or_else(with_unit) {
        Some(width) if width > 0.0 && width.is_finite() && relative => Ok(Width::Relative(width / 100.0)),
        Some(width) if width > 0.0 && width.is_finite() => Ok(Width::Absolute(width)),
        _ => Err(format!("`{text}` is no half-width; write 5% of the value, or 1e-6 in the metric's own unit")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_are_relative_or_absolute() {
        let read = |text| goal(text).unwrap();
        assert_eq!(read("cold_start_share=5%").width, Width::Relative(0.05));
        assert_eq!(read("cold_starts.v2 = 0.5").width, Width::Absolute(0.5));
        assert_eq!(read("cold_starts.v2=1e-6").metric.key(), "cold_starts.v2");
        assert_eq!(read("latency_p99_ms=2ms").width, Width::Absolute(2.0));
        assert_eq!(read("latency_p99_ms=2").width, Width::Absolute(2.0));
        assert_eq!(read("old_drained_s=1.5m").width, Width::Absolute(90.0));
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for (text, cure) in [
            ("cold_start_share", "write KEY=WIDTH"),
            ("cold_start_shares=5%", "did you mean `cold_start_share`?"),
            ("weather=5%", "a column of replications.csv"),
            ("served=0", "half-width"),
            ("served=-5%", "half-width"),
            ("served=x", "half-width"),
            ("served=2ms", "half-width"),
            ("latency_p99_ms=0ms", "half-width"),
            ("served=nan", "half-width"),
        ] {
            let said = goal(text).unwrap_err();
            assert!(said.contains(cure), "{text}: {said}");
        }
    }
}
