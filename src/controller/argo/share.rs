//! How many pods carry a weight. A weight is so many parts of a whole, which is 100 unless a router counts finer.

use core::num::NonZeroU32;

/// The parts of the whole traffic (`maxTrafficWeight`).
pub type Whole = NonZeroU32;

/// The whole in per cent, which is that of every rollout without a router.
pub const PERCENT: Whole = Whole::new(100).unwrap();

/// The pods of so many replicas that carry this weight; a part of a pod takes a whole one (AR `trafficWeightToReplicas`).
#[must_use]
pub fn carriers(replicas: u32, weight: u32, whole: Whole) -> u32 {
    narrow((u64::from(replicas) * u64::from(weight)).div_ceil(u64::from(whole.get())))
}

/// The full pods in this weight.
#[must_use]
pub fn full(replicas: u32, weight: u32, whole: Whole) -> u32 {
    narrow(u64::from(replicas) * u64::from(weight) / u64::from(whole.get()))
}

/// The weight that so many pods of the replicas can carry, in full parts; nothing where there are no replicas.
#[must_use]
pub fn carried(replicas: u32, pods: u32, whole: Whole) -> u32 {
    narrow((u64::from(pods) * u64::from(whole.get())).checked_div(u64::from(replicas)).unwrap_or(0))
}

fn narrow(count: u64) -> u32 {
    #[cfg(test)]
    let count = count.saturating_sub(crate::controller::broken::missing());
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_pod_takes_a_whole_one() {
        assert_eq!(carriers(10, 25, PERCENT), 3);
        assert_eq!(full(10, 25, PERCENT), 2);
        assert_eq!(carriers(23, 100_000_000, Whole::new(100_000_000).unwrap()), 23);
        assert_eq!([carriers(0, 50, PERCENT), carriers(4, 0, PERCENT), carriers(4, 200, PERCENT)], [0, 0, 8]);
    }

    #[test]
    fn pods_carry_full_parts() {
        assert_eq!([carried(3, 1, PERCENT), carried(3, 3, PERCENT), carried(0, 0, PERCENT)], [33, 100, 0]);
    }
}
