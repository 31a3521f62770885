//! One replication of one strategy: requests through gateway, front-ends and pools, over virtual time.

use super::control::Control;
use super::instance::{Instance, Instances, MOST, State};
use super::levels::Levels;
use super::pool::Pool;
use super::request::{Attempt, Observer, Outcome};
use super::router::{Router, Way};
use super::side::{Both, Side};
use super::{ColdStart, Release, Service, Window};
use crate::dist::Law;
use crate::engine::{Calendar, Model, Rank};
use crate::ids::Contract;
use crate::random::{Seed, Stream};
use crate::source::{FeedError, Merge};
use crate::strategy::Strategy;
use crate::time::{Instant, Span};
use crate::units::Threshold;
use rand_distr::Distribution;

/// Why a replication was given up.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SimulationError {
    /// More instances than the model can hold.
    #[error(
        "more than {MOST} instances were alive at once; lower the rate of arrivals, or shorten the service or idle times"
    )]
    TooManyInstances,
    /// The arrivals of a source are not to be known.
    #[error(transparent)]
    Arrivals(#[from] FeedError),
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
    /// The pools of the two versions.
    pub pools: Both<Pool>,
    pub(super) instances: Instances,
    pub(super) sources: Vec<SourceStreams>,
    pub(super) warm_idle: Stream,
    arrivals: Merge,
    router: Router,
    contracts: Both<Contract>,
    releases: Both<PoolRelease>,
    ended: u64,
}

/// What a request's draws depend on, its way apart.
#[derive(Clone, Debug)]
pub(super) struct SourceStreams {
    service: Stream,
    init: Stream,
    failure: Stream,
    choice: Stream,
    pub(super) idle: Stream,
}

/// What a pool needs of its release.
#[derive(Clone, Copy, Debug)]
struct PoolRelease {
    service: Law,
    cold: ColdStart,
    errors: Threshold,
    failure_time: Option<Law>,
    /// Which contracts it cannot read.
    rejects: Both<bool>,
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
        let versions = Both([deployment.from, deployment.to]);
        let contracts = Both::contracts(service, deployment);
        let choose = service.function.choose;
        let mut simulation = Self {
            observer,
            levels,
            arrived: 0,
            pools: versions.map(|version| Pool::new(version, service.release(version).idle, choose)),
            instances: Instances::default(),
            sources: service.sources.iter().map(|source| SourceStreams::new(&source.name, seed)).collect(),
            warm_idle: seed.stream("warm-idle", &deployment.from.to_string()),
            arrivals: Merge::new(&service.sources, seed, window.start(), window.end()),
            router: Router::new(service, deployment, control, seed),
            contracts,
            releases: versions.map(|version| PoolRelease::new(service.release(version), contracts)),
            ended: 0,
        };
        let mut calendar = Calendar::default();
        for _ in 0..service.function.warm {
            simulation.start_warm(window.start(), &mut calendar)?;
        }
        Ok((simulation, calendar))
    }

    /// An instance of the old version that is idle from the beginning.
    fn start_warm(&mut self, now: Instant, calendar: &mut Calendar) -> Result<(), SimulationError> {
        let place = self.instances.create(Side::Old).ok_or(SimulationError::TooManyInstances)?;
        let pool = &mut self.pools[Side::Old];
        pool.created += 1;
        pool.become_idle(&mut self.instances, place, now, calendar);
        self.levels.present(now, pool.alive());
        Ok(())
    }

    /// Starts an instance for a request that found none idle.
    #[cold]
    fn start(&mut self, side: Side, now: Instant) -> Result<u32, SimulationError> {
        self.pools[side].created += 1;
        let alive = self.pools.0.iter().map(Pool::alive).sum::<u64>() + 1;
        self.levels.started(now, side, alive);
        self.instances.create(side).ok_or(SimulationError::TooManyInstances)
    }

    /// How long the code takes for a request, once it runs.
    #[inline]
    fn service_time(&self, way: Way, source: u32, index: u64, known: Option<Span>, cold: bool) -> Span {
        let release = &self.releases[way.version];
        let law = match (&release.failure_time, &release.cold) {
            (Some(law), _) if release.rejects[way.contract] => law,
            (_, ColdStart::Service(law)) if cold => law,
            _ => match known {
                Some(span) => return span,
                None => &release.service,
            },
        };
        law.sample(&mut self.sources[source as usize].service.at(index, 0))
    }

    /// The request of an instance has ended, at `end`.
    #[inline]
    fn record(&mut self, place: u32, end: Instant, finished: bool) {
        let &Instance { arrival, since, index, source, way, state, cold, .. } = &self.instances.hot[place as usize];
        let release = &self.releases[way.version];
        let outcome = if !finished {
            Outcome::InFlight
        } else if release.rejects[way.contract]
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
            revision: u32::from(way.revision),
            alias_view: u32::from(way.alias_view),
            contract: self.contracts[way.contract],
            version: self.pools[way.version].version,
            cold_wait: (cold && state != State::Starting).then(|| since.since(arrival)),
            cold,
            end,
            outcome,
        });
        self.ended += 1;
    }

    /// Ends the replication: records what is in flight, closes the levels, and checks that nothing was lost.
    ///
    /// # Errors
    /// [`SimulationError::Arrivals`], if a source failed on the way; [`SimulationError::NotConserved`], which no scenario
    /// can cause.
    pub fn finish(&mut self, end: Instant) -> Result<(), SimulationError> {
        if let Some(failure) = self.arrivals.failure() {
            return Err(failure.into());
        }
        for place in 0..self.instances.hot.len() as u32 {
            if matches!(self.instances.hot[place as usize].state, State::Starting | State::Busy) {
                self.record(place, end, false);
            }
        }
        self.levels.roll(end, &mut self.pools);
        if self.ended != self.arrived {
            return Err(SimulationError::NotConserved("requests"));
        }
        if self.pools.0.iter().any(|pool| pool.created != pool.gone + pool.alive()) {
            return Err(SimulationError::NotConserved("instances"));
        }
        Ok(())
    }
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
        let way = self.router.way(source, index, now);
        let choice = self.sources[source as usize].choice;
        let pool = &mut self.pools[way.version];
        let (place, cold) = match pool.take(&mut self.instances, |n| choice.below(n, index, 0)) {
            Some(place) => {
                pool.idle.end(now);
                (place, false)
            }
            None => (self.start(way.version, now)?, true),
        };
        let service = self.service_time(way, source, index, sent.arrival.service, cold);
        let pool = &mut self.pools[way.version];
        let instance = &mut self.instances.hot[place as usize];
        instance.arrival = now;
        instance.since = now;
        instance.index = index;
        instance.source = source;
        instance.way = way;
        instance.cold = cold;
        if cold && let ColdStart::Init(law) = &self.releases[way.version].cold {
            instance.state = State::Starting;
            pool.starting.begin(now);
            self.instances.rest[place as usize].service = service;
            let wait = law.sample(&mut self.sources[source as usize].init.at(index, 0));
            calendar.push(now + wait, Rank::Completion, place);
        } else {
            instance.state = State::Busy;
            pool.busy.begin(now);
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
        let pool = &mut self.pools[instance.way.version];
        if instance.state == State::Starting {
            instance.state = State::Busy;
            instance.since = now;
            pool.starting.end(now);
            pool.busy.begin(now);
            calendar.push(now + self.instances.rest[handle as usize].service, Rank::Completion, handle);
        } else {
            pool.busy.end(now);
            self.record(handle, now, true);
            let side = self.instances.hot[handle as usize].way.version;
            self.pools[side].become_idle(&mut self.instances, handle, now, calendar);
        }
    }
}

impl SourceStreams {
    fn new(name: &str, seed: Seed) -> Self {
        let stream = |purpose| seed.stream(purpose, name);
        Self {
            service: stream("service"),
            init: stream("init"),
            failure: stream("failure"),
            choice: stream("choice"),
            idle: stream("idle"),
        }
    }
}

impl PoolRelease {
    fn new(release: &Release, contracts: Both<Contract>) -> Self {
        Self {
            service: release.service,
            cold: release.cold,
            errors: release.errors.threshold(),
            failure_time: release.failure_time,
            rejects: contracts.map(|contract| !release.accepts(contract)),
        }
    }
}
