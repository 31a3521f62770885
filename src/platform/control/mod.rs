//! The control plane of one replication: what has been changed, and who has learnt of it.

mod changes;
mod direct;
mod live;
mod pointed;
mod propagation;
mod provisions;

pub use changes::{Changes, Revision, Wires};
pub use direct::Direct;
pub use live::{Course, Hands, Live};
pub use pointed::Pointed;
pub use propagation::{Adoption, Propagation};
pub use provisions::{Kept, Provisions};

use crate::ids::{Contract, Qualifier, Version};
use crate::platform::{Fate, Release, Service};
use crate::random::Seed;
use crate::strategy::{Action, AliasTarget, Resource, Strategy, Wake};
use crate::time::Instant;
use crate::units::Threshold;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The resources of the control plane, what each of their changes leads to, and who holds which.
#[derive(Clone, Debug)]
pub struct Control {
    /// What each resource holds after each of its changes.
    pub changes: Changes,
    /// Which revisions the gateway's nodes hold.
    pub gateway: Propagation,
    /// The front-ends' view of `$LATEST`.
    pub code: Propagation,
    /// The front-ends' view of the alias.
    pub alias: Propagation,
    /// Who has learnt of the wiring of each source that is wired by itself; `None` for the others.
    pub direct: Vec<Option<Direct>>,
    /// How the route of each source is re-pointed.
    pub pointed: Vec<Pointed>,
    /// The environments that are kept ready.
    pub provisions: Provisions,
    /// Which versions began to go live, and when.
    pub begun: Vec<(Instant, Version)>,
    /// What was done, and from when observers may have learnt of it, in order of time.
    pub actions: Vec<(Instant, Action)>,
}

impl Control {
    /// The control plane before `strategy` has done anything; `fate`: what is taken as given instead of drawn.
    #[must_use]
    pub fn new(service: &Service, strategy: &Strategy, seed: Seed, fate: &Fate) -> Self {
        let (gateway, function) = (&service.gateway, &service.function);
        let (followers, alias_lag) = service.followers(strategy.on());
        // A front-end's lags for code and alias are the same quantile of two laws: a slow front-end is slow for both.
        let front_ends = seed.stream("lag", "front-end");
        let mut control = Self {
            changes: Changes::new(service, strategy),
            gateway: Propagation::new(gateway.nodes, gateway.lag, seed.stream("lag", "node")),
            code: Propagation::new(followers, function.latest_lag, front_ends),
            alias: Propagation::new(followers, alias_lag, front_ends),
            direct: Direct::each(service, seed),
            pointed: pointed::drawn(service, strategy, seed, fate),
            provisions: Provisions::new(service, strategy, seed),
            begun: Vec::new(),
            actions: Vec::new(),
        };
        // Where nobody says when a deployment begins, it does at 0.
        if !strategy.reacts() {
            control.begin(Instant::ZERO, strategy.deployment.to);
        }
        control
    }

    /// The deployment of a version begins at `now`, and the producers of sources that are wired by themselves follow.
    pub fn begin(&mut self, now: Instant, version: Version) {
        self.changes.begin(version);
        self.begun.push((now, version));
        for direct in self.direct.iter_mut().flatten() {
            direct.producer.change(now + direct.at);
        }
    }

    /// A rollout without requests, which no alarm stops, carried out to its end and to the last adoption.
    #[must_use]
    pub fn alone(service: &Service, strategy: &Strategy, seed: Seed, fate: &Fate) -> Self {
        let mut control = Self::new(service, strategy, seed, fate);
        let mut live = Live::new(service, strategy, seed, fate);
        let wakes = BinaryHeap::from([Reverse(Instant::ZERO)]);
        let mut alone = Alone { control: &mut control, wakes };
        let mut why = Wake::Start;
        while let Some(Reverse(now)) = alone.wakes.pop() {
            live.wake(why, now, &mut alone);
            why = Wake::Over;
        }
        control.advance(Instant::END);
        control
    }

    /// Does something at `now`.
    pub fn act(&mut self, now: Instant, action: Action) {
        if let Action::Rewire { source, .. } = action
            && self.pointed[source] == Pointed::Forgotten
        {
            return;
        }
        self.actions.push((now, action));
        self.changes.make(action);
        match action.resource() {
            Resource::Gateway => self.gateway.change(now),
            Resource::Code => self.code.change(now),
            Resource::Alias => self.alias.change(now),
            Resource::Mapping(source) => {
                if let Some(direct) = &mut self.direct[source] {
                    direct.mapping.change(now);
                }
            }
            Resource::Replicas | Resource::Stacks => {}
            Resource::Provisioned => {
                if let Action::Provision { version, environments } = action {
                    self.provisions.want(now, version, environments);
                }
            }
        }
    }

    /// Lets everybody adopt what has reached them by `now`.
    pub fn advance(&mut self, now: Instant) {
        [&mut self.gateway, &mut self.code, &mut self.alias].into_iter().for_each(|resource| resource.advance(now));
        for Direct { producer, mapping, .. } in self.direct.iter_mut().flatten() {
            producer.advance(now);
            mapping.advance(now);
        }
    }

    /// When the next observer is reached by a change; [`Instant::END`] if none will be.
    #[must_use]
    pub fn next_at(&self) -> Instant {
        self.resources().map(Propagation::next_at).min().unwrap_or(Instant::END)
    }

    /// When every observer will have adopted what has been done by `now`.
    pub fn settles_at(&mut self, now: Instant) -> Instant {
        self.advance(now);
        self.deployed().filter_map(Propagation::last_at).fold(now, Instant::max)
    }

    /// The gateway, `$LATEST` and the alias; then the producer and the mapping of each source that has its own.
    pub fn resources(&self) -> impl Iterator<Item = &Propagation> {
        let direct = self.direct.iter().flatten().flat_map(|direct| [&direct.producer, &direct.mapping]);
        [&self.gateway, &self.code, &self.alias].into_iter().chain(direct)
    }

    /// Those of them that a deployment changes: producers are deployed by themselves.
    fn deployed(&self) -> impl Iterator<Item = &Propagation> {
        let mappings = self.direct.iter().flatten().map(|direct| &direct.mapping);
        [&self.gateway, &self.code, &self.alias].into_iter().chain(mappings)
    }

    /// What the route of `source` asks for after `change`: of the gateway, at a node that holds this revision; else of its mapping.
    #[must_use]
    pub fn route(&self, change: usize, source: usize) -> Qualifier {
        let pointed = self.pointed[source];
        let change = if pointed == Pointed::Forgotten { 0 } else { change };
        pointed.asks(match &self.changes.direct[source] {
            Some(wires) => wires.asked[change],
            None => self.changes.revisions[change].qualifier,
        })
    }

    /// Whether nothing has been changed that somebody has not learnt of.
    #[must_use]
    pub fn changes_settled(&self) -> bool {
        self.deployed().all(Propagation::is_settled)
    }

    /// When the last node or front-end adopted the last change of its resource; `None` without changes, or before.
    #[must_use]
    pub fn settled(&self) -> Option<Instant> {
        self.deployed().filter_map(Propagation::settled).max().filter(|_| self.changes_settled())
    }

    /// The routes that a person re-pointed under `strategy`.
    #[must_use]
    pub fn operator_steps(&self, strategy: &Strategy) -> usize {
        match strategy.rollout.by_hand() {
            Some(_) => self.pointed.iter().filter(|&&pointed| pointed != Pointed::Forgotten).count(),
            None => 0,
        }
    }
}

/// The control plane without anything else: no alarm is ever on, and nobody takes anything back.
struct Alone<'a> {
    control: &'a mut Control,
    wakes: BinaryHeap<Reverse<Instant>>,
}

impl Hands for Alone<'_> {
    fn is_in_alarm(&self, _: usize) -> bool {
        false
    }

    fn begin(&mut self, now: Instant, version: Version) {
        self.control.begin(now, version);
    }

    fn act(&mut self, now: Instant, action: Action) {
        self.control.act(now, action);
    }

    fn settles_at(&mut self, now: Instant) -> Instant {
        self.control.settles_at(now)
    }

    fn ready_at(&self, now: Instant) -> Instant {
        self.control.provisions.ready_at(now)
    }

    fn wake_at(&mut self, at: Instant, turn: Option<u32>) {
        if turn.is_some() {
            self.wakes.push(Reverse(at));
        }
    }
}

impl AliasTarget {
    /// The second version's threshold: a request goes there if its draw falls below. Never, where there is none.
    #[must_use]
    pub fn threshold(&self) -> Option<Threshold> {
        self.additional.map(|(_, weight)| weight.threshold())
    }
}

impl Release {
    /// Whether it can read events of `contract`.
    #[must_use]
    pub fn accepts(&self, contract: Contract) -> bool {
        self.accepts.contains(&contract)
    }
}
