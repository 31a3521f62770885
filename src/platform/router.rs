//! The way of a request: its gateway node's revision, the contract it is written in, and the version it is sent to.

use super::callers::Call;
use super::control::Control;
use super::index::{Cast, ContractIx, VersionIx};
use super::propagation::Propagation;
use super::{Gateway, Service};
use crate::ids::{Qualifier, Version};
use crate::random::{Seed, Stream};
use crate::source::Clients;
use crate::time::Instant;
use crate::units::Threshold;

/// All that decides the way of a request.
#[derive(Clone, Debug)]
pub struct Router {
    gateway: Propagation,
    code: Propagation,
    alias: Propagation,
    nodes: u32,
    front_ends: u32,
    /// Which contract each revision writes.
    written: Vec<ContractIx>,
    /// Where each source's route leads, revision by revision.
    routes: Vec<Route>,
    /// What `$LATEST` runs after each update.
    latest: Vec<VersionIx>,
    /// What the alias names after each update.
    targets: Vec<Target>,
    /// Whether a version can be asked for by number, as a cookie does.
    askable: bool,
    sources: Vec<SourceStreams>,
    /// The contract of clients that have updated.
    updated: ContractIx,
    /// The way of every request of a source until `steady_until`, where it depends on no draw.
    steady: Vec<Option<Way>>,
    steady_until: Instant,
}

/// The way of one request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Way {
    /// The revision that its node held.
    pub revision: u16,
    /// The alias update that its front-end held; 0 where no alias was asked.
    pub alias_view: u16,
    /// The contract that it is written in.
    pub contract: ContractIx,
    /// The version that it is sent to.
    pub version: VersionIx,
}

#[derive(Clone, Copy, Debug)]
enum Route {
    Number(VersionIx),
    Latest,
    Alias,
}

#[derive(Clone, Copy, Debug)]
struct Target {
    primary: VersionIx,
    additional: Option<(VersionIx, Threshold)>,
}

#[derive(Clone, Debug)]
struct SourceStreams {
    clients: Option<Clients>,
    node: Stream,
    front_end: Stream,
    alias: Stream,
    client: Stream,
}

impl Router {
    /// The ways of one replication.
    #[must_use]
    pub fn new(service: &Service, cast: &Cast, control: Control, seed: Seed) -> Self {
        let side = |version: Version| cast.place(version).unwrap_or_default();
        let places = 0..service.sources.len();
        let routes = (0..control.revisions.len())
            .flat_map(|revision| places.clone().map(move |source| (revision, source)))
            .map(|(revision, source)| match control.route(revision, source) {
                Qualifier::Latest => Route::Latest,
                Qualifier::Number(version) => Route::Number(side(version)),
                Qualifier::Alias => Route::Alias,
            })
            .collect();
        let target = |target: &crate::strategy::AliasTarget| Target {
            primary: side(target.primary),
            additional: target.additional.map(|(version, weight)| (side(version), weight.threshold())),
        };
        let Gateway { nodes, .. } = service.gateway;
        Self {
            nodes,
            front_ends: service.function.front_ends,
            written: control
                .revisions
                .iter()
                .map(|revision| cast.contract_place(revision.contract).unwrap_or_default())
                .collect(),
            routes,
            latest: control.latest.iter().copied().map(side).collect(),
            targets: control.targets.iter().map(target).collect(),
            askable: control.revisions.iter().all(|revision| revision.qualifier != Qualifier::Latest),
            sources: service
                .sources
                .iter()
                .map(|source| SourceStreams {
                    clients: source.clients,
                    node: seed.stream("node", &source.name),
                    front_end: seed.stream("front-end", &source.name),
                    alias: seed.stream("alias", &source.name),
                    client: seed.stream("client", &source.name),
                })
                .collect(),
            updated: cast.updated(),
            gateway: control.gateway,
            code: control.code,
            alias: control.alias,
            steady: vec![None; service.sources.len()],
            steady_until: Instant::BEGINNING,
        }
    }

    /// The way of the first attempt of request `index` of a source, which arrives at `now`. The clock must not go back
    /// between calls.
    #[inline]
    pub fn way(&mut self, source: u32, index: u64, now: Instant) -> Way {
        if now >= self.steady_until {
            self.look_ahead(now);
        }
        match self.steady[source as usize] {
            Some(way) => way,
            None => self.drawn_way(source, index, 0, None, now),
        }
    }

    /// The way of any attempt; `kept_on`: the version that the caller's cookie names.
    pub fn way_of(&mut self, call: &Call, kept_on: Option<VersionIx>, now: Instant) -> Way {
        let way = self.drawn_way(call.source, call.index, call.attempt.into(), call.contract, now);
        match kept_on {
            Some(version) if self.askable => Way { alias_view: 0, version, ..way },
            _ => way,
        }
    }

    /// Whether a version can be asked for by number.
    pub const fn askable(&self) -> bool {
        self.askable
    }

    /// Whether the clients of a source shape its events.
    pub fn clients_shape(&self, source: u32) -> bool {
        self.sources[source as usize].clients.is_some()
    }

    /// In which contract a client of a source writes at `now`, drawn for request `index`; `None` where the gateway
    /// shapes the events.
    pub fn client(&self, source: u32, index: u64, now: Instant) -> Option<ContractIx> {
        let streams = &self.sources[source as usize];
        streams.clients.map(|clients| self.written_by(clients.is_old(now, streams.client.bits(index, 0))))
    }

    /// The odds that a client of a source writes in the old contract at `now`; `None` where the gateway shapes the
    /// events.
    pub fn old_clients(&self, source: u32, now: Instant) -> Option<f64> {
        self.sources[source as usize].clients.map(|clients| clients.old_share(now))
    }

    /// The contract in which an old client writes, or one that has updated.
    const fn written_by(&self, old: bool) -> ContractIx {
        if old { ContractIx::FIRST } else { self.updated }
    }

    fn drawn_way(&mut self, source: u32, index: u64, attempt: u64, written: Option<ContractIx>, now: Instant) -> Way {
        let streams = &self.sources[source as usize];
        let revision = self.gateway.view(now, || streams.node.below(self.nodes, index, attempt));
        let contract = match (written, &streams.clients) {
            (Some(contract), _) => contract,
            (None, None) => self.written[revision as usize],
            (None, Some(clients)) => self.written_by(clients.is_old(now, streams.client.bits(index, 0))),
        };
        let front_end = || streams.front_end.below(self.front_ends, index, attempt);
        let (alias_view, version) = match self.routes[revision as usize * self.sources.len() + source as usize] {
            Route::Number(version) => (0, version),
            Route::Latest => (0, self.latest[self.code.view(now, front_end) as usize]),
            Route::Alias => {
                let view = self.alias.view(now, front_end);
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

    /// Finds the sources whose every request goes one way until the next adoption anywhere.
    #[cold]
    fn look_ahead(&mut self, now: Instant) {
        let resources = [&mut self.gateway, &mut self.code, &mut self.alias];
        let [gateway, code, alias] = resources.map(|resource| resource.uniform(now));
        self.steady_until = gateway.1.min(code.1).min(alias.1);
        let way = |source: usize| {
            let revision = gateway.0? as usize;
            let contract = match self.sources[source].clients {
                None => self.written[revision],
                Some(_) => return None,
            };
            let (alias_view, version) = match self.routes[revision * self.sources.len() + source] {
                Route::Number(version) => (0, version),
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
