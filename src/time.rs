//! Virtual time: instants and spans in whole nanoseconds.
//!
//! t = 0 is the first action of a deployment that traffic can notice; the warm-up is negative. Additions
//! saturate, so a draw from a heavy tail ends at [`Instant::END`] instead of wrapping round.

use std::fmt;
use std::ops::Add;

/// A point of virtual time, in nanoseconds from t = 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Instant(i64);

/// A length of virtual time, in nanoseconds; never negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span(u64);

/// Nanoseconds in a second.
pub const NS_PER_S: u64 = 1_000_000_000;

impl Instant {
    /// t = 0.
    pub const ZERO: Self = Self(0);
    /// After every instant that a simulation reaches.
    pub const END: Self = Self(i64::MAX);
    /// Before every instant that a simulation reaches.
    pub const BEGINNING: Self = Self(i64::MIN);

    /// `ns` nanoseconds from t = 0.
    #[inline]
    #[must_use]
    pub const fn from_ns(ns: i64) -> Self {
        Self(ns)
    }

    /// Nanoseconds from t = 0.
    #[inline]
    #[must_use]
    pub const fn ns(self) -> i64 {
        self.0
    }

    /// Seconds from t = 0, rounded to a double.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / NS_PER_S as f64
    }

    /// The span from `earlier` to this instant; zero when `earlier` is later.
    #[inline]
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        // The difference of two signed numbers, taken in order, fits into an unsigned one.
        Span(if self.0 > earlier.0 { self.0.wrapping_sub(earlier.0) as u64 } else { 0 })
    }

    /// `span` before this instant.
    #[inline]
    #[must_use]
    pub const fn before(self, span: Span) -> Self {
        Self(self.0.saturating_sub_unsigned(span.0))
    }
}

impl Add<Span> for Instant {
    type Output = Self;

    #[inline]
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add_unsigned(span.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest span that a scenario may write: 100 years of 365.25 days.
    pub const LONGEST: Self = Self(3_155_760_000 * NS_PER_S);

    /// `ns` nanoseconds.
    #[inline]
    #[must_use]
    pub const fn from_ns(ns: u64) -> Self {
        Self(ns)
    }

    /// `s` seconds.
    #[must_use]
    pub const fn from_s(s: u64) -> Self {
        Self(s * NS_PER_S)
    }

    /// The nearest whole number of nanoseconds to `ns`, at most [`Span::LONGEST`]; zero for a negative or NaN.
    #[inline]
    #[must_use]
    pub fn from_ns_f64(ns: f64) -> Self {
        // Beside 2^52 a double has no place for fractions, and its low bits are the whole number: two additions where a
        // cast would ask about signs, bounds and NaN.
        const WHOLE: f64 = (1_u64 << 52) as f64;
        if (0.0..WHOLE / 2.0).contains(&ns) {
            return Self((ns + WHOLE).to_bits() - WHOLE.to_bits());
        }
        // The cast saturates and takes NaN to 0.
        let rounded = (ns + 0.5) as i64;
        Self(rounded.clamp(0, Self::LONGEST.0 as i64) as u64)
    }

    /// Nanoseconds.
    #[inline]
    #[must_use]
    pub const fn ns(self) -> u64 {
        self.0
    }

    /// Seconds, rounded to a double.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / NS_PER_S as f64
    }

    /// As a scenario writes it: in the largest unit that it is a whole number of.
    #[must_use]
    pub fn written(self) -> String {
        const UNITS: [(&str, u64); 6] = [
            ("d", 86_400 * NS_PER_S),
            ("h", 3_600 * NS_PER_S),
            ("m", 60 * NS_PER_S),
            ("s", NS_PER_S),
            ("ms", 1_000_000),
            ("us", 1_000),
        ];
        let unit = UNITS.into_iter().find(|(_, ns)| self.0 >= *ns && self.0.is_multiple_of(*ns));
        let (unit, ns) = unit.unwrap_or(("ns", 1));
        format!("{}{unit}", self.0 / ns)
    }
}

impl Add for Span {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// For people: the two largest units at most, as in `6 min 56 s` or `250 ms`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(&str, u64); 7] = [
            ("d", 86_400 * NS_PER_S),
            ("h", 3_600 * NS_PER_S),
            ("min", 60 * NS_PER_S),
            ("s", NS_PER_S),
            ("ms", 1_000_000),
            ("us", 1_000),
            ("ns", 1),
        ];
        let Some(first) = UNITS.iter().position(|&(_, ns)| self.0 >= ns) else {
            return write!(f, "0 s");
        };
        let (unit, ns) = UNITS[first];
        let (whole, rest) = (self.0 / ns, self.0 % ns);
        // Days to minutes read best with the next unit beside them, seconds and below as a decimal.
        if first < 3 {
            let (next, next_ns) = UNITS[first + 1];
            write!(f, "{whole} {unit}")?;
            if rest >= next_ns {
                write!(f, " {} {next}", rest / next_ns)?;
            }
            Ok(())
        } else {
            write!(f, "{} {unit}", self.0 as f64 / ns as f64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn additions_saturate() {
        assert_eq!(Instant::END + Span::LONGEST, Instant::END);
        assert_eq!(Instant::BEGINNING.before(Span::LONGEST), Instant::BEGINNING);
        assert_eq!(Instant::ZERO.since(Instant::END), Span::ZERO);
    }

    #[test]
    fn doubles_round_to_the_nearest_nanosecond() {
        assert_eq!(Span::from_ns_f64(1.4).ns(), 1);
        assert_eq!(Span::from_ns_f64(1.5).ns(), 2);
        assert_eq!(Span::from_ns_f64(9e15).ns(), 9_000_000_000_000_000);
        assert_eq!(Span::from_ns_f64(-3.0), Span::ZERO);
        assert_eq!(Span::from_ns_f64(f64::NAN), Span::ZERO);
        assert_eq!(Span::from_ns_f64(f64::INFINITY), Span::LONGEST);
    }

    #[test]
    fn spans_read_as_people_write_them() {
        assert_eq!(Span::from_s(416).to_string(), "6 min 56 s");
        assert_eq!(Span::from_ns(250_000_000).to_string(), "250 ms");
        assert_eq!(Span::from_s(7_200).to_string(), "2 h");
        assert_eq!(Span::ZERO.to_string(), "0 s");
    }
}
