//! A scale request: every set that has pods grows or shrinks in proportion, so that it neither hastens a rollout nor holds it
//! up.

use super::{ReplicaSet, Strategy, Target, empty_old, total};
use core::cmp::Reverse;

/// Whether the Deployment wants another number of replicas than that for which some set with pods was sized
/// (`isScalingEvent`).
#[must_use]
pub fn is_scale_request(sets: &[ReplicaSet], target: Target) -> bool {
    sets.iter()
        .filter(|set| set.spec > 0)
        .any(|set| set.sized_for.is_some_and(|extent| extent.replicas != target.replicas))
}

/// The pass that answers a scale request; whether it wrote to a set (`scale`).
///
/// A set that alone has pods gets all of them; without such a set the new one does, or else the youngest. If the new one
/// is whole already, the others lose all. Otherwise, under a rolling update, all share.
///
/// Where the one set has its size already, this notes for what, and the rollout goes on in the next pass. Upstream notes
/// nothing there, and answers the same request again and again.
pub fn scale(sets: &mut [ReplicaSet], target: Target) -> bool {
    if let Some(set) = only_or_latest(sets) {
        return set.size(target.replicas.into(), target);
    }
    if sets.iter().any(|set| set.is_new && is_saturated(set, target)) {
        return empty_old(sets, target);
    }
    if target.strategy == Strategy::Recreate {
        return false;
    }
    let total = total(&*sets);
    let allowed = if target.replicas > 0 { target.most() } else { 0 };
    let mut sharing = Sharing { target, total, adds: allowed > total, wrote: false };
    sharing.rest(sets, None, allowed - total);
    sharing.wrote
}

/// The only set with pods; if none has any, the new one, or else the youngest. `None` if several have pods
/// (`FindActiveOrLatest`).
fn only_or_latest(sets: &mut [ReplicaSet]) -> Option<&mut ReplicaSet> {
    let mut with_pods = (0..sets.len()).filter(|&at| sets[at].spec > 0);
    let chosen = match (with_pods.next(), with_pods.next()) {
        (Some(only), None) => only,
        (Some(_), Some(_)) => return None,
        (None, _) => sets.iter().position(|set| set.is_new).unwrap_or(sets.len().checked_sub(1)?),
    };
    sets.get_mut(chosen)
}

/// Whether a set has all that the Deployment wants, was sized for that, and all of it is available (`IsSaturated`).
fn is_saturated(set: &ReplicaSet, target: Target) -> bool {
    let sized = set.sized_for.is_some_and(|extent| extent.replicas == target.replicas);
    sized && set.spec == target.replicas && set.available == target.replicas
}

/// Pods that come or go, shared among the sets that have some.
struct Sharing {
    target: Target,
    /// How many all sets together were to have before.
    total: i64,
    /// Whether pods come.
    adds: bool,
    /// Whether a set has been written to.
    wrote: bool,
}

/// Where a set stands in the line of those that share: the largest first; of equal ones the younger first if pods come, the
/// older first if they go.
type Place = (Reverse<u32>, (Reverse<usize>, usize));

impl Sharing {
    /// Gives every set behind `last` its share of what is `left`; what is still left then goes to the very first. Nothing
    /// is written before all shares are known, since sizes make the line.
    fn rest(&mut self, sets: &mut [ReplicaSet], last: Option<Place>, left: i64) -> i64 {
        let following = |&(place, _): &(Place, usize)| last.is_none_or(|last| place > last);
        let places = sets.iter().enumerate().filter(|(_, set)| set.spec > 0).map(|(at, set)| (self.place(set, at), at));
        let Some((place, at)) = places.filter(following).min() else { return left };
        let share = self.share(&sets[at], left);
        let over = self.rest(sets, Some(place), left - share);
        let leftover = if last.is_none() { over } else { 0 };
        self.wrote |= sets[at].size(i64::from(sets[at].spec) + share + leftover, self.target);
        over
    }

    fn place(&self, set: &ReplicaSet, at: usize) -> Place {
        let tie = if self.adds { (Reverse(at), 0) } else { (Reverse(0), at) };
        (Reverse(set.spec), tie)
    }

    /// How many pods a set gets or, below 0, loses: what keeps its proportion, but not beyond what is left
    /// (`GetProportion`).
    fn share(&self, set: &ReplicaSet, left: i64) -> i64 {
        match left {
            0 => 0,
            _ if self.adds => self.proportion(set).min(left),
            _ => self.proportion(set).max(left),
        }
    }

    /// By how much the set changes if it does so as the Deployment does, surge included; halves are rounded up, and nothing
    /// grows beyond what can be counted.
    fn proportion(&self, set: &ReplicaSet) -> i64 {
        let spec = i64::from(set.spec);
        if self.target.replicas == 0 {
            return -spec;
        }
        // Where nobody knows for what it was sized, the present total stands in.
        let before = set.sized_for.map_or(self.total, |extent| extent.most).max(1);
        let (spec_then, before) = (i128::from(spec) * i128::from(self.target.most()), i128::from(before));
        let rounded = (2 * spec_then + before).div_euclid(2 * before);
        i64::from(u32::try_from(rounded.max(0)).unwrap_or(u32::MAX)) - spec
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Extent, Fences, sync};
    use super::*;

    fn target(replicas: u32, surge: i64) -> Target {
        Target { replicas, strategy: Strategy::RollingUpdate(Fences { surge, unavailable: 1 }) }
    }

    /// Sets of so many pods, the oldest first and the new one last, sized for this.
    fn sets<const SETS: usize>(specs: [u32; SETS], before: Target) -> [ReplicaSet; SETS] {
        let sized_for = Some(Extent { replicas: before.replicas, most: before.most() });
        let mut sets = specs.map(|spec| ReplicaSet { spec, sized_for, ..ReplicaSet::default() });
        sets[SETS - 1].is_new = true;
        sets
    }

    fn scaled<const SETS: usize>(specs: [u32; SETS], before: Target, target: Target) -> [u32; SETS] {
        let mut sets = sets(specs, before);
        scale(&mut sets, target);
        sets.map(|set| set.spec)
    }

    #[test]
    fn sets_share_in_proportion() {
        assert_eq!(scaled([3, 2], target(5, 0), target(10, 0)), [6, 4]);
        assert_eq!(scaled([8, 5], target(10, 3), target(50, 6)), [34, 22]);
        assert_eq!(scaled([3, 2, 1], target(6, 2), target(0, 2)), [0, 0, 0], "no surge where nothing is wanted");
    }

    #[test]
    fn of_equal_sets_the_younger_gets_first_and_the_older_loses_first() {
        assert_eq!(scaled([1, 1, 1], target(3, 0), target(4, 0)), [1, 1, 2]);
        assert_eq!(scaled([1, 1, 1], target(3, 0), target(2, 0)), [0, 1, 1]);
    }

    #[test]
    fn what_alone_has_pods_gets_all_and_else_the_new_one() {
        assert_eq!(scaled([5, 0], target(5, 2), target(9, 2)), [9, 0]);
        assert_eq!(scaled([0, 0, 0], target(0, 2), target(9, 2)), [0, 0, 9]);
        let mut without_new = sets([0, 0], target(0, 0));
        without_new[1].is_new = false;
        assert!(scale(&mut without_new, target(3, 0)));
        assert_eq!(without_new.map(|set| set.spec), [0, 3], "without a new one, the youngest");
        assert!(!scale(&mut [], target(3, 0)));
    }

    #[test]
    fn beside_a_whole_new_set_the_old_ones_lose_all() {
        let mut saturated = sets([2, 5], target(5, 2));
        saturated[1].available = 5;
        assert!(scale(&mut saturated, target(5, 2)));
        assert_eq!(saturated.map(|set| set.spec), [0, 5]);
        let mut broken = sets([1, 2], target(2, 1));
        assert!(!scale(&mut broken, target(2, 1)), "not while its pods are not available");
    }

    #[test]
    fn a_request_in_the_middle_is_answered_once_and_then_the_rollout_goes_on() {
        let mut sets = sets([8, 5], target(10, 3));
        (sets[0].available, sets[1].available) = (8, 0);
        let wider = target(20, 5);
        assert!(is_scale_request(&sets, wider));
        assert!(sync(&mut sets, wider));
        // 25 pods: 8 x 25 / 13 = 15.4 and 5 x 25 / 13 = 9.6.
        assert_eq!(sets.map(|set| set.spec), [15, 10]);
        assert!(!is_scale_request(&sets, wider));
        // Of 15 old pods 8 are available and 19 are wanted; 25 - 19 - 10 < 0, so nothing can go.
        assert!(!sync(&mut sets, wider));
    }

    #[test]
    fn a_request_that_changes_no_size_does_not_stop_the_rollout() {
        let mut sets = sets([5, 0], target(10, 0));
        sets[0].available = 5;
        assert!(sync(&mut sets, target(5, 0)), "it is noted");
        assert_eq!(sets.map(|set| set.spec), [5, 0]);
        assert!(sync(&mut sets, target(5, 0)));
        assert_eq!(sets.map(|set| set.spec), [4, 0]);
    }

    #[test]
    fn the_widest_numbers_do_not_overflow() {
        let most = i32::MAX.into();
        let widest = Target { replicas: u32::MAX, ..target(0, most) };
        assert_eq!(scaled([u32::MAX, u32::MAX], target(1, 0), widest), [i32::MAX as u32, u32::MAX]);
    }
}
