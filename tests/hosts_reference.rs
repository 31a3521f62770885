//! Proves that the simulator does on hosts exactly what a slow, obvious model of the same rules does, on random scenarios.

#[path = "hosts_reference/callers.rs"]
mod callers;
#[path = "reference/causes.rs"]
mod causes;
#[path = "hosts_reference/chance.rs"]
mod chance;
mod common;
#[path = "hosts_reference/control.rs"]
mod control;
#[path = "reference/faults.rs"]
mod faults;
#[path = "hosts_reference/model.rs"]
mod model;
mod random;
#[path = "hosts_reference/replicas.rs"]
mod replicas;
#[path = "reference/watch.rs"]
mod watch;

use common::Figures;
use cutover::experiment::Replication;
use cutover::ids::Version;
use cutover::metrics::Cause;
use cutover::platform::{Attempt, Cast, Each, Ends, Outcome, PoolLevels};
use cutover::random::Seed;
use cutover::scenario::Scenario;
use cutover::strategy::Rollout;
use cutover::time::Instant;
use model::{Seldom, Truth};
use random::Dice;
use replicas::Phase;

const FIXED: u64 = 20_261;
const SCENARIOS: u64 = 1_500;
/// Fewer for a seed that is new: every run has others.
const FRESH_SCENARIOS: u64 = 300;

#[test]
fn the_simulator_agrees_with_the_slow_model_of_hosts() {
    random::each(FIXED, |seed| {
        let mut covered = Covered::default();
        for number in 0..if seed == FIXED { SCENARIOS } else { FRESH_SCENARIOS } {
            let mut dice = Dice::new(seed, number);
            let scenario = random::hosts::scenario(&mut dice);
            let seed = Seed { seed: dice.bits(), replication: number };
            let strategy = &scenario.strategies[0];
            let truth = model::simulate(&scenario, strategy, seed);
            let (replication, attempts) = Replication::watched(&scenario, strategy, seed, Vec::new()).unwrap();
            covered.add(&scenario, &truth);
            compare(&scenario, &truth, &replication, attempts, &format!("scenario {number}: {scenario:#?}"));
        }
        if seed == FIXED {
            covered.check();
        }
    });
}

/// What the scenarios have put to the test: without all of it, agreement would prove little.
#[derive(Default, Debug)]
struct Covered {
    served: u64,
    failed: u64,
    incompatible: u64,
    unreadable: u64,
    throttled: u64,
    refused: u64,
    cut_off: u64,
    expired: u64,
    in_flight: u64,
    retried: u64,
    mismatched: u64,
    unanswered: u64,
    sessions: u64,
    flipped: u64,
    created: u64,
    gone: u64,
    settled: u64,
    rolled_back: u64,
    timed_out: u64,
    /// By kind of rollout: all, and those that went through.
    rollouts: [(u64, u64); 6],
    seldom: Seldom,
    /// Mismatches by cause.
    causes: [u64; 10],
}

impl Covered {
    fn add(&mut self, scenario: &Scenario, truth: &Truth) {
        for attempt in &truth.attempts {
            let count = match attempt.outcome {
                Outcome::Served => &mut self.served,
                Outcome::Failed => &mut self.failed,
                Outcome::Incompatible => &mut self.incompatible,
                Outcome::Unreadable => &mut self.unreadable,
                Outcome::Throttled => &mut self.throttled,
                Outcome::Refused => &mut self.refused,
                Outcome::Killed => &mut self.cut_off,
                Outcome::Expired | Outcome::WaitedOut => &mut self.expired,
                Outcome::InFlight | Outcome::Waiting => &mut self.in_flight,
            };
            *count += 1;
            self.retried += u64::from(attempt.attempt > 0);
            self.mismatched += u64::from(attempt.contract.0 != attempt.version.0 && attempt.handled());
        }
        self.unanswered += truth.unanswered.len() as u64;
        self.sessions += truth.sessions.seen;
        self.flipped += truth.sessions.flipped;
        self.created += truth.replicas.iter().filter(|replica| !replica.from_beginning).count() as u64;
        self.gone += truth.replicas.iter().filter(|replica| replica.phase == Phase::Gone).count() as u64;
        self.settled += u64::from(truth.course.settled.is_some());
        self.rolled_back += u64::from(truth.course.stopped.is_some());
        self.timed_out += u64::from(truth.course.timed_out);
        let kind = match scenario.strategies[0].rollout {
            Rollout::None(_) => 0,
            Rollout::Rolling(_) => 1,
            Rollout::Recreate(_) => 2,
            Rollout::BlueGreen(_) => 3,
            Rollout::ArgoCanary(_) => 4,
            _ => 5,
        };
        self.rollouts[kind].0 += 1;
        self.rollouts[kind].1 += u64::from(truth.course.settled.is_some());
        self.seldom.add(&truth.seldom);
        Cause::ALL.into_iter().for_each(|cause| self.causes[cause as usize] += truth.causes.of(cause));
    }

    fn check(&self) {
        use Cause::{FrontEndLate, Queued, Route};
        for cause in Cause::ALL.into_iter().filter(|cause| ![Queued, Route, FrontEndLate].contains(cause)) {
            assert!(self.causes[cause as usize] > 100, "{cause:?}: {:?}", self.causes);
        }
        let counts = [
            self.served,
            self.failed,
            self.incompatible,
            self.unreadable,
            self.throttled,
            self.refused,
            self.expired,
            self.in_flight,
            self.retried,
            self.mismatched,
            self.sessions,
            self.created,
            self.gone,
        ];
        assert!(counts.iter().all(|&count| count > 500), "{self:?}");
        assert!(self.unanswered > 100 && self.flipped > 50, "{self:?}");
        assert!(self.rolled_back > 100 && self.timed_out > 20, "{self:?}");
        assert!(self.rollouts.iter().all(|&(all, _)| all > 100), "{self:?}");
        assert!(self.rollouts[1..].iter().all(|&(_, through)| through > 40), "{self:?}");
        assert!(self.seldom.all().iter().all(|&count| count > 100), "{self:?}");
    }
}

impl Seldom {
    fn all(&self) -> [u64; 15] {
        [
            self.waited,
            self.late_in_line,
            self.killed,
            self.crashed,
            self.given_again,
            self.nobody,
            self.full,
            self.waited_for_room,
            self.waited_out,
            self.moved_on,
            self.kept,
            self.kept_in_vain,
            self.probes_failed,
            self.withdrawn,
            self.coincidences,
        ]
    }

    fn add(&mut self, other: &Self) {
        self.waited += other.waited;
        self.late_in_line += other.late_in_line;
        self.killed += other.killed;
        self.crashed += other.crashed;
        self.given_again += other.given_again;
        self.nobody += other.nobody;
        self.full += other.full;
        self.waited_for_room += other.waited_for_room;
        self.waited_out += other.waited_out;
        self.moved_on += other.moved_on;
        self.kept += other.kept;
        self.kept_in_vain += other.kept_in_vain;
        self.probes_failed += other.probes_failed;
        self.withdrawn += other.withdrawn;
        self.coincidences += other.coincidences;
    }
}

fn compare(scenario: &Scenario, truth: &Truth, replication: &Replication, mut attempts: Vec<Attempt>, context: &str) {
    let strategy = &scenario.strategies[0];
    assert_eq!(replication.actions, truth.actions, "actions, {context}");
    let mut expected = truth.attempts.clone();
    for attempts in [&mut attempts, &mut expected] {
        attempts.sort_by_key(|attempt| (attempt.arrival, attempt.source, attempt.index, attempt.attempt));
    }
    for (i, (mine, theirs)) in attempts.iter().zip(&expected).enumerate() {
        assert_eq!(mine, theirs, "attempt {i}, {context}");
    }
    assert_eq!(attempts.len(), expected.len(), "attempts, {context}");
    let requests = expected.iter().filter(|attempt| attempt.attempt == 0).count();
    assert_eq!(replication.simulated, requests as u64, "simulated, {context}");

    let mut ends = Ends::default();
    let mut served = 0;
    for attempt in expected.iter().filter(|attempt| attempt.last && attempt.request >= Instant::ZERO) {
        *match attempt.outcome {
            Outcome::Served => &mut served,
            Outcome::Incompatible => &mut ends.incompatible,
            Outcome::Unreadable => &mut ends.reply,
            Outcome::Failed => &mut ends.own,
            Outcome::Refused | Outcome::Killed => &mut ends.away,
            Outcome::Throttled => &mut ends.throttled,
            Outcome::Expired | Outcome::WaitedOut => &mut ends.expired,
            Outcome::InFlight | Outcome::Waiting => &mut ends.in_flight,
        } += 1;
    }
    ends.in_flight += truth.unanswered.iter().filter(|&&request| request >= Instant::ZERO).count() as u64;
    let counted = replication.tally.counted().plain;
    assert_eq!((counted.served, counted.ends), (served, ends), "ends, {context}");

    assert_eq!(counted.causes, truth.causes, "causes, {context}");

    levels(scenario, truth, replication, context);
    assert_eq!(replication.available_min, Some(truth.available_min), "available_min, {context}");
    assert_eq!(replication.course, truth.course, "course, {context}");
    let sessions = &truth.sessions;
    if let Some(theirs) = replication.sessions {
        let mine = (sessions.seen, sessions.mixed, sessions.flipped, sessions.harmed);
        assert_eq!((theirs.seen, theirs.mixed, theirs.flipped, theirs.harmed), mine, "sessions, {context}");
        assert_eq!(counted.flipped, sessions.flips.iter().filter(|&&flip| flip >= Instant::ZERO).count() as u64);
    }
    let (mine, theirs) = (replication.mismatched_expected, truth.mismatched_expected);
    assert!((mine - theirs).abs() <= 1e-9 * theirs.max(1.0), "mismatched_expected: {mine}, {theirs}, {context}");

    let figures = Figures::new(scenario, strategy, replication);
    let settled = truth.course.settled.filter(|_| strategy.rollout.deploys());
    match settled {
        Some(settled) => assert_eq!(figures.get("rollout_duration_s"), settled.seconds(), "{context}"),
        None => assert!(figures.absent("rollout_duration_s"), "{context}"),
    }
}

/// The levels, from what the replicas did, each clipped to each bin.
fn levels(scenario: &Scenario, truth: &Truth, replication: &Replication, context: &str) {
    let strategy = &scenario.strategies[0];
    let cast = Cast::new(&scenario.service, strategy);
    let edges = edges(scenario);
    let levels = &replication.levels;
    let mut started = Each::<Version, u64>::default();
    let mut integrals = vec![vec![PoolLevels::default(); cast.versions_len()]; edges.len() - 1];
    for replica in &truth.replicas {
        let pool = cast.place(replica.version).unwrap();
        started[pool] += u64::from(!replica.from_beginning && replica.created >= Instant::ZERO);
        for &(phase, from, to) in &replica.phases {
            for (bin, integral) in edges.windows(2).zip(&mut integrals) {
                let clipped = u128::from(to.min(bin[1]).since(from.max(bin[0])).ns());
                let integral = &mut integral[pool.number()];
                *match phase {
                    Phase::Starting => &mut integral.starting,
                    Phase::Ready => &mut integral.idle,
                    Phase::Stopping | Phase::Ending => &mut integral.busy,
                    Phase::Gone => panic!("nothing comes after the end"),
                } += clipped;
            }
        }
    }
    assert!(levels.integrals().eq(&integrals), "levels, {context}");
    assert_eq!((levels.started, levels.peak), (started, truth.peak), "started and peak, {context}");

    let old = || truth.replicas.iter().filter(|replica| replica.version == strategy.deployment.from);
    let drained = old().all(|replica| replica.phase == Phase::Gone);
    let last = old().filter_map(|replica| replica.phases.last()).map(|&(_, _, to)| to).max().unwrap();
    assert_eq!(replication.old_drained, drained.then_some(last.max(Instant::ZERO)), "old_drained, {context}");
    let figures = Figures::new(scenario, strategy, replication);
    let alive: u128 = levels.counted().iter().map(PoolLevels::alive).sum();
    // The price is that of a millionth of an hour.
    let microhours = alive as f64 / 3.6e6;
    let exact = microhours * scenario.service.prices.instance.unwrap().in_attodollars() as f64 / 1e18;
    let cost = figures.get("cost_instances_usd");
    assert!((cost - exact).abs() <= 1e-9 * exact, "cost_instances_usd: {cost}, {exact}, {context}");
}

/// The edges of the bins: the multiples of the bin's width inside the window, and the window's ends.
fn edges(scenario: &Scenario) -> Vec<Instant> {
    let (start, end) = (scenario.window.start(), scenario.window.end());
    let width = scenario.bin.ns() as i64;
    let mut edges = vec![start];
    let mut multiple = start.ns() / width * width;
    while multiple < end.ns() {
        if multiple > start.ns() {
            edges.push(Instant::from_ns(multiple));
        }
        multiple += width;
    }
    edges.push(end);
    edges
}
