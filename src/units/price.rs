//! Prices, in whole attodollars.

/// So many attodollars make a US dollar.
const ATTO_PER_DOLLAR: f64 = 1e18;
/// Nanoseconds in a millionth of an hour.
const NS_PER_MICROHOUR: f64 = 3_600e3;
/// Bytes times milliseconds in a GB-second; a GB is 1,024 MiB.
const BYTE_MS_PER_GBS: f64 = 1_024.0 * 1_048_576.0 * 1_000.0;

/// What one of something costs, in US dollars, exact: a whole number of 1e-18 dollars.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Price(u64);

impl Price {
    /// The highest of what is counted: a dollar.
    pub const HIGHEST: Self = Self(1_000_000_000_000_000_000);

    /// So many attodollars, 1e-18 dollars, for one.
    #[must_use]
    pub const fn attodollars(atto: u64) -> Self {
        Self(atto)
    }

    /// The same, back.
    #[must_use]
    pub const fn in_attodollars(self) -> u64 {
        self.0
    }

    /// What `n` cost, in dollars, for a price of one.
    #[must_use]
    pub fn of(self, n: u64) -> f64 {
        (u128::from(n) * u128::from(self.0)) as f64 / ATTO_PER_DOLLAR
    }

    /// What so many replicas times nanoseconds cost, in dollars, for a price of a millionth of an hour.
    #[must_use]
    pub fn of_time(self, ns: u128) -> f64 {
        ns as f64 * self.0 as f64 / (NS_PER_MICROHOUR * ATTO_PER_DOLLAR)
    }

    /// What so many bytes of memory times milliseconds cost, in dollars, for a price of a GB-second.
    #[must_use]
    pub fn of_memory(self, byte_ms: u128) -> f64 {
        byte_ms as f64 * self.0 as f64 / (BYTE_MS_PER_GBS * ATTO_PER_DOLLAR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_requests_of_100_ms_at_512_mib_cost_what_they_do_by_hand() {
        assert_eq!(Price::attodollars(200_000_000_000).of(1_000_000), 0.2);
        // 50,000 GB-seconds at 0.0000166667 dollars.
        let byte_ms = 100_000_000 * (512 << 20);
        assert_eq!(Price::attodollars(16_666_700_000_000).of_memory(byte_ms), 0.833_335);
    }
}
