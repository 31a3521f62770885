//! An interval for the mean of values that lie between 0 and a bound, valid however they are distributed between.
//!
//! Gaffke's bound (Mathematical Methods of Statistics 14, 2005): the sample and the bound as one more value are mixed by random
//! weights, uniform over all that add up to 1, and the upper end is a quantile of that mean. Where values are 0 or the bound it
//! is Clopper and Pearson's. Phan, Thomas and Learned-Miller (ICML 2021) study it; that it holds for every law is conjectured,
//! and never seen to fail. The lower end mirrors it, with 0 as one more value.

use super::normal;

/// The ends of the interval of the mean of `values`, all within [0, `most`]; each fails with half of 1 - `confidence`.
#[must_use]
pub fn of(values: &[f64], most: f64, confidence: f64) -> (f64, f64) {
    let tail = (1.0 - confidence) / 2.0;
    let mirrored: Vec<f64> = values.iter().map(|value| most - value).collect();
    (most - upper(&mirrored, most, tail), upper(values, most, tail))
}

/// The end that the mean exceeds with probability `tail`.
fn upper(values: &[f64], most: f64, tail: f64) -> f64 {
    let n = values.len() as f64;
    let &first = values.first().unwrap_or(&most);
    if values.iter().all(|&value| value == first) {
        // The weight of one of n + 1 exceeds x with probability (1 - x)^n.
        return first + (most - first) * (1.0 - libm::pow(tail, 1.0 / n));
    }
    let all = grouped(values, most);
    let mean = (values.iter().sum::<f64>() + most) / (n + 1.0);
    let (mut low, mut high) = (mean, most);
    // Sixty halvings leave less than the last bit of a share.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if exceeds(&all, middle) > tail { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The values and the bound, ascending, each with how many there are: mostly very many are 0.
fn grouped(values: &[f64], most: f64) -> Vec<(f64, f64)> {
    let mut sorted: Vec<f64> = values.iter().copied().chain([most]).collect();
    sorted.sort_by(f64::total_cmp);
    let alike = sorted.chunk_by(|a, b| a == b);
    alike.map(|alike| (alike[0], alike.len() as f64)).collect()
}

/// The probability that the randomly weighted mean exceeds `x`, which lies between its mean and the largest value: with
/// exponential variables in place of the weights, that of a sum of (value - x) times each of them to exceed 0. The saddlepoint
/// approximation of Lugannani and Rice (Advances in Applied Probability 12, 1980); within 0.4 % of the exact figure where that
/// is known.
fn exceeds(all: &[(f64, f64)], x: f64) -> f64 {
    let [Some((least, _)), Some((largest, _))] = [all.first(), all.last()] else { return 0.0 };
    let (least, largest) = (least - x, largest - x);
    if least >= 0.0 || largest <= 0.0 {
        return if largest > 0.0 { 1.0 } else { 0.0 };
    }
    let sum = |part: &dyn Fn(f64) -> f64| all.iter().map(|(value, times)| times * part(value - x)).sum::<f64>();
    // The cumulant's derivative rises from minus to plus infinity between the two poles.
    let (mut low, mut high) = (1.0 / least, 1.0 / largest);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if sum(&|c| c / (1.0 - middle * c)) < 0.0 { low = middle } else { high = middle }
    }
    let s = f64::midpoint(low, high);
    let cumulant = sum(&|c| -libm::log(1.0 - s * c));
    let curve = sum(&|c| (c / (1.0 - s * c)) * (c / (1.0 - s * c)));
    let r = libm::copysign(libm::sqrt((-2.0 * cumulant).max(0.0)), s);
    let u = s * libm::sqrt(curve);
    if r.abs() < 1e-3 {
        // At the mean the two correcting terms cancel.
        return 0.5;
    }
    normal::beyond(r) + normal::density(r) * (1.0 / u - 1.0 / r)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::rare;

    #[test]
    fn of_zeros_and_ones_it_is_clopper_and_pearson_s() {
        for (hits, n) in [(1, 40), (2, 40), (7, 40), (3, 10), (9, 10), (20, 100)] {
            let values: Vec<f64> = (0..n).map(|i| if i < hits { 1.0 } else { 0.0 }).collect();
            let (low, high) = of(&values, 1.0, 0.95);
            let (exact_low, exact_high) = rare::binomial(hits, n, 0.95);
            assert!((high / exact_high - 1.0).abs() < 0.004, "{hits}/{n}: {high} for {exact_high}");
            assert!((low - exact_low).abs() < 0.004 * exact_low + 1e-4, "{hits}/{n}: {low} for {exact_low}");
        }
    }

    #[test]
    fn equal_values_have_the_exact_ends() {
        let (low, high) = of(&[0.0; 40], 1.0, 0.95);
        // 1 - 0.025^(1/40), by hand: 0.0881.
        assert!(low == 0.0 && (high - 0.088_1).abs() < 1e-4, "{low} {high}");
    }

    #[test]
    fn it_scales_with_the_bound_and_keeps_within_it() {
        let values = [0.0, 0.0, 0.0, 0.2, 0.9, 0.0, 0.0, 0.0];
        let (low, high) = of(&values, 1.0, 0.95);
        let thousand: Vec<f64> = values.iter().map(|value| value * 1e3).collect();
        let (low_of, high_of) = of(&thousand, 1e3, 0.95);
        assert!((low_of / 1e3 - low).abs() < 1e-9 && (high_of / 1e3 - high).abs() < 1e-9);
        assert!(low > 0.0 && low < 0.137_5 && high > 0.137_5 && high < 1.0, "{low} {high}");
    }

    #[test]
    fn a_mean_of_two_values_lies_evenly_between_them_and_never_beyond() {
        let all = [(0.0, 1.0), (1.0, 1.0)];
        for (x, exact) in [(-0.5, 1.0), (0.0, 1.0), (0.5, 0.5), (1.0, 0.0), (1.5, 0.0)] {
            assert_eq!(exceeds(&all, x), exact, "{x}");
        }
        for x in [0.1, 0.3, 0.7, 0.9] {
            assert!((exceeds(&all, x) / (1.0 - x) - 1.0).abs() < 0.03, "{x}: {}", exceeds(&all, x));
        }
    }
}
