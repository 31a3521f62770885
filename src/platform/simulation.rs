//! One replication of one strategy: requests through gateway, front-ends and pools, over virtual time.

use super::ahead::Ahead;
use super::callers::{Callers, Sessions};
use super::control::Control;
use super::error::{Crowded, SimulationError};
use super::expected::Running;
use super::footprint::Room;
use super::instance::{Instances, State};
use super::levels::Levels;
use super::limits::{Allowance, Limits};
use super::pool::Pool;
use super::request::{Observer, Outcome};
use super::router::Router;
use super::side::{Both, Side};
use super::{ColdStart, Fate, Release, Service, Window};
use crate::dist::Law;
use crate::engine::{Calendar, Model, Rank};
use crate::ids::Contract;
use crate::random::{Seed, Stream};
use crate::source::{Arrivals, Caller, Merge, Source, Users};
use crate::strategy::Strategy;
use crate::time::{Instant, Span};
use crate::units::Threshold;

/// The state of one replication. Its behaviour stands in `attempt.rs` (an attempt begins), `answer.rs` (it ends, and
/// what its caller does then) and `reclaim.rs` (instances are idle or old for too long).
#[derive(Clone, Debug)]
pub struct Simulation<O> {
    /// What watches.
    pub observer: O,
    /// The levels of the pools over time.
    pub levels: Levels,
    /// Requests that arrived, from the start of the warm-up on.
    pub arrived: u64,
    /// How many of them before t = 0, once that is known.
    arrived_before_zero: Option<u64>,
    /// The pools of the two versions.
    pub pools: Both<Pool>,
    pub(super) instances: Instances,
    pub(super) sources: Vec<SourceState>,
    pub(super) callers: Callers,
    pub(super) router: Router,
    pub(super) contracts: Both<Contract>,
    pub(super) releases: Both<PoolRelease>,
    pub(super) capacity: Capacity,
    pub(super) running: Running,
    pub(super) warm_idle: Stream,
    pub(super) end: Instant,
    /// Requests that ended.
    pub(super) ended: u64,
    arrivals: Merge,
    /// The memory that there is for more instances and callers.
    pub room: Room,
}

/// A source: what its requests' draws depend on, their way apart, and what its callers do.
#[derive(Clone, Debug)]
pub(super) struct SourceState {
    pub(super) service: Stream,
    /// By version; see [`PoolRelease::ahead`].
    pub(super) ahead: Both<Ahead>,
    pub(super) init: Stream,
    pub(super) failure: Stream,
    pub(super) crash: Stream,
    pub(super) choice: Stream,
    pub(super) idle: Stream,
    pub(super) backoff: Stream,
    pub(super) think: Stream,
    pub(super) pause: Stream,
    pub(super) seat: Stream,
    pub(super) caller: Caller,
    /// The longest span that a caller waits.
    pub(super) patience: Span,
    pub(super) users: Option<Users>,
    /// Whether the end of an attempt may lead to another.
    pub(super) follows: bool,
}

/// What a pool needs of its release.
#[derive(Clone, Copy, Debug)]
pub(super) struct PoolRelease {
    pub(super) service: Law,
    /// Whose service times drawn ahead are its own: the old version's, where both have one law.
    pub(super) ahead: Side,
    pub(super) cold: ColdStart,
    pub(super) errors: Threshold,
    pub(super) crashes: Threshold,
    pub(super) failure_time: Option<Law>,
    /// Which contracts it cannot read.
    pub(super) rejects: Both<bool>,
    /// How a request in each contract ends, but for what chance and time do to it.
    pub(super) answers: Both<Outcome>,
    /// Whether chance does anything to a request: a crash, an error.
    pub(super) is_chancy: bool,
    /// The longest a request may run.
    pub(super) timeout: Span,
    /// How its instances age, and the draws of that.
    pub(super) max_age: Option<(Law, Stream)>,
}

/// What the function's limits leave.
#[derive(Clone, Debug)]
pub(super) struct Capacity {
    pub(super) limits: Limits,
    /// Whether there is any limit.
    pub(super) is_limited: bool,
    pub(super) allowance: Option<Allowance>,
}

impl<O: Observer> Simulation<O> {
    /// The platform at the start of the warm-up, and the calendar with what is due already. `fate`: what is taken as given
    /// instead of drawn.
    ///
    /// # Errors
    /// When more instances are to be warm, or more users to be there, than the model can hold.
    pub fn new(
        service: &Service,
        strategy: &Strategy,
        control: Control,
        (seed, fate): (Seed, &Fate),
        window: Window,
        levels: Levels,
        observer: O,
    ) -> Result<(Self, Calendar), Crowded> {
        let deployment = &strategy.deployment;
        let versions = Both([deployment.from, deployment.to]);
        let contracts = Both::contracts(service, deployment);
        let function = &service.function;
        let mut simulation = Self {
            observer,
            levels,
            arrived: 0,
            // Without a warm-up, no bin ends at t = 0.
            arrived_before_zero: (window.start() >= Instant::ZERO).then_some(0),
            pools: versions.map(|version| Pool::new(version, service.release(version).idle.clone(), function.choose)),
            instances: Instances::default(),
            sources: service
                .sources
                .iter()
                .map(|source| SourceState::new(source, seed, versions.map(|version| service.release(version).service)))
                .collect(),
            callers: Callers::new(&service.sources),
            warm_idle: seed.stream("warm-idle", &deployment.from.to_string()),
            arrivals: Merge::new(&service.sources, seed, (window.start(), window.end()), |place| fate.of(place).bursts),
            running: Running::new(service, strategy, &control),
            router: Router::new(service, deployment, control, seed),
            contracts,
            releases: PoolRelease::both(service, strategy, seed),
            capacity: Capacity {
                limits: function.limits,
                is_limited: function.limits.any(),
                allowance: function.limits.scale_out.map(Allowance::new),
            },
            end: window.end(),
            ended: 0,
            room: Room::default(),
        };
        let mut calendar = Calendar::default();
        for _ in 0..function.warm {
            simulation.start_warm(window.start(), &mut calendar)?;
        }
        simulation.seat_users(window.start(), &mut calendar)?;
        Ok((simulation, calendar))
    }

    /// Goes on under another strategy that replaces the same version. Nothing that the strategy so far does may have been
    /// adopted yet: until then all strategies are the same, but for what this exchanges.
    pub fn change_to(&mut self, service: &Service, strategy: &Strategy, control: Control, seed: Seed) {
        let deployment = &strategy.deployment;
        let release = service.release(deployment.to);
        self.contracts = Both::contracts(service, deployment);
        self.pools[Side::New] = Pool::new(deployment.to, release.idle.clone(), service.function.choose);
        for source in &mut self.sources {
            source.ahead[Side::New] = Ahead::new(release.service, source.service);
        }
        self.releases = PoolRelease::both(service, strategy, seed);
        self.running = Running::new(service, strategy, &control);
        self.router = Router::new(service, deployment, control, seed);
    }

    /// Lets the sources begin at `start`, before the window does. What they would have sent before the window is lost, so
    /// that the platform begins empty in the midst of traffic. Users begin with the window.
    pub fn begin_amid(&mut self, service: &Service, seed: Seed, start: Instant, window: Window) {
        self.arrivals = Merge::new(&service.sources, seed, (start, window.end()), |_| None);
        self.arrivals.skip_to(window.start());
    }

    /// An instance of the old version that is idle from the beginning.
    fn start_warm(&mut self, now: Instant, calendar: &mut Calendar) -> Result<(), Crowded> {
        let place = self.instances.create(Side::Old, &mut self.room)?;
        self.age(place, Side::Old, now, calendar);
        self.pools[Side::Old].create(now);
        self.rest(place, now, calendar);
        self.levels.present(now, self.pools[Side::Old].alive.count());
        Ok(())
    }

    /// Starts an instance for a request that found none idle.
    #[cold]
    pub(super) fn start(&mut self, side: Side, now: Instant, calendar: &mut Calendar) -> Result<u32, Crowded> {
        let place = self.instances.create(side, &mut self.room)?;
        self.age(place, side, now, calendar);
        self.pools[side].create(now);
        let alive = self.pools.0.iter().map(|pool| pool.alive.count()).sum();
        self.levels.started(now, side, alive);
        if let Some(allowance) = &mut self.capacity.allowance {
            allowance.spend(now);
        }
        Ok(place)
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
            if matches!(self.instances.hot[place as usize].condition.state(), State::Starting | State::Busy) {
                self.record_in_flight(place, end);
            }
        }
        for call in self.callers.waiting() {
            // A call that would begin to wait only later belongs to an attempt that is in flight itself.
            if call.attempt > 0 && call.since <= end {
                self.observer.unanswered(call.request);
                self.ended += 1;
            }
        }
        self.roll(end);
        if self.ended != self.arrived {
            return Err(SimulationError::NotConserved("requests"));
        }
        if !self.pools.0.iter().all(Pool::is_conserved) {
            return Err(SimulationError::NotConserved("instances"));
        }
        Ok(())
    }

    /// What is said of a replication that was given up because it was crowded.
    #[must_use]
    pub fn crowded(&self, crowded: Crowded) -> SimulationError {
        let instances = self.pools.0.iter().map(|pool| pool.alive.count()).sum();
        let callers = self.callers.waiting().count() as u64;
        match crowded {
            Crowded::Memory => SimulationError::Memory { instances, callers, bytes: self.room.most() },
            crowded => crowded.into(),
        }
    }

    /// Closes every bin that ends by `now`.
    #[cold]
    fn roll(&mut self, now: Instant) {
        if now >= Instant::ZERO && self.arrived_before_zero.is_none() {
            self.arrived_before_zero = Some(self.arrived);
        }
        self.levels.roll(now, &mut self.pools);
    }

    /// Requests that arrived in [0, after).
    #[must_use]
    pub fn arrived_from_zero(&self) -> u64 {
        self.arrived - self.arrived_before_zero.unwrap_or(self.arrived)
    }

    /// What was counted of the users' sessions.
    pub const fn sessions(&self) -> Sessions {
        self.callers.sessions
    }

    /// The expected number of mismatched attempts among those not known beforehand.
    pub fn mismatched_expected(&self) -> f64 {
        self.running.sum()
    }
}

impl<O: Observer> Model for Simulation<O> {
    type Error = Crowded;

    #[inline]
    fn next_arrival(&self) -> Instant {
        self.arrivals.next_at()
    }

    #[inline(always)]
    fn foresee(&self, handle: u32) {
        // With many instances, each has left the processor's cache by the time that it is done; loads that nothing waits
        // for bring several back at once. A handle that is no instance's does no harm.
        if let Some(instance) = self.instances.hot.get(handle as usize) {
            std::hint::black_box(instance.condition);
        }
    }

    #[inline(always)]
    fn arrive(&mut self, calendar: &mut Calendar) -> Result<(), Crowded> {
        let sent = self.arrivals.take();
        let now = sent.at;
        if now >= self.levels.due() {
            self.roll(now);
        }
        self.arrived += 1;
        self.first_attempt(&sent, now, calendar)
    }

    #[inline(always)]
    fn happen(&mut self, now: Instant, rank: Rank, handle: u32, calendar: &mut Calendar) -> Result<(), Crowded> {
        if now >= self.levels.due() {
            self.roll(now);
        }
        if rank == Rank::Completion {
            return self.proceed(handle, now, calendar);
        }
        self.happen_rarely(now, rank, handle, calendar)
    }
}

impl<O: Observer> Simulation<O> {
    /// Anything but a completion happens.
    #[inline(never)]
    fn happen_rarely(&mut self, now: Instant, rank: Rank, handle: u32, calendar: &mut Calendar) -> Result<(), Crowded> {
        if rank == Rank::Arrival {
            return self.try_again(handle, now, calendar);
        }
        self.expire(now, handle, calendar);
        Ok(())
    }
}

impl SourceState {
    fn new(source: &Source, seed: Seed, services: Both<Law>) -> Self {
        let stream = |purpose| seed.stream(purpose, &source.name);
        let users = match source.arrivals {
            Arrivals::Users(users) => Some(users),
            _ => None,
        };
        Self {
            service: stream("service"),
            ahead: services.map(|law| Ahead::new(law, stream("service"))),
            init: stream("init"),
            failure: stream("failure"),
            crash: stream("crash"),
            choice: stream("choice"),
            idle: stream("idle"),
            backoff: stream("backoff"),
            think: stream("think"),
            pause: stream("pause"),
            seat: stream("seat"),
            caller: source.caller,
            patience: source.caller.timeout.unwrap_or(Span::LONGEST),
            follows: users.is_some() || source.caller.retries.is_some(),
            users,
        }
    }
}

impl PoolRelease {
    /// Of the version that a strategy replaces, and of the one that it brings.
    fn both(service: &Service, strategy: &Strategy, seed: Seed) -> Both<Self> {
        let deployment = &strategy.deployment;
        let contracts = Both::contracts(service, deployment);
        Both([deployment.from, deployment.to]).map(|version| {
            let ages = seed.stream("max-age", &version.to_string());
            Self::new(service.release(version), contracts, ages, service.release(deployment.from).service)
        })
    }

    fn new(release: &Release, contracts: Both<Contract>, ages: Stream, old_service: Law) -> Self {
        Self {
            service: release.service,
            ahead: Side::new(release.service != old_service),
            cold: release.cold,
            errors: release.errors.threshold(),
            crashes: release.crashes.threshold(),
            failure_time: release.failure_time,
            rejects: contracts.map(|contract| !release.accepts(contract)),
            answers: contracts.map(|contract| match release.accepts(contract) {
                false => Outcome::Incompatible,
                true if release.replies.contains(&contract) => Outcome::Served,
                true => Outcome::Unreadable,
            }),
            is_chancy: release.errors.threshold().parts() != 0 || release.crashes.threshold().parts() != 0,
            timeout: release.timeout.unwrap_or(Span::LONGEST),
            max_age: release.max_age.map(|law| (law, ages)),
        }
    }
}
