//! The way of a request: its gateway node's revision, the contract it is written in, and the version it is sent to.

use crate::ids::{Contract, Qualifier, Version};
use crate::platform::Service;
use crate::platform::control::{Control, Direct, Revision};
use crate::platform::index::{Cast, ContractIx, Each, VersionIx};
use crate::platform::record::{Call, Way};
use crate::random::{Seed, Stream};
use crate::source::{Clients, Source};
use crate::strategy::{Action, Strategy};
use crate::time::Instant;
use crate::units::Threshold;

/// All that decides the way of a request.
#[derive(Clone, Debug)]
pub struct Router {
    /// The control plane.
    pub control: Control,
    cast: Cast,
    nodes: u32,
    front_ends: u32,
    /// Which contract each revision writes.
    written: Vec<ContractIx>,
    /// Where each source's route leads, revision by revision.
    routes: Vec<Route>,
    /// The wiring of each source that is wired by itself; `None` for the others.
    direct: Vec<Option<Wired>>,
    /// What `$LATEST` runs after each update.
    latest: Vec<VersionIx>,
    /// What the alias names after each update.
    targets: Vec<Target>,
    /// Whether a version can be asked for by number, as a cookie does.
    askable: bool,
    /// Whether a director says when each version begins.
    planned: bool,
    /// The contracts that clients update to, and since when.
    cohorts: Vec<(ContractIx, Instant)>,
    sources: Vec<SourceStreams>,
    /// The way of every request of a source until `steady_until`, where it depends on no draw.
    steady: Vec<Option<Way>>,
    steady_until: Instant,
}

/// What a source's producer writes after each of its changes, and where its mapping leads after each of its own.
#[derive(Clone, Debug, Default)]
struct Wired {
    written: Vec<ContractIx>,
    routes: Vec<Route>,
}

#[derive(Clone, Copy, Debug)]
enum Route {
    Number(VersionIx),
    Latest,
    Alias,
    Any,
}

#[derive(Clone, Copy, Debug)]
struct Target {
    primary: VersionIx,
    additional: Option<(VersionIx, Threshold)>,
}

#[derive(Clone, Debug)]
struct SourceStreams {
    clients: Option<Clients>,
    keeps_contract: bool,
    node: Stream,
    front_end: Stream,
    alias: Stream,
    client: Stream,
}

impl Router {
    /// The ways of one replication.
    #[must_use]
    pub fn new(service: &Service, strategy: &Strategy, control: Control, seed: Seed) -> Self {
        let cast = &Cast::new(service, strategy);
        let planned = strategy.reacts();
        let stream = |source: &Source| {
            let stream = |purpose| seed.stream(purpose, &source.name);
            SourceStreams {
                clients: source.clients,
                keeps_contract: source.clients.is_some() || source.via.queue().is_some(),
                node: stream("node"),
                front_end: stream("front-end"),
                alias: stream("alias"),
                client: stream("client"),
            }
        };
        let mut router = Self {
            control,
            cast: *cast,
            nodes: service.gateway.nodes,
            front_ends: service.followers(strategy.on()).0,
            written: Vec::new(),
            routes: Vec::new(),
            direct: service.sources.iter().map(|source| source.via.producer().map(|_| Wired::default())).collect(),
            latest: Vec::new(),
            targets: Vec::new(),
            askable: true,
            planned,
            cohorts: if planned { Vec::new() } else { vec![(cast.updated(), Instant::ZERO)] },
            sources: service.sources.iter().map(stream).collect(),
            steady: vec![None; service.sources.len()],
            steady_until: Instant::BEGINNING,
        };
        router.extend();
        router
    }

    /// Does something on the control plane at `now`.
    pub fn act(&mut self, now: Instant, action: Action) {
        self.control.act(now, action);
        self.extend();
        self.steady_until = now;
    }

    /// Works out where changes beyond those known lead.
    fn extend(&mut self) {
        let Self { control, cast, written, routes, direct, latest, targets, .. } = self;
        let route = |change: usize, source: usize| match control.route(change, source) {
            Qualifier::Latest => Route::Latest,
            Qualifier::Number(version) => Route::Number(cast.place_of(version)),
            Qualifier::Alias => Route::Alias,
            Qualifier::Any => Route::Any,
        };
        for revision in written.len()..control.changes.revisions.len() {
            let Revision { contract, qualifier } = control.changes.revisions[revision];
            written.push(cast.place_of_contract(contract));
            self.askable &= qualifier != Qualifier::Latest;
            // Those of a source that is wired by itself are not asked for.
            let of_gateway =
                |source: usize| if direct[source].is_some() { Route::Latest } else { route(revision, source) };
            routes.extend((0..direct.len()).map(of_gateway));
        }
        for ((source, wired), wires) in direct.iter_mut().enumerate().zip(&control.changes.direct) {
            if let (Some(Wired { written, routes }), Some(wires)) = (wired, wires) {
                written.extend(wires.written[written.len()..].iter().map(|&contract| cast.place_of_contract(contract)));
                routes.extend((routes.len()..wires.asked.len()).map(|change| route(change, source)));
            }
        }
        latest.extend(control.changes.latest[latest.len()..].iter().map(|&version| cast.place_of(version)));
        targets.extend(control.changes.targets[targets.len()..].iter().map(|target| Target {
            primary: cast.place_of(target.primary),
            additional: target.additional.map(|(version, weight)| (cast.place_of(version), weight.threshold())),
        }));
    }

    /// The way of the first attempt of request `index` of a source, which arrives at `now`. The clock must not go back
    /// between calls.
    #[inline]
    pub fn way(&mut self, source: u32, index: u64, now: Instant) -> Way {
        match self.steady(source, now) {
            Some(way) => way,
            None => self.drawn_way(source, index, 0, None, now),
        }
    }

    /// The way of every request of a source at `now`, where it depends on no draw.
    #[inline]
    fn steady(&mut self, source: u32, now: Instant) -> Option<Way> {
        if now >= self.steady_until {
            self.look_ahead(now);
        }
        self.steady[source as usize]
    }

    /// The way of any attempt; `kept_on`: the version that the caller's cookie names.
    #[inline]
    pub fn way_of(&mut self, call: &Call, kept_on: Option<VersionIx>, now: Instant) -> Way {
        // What depends on no draw is not written by clients, but a queue may have kept it.
        let way = match self.steady(call.source, now) {
            Some(way) => Way { contract: call.contract.unwrap_or(way.contract), ..way },
            None => self.drawn_way(call.source, call.index, call.attempt.into(), call.contract, now),
        };
        match kept_on {
            Some(version) if self.askable => Way { alias_view: Way::KEPT, version, ..way },
            _ => way,
        }
    }

    /// Whether a version can be asked for by number.
    pub const fn askable(&self) -> bool {
        self.askable
    }

    /// Whether the requests of a source keep the contract of their first attempt: clients shape them, or a queue has taken them over.
    pub fn keeps_contract(&self, source: u32) -> bool {
        self.sources[source as usize].keeps_contract
    }

    /// The place of a version.
    pub fn place_of(&self, version: Version) -> VersionIx {
        self.cast.place_of(version)
    }

    /// The deployment of a version begins: clients update to its contract by and by.
    pub fn begin(&mut self, now: Instant, version: Version) {
        if self.planned {
            self.cohorts.push((self.cast.spoken(self.cast.place_of(version)), now));
        }
        self.control.begin(now, version);
        self.extend();
        self.steady_until = now;
    }

    /// In which contract a client of a source writes at `now`, drawn for request `index`; `None` where the gateway
    /// shapes the events.
    pub fn client(&self, source: u32, index: u64, now: Instant) -> Option<ContractIx> {
        let streams = &self.sources[source as usize];
        streams.clients.map(|clients| self.written_by(&clients, streams.client.bits(index, 0), now))
    }

    /// The odds that a client of a source writes in each contract at `now`; `None` where the gateway shapes the
    /// events.
    pub fn clients(&self, source: u32, now: Instant) -> Option<Each<Contract, f64>> {
        let clients = self.sources[source as usize].clients?;
        let mut odds = Each::default();
        let mut newer = 1.0;
        for &(contract, since) in self.cohorts.iter().rev() {
            // Who has not got as far as this contract has not got any further either.
            let older = clients.old_share_since(since, now);
            odds[contract] += (newer - older).max(0.0);
            newer = older;
        }
        odds[ContractIx::FIRST] += newer;
        Some(odds)
    }

    /// The contract in which a client writes whose draw is this: the newest that it has updated to.
    fn written_by(&self, clients: &Clients, bits: u64, now: Instant) -> ContractIx {
        let updated = |&&(_, since): &&(ContractIx, Instant)| !clients.is_old_since(since, now, bits);
        self.cohorts.iter().rev().find(updated).map_or(ContractIx::FIRST, |&(contract, _)| contract)
    }

    fn drawn_way(&mut self, source: u32, index: u64, attempt: u64, written: Option<ContractIx>, now: Instant) -> Way {
        let place = source as usize;
        let streams = &self.sources[place];
        let (revision, shaped, route) = match (&mut self.control.direct[place], &self.direct[place]) {
            (Some(direct), Some(wired)) => {
                let (writes, asks) = (direct.producer.view(now, || 0), direct.mapping.view(now, || 0));
                (asks, wired.written[writes as usize], wired.routes[asks as usize])
            }
            _ => {
                let revision = self.control.gateway.view(now, || streams.node.below(self.nodes, index, attempt));
                let route = self.routes[revision as usize * self.sources.len() + place];
                (revision, self.written[revision as usize], route)
            }
        };
        let contract = match (written, &streams.clients) {
            (Some(contract), _) => contract,
            (None, None) => shaped,
            (None, Some(clients)) => self.written_by(clients, streams.client.bits(index, 0), now),
        };
        let front_end = || streams.front_end.below(self.front_ends, index, attempt);
        let (alias_view, version) = match route {
            Route::Number(version) => (0, version),
            Route::Any => (0, VersionIx::FIRST),
            Route::Latest => (0, self.latest[self.control.code.view(now, front_end) as usize]),
            Route::Alias => {
                let view = self.control.alias.view(now, front_end);
                let target = &self.targets[view as usize];
                let version = match target.additional {
                    Some((version, weight)) if weight.admits(streams.alias.bits(index, attempt)) => version,
                    _ => target.primary,
                };
                (view as u16, version)
            }
        };
        Way { revision: revision as u16, alias_view, contract, version }
    }

    /// Whether the routes of a source at a node that holds this revision, or its mapping after this change, take whoever stands behind the balancer.
    #[must_use]
    pub fn asks_for_any(&self, source: u32, revision: u16) -> bool {
        let (place, revision) = (source as usize, usize::from(revision));
        let route = match &self.direct[place] {
            Some(wired) => wired.routes[revision],
            None => self.routes[revision * self.sources.len() + place],
        };
        matches!(route, Route::Any)
    }

    /// The front-end, or the balancer's node, of an attempt.
    #[must_use]
    pub fn front_end(&self, source: u32, index: u64, attempt: u64) -> u32 {
        match self.front_ends {
            1 => 0,
            front_ends => self.sources[source as usize].front_end.below(front_ends, index, attempt),
        }
    }

    /// Finds the sources whose every request goes one way until the next adoption anywhere.
    #[cold]
    fn look_ahead(&mut self, now: Instant) {
        let Control { gateway, code, alias, .. } = &mut self.control;
        let resources = [gateway, code, alias];
        let [gateway, code, alias] = resources.map(|resource| resource.uniform(now));
        self.steady_until = gateway.1.min(code.1).min(alias.1);
        let wired = |direct: &mut Option<Direct>| {
            let Direct { producer, mapping, .. } = direct.as_mut()?;
            let (producer, mapping) = (producer.uniform(now), mapping.uniform(now));
            self.steady_until = self.steady_until.min(producer.1).min(mapping.1);
            producer.0.zip(mapping.0)
        };
        let held: Vec<_> = self.control.direct.iter_mut().map(wired).collect();
        let way = |source: usize| {
            let (revision, contract, route) = match (&self.direct[source], held[source]) {
                (Some(wired), held) => {
                    let (writes, asks) = held?;
                    (asks as usize, wired.written[writes as usize], wired.routes[asks as usize])
                }
                (None, _) => {
                    let revision = gateway.0? as usize;
                    (revision, self.written[revision], self.routes[revision * self.sources.len() + source])
                }
            };
            if self.sources[source].clients.is_some() {
                return None;
            }
            let (alias_view, version) = match route {
                Route::Number(version) => (0, version),
                Route::Any => (0, VersionIx::FIRST),
                Route::Latest => (0, self.latest[code.0? as usize]),
                Route::Alias => {
                    let view = alias.0?;
                    match self.targets[view as usize] {
                        Target { primary, additional: None } => (view as u16, primary),
                        Target { additional: Some(_), .. } => return None,
                    }
                }
            };
            Some(Way { revision: revision as u16, alias_view, contract, version })
        };
        self.steady = (0..self.sources.len()).map(way).collect();
    }
}
