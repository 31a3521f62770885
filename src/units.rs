//! Rates, shares and prices, held as the exact decimals that people write.

mod price;

pub use price::Price;

use crate::time::NS_PER_S;
use std::fmt;

/// Requests per unit of time, exact: `count` requests every `per_ns` nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    count: u64,
    per_ns: u64,
}

/// A part of a whole, exact: a fraction from 0 to 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Share {
    numerator: u64,
    denominator: u64,
}

/// How many times as much, exact: a fraction above 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Factor {
    numerator: u64,
    denominator: u64,
}

/// An amount of memory, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Bytes(pub u64);

impl Bytes {
    const UNITS: [(&str, u64); 4] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)];

    /// Reads a whole number and a binary unit, as in `8GiB`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (number, unit) = Self::UNITS.iter().find_map(|(unit, size)| Some((text.strip_suffix(unit)?, size)))?;
        let plain = number.bytes().all(|byte| byte.is_ascii_digit());
        number.parse::<u64>().ok().filter(|_| plain)?.checked_mul(*unit).map(Self)
    }

    /// This many bytes, and no more than there can be.
    #[must_use]
    pub fn about(bytes: f64) -> Self {
        Self(bytes as u64)
    }

    /// The next whole number of the unit in which it is written, as `--memory` takes it.
    #[must_use]
    pub fn rounded_up(self) -> String {
        let (unit, size) = self.unit();
        format!("{}{unit}", self.0.div_ceil(size).max(1))
    }

    fn unit(self) -> (&'static str, u64) {
        let unit = Self::UNITS.iter().rev().find(|&&(_, size)| self.0 >= size);
        *unit.unwrap_or(&Self::UNITS[0])
    }
}

/// `2 GiB`, `1.5 MiB`.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, size) = self.unit();
        let tenths = (u128::from(self.0) * 10 + u128::from(size) / 2) / u128::from(size);
        match tenths % 10 {
            0 => write!(f, "{} {unit}", tenths / 10),
            tenth => write!(f, "{}.{tenth} {unit}", tenths / 10),
        }
    }
}

impl Rate {
    /// `count` requests every `per_ns` nanoseconds; both must be above zero.
    #[must_use]
    pub const fn new(count: u64, per_ns: u64) -> Self {
        assert!(count > 0 && per_ns > 0, "a rate is above zero");
        Self { count, per_ns }
    }

    /// `n` requests a second.
    #[must_use]
    pub const fn per_second(n: u64) -> Self {
        Self::new(n, NS_PER_S)
    }

    /// The mean gap between requests, in nanoseconds.
    #[must_use]
    pub fn gap_ns(self) -> f64 {
        self.per_ns as f64 / self.count as f64
    }

    /// Requests a second, rounded to a double.
    #[must_use]
    pub fn hz(self) -> f64 {
        self.count as f64 * NS_PER_S as f64 / self.per_ns as f64
    }

    /// When request `k` of a strictly periodic source is due, in nanoseconds after request 0: k / rate to the
    /// nearest nanosecond (halves up), so that rounding never accumulates.
    #[must_use]
    pub fn due_ns(self, k: u64) -> u128 {
        let (count, per) = (u128::from(self.count), u128::from(self.per_ns));
        (u128::from(k) * per * 2 + count) / (count * 2)
    }

    /// The number of requests `k` with [`Rate::due_ns`]`(k) < ns`.
    #[must_use]
    pub fn due_before(self, ns: u64) -> u64 {
        // due(k) < ns  <=>  k * per * 2 + count < ns * count * 2, solved for the number of such k.
        let (count, per) = (u128::from(self.count), u128::from(self.per_ns));
        let bound = (u128::from(ns) * count * 2).saturating_sub(count);
        u64::try_from(bound.div_ceil(per * 2)).unwrap_or(u64::MAX)
    }
}

impl Share {
    /// Nothing of the whole.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };
    /// All of it.
    pub const WHOLE: Self = Self { numerator: 1, denominator: 1 };

    /// `numerator / denominator`, which must lie in [0, 1].
    #[must_use]
    pub const fn new(numerator: u64, denominator: u64) -> Self {
        assert!(denominator > 0 && numerator <= denominator, "a share lies from 0 to 1");
        Self { numerator, denominator }
    }

    /// `n` hundredths.
    #[must_use]
    pub const fn percent(n: u64) -> Self {
        Self::new(n, 100)
    }

    /// The share as a double.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// The share of a whole of so many parts, rounded down.
    #[must_use]
    pub const fn of(self, parts: u64) -> u64 {
        (parts as u128 * self.numerator as u128 / self.denominator as u128) as u64
    }

    /// The share of a whole of so many parts, rounded up.
    #[must_use]
    pub const fn of_rounded_up(self, parts: u64) -> u64 {
        (parts as u128 * self.numerator as u128).div_ceil(self.denominator as u128) as u64
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// Whether it is everything.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.numerator == self.denominator
    }

    /// The bound on 63 random bits below which a draw falls with this probability (see [`Threshold`]).
    #[must_use]
    pub fn threshold(self) -> Threshold {
        Threshold(((u128::from(self.numerator) << 63) / u128::from(self.denominator)) as u64)
    }

    /// Whether `part` is a greater share of `whole`, exactly.
    #[must_use]
    pub fn is_exceeded_by(self, part: u64, whole: u64) -> bool {
        u128::from(part) * u128::from(self.denominator) > u128::from(self.numerator) * u128::from(whole)
    }

    /// `k` times this share, at most the whole.
    #[must_use]
    pub fn times(self, k: u64) -> Self {
        let numerator = u128::from(self.numerator) * u128::from(k);
        match u64::try_from(numerator) {
            Ok(numerator) if numerator < self.denominator => Self { numerator, ..self },
            _ => Self::WHOLE,
        }
    }

    /// How many steps of this share make a whole: ceil(1 / share); `None` for nothing.
    #[must_use]
    pub const fn steps_to_whole(self) -> Option<u64> {
        if self.numerator == 0 { None } else { Some(self.denominator.div_ceil(self.numerator)) }
    }
}

impl Factor {
    /// As much.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// `numerator / denominator`; both must be above zero.
    #[must_use]
    pub const fn new(numerator: u64, denominator: u64) -> Self {
        assert!(numerator > 0 && denominator > 0, "a factor is above zero");
        Self { numerator, denominator }
    }

    /// The factor as a double.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// `ns` divided by this factor, to the nearest whole number, halves up.
    #[must_use]
    pub fn divide(self, ns: i128) -> i128 {
        let (numerator, denominator) = (i128::from(self.numerator), i128::from(self.denominator));
        (ns * denominator * 2 + numerator).div_euclid(numerator * 2)
    }

    /// `ns` divided by this factor, rounded down, at most the largest whole number.
    #[must_use]
    pub fn divide_down(self, ns: u64) -> u64 {
        let exact = u128::from(ns) * u128::from(self.denominator) / u128::from(self.numerator);
        u64::try_from(exact).unwrap_or(u64::MAX)
    }

    /// `n` times this factor: the whole part, and the probability of one more.
    #[must_use]
    pub fn times(self, n: u64) -> (u64, Share) {
        let product = u128::from(n) * u128::from(self.numerator);
        let denominator = u128::from(self.denominator);
        let whole = u64::try_from(product / denominator).unwrap_or(u64::MAX);
        // Below the denominator, which has 64 bits.
        (whole, Share::new((product % denominator) as u64, self.denominator))
    }
}

/// A share prepared for comparison with random bits. Thresholds of growing shares nest: a draw below the one
/// for 10 % is below the one for 50 % too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Threshold(u64);

impl Threshold {
    /// Whether a draw of 64 random bits falls below; never for an empty share, always for a whole one.
    #[inline]
    #[must_use]
    pub const fn admits(self, bits: u64) -> bool {
        bits >> 1 < self.0
    }

    /// The probability of falling below, in units of 2^-63.
    #[must_use]
    pub const fn parts(self) -> u64 {
        self.0
    }

    /// Nothing falls below.
    pub const NONE: Self = Self(0);

    /// The probability as a double.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / (1_u64 << 63) as f64
    }

    /// The probability that one of two independent things happens, or both.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        let both = ((self.0 as u128 * other.0 as u128) >> 63) as u64;
        Self(self.0 + (other.0 - both))
    }

    /// On a straight line from this to `other`: the point after `part` of `whole`, which is above zero. Rounded down.
    #[must_use]
    pub fn towards(self, other: Self, part: u64, whole: u64) -> Self {
        let (from, to) = (i128::from(self.0), i128::from(other.0));
        let moved = ((to - from) * i128::from(part)).div_euclid(i128::from(whole));
        Self((from + moved) as u64)
    }
}

/// In per cent, as in `12.5 %`.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.numerator as f64 * 100.0 / self.denominator as f64)
    }
}

/// As in `2.5 times`.
impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} times", brief(self.as_f64()))
    }
}

/// Per second, as in `200/s`; slower rates per minute, hour or day, whichever is the first to reach 1.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hz = self.hz();
        for (unit, seconds) in [("s", 1.0), ("min", 60.0), ("h", 3_600.0)] {
            if hz * seconds >= 0.1 {
                return write!(f, "{} req/{unit}", crate::units::brief(hz * seconds));
            }
        }
        write!(f, "{} req/day", crate::units::brief(hz * 86_400.0))
    }
}

/// At most six decimals, without trailing zeros.
fn brief(x: f64) -> String {
    let text = format!("{x:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Thousands separated, as in `1,083` or `1,083.5`.
#[must_use]
pub fn grouped(x: f64, decimals: usize) -> String {
    let plain = format!("{x:.decimals$}");
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut text = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_and_written_in_binary_units() {
        assert_eq!(Bytes::parse("8GiB"), Some(Bytes(8 << 30)));
        assert_eq!(Bytes::parse("512MiB"), Some(Bytes(512 << 20)));
        for text in ["", "8", "8GB", "GiB", "-1GiB", "+1GiB", "1.5GiB", "99999999999TiB", "8 GiB"] {
            assert_eq!(Bytes::parse(text), None, "{text}");
        }
        let shown = [1 << 31, 3 << 29, 1_000].map(|bytes| Bytes(bytes).to_string());
        assert_eq!(shown, ["2 GiB", "1.5 GiB", "1 KiB"]);
        assert_eq!([Bytes(3 << 29).rounded_up(), Bytes(0).rounded_up()], ["2GiB", "1KiB"]);
    }

    #[test]
    fn periodic_arrivals_do_not_drift() {
        let third = Rate::per_second(3);
        assert_eq!([0, 1, 2, 3].map(|k| third.due_ns(k)), [0, 333_333_333, 666_666_667, 1_000_000_000]);
        assert_eq!(third.due_ns(3_000_000_000), 1_000_000_000 * u128::from(NS_PER_S));
    }

    #[test]
    fn due_before_counts_what_due_lists() {
        for rate in
            [Rate::per_second(3), Rate::new(9, 10 * NS_PER_S), Rate::new(7, 11), Rate::per_second(1_000_000_000)]
        {
            for ns in (0..200).chain(999_999_990..1_000_000_010) {
                let k = rate.due_before(ns);
                assert!(k == 0 || rate.due_ns(k - 1) < u128::from(ns), "{rate:?} {ns}");
                assert!(rate.due_ns(k) >= u128::from(ns), "{rate:?} {ns}");
            }
        }
    }

    #[test]
    fn thresholds_nest_and_reach_both_ends() {
        assert!(!Share::ZERO.threshold().admits(0));
        assert!(Share::WHOLE.threshold().admits(u64::MAX));
        assert!(Share::percent(10).threshold() < Share::percent(50).threshold());
        assert!(Share::percent(50).threshold().admits(u64::MAX / 2));
        assert!(!Share::percent(50).threshold().admits(u64::MAX / 2 + 1));
    }

    #[test]
    fn factors_are_exact() {
        let factor = Factor::new(5, 2);
        assert_eq!((factor.times(3), Factor::ONE.times(7)), ((7, Share::new(1, 2)), (7, Share::ZERO)));
        assert_eq!([factor.divide(5), factor.divide(6), factor.divide(-1)], [2, 2, 0]);
        assert_eq!((factor.divide_down(7), Factor::new(1, 3).divide_down(2)), (2, 6));
        assert_eq!((factor.to_string(), Factor::new(1, 3).to_string()), ("2.5 times".into(), "0.333333 times".into()));
    }

    #[test]
    fn steps_round_up() {
        assert_eq!(Share::percent(10).steps_to_whole(), Some(10));
        assert_eq!(Share::percent(30).steps_to_whole(), Some(4));
        assert_eq!(Share::percent(30).times(4), Share::WHOLE);
        assert_eq!(Share::ZERO.steps_to_whole(), None);
    }
}
