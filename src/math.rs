//! The elementary functions, from the `libm` crate: the same bits on every machine (guarantee G1).
//!
//! The system's `exp` and `ln` differ in the last bit between processors with and without fused
//! multiply-add, so nothing else in the project may call them (`clippy.toml` says so).

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
