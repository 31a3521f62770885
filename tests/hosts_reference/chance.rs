//! What chance and the clock decide in the slow model: events, errors of the code, clients, and the odds of a mismatch.

use crate::callers::Wish;
use crate::model::Model;
use cutover::faults::{Errors, Event, Fails};
use cutover::ids::{Contract, Qualifier, Version};
use cutover::source::Clients;
use cutover::time::{Instant, Span};
use cutover::units::Share;

/// Everything, in parts.
const WHOLE: u64 = 1 << 63;

/// Whether a draw falls below so many parts.
pub fn below(parts: u64, bits: u64) -> bool {
    bits / 2 < parts
}

/// How likely one of several independent things happens.
fn either(parts: impl Iterator<Item = u64>) -> u64 {
    parts.fold(0, |sum, part| {
        let both = u128::from(sum) * u128::from(part) / u128::from(WHOLE);
        (u128::from(sum) + u128::from(part) - both) as u64
    })
}

impl Model<'_> {
    /// The events that go on at `now`, of those that happen. None goes on before the rollout begins.
    fn going_on(&self, now: Instant) -> impl Iterator<Item = &Event> {
        let happens = |place: usize, event: &Event| {
            event.chance.threshold().admits(self.seed.stream("event", &place.to_string()).bits(0, 0))
        };
        let events = self.service.events.iter().enumerate();
        let on = move |event: &Event| event.at <= now && now.ns() < event.at.ns() + event.lasts.ns() as i64;
        events.filter(move |(place, event)| on(event) && happens(*place, event)).map(|(_, event)| event)
    }

    /// The share of requests that fail on the way, in parts of 2^63.
    pub fn refused(&self, source: usize, version: Version, now: Instant) -> u64 {
        let nodes = u64::from(self.service.gateway.nodes);
        let shares = self.going_on(now).filter_map(|event| match event.fails {
            Fails::Permission(of) => (of == version).then_some(event.share),
            Fails::Source(of) => (of == source).then_some(event.share),
            Fails::Nodes => {
                // The fewest that are no smaller a share.
                let failing = (0..=nodes).find(|&n| Share::new(n, nodes).as_f64() >= event.share.as_f64() - 1e-12);
                failing.map(|failing| Share::new(failing, nodes))
            }
            Fails::Version(_) => None,
        });
        either(shares.map(|share| share.threshold().parts()))
    }

    /// The share of requests to a version that its code fails, in parts of 2^63.
    pub fn fails(&self, version: Version, arrival: Instant, born: Instant) -> u64 {
        let broken = self.going_on(arrival).filter(|event| event.fails == Fails::Version(version));
        let own = match &self.service.release(version).errors {
            Errors::Constant(share) => share.threshold().parts(),
            Errors::OverTime(trend) => trend.at(Span::from_ns(arrival.ns().max(0) as u64)).parts(),
            Errors::ByInstanceAge(trend) => trend.at(Span::from_ns((arrival.ns() - born.ns()).max(0) as u64)).parts(),
        };
        either(std::iter::once(own).chain(broken.map(|event| event.share.threshold().parts())))
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
