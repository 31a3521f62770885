//! How far a rollout has got: bin by bin, the share of the gateway's nodes that left the first revision, and the share
//! of requests that the front-ends send to the new version.

use crate::ids::Version;
use crate::platform::Bins;
use crate::platform::control::{Control, Propagation};
use crate::strategy::AliasTarget;
use serde::{Deserialize, Serialize};

/// The whole of an observer's share, in parts.
const WHOLE: u64 = 1_000_000;

/// Integrals over the bins, in observers times parts of a million times nanoseconds.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Adopted {
    nodes: Option<Course>,
    front_ends: Option<Course>,
}

/// The integrals of one resource.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Course {
    observers: u32,
    integrals: Vec<u128>,
}

impl Adopted {
    /// The course of a replication's adoptions towards version `to`.
    #[must_use]
    pub fn new(control: &Control, to: Version, bins: &Bins) -> Self {
        let changed = |resource: &Propagation| resource.changes() > 0;
        let first = control.changes.revisions[0];
        let revisions: Vec<u64> =
            control.changes.revisions.iter().map(|&revision| if revision == first { 0 } else { WHOLE }).collect();
        let nodes = changed(&control.gateway).then(|| Course::new(&control.gateway, &revisions, bins));
        let front_ends = if changed(&control.alias) {
            let weights: Vec<u64> = control.changes.targets.iter().map(|target| weight(target, to)).collect();
            Some(Course::new(&control.alias, &weights, bins))
        } else {
            let runs: Vec<u64> =
                control.changes.latest.iter().map(|&version| if version == to { WHOLE } else { 0 }).collect();
            changed(&control.code).then(|| Course::new(&control.code, &runs, bins))
        };
        Self { nodes, front_ends }
    }

    /// Adds another replication of the same strategy.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in [(&mut self.nodes, &other.nodes), (&mut self.front_ends, &other.front_ends)] {
            match (mine, theirs) {
                (Some(mine), Some(theirs)) => {
                    mine.integrals.iter_mut().zip(&theirs.integrals).for_each(|(sum, integral)| *sum += integral);
                }
                // Where nothing changed in a replication, nobody left what was held before.
                (mine @ None, Some(theirs)) => *mine = Some(theirs.clone()),
                (_, None) => {}
            }
        }
    }

    /// The mean share of nodes that left the first revision in a bin, over so many replications added up; `None` where
    /// the gateway is left alone.
    #[must_use]
    pub fn nodes(&self, bins: &Bins, bin: usize, replications: u32) -> Option<f64> {
        self.nodes.as_ref()?.share(bins, bin, replications)
    }

    /// The mean share of requests that front-ends send to the new version in a bin; `None` where they learn of nothing.
    #[must_use]
    pub fn front_ends(&self, bins: &Bins, bin: usize, replications: u32) -> Option<f64> {
        self.front_ends.as_ref()?.share(bins, bin, replications)
    }
}

/// The part of the requests that an alias sends to a version.
fn weight(target: &AliasTarget, to: Version) -> u64 {
    match target.additional {
        Some((version, share)) if version == to => share.of(WHOLE),
        Some((_, share)) if target.primary == to => WHOLE - share.of(WHOLE),
        None if target.primary == to => WHOLE,
        _ => 0,
    }
}

impl Course {
    /// `values` is what an observer counts for while it holds each change.
    fn new(resource: &Propagation, values: &[u64], bins: &Bins) -> Self {
        let observers = resource.observers();
        let value = |change: u32| values.get(change as usize).copied().unwrap_or(0);
        let mut held = vec![0_u32; observers as usize];
        let mut level = u128::from(observers) * u128::from(value(0));
        let mut adoptions = resource.adoptions().iter().peekable();
        let integral = |bin: usize| {
            let (mut from, to) = (bins.edge(bin), bins.edge(bin + 1));
            let mut sum = 0;
            while let Some(adoption) = adoptions.next_if(|adoption| adoption.at < to) {
                // Nothing is adopted before t = 0, but a bin may begin with the window.
                let at = adoption.at.max(from);
                sum += level * u128::from(at.since(from).ns());
                from = at;
                let held = &mut held[adoption.observer as usize];
                level = level + u128::from(value(adoption.change)) - u128::from(value(*held));
                *held = adoption.change;
            }
            sum + level * u128::from(to.since(from).ns())
        };
        Self { observers, integrals: (0..bins.len()).map(integral).collect() }
    }

    fn share(&self, bins: &Bins, bin: usize, replications: u32) -> Option<f64> {
        let width = bins.edge(bin + 1).since(bins.edge(bin)).ns();
        let whole = u128::from(width) * u128::from(self.observers) * u128::from(WHOLE) * u128::from(replications);
        self.integrals.get(bin).map(|&integral| integral as f64 / whole as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::Law;
    use crate::platform::Window;
    use crate::random::Seed;
    use crate::time::{Instant, Span};

    #[test]
    fn a_course_is_the_exact_mean_over_each_bin() {
        let bins = Bins::new(Window { warm_up: Span::from_s(4), after: Span::from_s(8) }, Span::from_s(4));
        // Two changes, at 0 and 4 s, adopted a second later by all: 10 %, then everything.
        let stream = Seed { seed: 1, replication: 0 }.stream("lag", "test");
        let mut resource = Propagation::new(3, Law::Constant(Span::from_s(1)), stream);
        resource.change(Instant::ZERO);
        resource.change(Instant::ZERO + Span::from_s(4));
        resource.advance(Instant::END);
        let course = Course::new(&resource, &[0, WHOLE / 10, WHOLE], &bins);
        let shares: Vec<_> = (0..3).map(|bin| course.share(&bins, bin, 1).unwrap()).collect();
        assert_eq!(shares, [0.0, 0.075, 0.775]);
    }
}
