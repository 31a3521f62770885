//! The canary and stable counts that come nearest to a weight where the share of traffic is the share of pods.

use super::Counts;
use super::share::{Whole, carriers, full};

/// A choice: so many canaries among so many pods.
#[derive(Clone, Copy)]
struct Choice {
    canary: u32,
    total: u64,
}

/// The counts to which a rollout of so many replicas goes for this weight. One pod more than the replicas may be taken if there
/// is a surge at all, and neither side is left out unless the weight says so, or there is nothing to share (AR
/// `approximateWeightedCanaryStableReplicaCounts`).
///
/// Of equally good counts the first is taken: rounded up before rounded down, without the surge before with it.
#[must_use]
pub fn split(replicas: u32, weight: u32, whole: Whole, surge: i64) -> Counts {
    if replicas == 0 {
        return Counts::default();
    }
    let (up, down) = (carriers(replicas, weight, whole), full(replicas, weight, whole));
    let (plain, surged) = (u64::from(replicas), u64::from(replicas) + 1);
    let none_allowed = weight == 0 || weight == whole.get() || (replicas == 1 && surge == 0);
    let down_allowed = |total| !is_half(total, weight, whole) && (down != 0 || none_allowed);

    let choices = [
        (up < replicas || none_allowed).then_some(Choice { canary: up, total: plain }),
        down_allowed(plain).then_some(Choice { canary: down, total: plain }),
        (surge > 0).then_some(Choice { canary: up, total: surged }),
        (surge > 0 && down_allowed(surged)).then_some(Choice { canary: down, total: surged }),
    ];
    let better = |best: Choice, next: Choice| if next.is_nearer(best, weight, whole) { next } else { best };
    let best = choices.into_iter().flatten().reduce(better).unwrap_or(Choice { canary: 0, total: plain });
    Counts { canary: best.canary, stable: crate::controller::pods(best.total.cast_signed() - i64::from(best.canary)) }
}

/// Whether the weight's share of so many pods ends on exactly half a pod: rounded either way it is as far off.
fn is_half(total: u64, weight: u32, whole: Whole) -> bool {
    let whole = u64::from(whole.get());
    total * u64::from(weight) % whole * 2 == whole
}

impl Choice {
    /// Whether this comes nearer to the weight than another. Both distances are fractions, multiplied out.
    fn is_nearer(self, other: Self, weight: u32, whole: Whole) -> bool {
        let distance = |choice: Self| {
            let share = u128::from(choice.canary) * u128::from(whole.get());
            share.abs_diff(u128::from(weight) * u128::from(choice.total))
        };
        distance(self) * u128::from(other.total) < distance(other) * u128::from(self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::super::share::PERCENT;
    use super::*;

    fn percent(replicas: u32, weight: u32, surge: i64) -> (u32, u32) {
        let Counts { canary, stable } = split(replicas, weight, PERCENT, surge);
        (canary, stable)
    }

    #[test]
    fn five_per_cent_of_ten_is_one_pod_beside_all_ten() {
        assert_eq!(percent(10, 5, 1), (1, 10)); // 9.1 %, where 1 of 10 is 10 %.
        assert_eq!(percent(10, 5, 0), (1, 9));
    }

    #[test]
    fn one_replica_gives_a_canary_half_of_the_traffic() {
        // The default surge of 25 % is one pod.
        assert_eq!(percent(1, 10, 1), (1, 1));
        assert_eq!(percent(1, 99, 1), (1, 1));
        // Without a surge, it is the one or the other.
        assert_eq!([percent(1, 49, 0), percent(1, 50, 0)], [(0, 1), (1, 0)]);
    }

    #[test]
    fn nobody_and_everybody_are_exact() {
        assert_eq!([percent(7, 0, 2), percent(7, 100, 2)], [(0, 7), (7, 0)]);
        assert_eq!([percent(0, 50, 1), percent(0, 100, 0)], [(0, 0), (0, 0)]);
        assert_eq!(split(7, 1000, Whole::new(1000).unwrap(), 1), Counts { canary: 7, stable: 0 });
    }

    #[test]
    fn half_a_pod_goes_to_the_canary() {
        assert_eq!(percent(3, 50, 0), (2, 1));
        assert_eq!(percent(3, 50, 1), (2, 2));
    }

    #[test]
    fn where_nothing_is_allowed_all_stay_stable() {
        // 1.5 of 2: rounded up it leaves nobody stable, and rounding half down is not tried.
        assert_eq!(percent(2, 75, 0), (0, 2));
    }
}
