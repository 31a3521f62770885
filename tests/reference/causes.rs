//! Why attempts were mismatched, worked out by going through all that was done for each of them anew.

use cutover::ids::{Contract, Qualifier, Version};
use cutover::metrics::Cause;
use cutover::platform::{Attempt, Service};
use cutover::source::Arrivals;
use cutover::strategy::{Action, AliasTarget, Slip};
use cutover::time::Instant;

/// In place of an alias's change: the version was asked for by a cookie or a queue; the replica was ending.
pub const KEPT: usize = 65_535;
pub const ENDING: usize = 65_534;

/// When a producer was told to write a contract, and when it did.
pub type Written = (Instant, Instant, Contract);

/// What was done in a rollout.
pub struct Facts<'a> {
    pub service: &'a Service,
    /// In the order of their turn.
    pub versions: &'a [Version],
    /// What everybody asks for in the beginning.
    pub first: Qualifier,
    /// What took effect.
    pub actions: &'a [(Instant, Action)],
    pub begun: Vec<(Instant, Version)>,
    /// Whether what was deployed was being taken back from then on.
    pub backs: &'a [(Instant, bool)],
    /// How each route was re-pointed that should ask for this version.
    pub slips: &'a [Slip],
    pub to: Version,
    /// What each producer was told to write.
    pub producers: Vec<Option<Vec<Written>>>,
    pub on_hosts: bool,
}

impl Facts<'_> {
    fn contract(&self, version: Version) -> Contract {
        self.service.release(version).contract
    }

    fn made(&self, until: Instant) -> impl Iterator<Item = Action> {
        self.actions.iter().filter(move |&&(at, _)| at <= until).map(|&(_, action)| action)
    }

    /// The gateway's revisions by then.
    fn revisions(&self, until: Instant) -> Vec<(Contract, Qualifier)> {
        let mut all = vec![(self.contract(self.versions[0]), self.first)];
        all.extend(self.made(until).filter_map(|action| match action {
            Action::RedeployGateway { shape, qualifier } => Some((self.contract(shape), qualifier)),
            _ => None,
        }));
        all
    }

    fn targets(&self, until: Instant) -> Vec<AliasTarget> {
        let mut all = vec![AliasTarget { primary: self.versions[0], additional: None }];
        all.extend(self.made(until).filter_map(|action| match action {
            Action::UpdateAlias(target) => Some(target),
            _ => None,
        }));
        all
    }

    fn mappings(&self, source: usize, until: Instant) -> Vec<Qualifier> {
        let mut all = vec![self.first];
        all.extend(self.made(until).filter_map(|action| match action {
            Action::Rewire { source: of, qualifier } if of == source => Some(qualifier),
            _ => None,
        }));
        all
    }

    fn code(&self, until: Instant) -> Version {
        let last = self.made(until).filter_map(|action| match action {
            Action::UpdateCode(version) => Some(version),
            _ => None,
        });
        last.last().unwrap_or(self.versions[0])
    }

    /// The place of a contract's first version in the order of turns.
    fn turn(&self, contract: Contract) -> usize {
        self.versions.iter().position(|&version| self.contract(version) == contract).unwrap()
    }

    pub fn cause(&self, attempt: &Attempt) -> Cause {
        let (place, at) = (attempt.source as usize, attempt.arrival);
        let source = &self.service.sources[place];
        let (wrote, ran) = (attempt.contract, self.contract(attempt.version));
        let view = attempt.alias_view as usize;
        let begun = self.begun.iter().rev().find(|&&(since, _)| since <= at);
        let new = self.contract(begun.map_or(self.versions[0], |&(_, version)| version));
        if matches!(source.arrivals, Arrivals::Users(_)) && view == KEPT {
            return Cause::Cookie;
        }
        if source.clients.is_some() && wrote != new {
            return Cause::Client;
        }
        let written = self.producers[place].as_ref();
        if source.via.queue().is_some() {
            // No later word overtakes an earlier one.
            let reached = written.unwrap().iter().rev().find(|&&(_, reached, _)| reached <= at);
            if wrote != reached.map_or(self.contract(self.versions[0]), |&(.., contract)| contract) {
                return Cause::Queued;
            }
        }
        let change = attempt.revision as usize;
        let held = match written {
            Some(_) => self.mappings(place, Instant::END)[change],
            None => self.revisions(Instant::END)[change].1,
        };
        let is_slip = match self.slips[place] {
            Slip::None => false,
            Slip::Forgotten => written.is_some() || held != self.first,
            Slip::Wrong => held == Qualifier::Number(self.to),
        };
        if is_slip {
            return Cause::Route;
        }
        if self.backs.iter().rev().find(|&&(since, _)| since <= at).is_some_and(|&(_, back)| back) {
            return Cause::Rollback;
        }
        let all = self.targets(Instant::END);
        if held == Qualifier::Alias && all.get(view).is_some_and(|target| target.additional.is_some()) {
            return Cause::Weight;
        }
        let event_is_older = match (wrote == new, ran == new) {
            (true, false) => false,
            (false, true) => true,
            _ => self.turn(wrote) < self.turn(ran),
        };
        if event_is_older {
            let told = match written {
                Some(written) => {
                    let told = written.iter().rev().find(|&&(made, ..)| made <= at);
                    told.map_or(self.contract(self.versions[0]), |&(.., contract)| contract)
                }
                None => self.revisions(at).last().unwrap().0,
            };
            return if told == ran { Cause::NodeLate } else { Cause::NotYet };
        }
        let leads = |asked: Qualifier| match asked {
            Qualifier::Number(version) => self.contract(version) == wrote,
            Qualifier::Latest => self.contract(self.code(at)) == wrote,
            Qualifier::Alias => {
                let target = *self.targets(at).last().unwrap();
                let second = target.additional.map(|(version, _)| version);
                [Some(target.primary), second].into_iter().flatten().any(|version| self.contract(version) == wrote)
            }
            Qualifier::Any => view == ENDING,
        };
        let asked = match written {
            Some(_) => *self.mappings(place, at).last().unwrap(),
            None => self.revisions(at).last().unwrap().1,
        };
        match () {
            () if !leads(asked) => Cause::NotYet,
            () if !leads(held) => Cause::NodeLate,
            () if self.on_hosts => Cause::BalancerLate,
            () => Cause::FrontEndLate,
        }
    }
}
