//! Where requests go, by what their node and their front-end hold: the one table from which odds are computed, whether
//! of counted observers or of probabilities.

use super::Service;
use super::control::Revision;
use super::side::{Both, Side};
use crate::ids::{Contract, Qualifier, Version};
use crate::strategy::{AliasTarget, Deployment};
use core::ops::{AddAssign, Mul};

/// Probability 1, in the units of [`crate::units::Threshold`]: whole numbers, so that what must cancel does.
pub(super) const CERTAIN: u64 = 1 << 63;

/// What every revision writes and asks for, and where that leads.
#[derive(Clone, Debug)]
pub(super) struct Ways {
    /// Which contract each revision writes.
    written: Vec<Side>,
    /// What the routes of each revision ask for.
    routes: Vec<Route>,
    /// For `$LATEST` and the alias, and each change of it: the probabilities of the two versions.
    pub leads_to: [Vec<[u64; 2]>; 2],
}

/// What a route asks for.
#[derive(Clone, Copy, Debug)]
enum Route {
    /// A version.
    Number(Side),
    /// Whatever the front-end holds of `$LATEST` (0) or the alias (1).
    Wiring(usize),
}

impl Ways {
    /// The ways under `deployment`, of these revisions, updates of `$LATEST` and moves of the alias.
    pub fn new(
        service: &Service,
        deployment: &Deployment,
        revisions: &[Revision],
        latest: &[Version],
        targets: &[AliasTarget],
    ) -> Self {
        let Both([old, _]): Both<Contract> = Both::contracts(service, deployment);
        let side = |version: Version| Side::new(version != deployment.from);
        let certainly = |version| {
            let mut odds = [0; 2];
            odds[side(version) as usize] = CERTAIN;
            odds
        };
        let drawn = |target: &AliasTarget| {
            let mut odds = certainly(target.primary);
            if let Some((version, weight)) = target.additional {
                let share = weight.threshold().parts();
                odds[side(target.primary) as usize] -= share;
                odds[side(version) as usize] += share;
            }
            odds
        };
        let route = |revision: &Revision| match revision.qualifier {
            Qualifier::Number(version) => Route::Number(side(version)),
            Qualifier::Latest => Route::Wiring(0),
            Qualifier::Alias => Route::Wiring(1),
        };
        Self {
            written: revisions.iter().map(|revision| Side::new(revision.contract != old)).collect(),
            routes: revisions.iter().map(route).collect(),
            leads_to: [latest.iter().copied().map(certainly).collect(), targets.iter().map(drawn).collect()],
        }
    }

    /// How much of a request, shaped by its node, is written in the old or new contract and run by the old or new version:
    /// `nodes` is how much of the nodes holds each revision, `front_ends` how much of the front-ends leads to the two
    /// versions by `$LATEST` and by the alias, `certain` all of the front-ends. A `forgotten` route asks for what it
    /// asked for at first, wherever its node stands.
    #[inline]
    pub fn table<T>(
        &self,
        forgotten: bool,
        nodes: impl IntoIterator<Item = T>,
        front_ends: &[[T; 2]; 2],
        certain: T,
    ) -> [[T; 2]; 2]
    where
        T: Copy + Default + AddAssign + Mul<Output = T>,
    {
        let none = T::default();
        let mut sums = [[none; 2]; 2];
        for ((revision, &written), nodes) in self.written.iter().enumerate().zip(nodes) {
            let by_version = match self.routes[if forgotten { 0 } else { revision }] {
                Route::Wiring(wiring) => front_ends[wiring],
                Route::Number(Side::Old) => [certain, none],
                Route::Number(Side::New) => [none, certain],
            };
            for (sum, odds) in sums[written as usize].iter_mut().zip(by_version) {
                *sum += odds * nodes;
            }
        }
        sums
    }
}
