//! One replication of one strategy: requests through gateway, front-ends and pools, over virtual time.

mod ahead;
mod answer;
mod attempt;
pub mod callers;
mod faults;
mod fleet;
mod hosts;
mod kept;
mod model;
mod overflow;
mod queue;
mod reclaim;
mod release;
mod rollout;
mod start;

use crate::engine::Calendar;
use crate::faults::Scaling;
use crate::ids::Version;
use crate::platform::control::{Control, Live};
use crate::platform::error::SimulationError;
use crate::platform::function::allowance::Allowance;
use crate::platform::function::instance::{Instances, State};
use crate::platform::function::pool::Pool;
use crate::platform::hosts::Hosts;
use crate::platform::index::{Cast, Each, MOST_VERSIONS, VersionIx};
use crate::platform::observer::Observer;
use crate::platform::overflow::Overflow;
use crate::platform::queue::{Batches, Queue as Waiting};
use crate::platform::room::{Crowded, Room};
use crate::platform::service::Limits;
use crate::platform::stream::Stream as Lanes;
use crate::platform::watch::levels::Levels;
use crate::platform::watch::probe::Probe;
use crate::platform::watch::signals::Signal;
use crate::platform::way::expected::Running;
use crate::platform::way::router::Router;
use crate::platform::{Bins, Fate, Service, Window};
use crate::random::{Seed, Stream};
use crate::source::{Arrivals, Caller, Merge, Queue, Source, Users};
use crate::strategy::{On, Strategy, Watched};
use crate::time::{Instant, Span};
use ahead::Ahead;
use callers::{Callers, Sessions};
use faults::Faults;
use release::PoolRelease;

/// The state of one replication. Its behaviour stands in `attempt.rs` (an attempt begins), `answer.rs` (it ends, and
/// what its caller does then), `start.rs` and `reclaim.rs` (instances come and go), `overflow.rs` (attempts wait for room) and `rollout.rs` (the controller and its alarms).
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
    /// The pool of each version.
    pub pools: Each<Version, Pool>,
    instances: Instances,
    sources: Vec<SourceState>,
    callers: Callers,
    /// What waits in the queue of each source; nothing where no source has one.
    queues: Vec<Waiting>,
    /// The lanes of each source's stream, likewise.
    streams: Vec<Lanes>,
    /// The batches that instances handle.
    batches: Batches,
    /// How many events are in all of them, and how many were at most since the rollout began.
    queued: u64,
    /// See there.
    queued_most: u64,
    /// All that decides the way of a request, the control plane included.
    pub router: Router,
    /// The replicas, where the code runs on hosts.
    pub hosts: Option<Box<Hosts>>,
    /// The rollout, once it has begun.
    live: Option<Live>,
    /// How many replicas are wanted, and from when on.
    scalings: Vec<Scaling>,
    /// When the fleet will look at its replicas because something has changed.
    fleet_looks_at: Instant,
    /// What kept the fleet from creating replicas.
    crowded: Option<Crowded>,
    /// How long attempts may wait for room, and those that do; `None` where they are turned away.
    overflow: Option<(Span, Overflow)>,
    /// When the function is next looked at that may add an instance again.
    opens_at: Instant,
    /// What its alarms have seen.
    signals: Vec<Signal>,
    /// What its analyses may measure.
    probes: Vec<Probe>,
    /// Whether first attempts are looked at one by one: limits, events, alarms or queues react to what happens.
    reacts: bool,
    /// Whether their odds are added up as they are made, because they are not known beforehand.
    adds_up: bool,
    cast: Cast,
    releases: Each<Version, PoolRelease>,
    /// Whether the running of any version is billed.
    bills: bool,
    capacity: Capacity,
    /// The events that happen in this rollout; none before it begins.
    faults: Faults,
    running: Running,
    /// The draws of how long instances stay that were warm.
    warm_idle: Each<Version, Stream>,
    end: Instant,
    /// Requests that ended.
    ended: u64,
    arrivals: Merge,
    /// The memory that there is for more instances and callers.
    pub room: Room,
}

/// A source: what its requests' draws depend on, their way apart, and what its callers do.
#[derive(Clone, Debug)]
struct SourceState {
    service: Stream,
    /// By version; see [`PoolRelease::ahead`].
    ahead: Vec<Ahead>,
    init: Stream,
    failure: Stream,
    crash: Stream,
    refusal: Stream,
    choice: Stream,
    idle: Stream,
    backoff: Stream,
    think: Stream,
    pause: Stream,
    seat: Stream,
    shard: Stream,
    caller: Caller,
    /// What tries again in place of a caller.
    queue: Option<Queue>,
    /// The longest span that a caller waits.
    patience: Span,
    users: Option<Users>,
    /// Whether the end of an attempt may lead to another.
    follows: bool,
}

/// What the function's limits leave.
#[derive(Clone, Debug)]
struct Capacity {
    limits: Limits,
    /// Whether there is any limit.
    is_limited: bool,
    allowance: Option<Allowance>,
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
        (seed, fate): (Seed, &Fate),
        window: Window,
        bins: Bins,
        observer: O,
    ) -> Result<(Self, Calendar), Crowded> {
        let cast = Cast::new(service, strategy);
        let control = Control::new(service, strategy, seed, fate);
        let function = &service.function;
        let has_queues = service.sources.iter().any(|source| source.via.queue().is_some());
        let queued = if has_queues { service.sources.len() } else { 0 };
        let mut simulation = Self {
            observer,
            levels: Levels::new(bins, cast.versions_len()).with_queues(queued),
            arrived: 0,
            // Without a warm-up, no bin ends at t = 0.
            arrived_before_zero: (window.start() >= Instant::ZERO).then_some(0),
            pools: Each::from_fn(|place| new_pool(service, cast.version(place), strategy)),
            instances: Instances::default(),
            sources: service.sources.iter().map(|source| SourceState::new(source, seed, service, &cast)).collect(),
            callers: Callers::new(&service.sources),
            queues: vec![Waiting::default(); queued],
            streams: vec![Lanes::default(); queued],
            batches: Batches::default(),
            queued: 0,
            queued_most: 0,
            warm_idle: warm_idle(seed, &cast),
            arrivals: Merge::new(&service.sources, seed, (window.start(), window.end()), |place| fate.of(place).bursts),
            running: Running::new(service, &cast, &control),
            router: Router::new(service, strategy, control, seed),
            hosts: None,
            live: None,
            scalings: Vec::new(),
            fleet_looks_at: Instant::END,
            crowded: None,
            overflow: service.overflow(strategy.on()).map(|wait| (wait, Overflow::default())),
            opens_at: Instant::BEGINNING,
            signals: Vec::new(),
            probes: Vec::new(),
            reacts: false,
            adds_up: false,
            cast,
            bills: strategy.on() == On::Function && service.releases.iter().any(|release| release.memory.is_some()),
            releases: PoolRelease::each(service, &cast, seed, &Faults::default()),
            faults: Faults::default(),
            capacity: Capacity {
                limits: function.limits,
                is_limited: function.limits.any(),
                allowance: function.limits.scale_out.map(Allowance::new),
            },
            end: window.end(),
            ended: 0,
            room: Room::default(),
        };
        simulation.watch(service, strategy, seed, window, |alarm| alarm.watches == Watched::All);
        let mut calendar = Calendar::default();
        match (strategy.on(), service.hosts) {
            (On::Hosts, Some(hosts)) => {
                simulation.hosts = Some(Box::new(Hosts::new(hosts, service, &simulation.cast, seed, window.end())));
                simulation.begin_hosts(window.start())?;
            }
            _ => {
                let old = service.release(strategy.deployment.from);
                for _ in 0..old.warm.unwrap_or(function.warm) {
                    simulation.start_warm(VersionIx::FIRST, window.start(), &mut calendar)?;
                }
                simulation.begin_kept(strategy, window.start())?;
            }
        }
        simulation.seat_users(window.start(), &mut calendar)?;
        Ok((simulation, calendar))
    }

    /// Lets the sources begin at `start`, before the window does. What they would have sent before the window is lost, so
    /// that the platform begins empty in the midst of traffic. Users begin with the window.
    pub fn begin_amid(&mut self, service: &Service, seed: Seed, start: Instant, window: Window) {
        self.arrivals = Merge::new(&service.sources, seed, (start, window.end()), |_| None);
        self.arrivals.skip_to(window.start());
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
            let state = self.instances.hot[place as usize].condition.state();
            // On hosts, one that waits in a replica.
            if matches!(state, State::Starting | State::Busy) || (self.hosts.is_some() && state == State::Idle) {
                self.record_in_flight(place, end);
            }
        }
        self.still_waiting(end);
        self.still_queued();
        for call in self.callers.waiting() {
            // A call that would begin to wait only later belongs to an attempt that is in flight itself.
            if call.attempt > 0 && call.since <= end {
                self.observer.unanswered(call.source, call.request);
                self.ended += 1;
            }
        }
        for version in VersionIx::first(MOST_VERSIONS) {
            let wanted = self.pools[version].kept.as_ref().map_or(0, |kept| kept.wanted);
            self.paid_until(version, wanted, end);
        }
        self.router.control.advance(end);
        self.observer.over(&self.router.control);
        self.roll(end);
        if self.ended != self.arrived {
            return Err(SimulationError::NotConserved("requests"));
        }
        let is_conserved = match &self.hosts {
            Some(hosts) => hosts.is_conserved(),
            None => self.pools.iter().all(Pool::is_conserved),
        };
        if !is_conserved {
            return Err(SimulationError::NotConserved("instances"));
        }
        Ok(())
    }

    /// What is said of a replication that was given up because it was crowded.
    #[must_use]
    pub fn crowded(&self, crowded: Crowded) -> SimulationError {
        let instances = self.pools.iter().map(|pool| pool.alive.count()).sum();
        let callers = (self.callers.waiting().count() + self.in_queues().count()) as u64;
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

    /// The most events that were in queues at once since the rollout began; `None` where there is no queue.
    #[must_use]
    pub fn backlog_peak(&self) -> Option<u64> {
        (!self.queues.is_empty()).then_some(self.queued_most)
    }

    /// The expected number of mismatched attempts among those not known beforehand.
    pub fn mismatched_expected(&self) -> f64 {
        self.running.sum()
    }
}

fn new_pool(service: &Service, version: Version, strategy: &Strategy) -> Pool {
    let keeps = strategy.deployment.provisioned.is_some();
    Pool::new(version, service.release(version).idle.clone(), service.function.choose, keeps)
}

fn warm_idle(seed: Seed, cast: &Cast) -> Each<Version, Stream> {
    Each::from_fn(|place| seed.stream("warm-idle", &cast.version(place).to_string()))
}

/// Service times drawn ahead, by version.
fn aheads(service: &Service, cast: &Cast, stream: Stream) -> impl Iterator<Item = Ahead> {
    cast.versions().map(move |(_, version)| Ahead::new(service.release(version).service, stream))
}

impl SourceState {
    fn new(source: &Source, seed: Seed, service: &Service, cast: &Cast) -> Self {
        let stream = |purpose| seed.stream(purpose, &source.name);
        let users = match source.arrivals {
            Arrivals::Users(users) => Some(users),
            _ => None,
        };
        Self {
            service: stream("service"),
            ahead: aheads(service, cast, stream("service")).collect(),
            init: stream("init"),
            failure: stream("failure"),
            crash: stream("crash"),
            refusal: stream("refusal"),
            choice: stream("choice"),
            idle: stream("idle"),
            backoff: stream("backoff"),
            think: stream("think"),
            pause: stream("pause"),
            seat: stream("seat"),
            shard: stream("shard"),
            caller: source.caller,
            queue: source.via.queue().copied(),
            patience: source.caller.timeout.unwrap_or(Span::LONGEST),
            // Set by who watches.
            follows: false,
            users,
        }
    }
}
