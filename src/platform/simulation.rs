//! One replication of one strategy: requests through gateway, front-ends and pools, over virtual time.

use super::control::Control;
use super::instance::{Instance, Instances, MOST, NIL, State};
use super::levels::Levels;
use super::pool::{Pool, Ripe};
use super::request::{Attempt, Observer, Outcome};
use super::{ColdStart, Release, Service, Window};
use crate::dist::Law;
use crate::engine::{Calendar, HANDLES, Model, Rank};
use crate::ids::{Contract, Qualifier, Version};
use crate::random::{Seed, Stream};
use crate::source::{Clients, Merge};
use crate::strategy::Strategy;
use crate::time::{Instant, Span};
use crate::units::Threshold;
use rand_distr::Distribution;

/// Why a replication was given up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SimulationError {
    /// More instances than the model can hold.
    #[error(
        "more than {MOST} instances were alive at once; lower the rate of arrivals, or shorten the service or idle times"
    )]
    TooManyInstances,
    /// A request or an instance was lost or counted twice: a mistake of cutover's, never of the scenario's.
    #[error("cutover lost count of its {0}; this is a bug in cutover, please report it with the scenario")]
    NotConserved(&'static str),
}

/// The state of one replication.
#[derive(Clone, Debug)]
pub struct Simulation<O> {
    /// What watches.
    pub observer: O,
    /// The levels of the pools over time.
    pub levels: Levels,
    /// Requests that arrived, from the start of the warm-up on.
    pub arrived: u64,
    arrivals: Merge,
    control: Control,
    nodes: u32,
    front_ends: u32,
    routes: Vec<Route>,
    latest: Vec<u8>,
    targets: Vec<Target>,
    sources: Vec<SourceState>,
    contracts: [Contract; 2],
    pools: Vec<Pool>,
    releases: Vec<PoolRelease>,
    instances: Instances,
    ended: u64,
    warm_idle: Vec<Stream>,
}

/// Where a route leads.
#[derive(Clone, Copy, Debug)]
enum Route {
    Pool(u8),
    Latest,
    Alias,
}

/// An alias target with its pools.
#[derive(Clone, Copy, Debug)]
struct Target {
    primary: u8,
    additional: Option<(u8, Threshold)>,
}

/// What a request's draws and shape depend on.
#[derive(Clone, Debug)]
struct SourceState {
    clients: Option<Clients>,
    node: Stream,
    front_end: Stream,
    alias: Stream,
    client: Stream,
    service: Stream,
    init: Stream,
    failure: Stream,
    choice: Stream,
    idle: Stream,
}

/// What a pool needs of its release.
#[derive(Clone, Debug)]
struct PoolRelease {
    service: Law,
    cold: ColdStart,
    errors: Threshold,
    failure_time: Option<Law>,
    /// Which of the two contracts it cannot read.
    rejects: [bool; 2],
}

impl<O: Observer> Simulation<O> {
    /// The platform at the start of the warm-up, and the calendar with what is due already.
    ///
    /// # Errors
    /// When more instances are to be warm than the model can hold.
    pub fn new(
        service: &Service,
        strategy: &Strategy,
        control: Control,
        seed: Seed,
        window: Window,
        levels: Levels,
        observer: O,
    ) -> Result<(Self, Calendar), SimulationError> {
        let deployment = &strategy.deployment;
        let mut versions = vec![deployment.from];
        if deployment.to != deployment.from {
            versions.push(deployment.to);
        }
        let contracts = [deployment.from, deployment.to].map(|version| service.release(version).contract);
        let pool_of = |version: Version| u8::from(version != deployment.from);
        let places = 0..service.sources.len();
        let routes = (0..control.revisions.len())
            .flat_map(|revision| places.clone().map(move |source| (revision, source)))
            .map(|(revision, source)| match control.route(revision, source) {
                Qualifier::Latest => Route::Latest,
                Qualifier::Number(version) => Route::Pool(pool_of(version)),
                Qualifier::Alias => Route::Alias,
            })
            .collect();
        let mut simulation = Self {
            observer,
            levels,
            arrived: 0,
            arrivals: Merge::new(&service.sources, seed, window.start()),
            nodes: service.gateway.nodes,
            front_ends: service.function.front_ends,
            routes,
            latest: control.latest.iter().copied().map(pool_of).collect(),
            targets: control
                .targets
                .iter()
                .map(|target| Target {
                    primary: pool_of(target.primary),
                    additional: target.additional.map(|(version, weight)| (pool_of(version), weight.threshold())),
                })
                .collect(),
            sources: service
                .sources
                .iter()
                .map(|source| SourceState::new(&source.name, source.clients, seed))
                .collect(),
            contracts,
            pools: versions
                .iter()
                .map(|&version| Pool::new(version, service.release(version).idle, service.function.choose))
                .collect(),
            releases: versions.iter().map(|&version| PoolRelease::new(service.release(version), contracts)).collect(),
            warm_idle: versions.iter().map(|version| seed.stream("warm-idle", &version.to_string())).collect(),
            instances: Instances::default(),
            ended: 0,
            control,
        };
        let mut calendar = Calendar::default();
        for _ in 0..service.function.warm {
            simulation.start_warm(window.start(), &mut calendar)?;
        }
        Ok((simulation, calendar))
    }

    /// An instance of the old version that is idle from the beginning.
    fn start_warm(&mut self, now: Instant, calendar: &mut Calendar) -> Result<(), SimulationError> {
        let place = self.instances.create(0).ok_or(SimulationError::TooManyInstances)?;
        self.pools[0].created += 1;
        self.become_idle(place, now, calendar);
        self.levels.present(now, self.pools[0].alive());
        Ok(())
    }

    /// Counts a new instance of a pool.
    fn started(&mut self, now: Instant, pool: u8) {
        self.pools[pool as usize].created += 1;
        let others: u64 = self.pools.iter().map(Pool::alive).sum();
        self.levels.started(now, pool as usize, others + 1);
    }

    /// An attempt is routed: which revision shaped it, in which contract, what its front-end knew, where it goes.
    #[inline]
    fn route(&mut self, source: u32, index: u64, now: Instant) -> (u32, u8, u32, u8) {
        let state = &self.sources[source as usize];
        let revision = self.control.gateway.view(now, || state.node.below(self.nodes, index, 0));
        let written = match &state.clients {
            None => u8::from(self.control.revisions[revision as usize].contract != self.contracts[0]),
            Some(clients) => u8::from(!clients.is_old(now, state.client.bits(index, 0))),
        };
        let front_end = || state.front_end.below(self.front_ends, index, 0);
        match self.routes[revision as usize * self.sources.len() + source as usize] {
            Route::Pool(pool) => (revision, written, 0, pool),
            Route::Latest => (revision, written, 0, self.latest[self.control.code.view(now, front_end) as usize]),
            Route::Alias => {
                let view = self.control.alias.view(now, front_end);
                let target = &self.targets[view as usize];
                let pool = match target.additional {
                    Some((pool, weight)) if weight.admits(state.alias.bits(index, 0)) => pool,
                    _ => target.primary,
                };
                (revision, written, view, pool)
            }
        }
    }

    /// How long the code takes for a request, once it runs.
    #[inline]
    fn service_time(&self, pool: u8, written: u8, source: u32, index: u64, known: Option<Span>, cold: bool) -> Span {
        let release = &self.releases[pool as usize];
        let law = match (&release.failure_time, &release.cold) {
            (Some(law), _) if release.rejects[written as usize] => law,
            (_, ColdStart::Service(law)) if cold => law,
            _ => match known {
                Some(span) => return span,
                None => &release.service,
            },
        };
        law.sample(&mut self.sources[source as usize].service.at(index, 0))
    }

    #[inline]
    fn become_idle(&mut self, place: u32, now: Instant, calendar: &mut Calendar) {
        let pool = self.instances.hot[place as usize].pool;
        let group = &mut self.pools[pool as usize];
        if let Some(at) = group.release(&mut self.instances, place, now) {
            calendar.push(at, Rank::Expiry, timer(pool));
        }
        group.idle.begin(now);
    }

    /// The request of an instance has ended, at `end`.
    #[inline]
    fn record(&mut self, place: u32, end: Instant, finished: bool) {
        let &Instance { arrival, since, index, source, revision, alias_view, contract, pool, state, cold, .. } =
            &self.instances.hot[place as usize];
        let release = &self.releases[pool as usize];
        let outcome = if !finished {
            Outcome::InFlight
        } else if release.rejects[contract as usize]
            || (release.errors.parts() != 0
                && release.errors.admits(self.sources[source as usize].failure.bits(index, 0)))
        {
            Outcome::Failed
        } else {
            Outcome::Served
        };
        self.observer.ended(&Attempt {
            source,
            index,
            arrival,
            revision: u32::from(revision),
            alias_view: u32::from(alias_view),
            contract: self.contracts[contract as usize],
            version: self.pools[pool as usize].version,
            cold_wait: (cold && state != State::Starting).then(|| since.since(arrival)),
            cold,
            end,
            outcome,
        });
        self.ended += 1;
    }

    /// The pool's timer, or the calendar's look at an instance.
    #[cold]
    fn expire(&mut self, now: Instant, handle: u32, calendar: &mut Calendar) {
        if handle >= MOST {
            let pool = (HANDLES - 1 - handle) as usize;
            loop {
                let (place, timer_at) = self.pools[pool].ripen(&mut self.instances, now);
                if let Some(at) = timer_at {
                    calendar.push(at, Rank::Expiry, handle);
                }
                match place {
                    Some(place) => self.look(pool, place, now, calendar),
                    None => return,
                }
            }
        }
        let rest = &mut self.instances.rest[handle as usize];
        let on_time = rest.armed == now;
        if on_time {
            rest.armed = Instant::END;
        }
        let deadline = rest.deadline;
        let instance = &self.instances.hot[handle as usize];
        // The deadline may be an earlier idle period's, the entry an earlier instance's.
        if instance.state != State::Idle || rest.looked_at != instance.since {
            return;
        }
        if deadline <= now {
            self.reclaim(usize::from(instance.pool), handle, now);
        } else if on_time {
            self.arm(handle, deadline, calendar);
        }
    }

    /// Looks at an instance that has been idle for the least span of its policy.
    fn look(&mut self, pool: usize, place: u32, now: Instant, calendar: &mut Calendar) {
        let &Instance { since, source, index, .. } = &self.instances.hot[place as usize];
        let stream = if source == NIL { self.warm_idle[pool] } else { self.sources[source as usize].idle };
        match self.pools[pool].look(since, now, stream.at(index, 0)) {
            Ripe::Over => self.reclaim(pool, place, now),
            Ripe::At(deadline) => {
                let rest = &mut self.instances.rest[place as usize];
                (rest.deadline, rest.looked_at) = (deadline, since);
                if deadline < rest.armed {
                    self.arm(place, deadline, calendar);
                }
            }
            Ripe::Never => {}
        }
    }

    fn arm(&mut self, place: u32, at: Instant, calendar: &mut Calendar) {
        self.instances.rest[place as usize].armed = at;
        calendar.push(at, Rank::Expiry, place);
    }

    fn reclaim(&mut self, pool: usize, place: u32, now: Instant) {
        self.pools[pool].reclaim(&mut self.instances, place, now);
        self.levels.reclaimed(now, pool);
    }

    /// Ends the replication: records what is in flight, closes the levels, and checks that nothing was lost.
    ///
    /// # Errors
    /// [`SimulationError::NotConserved`], which no scenario can cause.
    pub fn finish(&mut self, end: Instant) -> Result<(), SimulationError> {
        for place in 0..self.instances.hot.len() as u32 {
            if matches!(self.instances.hot[place as usize].state, State::Starting | State::Busy) {
                self.record(place, end, false);
            }
        }
        self.levels.roll(end, &mut self.pools);
        if self.ended != self.arrived {
            return Err(SimulationError::NotConserved("requests"));
        }
        if self.pools.iter().any(|pool| pool.created != pool.gone + pool.alive()) {
            return Err(SimulationError::NotConserved("instances"));
        }
        Ok(())
    }

    /// The pools: first the old version's, then the new one's, if there is one.
    #[must_use]
    pub fn pools(&self) -> &[Pool] {
        &self.pools
    }
}

/// The handle of a pool's timer: the last handles there are, which no instance can have.
const fn timer(pool: u8) -> u32 {
    HANDLES - 1 - pool as u32
}

impl<O: Observer> Model for Simulation<O> {
    type Error = SimulationError;

    #[inline]
    fn next_arrival(&self) -> Instant {
        self.arrivals.next_at()
    }

    #[inline]
    fn arrive(&mut self, calendar: &mut Calendar) -> Result<(), SimulationError> {
        let sent = self.arrivals.take();
        let (now, source, index) = (sent.arrival.at, sent.source, sent.index);
        if now >= self.levels.due() {
            self.levels.roll(now, &mut self.pools);
        }
        self.arrived += 1;
        let (revision, written, alias_view, pool) = self.route(source, index, now);
        let choice = self.sources[source as usize].choice;
        let group = &mut self.pools[pool as usize];
        let warm = group.take(&mut self.instances, |n| choice.below(n, index, 0));
        let place = match warm {
            Some(place) => {
                group.idle.end(now);
                place
            }
            None => {
                self.started(now, pool);
                self.instances.create(pool).ok_or(SimulationError::TooManyInstances)?
            }
        };
        let cold = warm.is_none();
        let service = self.service_time(pool, written, source, index, sent.arrival.service, cold);
        let instance = &mut self.instances.hot[place as usize];
        instance.arrival = now;
        instance.since = now;
        instance.index = index;
        instance.source = source;
        instance.revision = revision as u16;
        instance.alias_view = alias_view as u16;
        instance.contract = written;
        instance.cold = cold;
        let group = &mut self.pools[pool as usize];
        if cold && let ColdStart::Init(law) = &self.releases[pool as usize].cold {
            instance.state = State::Starting;
            group.starting.begin(now);
            self.instances.rest[place as usize].service = service;
            let wait = law.sample(&mut self.sources[source as usize].init.at(index, 0));
            calendar.push(now + wait, Rank::Completion, place);
        } else {
            instance.state = State::Busy;
            group.busy.begin(now);
            calendar.push(now + service, Rank::Completion, place);
        }
        Ok(())
    }

    #[inline]
    fn happen(&mut self, now: Instant, rank: Rank, handle: u32, calendar: &mut Calendar) {
        if now >= self.levels.due() {
            self.levels.roll(now, &mut self.pools);
        }
        if rank == Rank::Expiry {
            return self.expire(now, handle, calendar);
        }
        let instance = &mut self.instances.hot[handle as usize];
        let pool = instance.pool as usize;
        if instance.state == State::Starting {
            instance.state = State::Busy;
            instance.since = now;
            self.pools[pool].starting.end(now);
            self.pools[pool].busy.begin(now);
            calendar.push(now + self.instances.rest[handle as usize].service, Rank::Completion, handle);
        } else {
            self.record(handle, now, true);
            self.pools[pool].busy.end(now);
            self.become_idle(handle, now, calendar);
        }
    }
}

impl SourceState {
    fn new(name: &str, clients: Option<Clients>, seed: Seed) -> Self {
        let stream = |purpose| seed.stream(purpose, name);
        Self {
            clients,
            node: stream("node"),
            front_end: stream("front-end"),
            alias: stream("alias"),
            client: stream("client"),
            service: stream("service"),
            init: stream("init"),
            failure: stream("failure"),
            choice: stream("choice"),
            idle: stream("idle"),
        }
    }
}

impl PoolRelease {
    fn new(release: &Release, contracts: [Contract; 2]) -> Self {
        Self {
            service: release.service,
            cold: release.cold,
            errors: release.errors.threshold(),
            failure_time: release.failure_time,
            rejects: contracts.map(|contract| !release.accepts(contract)),
        }
    }
}
