//! The odds of a request between two adoptions: in which contract it is written, and which version runs.

use super::ways::{CERTAIN, Ways};
use crate::ids::Version;
use crate::platform::control::{Adoption, Control, Pointed, Propagation};
use crate::platform::index::{Cast, Each, Grid};
use crate::time::Instant;

/// Who holds what, as counts.
#[derive(Clone, Debug)]
pub(super) struct Odds {
    /// What each observer of each resource of the control plane holds.
    held: Vec<Vec<u32>>,
    /// How many nodes hold each revision.
    nodes: Vec<u32>,
    ways: Ways,
    /// How the route of each source is re-pointed.
    pointed: Vec<Pointed>,
    /// The resource of the producer of each source that is wired by itself, whose mapping's follows.
    direct: Vec<Option<usize>>,
    /// Where `$LATEST` and the alias lead to, summed over the front-ends by what they hold.
    front_ends: [Each<Version, u128>; 2],
    /// How many front-ends there are, and how many pairs of one and a node.
    observers: u128,
    pairs: u128,
}

/// Every adoption so far, in order of time, with the place of its resource.
pub(super) fn adoptions(control: &Control) -> Vec<(Instant, usize, Adoption)> {
    let of = |(resource, of): (usize, &Propagation)| {
        of.adoptions().iter().map(|adoption| (adoption.at, resource, *adoption)).collect::<Vec<_>>()
    };
    let mut adoptions: Vec<_> = control.resources().enumerate().flat_map(of).collect();
    adoptions.sort_unstable();
    adoptions
}

impl Odds {
    /// Before every adoption of what has been changed so far.
    pub fn new(cast: &Cast, control: &Control) -> Self {
        let mut ways = Ways::new(cast);
        ways.extend(&control.changes);
        let observers = u128::from(control.code.observers());
        let front_ends =
            [0, 1].map(|wiring| Each::from_fn(|place| u128::from(ways.leads_to[wiring][0][place]) * observers));
        // The first three are those of all.
        let mut resources = (3..).step_by(2);
        let direct = control.direct.iter().map(|direct| direct.as_ref().and_then(|_| resources.next())).collect();
        let mut nodes = vec![0; control.changes.revisions.len()];
        nodes[0] = control.gateway.observers();
        Self {
            held: control.resources().map(|of| vec![0; of.observers() as usize]).collect(),
            nodes,
            ways,
            pointed: control.pointed.clone(),
            direct,
            front_ends,
            observers,
            pairs: observers * u128::from(control.gateway.observers()),
        }
    }

    /// Learns of changes made since.
    pub fn extend(&mut self, control: &Control) {
        self.ways.extend(&control.changes);
        self.nodes.resize(control.changes.revisions.len(), 0);
    }

    /// An observer of a resource adopts a change.
    pub fn adopt(&mut self, resource: usize, Adoption { observer, change, .. }: Adoption) {
        let before = std::mem::replace(&mut self.held[resource][observer as usize], change);
        let wiring = match resource {
            0 => {
                self.nodes[before as usize] -= 1;
                self.nodes[change as usize] += 1;
                return;
            }
            1 | 2 => resource - 1,
            // Looked up when it is needed.
            _ => return,
        };
        let (lost, won) = (&self.ways.leads_to[wiring][before as usize], &self.ways.leads_to[wiring][change as usize]);
        for (sum, (lost, won)) in self.front_ends[wiring].iter_mut().zip(lost.iter().zip(won.iter())) {
            *sum = *sum - u128::from(*lost) + u128::from(*won);
        }
    }

    /// The probabilities that a request of a source, shaped by its node or its producer, is written in each contract and run by each
    /// version.
    pub fn table(&self, source: usize) -> Grid<f64> {
        let front_ends = (&self.front_ends, self.observers * u128::from(CERTAIN));
        let pointed = self.pointed[source];
        let (sums, all) = match self.direct[source] {
            None => {
                let nodes = self.nodes.iter().map(|&nodes| u128::from(nodes));
                (self.ways.table(pointed, nodes, front_ends), self.pairs)
            }
            Some(producer) => {
                let [writes, asks] = [producer, producer + 1].map(|resource| {
                    let held = self.held[resource][0] as usize;
                    let mut one = vec![0; held + 1];
                    one[held] = 1;
                    one
                });
                (self.ways.direct(source, pointed, (&writes, &asks), front_ends), self.observers)
            }
        };
        let share = |sum: u128| if sum == 0 { 0.0 } else { sum as f64 / all as f64 / CERTAIN as f64 };
        Each::from_fn(|written| Each::from_fn(|run| share(sums[written][run])))
    }
}
