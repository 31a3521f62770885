//! One request of one replication, and its whole path. The replication is simulated again, and what watches it writes down what it
//! sees: once to find the request, once for those around it, once for all of them.

use super::told;
use crate::experiment::batch::describe;
use crate::experiment::replicate::begun::Begun;
use crate::experiment::replicate::replication::Replication;
use crate::ids::Qualifier;
use crate::metrics::Cause;
use crate::platform::control::Control;
use crate::platform::{Attempt, Blame, Cast, Fate, Observer, Outcome, SimulationError, Way};
use crate::random::Seed;
use crate::results::story::{Adoption, Deed, Passage, Story};
use crate::scenario::{MEMORY, Scenario};
use crate::strategy::{Action, On, Strategy};
use crate::time::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// Which request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// This one, of the source at this place.
    Request(u32, u64),
    /// The first that arrives from t = 0 on of which this is true.
    First(First),
}

/// Of what the first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum First {
    /// An attempt met code that could not read it.
    Incompatible,
    /// It was lost.
    Lost,
    /// It started an instance.
    Cold,
}

/// How many neighbours are told of on either side.
const NEIGHBOURS: usize = 2;

/// A request and the moment of its first attempt, so that the least is the first.
type Found = (Instant, u32, u64);

/// Looks for the request.
struct Seek {
    which: Which,
    found: Option<Found>,
}

impl Observer for Seek {
    fn ended(&mut self, attempt: &Attempt, _: Way) {
        let is_it = match self.which {
            Which::Request(source, index) => (attempt.source, attempt.index) == (source, index),
            Which::First(_) if attempt.arrival < Instant::ZERO => false,
            Which::First(First::Incompatible) => attempt.outcome == Outcome::Incompatible,
            Which::First(First::Lost) => attempt.last && attempt.outcome.is_lost(),
            Which::First(First::Cold) => attempt.cold,
        };
        let found = (attempt.arrival, attempt.source, attempt.index);
        if is_it && self.found.is_none_or(|known| found < known) {
            self.found = Some(found);
        }
    }
}

/// Looks for the requests of its source just before it and just after.
struct Around {
    of: Found,
    before: BTreeSet<Found>,
    after: BTreeSet<Found>,
}

impl Observer for Around {
    fn ended(&mut self, attempt: &Attempt, _: Way) {
        let other = (attempt.arrival, attempt.source, attempt.index);
        if attempt.source != self.of.1 || attempt.attempt > 0 || attempt.index == self.of.2 {
            return;
        }
        if other < self.of {
            self.before.insert(other);
            while self.before.len() > NEIGHBOURS {
                self.before.pop_first();
            }
        } else {
            self.after.insert(other);
            while self.after.len() > NEIGHBOURS {
                self.after.pop_last();
            }
        }
    }
}

/// Writes down all that is seen of some requests.
struct Witness {
    wanted: BTreeSet<(u32, u64)>,
    blame: Blame,
    cast: Cast,
    seen: Vec<(Attempt, Way, Option<Cause>)>,
    /// The instance of each attempt that had one, and when it got it.
    began: BTreeMap<(u32, u64, u8), (u64, Instant)>,
    control: Option<Box<Control>>,
}

impl Observer for Witness {
    fn ended(&mut self, attempt: &Attempt, way: Way) {
        if self.wanted.contains(&(attempt.source, attempt.index)) {
            let mismatched = attempt.handled() && self.cast.mismatched()[way.contract][way.version];
            let cause = mismatched.then(|| self.blame.cause(attempt, way));
            self.seen.push((*attempt, way, cause));
        }
    }

    fn began(&mut self, source: u32, index: u64, attempt: u8, instance: u64, now: Instant) {
        if self.wanted.contains(&(source, index)) {
            self.began.insert((source, index, attempt), (instance, now));
        }
    }

    fn changed(&mut self, now: Instant, control: &Control, back: bool) {
        self.blame.learn(now, control, back);
    }

    fn over(&mut self, control: &Control) {
        self.control = Some(Box::new(control.clone()));
    }
}

/// The story of a request; `None` where there is no such one.
///
/// # Errors
/// [`SimulationError`], when the replication had to be given up.
pub fn story(
    scenario: &Scenario,
    strategy: &Strategy,
    seed: Seed,
    which: Which,
) -> Result<Option<Story>, SimulationError> {
    let (_, Seek { found, .. }) = watched(scenario, strategy, seed, Seek { which, found: None })?;
    let Some(of) = found else { return Ok(None) };
    let around = Around { of, before: BTreeSet::new(), after: BTreeSet::new() };
    let (_, around) = watched(scenario, strategy, seed, around)?;
    let all = around.before.iter().chain(&around.after).chain([&of]);
    let cast = Cast::new(&scenario.service, strategy);
    let witness = Witness {
        wanted: all.map(|&(_, source, index)| (source, index)).collect(),
        blame: Blame::new(&scenario.service, &cast, strategy.on()),
        cast,
        seen: Vec::new(),
        began: BTreeMap::new(),
        control: None,
    };
    let (replication, witness) = watched(scenario, strategy, seed, witness)?;
    let teller = Teller { scenario, strategy, seed, witness: &witness };
    let passages = |found: &BTreeSet<Found>| {
        let first = |&(_, source, index): &Found| teller.passages((source, index)).into_iter().next();
        found.iter().filter_map(first).collect::<Vec<_>>()
    };
    let attempts = teller.passages((of.1, of.2));
    let adoptions = teller.adoptions();
    Ok(Some(Story {
        scenario: scenario.name.clone(),
        strategy: strategy.name.clone(),
        replication: seed.replication,
        seed: seed.seed,
        source: scenario.service.sources[of.1 as usize].name.clone(),
        index: of.2,
        actions: replication
            .actions
            .iter()
            .map(|(at, deed)| Deed {
                at_s: at.seconds(),
                action: describe::action(deed, strategy.on(), &scenario.service.sources),
            })
            .collect(),
        counterfactual: teller.counterfactual(&replication.actions, &attempts, &adoptions),
        adoptions,
        attempts,
        before: passages(&around.before),
        after: passages(&around.after),
    }))
}

fn watched<O: Observer>(
    scenario: &Scenario,
    strategy: &Strategy,
    seed: Seed,
    observer: O,
) -> Result<(Replication, O), SimulationError> {
    let fate = Fate::default();
    Begun::new(scenario, strategy, (seed, &fate), MEMORY, observer)?.end(scenario, strategy, &fate)
}

/// Tells what was seen in words.
struct Teller<'a> {
    scenario: &'a Scenario,
    strategy: &'a Strategy,
    seed: Seed,
    witness: &'a Witness,
}

impl Teller<'_> {
    /// The attempts of a request, in order.
    fn passages(&self, (source, index): (u32, u64)) -> Vec<Passage> {
        let mut own: Vec<_> = self
            .witness
            .seen
            .iter()
            .filter(|(attempt, ..)| (attempt.source, attempt.index) == (source, index))
            .collect();
        own.sort_by_key(|(attempt, ..)| attempt.attempt);
        own.into_iter().map(|(attempt, way, cause)| self.passage(attempt, *way, *cause)).collect()
    }

    fn passage(&self, attempt: &Attempt, way: Way, cause: Option<Cause>) -> Passage {
        let service = &self.scenario.service;
        let source = &service.sources[attempt.source as usize];
        let qualifier = self.asked(attempt);
        let (node, front_end) = told::through(self.scenario, self.strategy, self.seed, attempt, qualifier);
        let began = self.witness.began.get(&(attempt.source, attempt.index, attempt.attempt as u8));
        let ready =
            began.map_or(attempt.end, |&(_, at)| attempt.cold_wait.map_or(at, |wait| at + wait)).min(attempt.end);
        Passage {
            source: source.name.clone(),
            index: attempt.index,
            attempt: attempt.attempt,
            arrival_ns: attempt.arrival.ns(),
            node,
            revision: attempt.revision,
            contract: attempt.contract.to_string(),
            qualifier: told::asked(way, qualifier, self.strategy.on()),
            front_end,
            version: attempt.version.to_string(),
            instance: began.map(|&(instance, _)| instance),
            cold: attempt.cold,
            wait_ns: ready.since(attempt.arrival).ns(),
            service_ns: attempt.end.since(ready).ns(),
            end_ns: attempt.end.ns(),
            outcome: told::outcome(attempt.outcome),
            cause: cause.map(Cause::key),
        }
    }

    fn asked(&self, attempt: &Attempt) -> Option<Qualifier> {
        let control = self.witness.control.as_ref()?;
        let (source, change) = (attempt.source as usize, attempt.revision as usize);
        Some(control.route(change, source))
    }

    /// Who adopted what, in order of time.
    fn adoptions(&self) -> Vec<Adoption> {
        let Some(control) = &self.witness.control else { return Vec::new() };
        let on_hosts = self.strategy.on() == On::Hosts;
        let mut all = Vec::new();
        for adoption in control.gateway.adoptions() {
            all.push((adoption.at, format!("node {}", adoption.observer), format!("revision {}", adoption.change)));
        }
        let follower = if on_hosts { "balancer node" } else { "front-end" };
        for adoption in control.code.adoptions() {
            let runs = control.changes.latest[adoption.change as usize];
            all.push((adoption.at, format!("{follower} {}", adoption.observer), format!("$LATEST {runs}")));
        }
        for adoption in control.alias.adoptions() {
            let target = control.changes.targets[adoption.change as usize];
            let second = target
                .additional
                .map_or_else(String::new, |(version, weight)| format!(", {:.3} % {version}", 100.0 * weight.as_f64()));
            let holds = format!("live {}{second}", target.primary);
            all.push((adoption.at, format!("{follower} {}", adoption.observer), holds));
        }
        let sources = self.scenario.service.sources.iter().zip(control.direct.iter().zip(&control.changes.direct));
        for (source, (direct, wires)) in sources {
            let (Some(direct), Some(wires)) = (direct, wires) else { continue };
            for adoption in direct.producer.adoptions() {
                let holds = format!("format {}", wires.written[adoption.change as usize]);
                all.push((adoption.at, format!("producer of {}", source.name), holds));
            }
            for adoption in direct.mapping.adoptions() {
                all.push((adoption.at, format!("mapping of {}", source.name), format!("change {}", adoption.change)));
            }
        }
        let end = self.scenario.window.end();
        all.retain(|&(at, ..)| at <= end);
        all.sort();
        all.into_iter().map(|(at, who, holds)| Adoption { at_s: at.seconds(), who, holds }).collect()
    }

    /// What would have had to be different for the last mismatched attempt, or for the last one that was lost.
    fn counterfactual(
        &self,
        actions: &[(Instant, Action)],
        attempts: &[Passage],
        adoptions: &[Adoption],
    ) -> Option<String> {
        let mismatched = attempts.iter().rev().find(|attempt| attempt.cause.is_some());
        let Some(attempt) = mismatched else {
            let last = attempts.last()?;
            return (last.outcome != "served")
                .then(|| format!("It met the version that it was written for, and was {}.", last.outcome));
        };
        let cause = Cause::by_key(attempt.cause?)?;
        let at = attempt.arrival_ns as f64 / 1e9;
        let next = |who: &str| {
            let found = adoptions.iter().find(|adoption| adoption.who == who && adoption.at_s > at);
            found.map_or_else(
                || format!("{who} learnt of nothing more"),
                |found| format!("{who} holds {} only from {:.3} s on", found.holds, found.at_s),
            )
        };
        Some(match cause {
            Cause::Cookie => "Without its user's cookie it would have gone where the others went.".to_owned(),
            Cause::Client => {
                format!("Its client still wrote {}; one that had updated would have matched.", attempt.contract)
            }
            Cause::Queued => {
                format!("It waited in its queue: received when it was sent, {} was still right.", attempt.contract)
            }
            Cause::Route => {
                "Its route did not ask for what it should; re-pointed rightly, it would have matched.".to_owned()
            }
            Cause::Rollback => {
                "What was deployed was being taken back: the sides go back one after the other.".to_owned()
            }
            Cause::Weight => {
                format!(
                    "Requests were split by weight, and its draw fell to {}: the other version writes as it did.",
                    attempt.version
                )
            }
            Cause::NotYet => {
                let next = actions.iter().find(|(made, _)| made.seconds() > at);
                let next = next.map_or_else(
                    || "nothing more is done".to_owned(),
                    |(made, action)| {
                        let sources = &self.scenario.service.sources;
                        let what = describe::action(action, self.strategy.on(), sources);
                        format!("what is done next is `{what}`, at {:.3} s", made.seconds())
                    },
                );
                format!("The other side had not been changed yet; {next}.")
            }
            Cause::NodeLate => match attempt.node {
                Some(node) => format!("{}.", next(&format!("node {node}"))),
                None => format!("{}.", next(&format!("producer of {}", attempt.source))),
            },
            Cause::FrontEndLate => {
                format!("{}.", next(&format!("front-end {}", attempt.front_end.unwrap_or_default())))
            }
            Cause::BalancerLate => match attempt.qualifier.as_str() {
                "any replica" => "Its replica was ending, and the balancer had not learnt of that.".to_owned(),
                _ => format!("{}.", next(&format!("balancer node {}", attempt.front_end.unwrap_or_default()))),
            },
        })
    }
}
