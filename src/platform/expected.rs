//! The exact expected number of mismatched requests, given a replication's adoption times (guarantee G9).
//!
//! Between two adoptions every request faces the same odds: its node holds revision r with the share of nodes that
//! do, its front-end sends it to the wrong version with a share counted over front-ends, and the two are independent.
//! Summing odds times expected arrivals over all such stretches gives the number that the simulation must have on
//! average. It shares nothing with the simulation but the adoption times.

use super::control::Control;
use super::propagation::Propagation;
use super::side::Both;
use super::{Service, Window};
use crate::ids::{Contract, Qualifier, Version};
use crate::source::{FeedError, Source};
use crate::strategy::{AliasTarget, Strategy};
use crate::time::Instant;

/// Probability 1, in the units of [`crate::units::Threshold`]: whole numbers, so that what must cancel does.
const CERTAIN: u64 = 1 << 63;

/// The expected number of mismatched requests that arrive in [0, after).
///
/// # Errors
/// [`FeedError`], where a trace that is not held in memory cannot be read again.
pub fn mismatched(
    service: &Service,
    strategy: &Strategy,
    control: &Control,
    window: &Window,
) -> Result<f64, FeedError> {
    let mut odds = Odds::new(service, strategy, control);
    let (mut from, end) = (Instant::ZERO, window.end());
    let mut sum = 0.0;
    let mut merged: Vec<_> = [&control.gateway, &control.code, &control.alias]
        .into_iter()
        .enumerate()
        .flat_map(|(resource, propagation)| {
            propagation.adoptions().iter().map(move |adoption| (adoption.at, resource, *adoption))
        })
        .collect();
    merged.sort_unstable();
    for (at, resource, adoption) in merged {
        let at = at.clamp(from, end);
        if at > from {
            sum += odds.over(from, at)?;
            from = at;
        }
        odds.adopt(resource, adoption.observer, adoption.change);
    }
    Ok(sum + if end > from { odds.over(from, end)? } else { 0.0 })
}

/// The odds at one instant.
struct Odds<'a> {
    service: &'a Service,
    control: &'a Control,
    /// The contracts of the version replaced and of its replacement.
    contracts: [Contract; 2],
    /// What each observer of gateway, `$LATEST` and alias holds.
    held: [Vec<u32>; 3],
    /// How many nodes hold each revision.
    nodes: Vec<u32>,
    /// For `$LATEST` and the alias, and for each of the two contracts: the probability that a front-end sends a
    /// request to a version of another contract, summed over front-ends.
    misses: [[u128; 2]; 2],
}

impl<'a> Odds<'a> {
    fn new(service: &'a Service, strategy: &Strategy, control: &'a Control) -> Self {
        let Both(contracts) = Both::contracts(service, &strategy.deployment);
        let zeros = |propagation: &Propagation| vec![0; propagation.observers() as usize];
        let mut nodes = vec![0; control.revisions.len()];
        nodes[0] = control.gateway.observers();
        let mut odds = Self {
            service,
            control,
            contracts,
            held: [zeros(&control.gateway), zeros(&control.code), zeros(&control.alias)],
            nodes,
            misses: [[0; 2]; 2],
        };
        let front_ends = u128::from(control.code.observers());
        for wiring in [0, 1] {
            odds.misses[wiring] = odds.miss(wiring, 0).map(|miss| u128::from(miss) * front_ends);
        }
        odds
    }

    fn adopt(&mut self, resource: usize, observer: u32, change: u32) {
        let before = std::mem::replace(&mut self.held[resource][observer as usize], change);
        if resource == 0 {
            self.nodes[before as usize] -= 1;
            self.nodes[change as usize] += 1;
            return;
        }
        let wiring = resource - 1;
        let (old, new) = (self.miss(wiring, before), self.miss(wiring, change));
        for (sum, (old, new)) in self.misses[wiring].iter_mut().zip(old.into_iter().zip(new)) {
            *sum = *sum - u128::from(old) + u128::from(new);
        }
    }

    /// For both contracts: the probability that a front-end that holds `change` of `$LATEST` (0) or the alias (1)
    /// sends a request to a version of another contract.
    fn miss(&self, wiring: usize, change: u32) -> [u64; 2] {
        let target = if wiring == 0 {
            AliasTarget { primary: self.control.latest[change as usize], additional: None }
        } else {
            self.control.targets[change as usize]
        };
        self.contracts.map(|contract| {
            let wrong = |version: Version| u64::from(self.service.release(version).contract != contract);
            match target.additional {
                None => CERTAIN * wrong(target.primary),
                Some((version, weight)) => {
                    let share = weight.threshold().parts();
                    share * wrong(version) + (CERTAIN - share) * wrong(target.primary)
                }
            }
        })
    }

    /// The expected number of mismatched requests in [from, to), over which nothing is adopted.
    fn over(&self, from: Instant, to: Instant) -> Result<f64, FeedError> {
        self.service.sources.iter().enumerate().map(|(place, source)| self.of_source(place, source, from, to)).sum()
    }

    fn of_source(&self, place: usize, source: &Source, from: Instant, to: Instant) -> Result<f64, FeedError> {
        // Where nothing can go wrong, arrivals need not be counted: a long trace is not read again for nothing.
        let times = |odds: f64, requests: &dyn Fn() -> Result<f64, FeedError>| {
            if odds == 0.0 { Ok(0.0) } else { Ok(odds * requests()?) }
        };
        match &source.clients {
            None => {
                let odds = self.over_revisions(place, |revision| {
                    usize::from(self.control.revisions[revision].contract != self.contracts[0])
                });
                times(odds, &|| source.arrivals.expected(from, to))
            }
            Some(clients) => {
                let [old, new] = [0, 1].map(|contract| self.over_revisions(place, |_| contract));
                // old x (old clients) + new x (all - old clients), each counted once and only where it matters.
                let all = times(new, &|| source.arrivals.expected(from, to))?;
                let share = clients.old.as_f64();
                let decayed =
                    times((old - new) * share, &|| source.arrivals.expected_decayed(from, to, clients.half_life))?;
                Ok(all + decayed)
            }
        }
    }

    /// The probability that a request of a source meets another contract than the one that `contract` gives (as a
    /// place in `contracts`) for its node's revision.
    fn over_revisions(&self, source: usize, contract: impl Fn(usize) -> usize) -> f64 {
        let front_ends = u128::from(self.control.code.observers());
        let mut sum = 0;
        for (revision, &nodes) in self.nodes.iter().enumerate() {
            let written = contract(revision);
            let missing = match self.control.route(revision, source) {
                Qualifier::Latest => self.misses[0][written],
                Qualifier::Alias => self.misses[1][written],
                Qualifier::Number(version) => {
                    let wrong = self.service.release(version).contract != self.contracts[written];
                    front_ends * u128::from(CERTAIN) * u128::from(wrong)
                }
            };
            sum += missing * u128::from(nodes);
        }
        sum as f64 / (front_ends * u128::from(self.control.gateway.observers())) as f64 / CERTAIN as f64
    }
}
