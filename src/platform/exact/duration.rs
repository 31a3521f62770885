//! How long a rollout takes: the law of the time at which the last observer has the last change.

use super::course::Course;
use super::integral;
use crate::platform::Window;

/// The law of `rollout_duration_s`, before the window cuts it short.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Duration {
    /// The mean, in seconds; `None` where a rollout may outlast the window, so that what is reported is cut short.
    pub mean_s: Option<f64>,
    /// The median, in seconds.
    pub p50_s: f64,
    /// The 99th percentile, in seconds.
    pub p99_s: f64,
    /// The probability that a rollout outlasts the window.
    pub beyond: f64,
}

/// A rollout outlasts the window with less than this, if it surely does not.
const SURELY: f64 = 1e-12;

const NS: f64 = crate::time::NS_PER_S as f64;

impl Duration {
    /// From the probability that all is settled by a time.
    pub(super) fn new(settled: &Course<'_>, window: &Window) -> Self {
        let by = |t: f64| {
            let mut value = [0.0];
            settled.at(t, &mut value);
            value[0]
        };
        let knots = settled.knots();
        let last = knots.last().copied().unwrap_or(0.0);
        let quantile = |p: f64| {
            let (mut low, mut high) = (-1.0, last);
            // Halved until no double lies between.
            while by(high) >= p && high - low > 1e-6 {
                let middle = 0.5 * (low + high);
                if middle <= low || middle >= high {
                    break;
                }
                if by(middle) >= p { high = middle } else { low = middle }
            }
            high / NS
        };
        let beyond = (1.0 - by(window.end().ns() as f64)).max(0.0);
        let mean = || {
            let mut sum = [0.0];
            let mut later = |t: f64, values: &mut [f64]| {
                settled.at(t, values);
                values.iter_mut().for_each(|value| *value = 1.0 - *value);
            };
            integral::over(&mut later, (0.0, last), knots.iter().copied(), 1e-3, &mut sum);
            sum[0] / NS
        };
        Self { mean_s: (beyond < SURELY).then(mean), p50_s: quantile(0.5), p99_s: quantile(0.99), beyond }
    }
}
