//! Where requests go, by what their node and their front-end hold: the one table from which odds are computed, whether
//! of counted observers or of probabilities.

use crate::ids::{Qualifier, Version};
use crate::platform::control::{Changes, Revision};
use crate::platform::index::{Cast, ContractIx, Each, Grid, VersionIx};
use crate::strategy::AliasTarget;
use core::ops::{AddAssign, Mul};

/// Probability 1, in the units of [`crate::units::Threshold`]: whole numbers, so that what must cancel does.
pub(in crate::platform) const CERTAIN: u64 = 1 << 63;

/// What every revision writes and asks for, and where that leads.
#[derive(Clone, Debug)]
pub(in crate::platform) struct Ways {
    /// Which contract each revision writes.
    written: Vec<ContractIx>,
    /// What the routes of each revision ask for.
    routes: Vec<Route>,
    /// For `$LATEST` and the alias, and each change of it: the probability of every version.
    pub leads_to: [Vec<Each<Version, u64>>; 2],
    cast: Cast,
}

/// What a route asks for.
#[derive(Clone, Copy, Debug)]
enum Route {
    /// A version.
    Number(VersionIx),
    /// Whatever the front-end holds of `$LATEST` (0) or the alias (1).
    Wiring(usize),
}

impl Ways {
    /// No ways yet.
    pub fn new(cast: &Cast) -> Self {
        let (written, routes, leads_to) = (Vec::new(), Vec::new(), [const { Vec::new() }; 2]);
        Self { written, routes, leads_to, cast: *cast }
    }

    /// Adds the ways of changes beyond those known; all are given.
    pub fn extend(&mut self, changes: &Changes) {
        let cast = self.cast;
        let certainly = |version| {
            let mut odds = Each::<Version, u64>::default();
            odds[cast.place_of(version)] = CERTAIN;
            odds
        };
        let drawn = |target: &AliasTarget| {
            let mut odds = certainly(target.primary);
            if let Some((version, weight)) = target.additional {
                let share = weight.threshold().parts();
                odds[cast.place_of(target.primary)] -= share;
                odds[cast.place_of(version)] += share;
            }
            odds
        };
        let route = |revision: &Revision| match revision.qualifier {
            Qualifier::Number(version) => Route::Number(cast.place_of(version)),
            // Who stands behind the balancer is known before the odds are asked for: only the contract counts.
            Qualifier::Any => Route::Number(VersionIx::FIRST),
            Qualifier::Latest => Route::Wiring(0),
            Qualifier::Alias => Route::Wiring(1),
        };
        let revisions = &changes.revisions[self.written.len()..];
        self.written.extend(revisions.iter().map(|revision| cast.place_of_contract(revision.contract)));
        self.routes.extend(revisions.iter().map(route));
        let [by_latest, by_alias] = &mut self.leads_to;
        by_latest.extend(changes.latest[by_latest.len()..].iter().copied().map(certainly));
        by_alias.extend(changes.targets[by_alias.len()..].iter().map(drawn));
    }

    /// How much of a request, shaped by its node, is written in each contract and run by each version:
    /// `nodes` is how much of the nodes holds each revision, `front_ends` how much of the front-ends leads to each
    /// version by `$LATEST` and by the alias, `certain` all of the front-ends. A `forgotten` route asks for what it
    /// asked for at first, wherever its node stands.
    #[inline]
    pub fn table<T>(
        &self,
        forgotten: bool,
        nodes: impl IntoIterator<Item = T>,
        front_ends: &[Each<Version, T>; 2],
        certain: T,
    ) -> Grid<T>
    where
        T: Copy + Default + AddAssign + Mul<Output = T>,
    {
        let mut sums = Grid::<T>::default();
        for ((revision, &written), nodes) in self.written.iter().enumerate().zip(nodes) {
            let sums = &mut sums[written];
            match self.routes[if forgotten { 0 } else { revision }] {
                Route::Number(version) => sums[version] += certain * nodes,
                Route::Wiring(wiring) => {
                    for version in VersionIx::first(self.cast.versions_len()) {
                        sums[version] += front_ends[wiring][version] * nodes;
                    }
                }
            }
        }
        sums
    }
}
