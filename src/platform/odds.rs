//! The odds of a request between two adoptions: in which contract it is written, and which version runs.

use super::Service;
use super::control::Control;
use super::propagation::{Adoption, Propagation};
use super::side::{Both, Side};
use crate::ids::{Contract, Qualifier, Version};
use crate::strategy::{AliasTarget, Strategy};
use crate::time::Instant;

/// Probability 1, in the units of [`crate::units::Threshold`]: whole numbers, so that what must cancel does.
const CERTAIN: u64 = 1 << 63;

/// Who holds what, as counts, and the adoptions still to come.
#[derive(Clone, Debug)]
pub(super) struct Odds {
    adoptions: Vec<(Instant, usize, Adoption)>,
    made: usize,
    /// What each observer of gateway, `$LATEST` and alias holds.
    held: [Vec<u32>; 3],
    /// How many nodes hold each revision.
    nodes: Vec<u32>,
    /// Which contract each revision writes.
    written: Vec<Side>,
    /// What the route of each source asks for at each revision.
    routes: Vec<Vec<Route>>,
    /// For `$LATEST` and the alias, and each change of it: the probabilities of the two versions.
    leads_to: [Vec<[u64; 2]>; 2],
    /// The same, summed over the front-ends by what they hold.
    front_ends: [[u128; 2]; 2],
    pairs: u128,
}

/// What a route asks for.
#[derive(Clone, Copy, Debug)]
enum Route {
    /// A version.
    Number(Side),
    /// Whatever the front-end holds of `$LATEST` (0) or the alias (1).
    Wiring(usize),
}

impl Odds {
    /// Before every adoption.
    pub fn new(service: &Service, strategy: &Strategy, control: &Control) -> Self {
        let deployment = &strategy.deployment;
        let Both([old, _]): Both<Contract> = Both::contracts(service, deployment);
        let side = |version: Version| Side::new(version != deployment.from);
        let resources = [&control.gateway, &control.code, &control.alias];
        let mut adoptions: Vec<_> = resources
            .into_iter()
            .enumerate()
            .flat_map(|(resource, of)| of.adoptions().iter().map(move |adoption| (adoption.at, resource, *adoption)))
            .collect();
        adoptions.sort_unstable();
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
        let leads_to: [Vec<[u64; 2]>; 2] =
            [control.latest.iter().copied().map(certainly).collect(), control.targets.iter().map(drawn).collect()];
        let observers = u128::from(control.code.observers());
        let front_ends = [0, 1].map(|wiring| leads_to[wiring][0].map(|odds| u128::from(odds) * observers));
        let route = |revision, source| match control.route(revision, source) {
            Qualifier::Number(version) => Route::Number(side(version)),
            Qualifier::Latest => Route::Wiring(0),
            Qualifier::Alias => Route::Wiring(1),
        };
        let revisions = 0..control.revisions.len();
        let mut nodes = vec![0; revisions.len()];
        nodes[0] = control.gateway.observers();
        Self {
            adoptions,
            made: 0,
            held: resources.map(|of: &Propagation| vec![0; of.observers() as usize]),
            nodes,
            written: control.revisions.iter().map(|revision| Side::new(revision.contract != old)).collect(),
            routes: (0..service.sources.len())
                .map(|source| revisions.clone().map(|revision| route(revision, source)).collect())
                .collect(),
            leads_to,
            front_ends,
            pairs: observers * u128::from(control.gateway.observers()),
        }
    }

    /// When the next adoption is made; `None` after the last.
    pub fn next_at(&self) -> Option<Instant> {
        self.adoptions.get(self.made).map(|&(at, ..)| at)
    }

    /// Makes the next adoption.
    pub fn adopt_next(&mut self) {
        let Some(&(_, resource, Adoption { observer, change, .. })) = self.adoptions.get(self.made) else { return };
        self.made += 1;
        let before = std::mem::replace(&mut self.held[resource][observer as usize], change);
        let Some(wiring) = resource.checked_sub(1) else {
            self.nodes[before as usize] -= 1;
            self.nodes[change as usize] += 1;
            return;
        };
        let (lost, won) = (self.leads_to[wiring][before as usize], self.leads_to[wiring][change as usize]);
        for (sum, (lost, won)) in self.front_ends[wiring].iter_mut().zip(lost.into_iter().zip(won)) {
            *sum = *sum - u128::from(lost) + u128::from(won);
        }
    }

    /// The probabilities that a request of a source, shaped by its node, is written in the old or new contract and run
    /// by the old or new version.
    pub fn table(&self, source: usize) -> [[f64; 2]; 2] {
        let certain = u128::from(self.held[1].len() as u64) * u128::from(CERTAIN);
        let mut sums = [[0_u128; 2]; 2];
        for (revision, &nodes) in self.nodes.iter().enumerate() {
            let by_version = match self.routes[source][revision] {
                Route::Wiring(wiring) => self.front_ends[wiring],
                Route::Number(Side::Old) => [certain, 0],
                Route::Number(Side::New) => [0, certain],
            };
            for (sum, odds) in sums[self.written[revision] as usize].iter_mut().zip(by_version) {
                *sum += odds * u128::from(nodes);
            }
        }
        sums.map(|row| row.map(|sum| sum as f64 / self.pairs as f64 / CERTAIN as f64))
    }
}
