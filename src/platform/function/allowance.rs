//! What limits leave: how many instances may still be added.

use crate::platform::service::ScaleOut;
use crate::time::Instant;

/// What is left of an allowance. Exact: time is counted in parts of 1 / `instances` of a nanosecond, in which one
/// instance costs `per`. (The leaky bucket as a meter, in its form of virtual scheduling: ITU-T I.371, annex A.)
#[derive(Clone, Copy, Debug)]
pub(in crate::platform) struct Allowance {
    rate: ScaleOut,
    /// When the allowance would be full again, in those parts.
    full_at: i128,
}

impl Allowance {
    /// A full one.
    pub const fn new(rate: ScaleOut) -> Self {
        Self { rate, full_at: i128::MIN }
    }

    const fn parts(&self, now: Instant) -> i128 {
        now.ns() as i128 * self.rate.instances as i128
    }

    /// Whether an instance may be added at `now`.
    pub fn admits(&self, now: Instant) -> bool {
        let cost = i128::from(self.rate.per.ns());
        self.full_at.max(self.parts(now)) + cost <= self.parts(now) + cost * i128::from(self.rate.instances)
    }

    /// From when on one may be added.
    pub fn admits_from(&self) -> Instant {
        let cost = i128::from(self.rate.per.ns());
        let parts = self.full_at.saturating_sub(cost * (i128::from(self.rate.instances) - 1));
        let each = i128::from(self.rate.instances);
        let ns = parts.div_euclid(each) + i128::from(parts.rem_euclid(each) > 0);
        i64::try_from(ns).map_or(if ns < 0 { Instant::BEGINNING } else { Instant::END }, Instant::from_ns)
    }

    /// One has been added.
    pub fn spend(&mut self, now: Instant) {
        self.full_at = self.full_at.max(self.parts(now)) + i128::from(self.rate.per.ns());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    fn at(ms: i64) -> Instant {
        Instant::from_ns(ms * 1_000_000)
    }

    #[test]
    fn an_allowance_refills_evenly_and_does_not_accumulate() {
        let mut allowance = Allowance::new(ScaleOut { instances: 4, per: Span::from_s(2) });
        let mut add = |ms| {
            let admitted = allowance.admits(at(ms));
            if admitted {
                allowance.spend(at(ms));
            }
            admitted
        };
        // Four at once after any wait, then one every half second.
        assert_eq!([-60_000; 6].map(&mut add), [true, true, true, true, false, false]);
        assert_eq!([-59_501, -59_500, -59_499].map(&mut add), [false, true, false]);
        assert_eq!([-58_500; 3].map(&mut add), [true, true, false]);
        assert_eq!([0; 6].map(&mut add), [true, true, true, true, false, false]);
    }

    #[test]
    fn parts_of_a_nanosecond_are_not_lost() {
        // Three in 10 ns: one every 10/3 ns, so exactly 3 of every 10 instants are admitted for ever.
        let mut allowance = Allowance::new(ScaleOut { instances: 3, per: Span::from_ns(10) });
        let mut admitted = 0;
        for ns in 0..10_000 {
            let now = Instant::from_ns(ns);
            assert_eq!(allowance.admits(now), allowance.admits_from() <= now);
            while allowance.admits(now) {
                allowance.spend(now);
                admitted += 1;
            }
        }
        assert_eq!(admitted, 3 + 2_999);
    }
}
