//! The standard normal law.

/// The probability of a value above `x`.
pub(super) fn beyond(x: f64) -> f64 {
    libm::erfc(x / core::f64::consts::SQRT_2) / 2.0
}

/// The density at `x`.
pub(super) fn density(x: f64) -> f64 {
    libm::exp(-x * x / 2.0) / libm::sqrt(2.0 * core::f64::consts::PI)
}
