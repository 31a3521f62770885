//! One job: one replication of one strategy, from the scenario to its row of figures.

use super::begun::Begun;
use super::causes;
use crate::ids::Version;
use crate::metrics::{Cause, Kind, Metric};
use crate::platform::{
    Adopted, Bill, Cast, Cell, Course, Each, Fate, Levels, Observer, Plain, PoolLevels, Sessions, SimulationError,
    Tally, VersionIx,
};
use crate::random::Seed;
use crate::results::Row;
use crate::scenario::{MEMORY, Scenario};
use crate::stats::{Coarse, Histogram, Percentile};
use crate::strategy::{Action, On, Strategy};
use crate::time::{Instant, NS_PER_S, Span};
use crate::units::Bytes;

/// What one replication counted. Every sum is a whole number; fractions appear in [`Replication::row`] only.
#[derive(Clone, Debug)]
pub struct Replication {
    /// Requests simulated, the warm-up's included.
    pub simulated: u64,
    /// What was counted of the attempts.
    pub tally: Tally,
    /// Latencies of the served requests by bin, where there are not too many.
    pub latencies: Coarse,
    /// Latencies of the served requests that arrived from t = 0 on.
    pub latency: Histogram,
    /// What was counted of the instances.
    pub levels: Levels,
    /// The expected number of mismatched requests given the adoption times.
    pub mismatched_expected: f64,
    /// The part of it that was known beforehand.
    pub mismatched_first: f64,
    /// How far the rollout had got over time.
    pub adopted: Adopted,
    /// What was done on the control plane, and when.
    pub actions: Vec<(Instant, Action)>,
    /// What the rollout came to.
    pub course: Course,
    /// Until when an instance of the replaced version was alive; `None` if one still was at the end.
    pub old_drained: Option<Instant>,
    /// What was counted of the users' sessions; `None` where no source has users.
    pub sessions: Option<Sessions>,
    /// Routes that a person re-pointed.
    pub operator_steps: usize,
    /// How long the person took for them; `None` where nobody says how long for one.
    pub operator_time: Option<Span>,
    /// The fewest replicas that were available at once in [0, after); `None` where there are no hosts.
    pub available_min: Option<u64>,
    /// The most events that were in queues at once in [0, after); `None` where there is no queue.
    pub backlog_peak: Option<u64>,
    /// For how long batches that had failed held up shards in [0, after), in seconds, summed over shards; `None` where there is no
    /// stream.
    pub blocked_s: Option<f64>,
    /// Attempts for which no environment was left that is kept ready; `None` where none is.
    pub spilled: Option<u64>,
}

impl Replication {
    /// Simulates replication `replication` of `strategy`.
    ///
    /// # Errors
    /// [`SimulationError`], when the replication had to be given up.
    pub fn run(scenario: &Scenario, strategy: &Strategy, seed: Seed) -> Result<Self, SimulationError> {
        Self::within(scenario, strategy, seed, MEMORY)
    }

    /// The same, with so much memory.
    ///
    /// # Errors
    /// [`SimulationError`], when the replication had to be given up.
    pub fn within(
        scenario: &Scenario,
        strategy: &Strategy,
        seed: Seed,
        memory: Bytes,
    ) -> Result<Self, SimulationError> {
        let (replication, ()) = Self::simulated(scenario, strategy, seed, memory, ())?;
        Ok(replication)
    }

    /// Simulates, and lets `observer` see every attempt as it ends.
    ///
    /// # Errors
    /// [`SimulationError`], when the replication had to be given up.
    pub fn watched<O: Observer>(
        scenario: &Scenario,
        strategy: &Strategy,
        seed: Seed,
        observer: O,
    ) -> Result<(Self, O), SimulationError> {
        Self::simulated(scenario, strategy, seed, MEMORY, observer)
    }

    fn simulated<O: Observer>(
        scenario: &Scenario,
        strategy: &Strategy,
        seed: Seed,
        memory: Bytes,
        observer: O,
    ) -> Result<(Self, O), SimulationError> {
        let fate = Fate::default();
        Begun::new(scenario, strategy, (seed, &fate), memory, observer)?.end(scenario, strategy, &fate)
    }

    /// The row of figures, in the order of `metrics`.
    #[must_use]
    pub fn row(&self, scenario: &Scenario, strategy: &Strategy, metrics: &[Metric]) -> Row {
        let figures = Figures::new(self, scenario, strategy);
        let (values, censored) = metrics.iter().map(|metric| figures.value(metric)).unzip();
        Row { values, censored, first: self.mismatched_first }
    }
}

/// Sums from which the metrics follow.
struct Figures<'a> {
    replication: &'a Replication,
    strategy: &'a Strategy,
    on: On,
    after: Span,
    cast: Cast,
    /// Attempts, mismatched and incompatible attempts, and cold starts by version.
    handled: ByVersion,
    mismatched: ByVersion,
    incompatible: ByVersion,
    cold: ByVersion,
    ahead: u64,
    /// Mismatched attempts that the code accepts.
    near: u64,
    replies: ByVersion,
    unreadable: ByVersion,
    counted: Cell,
    bill: Bill,
    levels: Each<Version, PoolLevels>,
    /// Mismatched attempts by each cause that there may be.
    causes: [Option<u64>; Cause::ALL.len()],
    /// Whether any queue takes requests over.
    has_queues: bool,
    /// Whether environments may be kept ready.
    provisions: bool,
}

/// How long replicas were there, in replicas times nanoseconds, where the code ran on hosts.
fn replicas(replication: &Replication, strategy: &Strategy) -> Option<u128> {
    let levels = replication.levels.counted();
    (strategy.on() == On::Hosts).then(|| levels.iter().map(PoolLevels::alive).sum())
}

type ByVersion = Each<Version, u64>;

const NS_PER_MS: f64 = 1e6;
/// One request in so many may be in flight at the end without showing in the mean latency.
const FEW_IN_FLIGHT: u64 = 1_000;

impl<'a> Figures<'a> {
    fn new(replication: &'a Replication, scenario: &Scenario, strategy: &'a Strategy) -> Self {
        let cast = Cast::new(&scenario.service, strategy);
        let counted = replication.tally.counted();
        let mut figures = Self {
            replication,
            strategy,
            on: strategy.on(),
            after: scenario.window.after,
            cast,
            handled: ByVersion::default(),
            mismatched: ByVersion::default(),
            incompatible: ByVersion::default(),
            cold: counted.cold,
            ahead: 0,
            near: 0,
            replies: ByVersion::default(),
            unreadable: ByVersion::default(),
            counted,
            bill: Bill::new(&counted, replicas(replication, strategy), &scenario.service, &cast),
            levels: replication.levels.counted(),
            provisions: strategy.on() == On::Function && scenario.service.function.provisioned.is_some(),
            causes: Cause::ALL.map(|cause| {
                causes::may_be(cause, &scenario.service, strategy).then(|| counted.plain.causes.of(cause))
            }),
            has_queues: scenario.service.sources.iter().any(|source| source.via.queue().is_some()),
        };
        for (written, contract) in cast.contracts() {
            for (place, version) in cast.versions() {
                let (attempts, replies) = (counted.attempts[written][place], counted.replies[written][place]);
                let release = scenario.service.release(version);
                figures.handled[place] += attempts;
                if release.contract != contract {
                    figures.mismatched[place] += attempts;
                    figures.ahead += if contract > release.contract { attempts } else { 0 };
                    figures.near += if release.accepts(contract) { attempts } else { 0 };
                }
                figures.incompatible[place] += if release.accepts(contract) { 0 } else { attempts };
                figures.replies[place] += replies;
                figures.unreadable[place] += if release.replies.contains(&contract) { 0 } else { replies };
            }
        }
        figures
    }

    /// A metric's value, and whether the window cut it short.
    fn value(&self, metric: &Metric) -> (Option<f64>, bool) {
        let replication = self.replication;
        let tally = &replication.tally;
        let Plain { ends, served, throttled, refused, queued, retried, .. } = self.counted.plain;
        let by = |cause: Cause| self.causes[cause as usize].map(|n| n as f64);
        let of_queues = |n: u64| self.has_queues.then_some(n as f64);
        let handled: u64 = self.handled.iter().sum();
        let attempts = handled + throttled + refused;
        let mismatched: u64 = self.mismatched.iter().sum();
        let requests = self.counted.plain.requests();
        // Of nothing no share is known.
        let part = |n: u64, of: u64| (of > 0).then(|| n as f64 / of as f64);
        let count = |by: ByVersion| Some(self.pick(metric, |version| by[version] as f64));
        let share = |by: ByVersion| part(by.iter().sum(), handled);
        let seconds = |level: fn(&PoolLevels) -> u128| {
            Some(self.pick(metric, |version| level(&self.levels[version]) as f64 / NS_PER_S as f64))
        };
        // What replicas of hosts do not do.
        let function = |value: Option<f64>| value.filter(|_| self.on == On::Function);
        let percentile = |numerator, denominator| self.latency(metric, Percentile::new(numerator, denominator));
        let answer = |numerator, denominator| self.answer(Percentile::new(numerator, denominator));
        let value = match metric.kind {
            Kind::Requests => Some(requests as f64),
            Kind::Attempts => Some(attempts as f64),
            Kind::Retried => Some(retried as f64),
            Kind::Throttled => Some(ends.throttled as f64),
            Kind::Expired => Some(ends.expired as f64),
            Kind::Resets => Some(tally.resets as f64),
            Kind::RepliesMismatched => count(self.replies),
            Kind::RepliesIncompatible => count(self.unreadable),
            Kind::RepliesIncompatibleShare => share(self.unreadable),
            Kind::Recycled => function(count(replication.levels.recycled)),
            Kind::Sessions => replication.sessions.map(|sessions| sessions.seen as f64),
            Kind::SessionsMixed => replication.sessions.map(|sessions| sessions.mixed as f64),
            Kind::SessionsHarmed => replication.sessions.map(|sessions| sessions.harmed as f64),
            Kind::SessionsFlipped => replication.sessions.map(|sessions| sessions.flipped as f64),
            Kind::Handled => count(self.handled),
            Kind::Served => Some(served as f64),
            Kind::Mismatched => count(self.mismatched),
            Kind::MismatchedExpected => Some(replication.mismatched_expected),
            Kind::MismatchedShare => share(self.mismatched),
            Kind::MismatchedAhead => Some(self.ahead as f64),
            Kind::MismatchedBehind => Some((mismatched - self.ahead) as f64),
            Kind::MismatchedCookie => by(Cause::Cookie),
            Kind::MismatchedClient => by(Cause::Client),
            Kind::MismatchedQueued => by(Cause::Queued),
            Kind::MismatchedRoute => by(Cause::Route),
            Kind::MismatchedRollback => by(Cause::Rollback),
            Kind::MismatchedWeight => by(Cause::Weight),
            Kind::MismatchedNotYet => by(Cause::NotYet),
            Kind::MismatchedNodeLate => by(Cause::NodeLate),
            Kind::MismatchedFrontEndLate => by(Cause::FrontEndLate),
            Kind::MismatchedBalancerLate => by(Cause::BalancerLate),
            Kind::QueuedMismatched => of_queues(queued.mismatched),
            Kind::DeadLettered => of_queues(queued.dead),
            Kind::BacklogPeak => replication.backlog_peak.map(|most| most as f64),
            Kind::Blocked => replication.blocked_s,
            Kind::MessageAgeMean => tally.ages.mean_ns().map(|ns| ns / NS_PER_S as f64),
            Kind::MessageAgeP50 => return self.age(metric, Percentile::new(50, 100)),
            Kind::MessageAgeP99 => return self.age(metric, Percentile::new(99, 100)),
            Kind::Incompatible => count(self.incompatible),
            Kind::IncompatibleShare => share(self.incompatible),
            Kind::NearMisses => Some(self.near as f64),
            Kind::NearMissesShare => part(self.near, handled),
            Kind::Lost => count(self.counted.lost),
            Kind::Unserved => Some(ends.lost() as f64),
            Kind::LostShare | Kind::UnservedShare => part(ends.lost(), requests),
            Kind::Failed => Some(ends.failed() as f64),
            Kind::FailedIncompatible => Some(ends.incompatible as f64),
            Kind::FailedReply => Some(ends.reply as f64),
            Kind::FailedOwn => Some(ends.own as f64),
            Kind::FailedAway => Some(ends.away as f64),
            Kind::InFlight => Some(ends.in_flight as f64),
            Kind::ColdStarts => function(count(self.cold)),
            Kind::ColdStartShare => function(share(self.cold)),
            Kind::ColdWaitMean => tally.cold_waits.mean_ns().map(|ns| ns / NS_PER_MS),
            Kind::LatencyMean => {
                let mean = replication.latency.mean_ns().map(|ns| ns / NS_PER_MS);
                let (open, served) = (ends.in_flight - queued.in_flight, served - queued.served);
                return (mean, mean.is_some() && open * FEW_IN_FLIGHT > served + open);
            }
            Kind::LatencyP50 => return percentile(50, 100),
            Kind::LatencyP90 => return percentile(90, 100),
            Kind::LatencyP95 => return percentile(95, 100),
            Kind::LatencyP99 => return percentile(99, 100),
            Kind::LatencyP999 => return percentile(999, 1_000),
            Kind::LatencyMax => replication.latency.max().map(|max| max.ns() as f64 / NS_PER_MS),
            Kind::AnswerP50 => return answer(50, 100),
            Kind::AnswerP99 => return answer(99, 100),
            Kind::InstancesStarted => count(replication.levels.started),
            Kind::Reclaimed => function(count(replication.levels.reclaimed)),
            Kind::InstancesPeak => Some(replication.levels.peak as f64),
            Kind::InstancesMean => seconds(PoolLevels::alive).map(|seconds| seconds / self.after.seconds()),
            Kind::AvailableMin => replication.available_min.map(|least| least as f64),
            Kind::BusyInstance => function(seconds(|levels| levels.busy)),
            Kind::IdleInstance => function(seconds(|levels| levels.idle)),
            Kind::ProvisionedInstance => self.provisions.then(|| self.counted.plain.kept.held as f64 / NS_PER_S as f64),
            Kind::Spilled => replication.spilled.map(|spilled| spilled as f64),
            Kind::StartingInstance => seconds(|levels| levels.starting),
            Kind::DrainingInstance => seconds(|levels| levels.busy).filter(|_| self.on == On::Hosts),
            Kind::Cost => self.bill.usd(),
            Kind::CostRequests => self.bill.requests_usd(),
            Kind::CostCompute => self.bill.compute_usd(),
            Kind::CostProvisioned => self.bill.provisioned_usd(),
            Kind::CostGateway => Some(self.bill.gateway_usd()),
            Kind::CostInstances => self.bill.instances_usd(),
            Kind::OperatorSteps => Some(replication.operator_steps as f64),
            Kind::OperatorTime => replication.operator_time.map(Span::seconds),
            Kind::RolloutDuration => {
                let known = self.duration(replication.course.settled);
                // One that is not through has no duration, and is known to have taken longer.
                return if known.1 { (None, true) } else { known };
            }
            Kind::OldDrained => return self.duration(replication.old_drained),
            Kind::RolledBack => {
                let course = &replication.course;
                let stopped = course.stopped.is_some() && !course.timed_out;
                self.strategy.rollout.deploys().then(|| f64::from(u8::from(stopped)))
            }
            Kind::TimedOut => {
                self.strategy.rollout.deploys().then(|| f64::from(u8::from(replication.course.timed_out)))
            }
            Kind::Overdue => replication.course.overdue.map(|overdue| f64::from(u8::from(overdue))),
            Kind::Detection => {
                replication.course.detection.filter(|_| !replication.course.timed_out).map(Span::seconds)
            }
            Kind::Rollback => return self.rollback(),
            Kind::Exposure => {
                let exposure = tally.exposed.map_or(Span::ZERO, |(first, last)| last.since(first));
                self.strategy.rollout.deploys().then(|| exposure.seconds())
            }
        };
        (value, false)
    }

    /// The total, or the part of the metric's version.
    fn pick(&self, metric: &Metric, of: impl Fn(VersionIx) -> f64) -> f64 {
        match metric.version {
            None => self.cast.versions().map(|(place, _)| of(place)).sum(),
            Some(version) => self.cast.place(version).map_or(0.0, of),
        }
    }

    /// A percentile of latency in milliseconds, cut short where the requests in flight at the end, had they all taken
    /// endlessly, would show in it: by more than it may be off anyway.
    fn latency(&self, metric: &Metric, percentile: Percentile) -> (Option<f64>, bool) {
        let latency = &self.replication.latency;
        let Some(ns) = latency.percentile_ns(percentile) else { return (None, false) };
        let most = ns * (1.0 + metric.kind.measured_within());
        let Plain { ends, queued, .. } = self.counted.plain;
        let with = latency.percentile_among_ns(percentile, ends.in_flight - queued.in_flight);
        (Some(ns / NS_PER_MS), with.is_some_and(|with| with > most))
    }

    /// A percentile of the ages of events in seconds, likewise.
    fn age(&self, metric: &Metric, percentile: Percentile) -> (Option<f64>, bool) {
        let ages = &self.replication.tally.ages;
        let Some(ns) = ages.percentile_ns(percentile) else { return (None, false) };
        let most = ns * (1.0 + metric.kind.measured_within());
        let with = ages.percentile_among_ns(percentile, self.counted.plain.queued.in_flight);
        (Some(ns / NS_PER_S as f64), with.is_some_and(|with| with > most))
    }

    /// A percentile of the time until a good answer, in milliseconds, over all requests: whoever had none waits for ever. An
    /// infinite one is absent and cut short, for whatever the other replications have is less.
    fn answer(&self, percentile: Percentile) -> (Option<f64>, bool) {
        let Plain { ends, queued, .. } = self.counted.plain;
        let without = ends.lost() + ends.in_flight - queued.dead - queued.in_flight;
        let ns = self.replication.latency.percentile_among_ns(percentile, without);
        (ns.filter(|ns| ns.is_finite()).map(|ns| ns / NS_PER_MS), ns.is_some_and(f64::is_infinite))
    }

    /// How long taking back took: absent where nothing had to be, cut short if not over within the window.
    fn rollback(&self) -> (Option<f64>, bool) {
        let Course { stopped, detection, rollback, .. } = self.replication.course;
        match (stopped.filter(|_| detection.is_some()), rollback) {
            (None, _) => (None, false),
            (Some(_), Some(span)) => (Some(span.seconds()), false),
            (Some(stopped), None) => (Some((Instant::ZERO + self.after).since(stopped).seconds()), true),
        }
    }

    /// A duration from t = 0 to `end`: absent where nothing is deployed or it was taken back, cut short if not over within the window.
    fn duration(&self, end: Option<Instant>) -> (Option<f64>, bool) {
        if !self.strategy.rollout.deploys() || self.replication.course.taken_back {
            return (None, false);
        }
        match end.map(|end| end.since(Instant::ZERO)) {
            Some(span) if span <= self.after => (Some(span.seconds()), false),
            _ => (Some(self.after.seconds()), true),
        }
    }
}
