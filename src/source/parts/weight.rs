//! What an arrival counts for in an expected sum: one, or ever less as time passes.

use crate::math;
use crate::time::{Instant, Span};
use core::f64::consts::LN_2;

/// The weight of an arrival at t: 1, or 2^(-t / half-life) where there is one.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::source) struct Weight(pub Option<Span>);

impl Weight {
    /// The weight of an arrival at `at`.
    pub fn at(self, at: Instant) -> f64 {
        self.0.map_or(1.0, |half_life| math::exp2(-(at.ns() as f64) / half_life.ns() as f64))
    }

    /// How fast it falls: the weight is e^(-k t), t in nanoseconds.
    pub fn decay(self) -> f64 {
        self.0.map_or(0.0, |half_life| LN_2 / half_life.ns() as f64)
    }

    /// The integral over [from, to), in nanoseconds.
    pub fn integral(self, from: Instant, to: Instant) -> f64 {
        let length = to.since(from).ns() as f64;
        match self.decay() {
            0.0 => length,
            // expm1 keeps the digits of a short stretch.
            k => self.at(from) * -math::expm1(-k * length) / k,
        }
    }

    /// The integral over [from, to) of x times the weight, x being the time since `from`; in square nanoseconds.
    pub fn moment(self, from: Instant, to: Instant) -> f64 {
        let length = to.since(from).ns() as f64;
        let k = self.decay();
        let z = k * length;
        let moment = if z < 1e-3 {
            // The closed form below would lose its digits; the first term left out is z^4 / 144 of the first.
            length * length * (0.5 - z * (1.0 / 3.0 - z * (1.0 / 8.0 - z / 30.0)))
        } else {
            (-math::expm1(-z) - z * math::exp(-z)) / (k * k)
        };
        self.at(from) * moment
    }

    /// The sum of the weights of 0, `period`, 2 `period`, ..., `n` of them: what `n` equal periods weigh in units of the
    /// first.
    pub fn periods(self, n: u64, period: Span) -> f64 {
        match self.decay() * period.ns() as f64 {
            0.0 => n as f64,
            z => math::expm1(-z * n as f64) / math::expm1(-z),
        }
    }

    /// The weight of what repeats every `period` over [from, to), given what it weighs over one short stretch: whole
    /// periods are not walked one by one.
    pub fn repeated<E>(
        self,
        period: Span,
        (from, to): (Instant, Instant),
        mut over: impl FnMut(Instant, Instant) -> Result<f64, E>,
    ) -> Result<f64, E> {
        let n = to.since(from).ns() / period.ns();
        if n < 2 {
            return over(from, to);
        }
        let whole = over(from, from + period)? * self.periods(n, period);
        Ok(whole + over(from + Span::from_ns(n * period.ns()), to)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Simpson's rule, which knows nothing of the closed forms.
    fn simpson(f: impl Fn(f64) -> f64, length: f64) -> f64 {
        let n = 2_000;
        let h = length / f64::from(n);
        (0..n)
            .map(|i| (f(f64::from(i) * h) + 4.0 * f((f64::from(i) + 0.5) * h) + f(f64::from(i + 1) * h)) * h / 6.0)
            .sum()
    }

    #[test]
    fn closed_forms_are_the_integrals() {
        for half_life in [None, Some(Span::from_ns(700)), Some(Span::from_ns(20_000)), Some(Span::from_ns(9_000_000))] {
            let weight = Weight(half_life);
            let (from, to) = (Instant::from_ns(300), Instant::from_ns(2_800));
            let at = |x: f64| weight.at(from) * math::exp(-weight.decay() * x);
            let integral = simpson(at, 2_500.0);
            assert!((weight.integral(from, to) / integral - 1.0).abs() < 1e-10, "{half_life:?}");
            let moment = simpson(|x| x * at(x), 2_500.0);
            assert!((weight.moment(from, to) / moment - 1.0).abs() < 1e-10, "{half_life:?}");
            let sum: f64 = (0..7).map(|k| weight.at(Instant::from_ns(k * 400))).sum();
            assert!((weight.periods(7, Span::from_ns(400)) / sum - 1.0).abs() < 1e-12, "{half_life:?}");
        }
    }
}
