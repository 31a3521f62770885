//! Proves that the simulator does exactly what a slow, obvious model of the same rules does, on random scenarios.

mod common;
#[path = "reference/model.rs"]
mod model;
#[path = "reference/routing.rs"]
mod routing;
#[path = "reference/sources.rs"]
mod sources;

use common::{lognormal, ms, s};
use cutover::dist::Law;
use cutover::experiment::Replication;
use cutover::idle::{Curve, Idle};
use cutover::ids::{Contract, Version};
use cutover::platform::{
    Attempt, Cell, Choice, ColdStart, Function, Gateway, Limits, Outcome, PoolLevels, Release, ScaleOut, Service,
};
use cutover::random::{Seed, Stream};
use cutover::scenario::Scenario;
use cutover::stats::Coarse;
use cutover::strategy::{Alias, Deployment, Forgetting, GatewayMove, Order, Pinned, Rollout, Shift, Strategy, Wiring};
use cutover::time::{Instant, Span};
use cutover::units::Share;
use model::{State, Truth};
use std::collections::BTreeMap;

const SCENARIOS: u64 = 1_500;

#[test]
fn the_simulator_agrees_with_the_slow_model() {
    let mut covered = Covered::default();
    for number in 0..SCENARIOS {
        let mut dice = Dice::new(number);
        let scenario = scenario(&mut dice);
        let seed = Seed { seed: dice.bits(), replication: number };
        let strategy = &scenario.strategies[0];
        let truth = model::simulate(&scenario, strategy, seed);
        let (replication, attempts) = Replication::watched(&scenario, strategy, seed, Vec::new()).unwrap();
        covered.add(&truth);
        compare(&scenario, &truth, &replication, attempts, &format!("scenario {number}: {scenario:#?}"));
    }
    covered.check();
}

/// What the scenarios have put to the test: without all of it, agreement would prove little.
#[derive(Default, Debug)]
struct Covered {
    requests: u64,
    served: u64,
    failed: u64,
    in_flight: u64,
    cold: u64,
    warm_instances: u64,
    reclaimed: u64,
    reclaimed_later: u64,
    mismatched: u64,
    old_alive: u64,
    coincidences: u64,
    unreadable: u64,
    throttled: u64,
    expired: u64,
    retried: u64,
    served_after_retry: u64,
    unanswered: u64,
    resets: u64,
    recycled: u64,
    sessions: u64,
    mixed: u64,
    flipped: u64,
}

impl Covered {
    fn add(&mut self, truth: &Truth) {
        for attempt in &truth.attempts {
            self.requests += 1;
            self.served += u64::from(attempt.outcome == Outcome::Served);
            self.failed += u64::from(matches!(attempt.outcome, Outcome::Failed | Outcome::Incompatible));
            self.in_flight += u64::from(attempt.outcome == Outcome::InFlight);
            self.cold += u64::from(attempt.cold);
            self.mismatched += u64::from(attempt.contract.0 != attempt.version.0);
            self.unreadable += u64::from(attempt.outcome == Outcome::Unreadable);
            self.throttled += u64::from(attempt.outcome == Outcome::Throttled);
            self.expired += u64::from(attempt.outcome == Outcome::Expired);
            self.retried += u64::from(attempt.attempt > 0);
            self.served_after_retry += u64::from(attempt.attempt > 0 && attempt.outcome == Outcome::Served);
            self.resets += u64::from(attempt.reset);
        }
        self.unanswered += truth.unanswered.len() as u64;
        self.sessions += truth.sessions.0;
        self.mixed += truth.sessions.1;
        self.flipped += truth.sessions.2;
        for life in &truth.instances {
            self.warm_instances += u64::from(!life.started_by_request);
            self.reclaimed += u64::from(life.gone.is_some());
            // Reclaimed after more than one idle period: the timer of an earlier one must not have counted.
            let idle = life.states.iter().filter(|&&(state, ..)| state == State::Idle).count();
            self.reclaimed_later += u64::from(life.gone.is_some() && idle > 1);
            self.old_alive += u64::from(life.gone.is_none());
            self.recycled += u64::from(life.recycled);
        }
        self.coincidences += truth.coincidences;
    }

    fn check(&self) {
        let counts = [
            self.requests,
            self.served,
            self.failed,
            self.in_flight,
            self.cold,
            self.warm_instances,
            self.reclaimed,
            self.reclaimed_later,
            self.mismatched,
            self.old_alive,
            self.coincidences,
            self.unreadable,
            self.throttled,
            self.expired,
            self.retried,
            self.served_after_retry,
            self.resets,
            self.recycled,
            self.sessions,
            self.mixed,
        ];
        assert!(counts.iter().all(|&count| count > 500), "{self:?}");
        assert!(self.unanswered > 100 && self.flipped > 50, "{self:?}");
    }
}

fn compare(scenario: &Scenario, truth: &Truth, replication: &Replication, mut attempts: Vec<Attempt>, context: &str) {
    let strategy = &scenario.strategies[0];
    let versions = [strategy.deployment.from, strategy.deployment.to];
    let contracts = versions.map(|version| scenario.service.release(version).contract);
    let edges = edges(scenario);
    let bin_of = |at: Instant| edges.iter().rposition(|&edge| edge <= at).unwrap();

    let mut expected = truth.attempts.clone();
    for attempts in [&mut attempts, &mut expected] {
        attempts.sort_by_key(|attempt| (attempt.source, attempt.index, attempt.attempt));
    }
    for (i, (mine, theirs)) in attempts.iter().zip(&expected).enumerate() {
        assert_eq!(mine, theirs, "attempt {i}, {context}");
    }
    assert_eq!(attempts.len(), expected.len(), "attempts, {context}");
    let requests = expected.iter().filter(|attempt| attempt.attempt == 0).count();
    assert_eq!(replication.simulated, requests as u64, "simulated, {context}");

    // The tally, from the list of attempts.
    let tally = &replication.tally;
    let mut cells = vec![Cell::default(); edges.len() - 1];
    let mut resets = 0;
    let (mut cold_waits, mut exposed) = ((0, 0), Vec::new());
    let mut latencies = Vec::new();
    let mut by_bin = Coarse::new(cells.len());
    for attempt in &expected {
        let version = usize::from(attempt.version != versions[0]);
        let contract = usize::from(attempt.contract != contracts[0]);
        let mismatched = attempt.contract != scenario.service.release(attempt.version).contract;
        let counted = attempt.request >= Instant::ZERO;
        let cell = &mut cells[bin_of(if counted { attempt.arrival } else { attempt.request })];
        cell.retried += u64::from(attempt.attempt > 0);
        if attempt.outcome == Outcome::Throttled {
            cell.throttled += 1;
        } else {
            cell.attempts[contract][version] += 1;
            cell.cold[version] += u64::from(attempt.cold);
            let replied = matches!(attempt.outcome, Outcome::Served | Outcome::Unreadable);
            cell.replies[contract][version] += u64::from(mismatched && replied);
            if let Some(wait) = attempt.cold_wait.filter(|_| counted) {
                cold_waits = (cold_waits.0 + 1, cold_waits.1 + u128::from(wait.ns()));
            }
            if mismatched && counted {
                exposed.push(attempt.arrival);
            }
            resets += u64::from(attempt.reset && counted);
        }
        if !attempt.last {
            continue;
        }
        let latency = attempt.end.ns() - attempt.request.ns();
        let bin = bin_of(attempt.request);
        let cell = &mut cells[bin];
        match attempt.outcome {
            Outcome::Served => {
                cell.served += 1;
                cell.latency += latency as u128;
                by_bin.record(bin, Span::from_ns(latency as u64), 1);
                latencies.extend(counted.then_some(latency as u64));
            }
            Outcome::Incompatible => cell.ends.incompatible += 1,
            Outcome::Unreadable => cell.ends.reply += 1,
            Outcome::Failed => cell.ends.own += 1,
            Outcome::Throttled => cell.ends.throttled += 1,
            Outcome::Expired => cell.ends.expired += 1,
            Outcome::InFlight => cell.ends.in_flight += 1,
        }
    }
    truth.unanswered.iter().for_each(|&request| cells[bin_of(request)].ends.in_flight += 1);
    for &flip in &truth.flips {
        let last = cells.len() - 1;
        cells[bin_of(flip).min(last)].flipped += 1;
    }
    assert_eq!(tally.cells, cells, "cells, {context}");
    assert_eq!(replication.latencies, by_bin, "latencies by bin, {context}");
    let counted_waits = (tally.cold_waits.len(), tally.cold_waits.sum_ns());
    assert_eq!((tally.resets, counted_waits), (resets, cold_waits), "{context}");
    let exposed = exposed.iter().min().map(|&first| (first, exposed.iter().copied().max().unwrap()));
    assert_eq!(tally.exposed, exposed, "exposure, {context}");
    let mut buckets = BTreeMap::new();
    latencies.iter().for_each(|&ns| *buckets.entry(bucket(ns)).or_insert(0) += 1);
    assert_eq!(replication.latency.buckets().collect::<BTreeMap<_, _>>(), buckets, "latencies, {context}");
    assert_eq!(replication.latency.max(), latencies.iter().max().map(|&ns| Span::from_ns(ns)), "latency, {context}");
    let sum: u128 = latencies.iter().map(|&ns| u128::from(ns)).sum();
    let mean = (!latencies.is_empty()).then(|| sum as f64 / latencies.len() as f64);
    assert_eq!(replication.latency.mean_ns(), mean, "latency, {context}");

    // The levels, from the instances' lives, each clipped to each bin.
    let levels = &replication.levels;
    let (mut started, mut reclaimed, mut recycled) = ([0; 2], [0; 2], [0; 2]);
    let mut integrals = vec![<[PoolLevels; 2]>::default(); edges.len() - 1];
    for life in &truth.instances {
        let pool = usize::from(life.version != versions[0]);
        started[pool] += u64::from(life.started_by_request && life.began >= Instant::ZERO);
        let gone = u64::from(life.gone.is_some_and(|gone| gone >= Instant::ZERO));
        *(if life.recycled { &mut recycled[pool] } else { &mut reclaimed[pool] }) += gone;
        for &(state, from, to) in &life.states {
            for (bin, integral) in edges.windows(2).zip(&mut integrals) {
                let clipped = u128::from(to.min(bin[1]).since(from.max(bin[0])).ns());
                match state {
                    State::Starting => integral[pool].starting += clipped,
                    State::Busy => integral[pool].busy += clipped,
                    State::Idle => integral[pool].idle += clipped,
                    State::Gone => panic!("nothing comes after the end"),
                }
            }
        }
    }
    assert_eq!(levels.integrals(), integrals, "levels, {context}");
    assert_eq!((levels.started.0, levels.reclaimed.0), (started, reclaimed), "started and reclaimed, {context}");
    assert_eq!(levels.recycled.0, recycled, "recycled, {context}");
    assert_eq!(levels.peak, truth.peak, "peak, {context}");

    let old = || truth.instances.iter().filter(|life| life.version == versions[0]);
    let drained = old().all(|life| life.gone.is_some());
    let last = old().filter_map(|life| life.gone).max().unwrap_or(Instant::ZERO).max(Instant::ZERO);
    assert_eq!(replication.old_drained, drained.then_some(last), "old_drained, {context}");
    assert_eq!(replication.settled, truth.settled, "settled, {context}");
    assert_eq!(replication.operator_steps, truth.operator_steps, "operator_steps, {context}");
    if let Some(sessions) = replication.sessions {
        assert_eq!((sessions.seen, sessions.mixed, sessions.flipped), truth.sessions, "sessions, {context}");
    }
    let (mine, theirs) = (replication.mismatched_expected, truth.mismatched_expected);
    assert!((mine - theirs).abs() <= 1e-9 * theirs.max(1.0), "mismatched_expected: {mine}, {theirs}, {context}");
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

/// The least number in the histogram's bucket of `ns`: its eight leading binary digits.
fn bucket(ns: u64) -> u64 {
    let shift = (64 - ns.leading_zeros()).saturating_sub(8);
    ns >> shift << shift
}

/// Random choices for scenarios, one after the other.
struct Dice {
    stream: Stream,
    thrown: u64,
    /// Whether everything happens at multiples of 100 ms, so that events of every rank coincide.
    round: bool,
}

impl Dice {
    fn new(number: u64) -> Self {
        let stream = Seed { seed: 20_260, replication: number }.stream("test", "scenario");
        Self { stream, thrown: 0, round: number % 2 == 1 }
    }

    fn bits(&mut self) -> u64 {
        self.thrown += 1;
        self.stream.bits(self.thrown, 0)
    }

    /// A whole number from 0 to `n` - 1.
    fn below(&mut self, n: u32) -> u32 {
        self.thrown += 1;
        self.stream.below(n, self.thrown, 0)
    }

    /// True once in `n` times.
    fn once_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u32) as usize]
    }

    /// A span up to `most_ms`, often zero.
    fn span(&mut self, most_ms: u32) -> Span {
        if self.once_in(6) {
            Span::ZERO
        } else if self.round {
            ms(u64::from(self.below(most_ms.div_ceil(100) + 1)) * 100)
        } else {
            Span::from_ns(u64::from(self.below(most_ms + 1)) * 1_000_000 + u64::from(self.below(1_000_000)))
        }
    }

    fn law(&mut self, most_ms: u32) -> Law {
        let a = self.span(most_ms);
        if self.round && !self.once_in(8) {
            return Law::Constant(a);
        }
        let b = self.span(most_ms);
        match self.below(4) {
            0 => Law::Constant(a),
            1 => Law::Uniform { low: a.min(b), high: a.max(b) },
            2 => Law::Exponential { mean: a },
            // Two equal percentiles would be a constant written in an odd way.
            _ => lognormal(a.min(b) + ms(1), a.max(b) + ms(2)),
        }
    }

    fn share(&mut self) -> Share {
        let percent = self.below(101).into();
        self.of(&[Share::ZERO, Share::percent(10), Share::percent(percent), Share::WHOLE])
    }
}

fn scenario(dice: &mut Dice) -> Scenario {
    let after = dice.span(14_000) + ms(100);
    let warm_up = if dice.once_in(4) { Span::ZERO } else { dice.span(8_000) };
    let releases: Vec<_> = (1..=3).map(|n| release(dice, n)).collect();
    let service = Service {
        sources: (0..=dice.below(4)).map(|place| sources::source(dice, place, warm_up, after)).collect(),
        gateway: Gateway { nodes: if dice.once_in(3) { 1 } else { 1 + dice.below(40) }, lag: dice.law(6_000) },
        function: Function {
            front_ends: if dice.once_in(3) { 1 } else { 1 + dice.below(10) },
            update_in_progress: dice.law(2_000),
            latest_lag: dice.law(6_000),
            alias_lag: dice.law(3_000),
            choose: dice.of(&[Choice::MostRecent, Choice::LeastRecent, Choice::Newest, Choice::Random]),
            warm: if dice.once_in(2) { 0 } else { dice.below(8) },
            limits: Limits {
                concurrency: dice.once_in(4).then(|| 1 + dice.below(12)),
                scale_out: dice
                    .once_in(4)
                    .then(|| ScaleOut { instances: 1 + dice.below(6), per: dice.span(4_000) + ms(50) }),
            },
        },
        releases,
    };
    let strategies = vec![strategy(dice, service.sources.len())];
    let bin = dice.of(&[ms(300), ms(700), s(1), s(5), s(30)]);
    Scenario { bin, ..common::scenario(service, strategies, warm_up, after) }
}

fn release(dice: &mut Dice, n: u16) -> Release {
    let idle = match dice.below(9) {
        8 => {
            let (a, b, c) = (dice.span(500), dice.span(1_000) + ms(1), dice.span(3_000) + ms(1));
            let (half, most) =
                (Share::percent(u64::from(dice.below(60))), Share::percent(u64::from(60 + dice.below(41))));
            Idle::Curve(Curve::new(&[(a, Share::ZERO), (a + b, half), (a + b + c, most)]).unwrap())
        }
        0 => Idle::Never,
        1 => Idle::After(Law::Constant(Span::ZERO)),
        2 => Idle::After(dice.law(200)),
        _ => Idle::After(dice.law(4_000)),
    };
    Release {
        // A release that does not touch the format keeps the old one.
        contract: Contract(if dice.once_in(4) { 1 } else { n }),
        accepts: (1..=3)
            .filter(|&contract| contract == n && !dice.once_in(8) || dice.once_in(3))
            .map(Contract)
            .collect(),
        replies: (1..=3)
            .filter(|&contract| contract <= n && !dice.once_in(8) || dice.once_in(3))
            .map(Contract)
            .collect(),
        service: dice.law(800),
        cold: if dice.once_in(3) { ColdStart::Service(dice.law(1_500)) } else { ColdStart::Init(dice.law(900)) },
        errors: if dice.once_in(2) { Share::ZERO } else { dice.share() },
        crashes: if dice.once_in(3) { dice.share() } else { Share::ZERO },
        failure_time: dice.once_in(3).then(|| dice.law(300)),
        idle,
        max_age: dice.once_in(4).then(|| dice.law(6_000)),
        timeout: dice.once_in(4).then(|| dice.span(700) + ms(1)),
    }
}

fn strategy(dice: &mut Dice, sources: usize) -> Strategy {
    let order = dice.of(&[Order::FunctionFirst, Order::GatewayFirst]);
    let gateway = dice.of(&[GatewayMove::After, GatewayMove::Before, GatewayMove::None]);
    let weight = Share::percent(u64::from(1 + dice.below(100)));
    let shift = match dice.below(3) {
        0 => Shift::AllAtOnce,
        1 => Shift::Canary { weight, bake: dice.span(5_000) },
        // Steps so close together that a front-end may learn of a later one first.
        _ => {
            Shift::Linear { weight: dice.of(&[Share::percent(10), Share::percent(30), weight]), every: dice.span(700) }
        }
    };
    let forgetting = if dice.once_in(2) {
        Forgetting::Chance(dice.share())
    } else {
        Forgetting::Sources((0..sources).filter(|_| dice.once_in(2)).collect())
    };
    let (rollout, (from, to)) = match dice.below(10) {
        0 => (Rollout::None, (2, 2)),
        1 | 2 => (common::latest(order), (1, 2)),
        3 => (Rollout::Pinned(Pinned { wiring: Wiring::Template }), (2, 3)),
        4 | 5 => (common::by_hand(forgetting), (1, 2)),
        // The last may also lead back to an older release.
        _ => (Rollout::Alias(Alias { shift, gateway, trailing: dice.span(500) }), dice.of(&[(1, 2), (1, 3), (3, 1)])),
    };
    let deployment = Deployment { from: Version(from), to: Version(to), step: dice.law(2_000) };
    Strategy { name: "strategy".to_owned(), deployment, rollout }
}
