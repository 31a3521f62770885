//! The elementary functions, from the `libm` crate: the same bits on every machine (guarantee G1).
//!
//! The system's `exp` and `ln` differ in the last bit between processors with and without fused
//! multiply-add, so nothing else in the project may call them (`clippy.toml` says so).

use std::sync::LazyLock;

/// e to the power `x`.
#[inline]
#[must_use]
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// 2 to the power `x`.
#[inline]
#[must_use]
pub fn exp2(x: f64) -> f64 {
    libm::exp2(x)
}

/// The natural logarithm of `x`.
#[inline]
#[must_use]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// The decimal logarithm of `x`.
#[inline]
#[must_use]
pub fn log10(x: f64) -> f64 {
    libm::log10(x)
}

/// `x` to the power `y`.
#[inline]
#[must_use]
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// e to the power `x`, less 1, with full precision near zero.
#[must_use]
pub fn expm1(x: f64) -> f64 {
    libm::expm1(x)
}

/// The natural logarithm of 1 + `x`, with full precision near zero.
#[must_use]
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// The sine of `x`, in radians.
#[must_use]
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// The cosine of `x`, in radians.
#[inline]
#[must_use]
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}

/// The square root of `x`, which IEEE 754 rounds alike everywhere.
#[inline]
#[must_use]
pub fn sqrt(x: f64) -> f64 {
    libm::sqrt(x)
}

/// How many steps of an octave the table of [`quick_exp`] has.
const STEPS: usize = 128;

/// 2^(i / 128).
pub(crate) type Octave = [f64; STEPS];

static OCTAVE: LazyLock<Octave> = LazyLock::new(|| std::array::from_fn(|i| exp2(i as f64 / STEPS as f64)));

/// The table of [`quick_exp`], to be looked up once by those who need it many times.
#[inline]
pub(crate) fn octave() -> &'static Octave {
    &OCTAVE
}

/// e to the power `x`, for x in [-700, 700]; below and above, as at the ends.
///
/// Half the price of [`exp`], which a lognormal draw mostly consists of: a table of 2^(i / 128) and a polynomial of
/// degree 5 (the method of Tang, "Table-driven implementation of the exponential function", ACM TOMS 1989). It uses
/// additions and multiplications only, which are the same on every machine, and differs from [`exp`] by 3e-16 at most.
#[inline(always)]
pub(crate) fn quick_exp(octave: &Octave, x: f64) -> f64 {
    // Adding 1.5 x 2^52 rounds to a whole number, which then stands in the low bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const INVERSE: f64 = STEPS as f64 / core::f64::consts::LN_2;
    // ln 2 / 128 in two parts, the first with trailing zeros, so that its product with a whole number is exact.
    const HIGH: f64 = f64::from_bits(0x3f76_2e42_fefa_0000);
    const LOW: f64 = (core::f64::consts::LN_2 / STEPS as f64 - HIGH) + 2.319_046_813_846_299_6e-17 / STEPS as f64;
    let x = x.clamp(-700.0, 700.0);
    let rounded = x * INVERSE + ROUND;
    let steps = rounded.to_bits() as i64;
    let n = rounded - ROUND;
    let r = (x - n * HIGH) - n * LOW;
    let square = r * r;
    let less_one = r + square * (0.5 + r * (1.0 / 6.0)) + square * square * (1.0 / 24.0 + r * (1.0 / 120.0));
    let table = octave[steps as usize % STEPS];
    let octaves = (steps >> STEPS.trailing_zeros()) as u64;
    let scale = f64::from_bits(table.to_bits().wrapping_add(octaves << 52));
    scale + scale * less_one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_exponential_is_the_exponential() {
        let worst = (-70_000..=70_000)
            .map(|i| f64::from(i) * 0.009_999_7)
            .map(|x| (quick_exp(octave(), x) / exp(x) - 1.0).abs())
            .fold(0.0, f64::max);
        assert!(worst < 3e-16, "{worst:e}");
        assert_eq!(quick_exp(octave(), 0.0), 1.0);
        assert_eq!(quick_exp(octave(), 1e9), quick_exp(octave(), 700.0));
        assert_eq!(quick_exp(octave(), -1e9), quick_exp(octave(), -700.0));
    }
}
