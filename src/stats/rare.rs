//! Exact intervals for rare events, where Student's t covers too little.

use super::normal;
use special::{Beta, Gamma};

/// The exact two-sided interval for a probability after `hits` of `trials` (Clopper and Pearson, Biometrika 1934).
/// `trials` is at least 1, `hits` at most that; `confidence` lies in (0, 1).
#[must_use]
pub fn binomial(hits: u32, trials: u32, confidence: f64) -> (f64, f64) {
    let (k, n, tail) = (f64::from(hits), f64::from(trials), (1.0 - confidence) / 2.0);
    let low = if hits == 0 { 0.0 } else { beta_quantile(tail, k, n - k + 1.0) };
    let high = if hits == trials { 1.0 } else { beta_quantile(1.0 - tail, k + 1.0, n - k) };
    (low, high)
}

/// The exact one-sided upper bound for a probability after none of `trials`.
#[must_use]
pub fn none_of(trials: u32, confidence: f64) -> f64 {
    1.0 - libm::pow(1.0 - confidence, 1.0 / f64::from(trials))
}

/// The interval for the mean of a Poisson count after `events` (Garwood, Biometrika 1936). Exact if `dispersion` is 1;
/// above, events come in clusters: `events` / `dispersion` of them count as independent, which is approximate
/// (quasi-Poisson). `events` is above zero.
#[must_use]
pub fn poisson(events: f64, dispersion: f64, confidence: f64) -> (f64, f64) {
    let (clusters, tail) = (events / dispersion, (1.0 - confidence) / 2.0);
    (dispersion * gamma_quantile(tail, clusters), dispersion * gamma_quantile(1.0 - tail, clusters + 1.0))
}

/// The exact one-sided upper bound for the mean of a Poisson count after no event.
#[must_use]
pub fn no_events(confidence: f64) -> f64 {
    -libm::log(1.0 - confidence)
}

/// Where the Beta distribution with (`p`, `q`) reaches `share`: the regularised incomplete beta function inverted by
/// bisection, because it is monotonic and the argument bounded.
fn beta_quantile(share: f64, p: f64, q: f64) -> f64 {
    let ln_beta = p.ln_beta(q);
    bisect(0.0, 1.0, |x| x.inc_beta(p, q, ln_beta) < share)
}

/// Above this shape the incomplete gamma function as it is computed gives up.
const LARGE: f64 = 1e7;

/// Where the Gamma distribution of shape `shape` and scale 1 reaches `share`.
fn gamma_quantile(share: f64, shape: f64) -> f64 {
    if shape > LARGE {
        // Wilson and Hilferty (Proceedings of the National Academy of Sciences 17, 1931): right to nine digits here.
        let z = bisect(-40.0, 40.0, |z| 1.0 - normal::beyond(z) < share);
        let root = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * libm::sqrt(shape));
        return shape * root * root * root;
    }
    // What lies further out than 40 standard deviations and 40 is less than the last bit of 1.
    let most = shape + 40.0 * libm::sqrt(shape) + 40.0;
    bisect(0.0, most, |x| x.inc_gamma(shape) < share)
}

/// The point between `low` and `high` up to which `below` holds, to the last bit.
fn bisect(mut low: f64, mut high: f64, below: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: (f64, f64), expected: (f64, f64)) {
        let close = |a: f64, b: f64| (a - b).abs() <= 6e-5 * b.abs().max(1.0);
        assert!(close(found.0, expected.0) && close(found.1, expected.1), "{found:?} for {expected:?}");
    }

    #[test]
    fn many_events_are_as_sure_as_a_normal_count() {
        for events in [9e6, 1.1e7, 1e8, 1e12] {
            let (low, high) = poisson(events, 1.0, 0.95);
            let far = 1.959_964 * libm::sqrt(events);
            assert!((events - low - far).abs() < 3.0 && (high - events - far).abs() < 3.0, "{events}: {low} {high}");
        }
    }

    /// The sum of the binomial probabilities of at most `most` hits.
    fn at_most(most: u32, trials: u32, p: f64) -> f64 {
        let mut term = libm::pow(1.0 - p, f64::from(trials));
        let mut sum = term;
        for k in 1..=most {
            term *= p / (1.0 - p) * f64::from(trials - k + 1) / f64::from(k);
            sum += term;
        }
        sum
    }

    #[test]
    fn binomial_bounds_leave_the_promised_tails() {
        for (hits, trials) in [(1, 40), (2, 40), (7, 40), (20, 40), (39, 40), (3, 1_000), (1, 2)] {
            for confidence in [0.9, 0.95, 0.999] {
                let (low, high) = binomial(hits, trials, confidence);
                let tail = (1.0 - confidence) / 2.0;
                assert!((1.0 - at_most(hits - 1, trials, low) - tail).abs() < 1e-9, "{hits}/{trials}");
                assert!((at_most(hits, trials, high) - tail).abs() < 1e-9, "{hits}/{trials}");
            }
        }
        assert_eq!(binomial(0, 9, 0.95).0, 0.0);
        assert_eq!(binomial(9, 9, 0.95).1, 1.0);
        // 1 - 0.05^(1 / 40).
        assert!((none_of(40, 0.95) - 0.072_2).abs() < 5e-5);
    }

    /// Garwood's printed limits for a Poisson mean (two-sided, 95 % and 99 %).
    #[test]
    fn poisson_limits_agree_with_the_printed_table() {
        near(poisson(1.0, 1.0, 0.95), (0.0253, 5.5716));
        near(poisson(2.0, 1.0, 0.95), (0.2422, 7.2247));
        near(poisson(10.0, 1.0, 0.95), (4.7954, 18.3904));
        near(poisson(10.0, 1.0, 0.99), (3.7169, 21.3978));
        assert!((no_events(0.95) - 2.9957).abs() < 5e-5);
    }

    #[test]
    fn a_gamma_variable_of_shape_1_is_exponential() {
        for share in [0.000_5, 0.5, 0.975, 0.999_95] {
            let exact = -libm::log(1.0 - share);
            assert!((gamma_quantile(share, 1.0) / exact - 1.0).abs() < 1e-9, "{share}");
        }
    }

    #[test]
    fn clusters_widen_the_interval() {
        let (low, high) = poisson(1_000.0, 1_000.0, 0.95);
        near((low / 1_000.0, high / 1_000.0), (0.0253, 5.5716));
        // Many events: about the normal interval.
        let (low, high) = poisson(1e6, 1.0, 0.95);
        assert!((low - (1e6 - 1_960.0)).abs() < 5.0 && (high - (1e6 + 1_960.0)).abs() < 5.0, "{low} {high}");
    }
}
