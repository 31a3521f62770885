//! Where requests go, by what their node and their front-end hold: the one table from which odds are computed, whether
//! of counted observers or of probabilities.

use crate::ids::{Qualifier, Version};
use crate::platform::control::{Changes, Pointed};
use crate::platform::index::{Cast, ContractIx, Each, Grid, VersionIx};
use crate::strategy::AliasTarget;
use core::ops::{AddAssign, Mul};

/// Probability 1, in the units of [`crate::units::Threshold`]: whole numbers, so that what must cancel does.
pub(in crate::platform) const CERTAIN: u64 = 1 << 63;

/// What the routes of every source write and ask for, and where that leads.
#[derive(Clone, Debug)]
pub(in crate::platform) struct Ways {
    /// Of the gateway, by revision.
    gateway: Wired,
    /// Of each source that is wired by itself, by its producer's changes and its mapping's; `None` for the others.
    direct: Vec<Option<Wired>>,
    /// For `$LATEST` and the alias, and each change of it: the probability of every version.
    pub leads_to: [Vec<Each<Version, u64>>; 2],
    cast: Cast,
}

/// What is written, and what is asked for.
#[derive(Clone, Debug, Default)]
struct Wired {
    written: Vec<ContractIx>,
    routes: Vec<Route>,
}

/// What a route asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Route {
    /// A version.
    Number(VersionIx),
    /// Whatever the front-end holds of `$LATEST` (0) or the alias (1).
    Wiring(usize),
}

/// Where front-ends lead to by `$LATEST` and by the alias, and all of them.
pub(in crate::platform) type FrontEnds<'a, T> = (&'a [Each<Version, T>; 2], T);

impl Ways {
    /// No ways yet.
    pub fn new(cast: &Cast) -> Self {
        let leads_to = [const { Vec::new() }; 2];
        Self { gateway: Wired::default(), direct: Vec::new(), leads_to, cast: *cast }
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
        let Wired { written, routes } = &mut self.gateway;
        let revisions = &changes.revisions[written.len()..];
        written.extend(revisions.iter().map(|revision| cast.place_of_contract(revision.contract)));
        routes.extend(revisions.iter().map(|revision| route(revision.qualifier, &cast)));
        self.direct.resize(changes.direct.len(), None);
        for (known, wires) in self.direct.iter_mut().zip(&changes.direct) {
            if let Some(wires) = wires {
                let Wired { written, routes } = known.get_or_insert_default();
                written.extend(wires.written[written.len()..].iter().map(|&contract| cast.place_of_contract(contract)));
                routes.extend(wires.asked[routes.len()..].iter().map(|&qualifier| route(qualifier, &cast)));
            }
        }
        let [by_latest, by_alias] = &mut self.leads_to;
        by_latest.extend(changes.latest[by_latest.len()..].iter().copied().map(certainly));
        by_alias.extend(changes.targets[by_alias.len()..].iter().map(drawn));
    }

    /// How much of a request, shaped by its node, is written in each contract and run by each version: `nodes` is how much of the
    /// nodes holds each revision. The route is `pointed` so.
    #[inline]
    pub fn table<T>(
        &self,
        pointed: Pointed,
        nodes: impl IntoIterator<Item = T>,
        front_ends: FrontEnds<'_, T>,
    ) -> Grid<T>
    where
        T: Copy + Default + AddAssign + Mul<Output = T>,
    {
        let mut sums = Grid::<T>::default();
        for ((revision, &written), nodes) in self.gateway.written.iter().enumerate().zip(nodes) {
            let route = self.pointed(pointed, &self.gateway.routes, revision);
            self.lead(route, nodes, front_ends, &mut sums[written]);
        }
        sums
    }

    /// The same of a source that is wired by itself: how likely its producer holds each change, and its mapping each.
    pub fn direct<T>(
        &self,
        source: usize,
        pointed: Pointed,
        (producer, mapping): (&[T], &[T]),
        front_ends: FrontEnds<'_, T>,
    ) -> Grid<T>
    where
        T: Copy + Default + AddAssign + Mul<Output = T>,
    {
        let mut sums = Grid::<T>::default();
        let Some(wired) = &self.direct[source] else { return sums };
        for (&written, &writes) in wired.written.iter().zip(producer) {
            for (change, &asks) in mapping.iter().enumerate() {
                let route = self.pointed(pointed, &wired.routes, change);
                self.lead(route, writes * asks, front_ends, &mut sums[written]);
            }
        }
        sums
    }

    /// What a route asks for after a change. One that was forgotten asks for what it asked for at first, whatever comes.
    fn pointed(&self, pointed: Pointed, routes: &[Route], change: usize) -> Route {
        match pointed {
            Pointed::Forgotten => routes[0],
            Pointed::Instead { of, to } if routes[change] == Route::Number(self.cast.place_of(of)) => {
                Route::Number(self.cast.place_of(to))
            }
            Pointed::Instead { .. } | Pointed::Rightly => routes[change],
        }
    }

    /// Adds so much of a request to the versions that a route leads to.
    #[inline]
    fn lead<T>(&self, route: Route, part: T, (leads_to, certain): FrontEnds<'_, T>, sums: &mut Each<Version, T>)
    where
        T: Copy + AddAssign + Mul<Output = T>,
    {
        match route {
            Route::Number(version) => sums[version] += certain * part,
            Route::Wiring(wiring) => {
                for version in VersionIx::first(self.cast.versions_len()) {
                    sums[version] += leads_to[wiring][version] * part;
                }
            }
        }
    }
}

fn route(qualifier: Qualifier, cast: &Cast) -> Route {
    match qualifier {
        Qualifier::Number(version) => Route::Number(cast.place_of(version)),
        // Who stands behind the balancer is known before the odds are asked for: only the contract counts.
        Qualifier::Any => Route::Number(VersionIx::FIRST),
        Qualifier::Latest => Route::Wiring(0),
        Qualifier::Alias => Route::Wiring(1),
    }
}
