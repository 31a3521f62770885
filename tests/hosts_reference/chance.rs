//! What chance and the clock decide in the slow model: events, errors of the code, clients, and the odds of a mismatch.

use crate::callers::Wish;
use crate::faults::Faults;
use crate::model::Model;
use cutover::ids::{Contract, Qualifier, Version};
use cutover::source::Clients;
use cutover::time::Instant;

impl Model<'_> {
    /// What goes wrong by itself.
    pub fn faults(&self) -> Faults<'_> {
        Faults { service: self.service, seed: self.seed }
    }

    /// What clients may have updated to, and since when.
    fn updates(&self) -> Vec<(Instant, Version)> {
        match self.rollout.planned {
            true => self.rollout.begun.clone(),
            false => vec![(Instant::ZERO, *self.versions.last().unwrap())],
        }
    }

    fn contract(&self, version: Version) -> Contract {
        self.service.release(version).contract
    }

    /// The contract in which a client of the source writes at `now`: the newest that it has updated to.
    pub fn client(&self, place: usize, index: u64, now: Instant) -> Contract {
        let source = self.source(place);
        let bits = self.seed.stream("client", &source.name).bits(index, 0);
        let updated = |&&(since, _): &&(Instant, Version)| !source.clients.unwrap().is_old_since(since, now, bits);
        let updates = self.updates();
        let version = updates.iter().rev().find(updated).map_or(self.versions[0], |&(_, version)| version);
        self.contract(version)
    }

    /// The probabilities of the contracts in which a client writes.
    fn clients(&self, clients: &Clients, now: Instant) -> Vec<(f64, Contract)> {
        let mut shares = vec![self.contract(self.versions[0])];
        shares.extend(self.updates().iter().map(|&(_, version)| self.contract(version)));
        let mut reached = vec![1.0];
        reached.extend(self.updates().iter().map(|&(since, _)| 1.0 - clients.old_share_since(since, now)));
        reached.push(0.0);
        // Who has got as far as one and not as far as the next.
        (0..shares.len()).map(|place| (reached[place] - reached[place + 1], shares[place])).collect()
    }

    /// What the producer of a source writes that is wired by itself.
    pub fn produced(&self, source: usize, now: Instant) -> Option<Contract> {
        let (_, producer) = self.rollout.producers[source].as_ref()?;
        Some(producer.values[producer.view(0, now)])
    }

    /// The probability that an attempt is mismatched that a replica of `version` has got; `is_found`: whether it came there whatever its
    /// gateway node.
    pub fn odds(&self, wish: &Wish, version: Version, is_found: bool, now: Instant) -> f64 {
        let wrong = |contract| f64::from(u8::from(self.contract(version) != contract));
        match (wish.contract, self.source(wish.source).clients) {
            (Some(contract), _) => return wrong(contract),
            (None, Some(clients)) => {
                return self.clients(&clients, now).iter().map(|&(share, contract)| share * wrong(contract)).sum();
            }
            (None, None) => {}
        }
        if let Some(contract) = self.produced(wish.source, now) {
            return wrong(contract);
        }
        let (mut all, mut mismatched) = (0.0, 0.0);
        for node in 0..self.service.gateway.nodes {
            let (contract, qualifier) = self.rollout.gateway.values[self.rollout.gateway.view(node, now)];
            let leads_there = match qualifier {
                _ if is_found => 1.0,
                Qualifier::Number(number) => f64::from(u8::from(number == version)),
                Qualifier::Alias => self.alias_share(version, now),
                Qualifier::Any | Qualifier::Latest => unreachable!("it was found"),
            };
            all += leads_there;
            mismatched += leads_there * wrong(contract);
        }
        mismatched / all
    }

    /// How likely a node of the balancer sends a request to a version.
    fn alias_share(&self, version: Version, now: Instant) -> f64 {
        let nodes = self.hosts.balancer.nodes;
        let of = |node| {
            let target = self.rollout.alias.values[self.rollout.alias.view(node, now)];
            let (other, weight) = target.additional.map_or((version, 0.0), |(other, weight)| (other, weight.as_f64()));
            f64::from(u8::from(target.primary == version)) * (1.0 - weight)
                + f64::from(u8::from(other == version)) * weight
        };
        (0..nodes).map(of).sum::<f64>() / f64::from(nodes)
    }
}
