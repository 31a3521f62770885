//! Proves that the simulator does exactly what a slow, obvious model of the same rules does, on random scenarios.

#[path = "reference/batches.rs"]
mod batches;
#[path = "reference/causes.rs"]
mod causes;
mod common;
#[path = "reference/faults.rs"]
mod faults;
#[path = "reference/kept.rs"]
mod kept;
#[path = "reference/model.rs"]
mod model;
#[path = "reference/queues.rs"]
mod queues;
mod random;
#[path = "reference/routing.rs"]
mod routing;
#[path = "reference/streams.rs"]
mod streams;
#[path = "reference/watch.rs"]
mod watch;

use common::Figures;
use cutover::experiment::Replication;
use cutover::ids::Version;
use cutover::platform::{Attempt, Cast, Cell, Each, Outcome, PoolLevels, Prices};
use cutover::random::Seed;
use cutover::scenario::Scenario;
use cutover::source::Via;
use cutover::stats::Coarse;
use cutover::time::{Instant, Span};
use cutover::units::Price;
use model::{State, Truth};
use random::Dice;
use std::collections::BTreeMap;

const FIXED: u64 = 20_260;
const SCENARIOS: u64 = 1_500;
/// Fewer for a seed that is new: every run has others.
const FRESH_SCENARIOS: u64 = 300;

#[test]
fn the_simulator_agrees_with_the_slow_model() {
    random::each(FIXED, |seed| {
        let mut covered = Covered::default();
        for number in 0..if seed == FIXED { SCENARIOS } else { FRESH_SCENARIOS } {
            let mut dice = Dice::new(seed, number);
            let scenario = random::scenario(&mut dice, 1);
            let seed = Seed { seed: dice.bits(), replication: number };
            let strategy = &scenario.strategies[0];
            let truth = model::simulate(&scenario, strategy, seed);
            let (replication, attempts) = Replication::watched(&scenario, strategy, seed, Vec::new()).unwrap();
            covered.add(&truth);
            covered.watched += u64::from(strategy.may_be_stopped());
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
    waited: u64,
    waited_out: u64,
    unreadable: u64,
    throttled: u64,
    refused: u64,
    expired: u64,
    retried: u64,
    served_after_retry: u64,
    unanswered: u64,
    resets: u64,
    recycled: u64,
    /// Mismatches by cause.
    causes: [u64; 10],
    /// Of what is kept ready: attempts, those that spilled, and how many came and went from t = 0 on; and instances that were warm then.
    kept: [u64; 5],
    rolled_back: u64,
    watched: u64,
    sessions: u64,
    mixed: u64,
    flipped: u64,
    billed: u64,
    billed_from_zero: u64,
    late: u64,
    mistaken: u64,
    direct: u64,
    queued: u64,
    dead: u64,
    bound: u64,
    seen: queues::Seen,
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
            self.refused += u64::from(attempt.outcome == Outcome::Refused);
            self.expired += u64::from(attempt.outcome == Outcome::Expired);
            self.retried += u64::from(attempt.attempt > 0);
            self.served_after_retry += u64::from(attempt.attempt > 0 && attempt.outcome == Outcome::Served);
            self.resets += u64::from(attempt.reset);
            self.late += u64::from(attempt.request < Instant::ZERO && attempt.arrival >= Instant::ZERO);
        }
        for &(_, from, _) in truth.runs.iter().filter(|&&(.., to)| to > Instant::ZERO) {
            self.billed += 1;
            self.billed_from_zero += u64::from(from < Instant::ZERO);
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
        for (count, more) in self.kept.iter_mut().zip([
            truth.kept_runs.len() as u64,
            truth.spilled,
            truth.instances.iter().filter(|life| life.kept && life.began >= Instant::ZERO).count() as u64,
            truth.instances.iter().filter(|life| life.kept && life.gone.is_some()).count() as u64,
            truth.prewarmed,
        ]) {
            *count += more;
        }
        for cause in truth.causes.values() {
            self.causes[*cause as usize] += 1;
        }
        self.coincidences += truth.coincidences;
        self.waited += truth.waited;
        self.mistaken += truth.mistaken;
        self.queued += truth.queued.0;
        self.dead += truth.queued.1;
        self.bound += truth.queued.2;
        self.seen.add(&truth.seen);
        self.direct += truth.direct;
        self.waited_out += truth.attempts.iter().filter(|of| of.outcome == Outcome::WaitedOut).count() as u64;
        self.rolled_back += u64::from(truth.course.stopped.is_some());
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
            self.waited,
            self.waited_out,
            self.unreadable,
            self.throttled,
            self.refused,
            self.expired,
            self.retried,
            self.served_after_retry,
            self.resets,
            self.recycled,
            self.sessions,
            self.mixed,
            self.billed,
            self.billed_from_zero,
            self.late,
            self.direct,
            self.queued,
            self.dead,
            self.bound,
        ];
        assert!(counts.iter().all(|&count| count > 500), "{self:?}");
        assert!(self.seen.all().iter().all(|&count| count > 100), "{self:?}");
        // No balancer is late where there is none.
        assert!(self.causes[..9].iter().all(|&count| count > 100) && self.causes[9] == 0, "{self:?}");
        assert!(self.kept.iter().all(|&count| count > 100), "{self:?}");
        assert!(self.unanswered > 100 && self.flipped > 50 && self.mistaken > 100, "{self:?}");
        assert!(self.rolled_back > 100 && 2 * self.watched > 3 * self.rolled_back, "{self:?}");
    }
}

fn compare(scenario: &Scenario, truth: &Truth, replication: &Replication, mut attempts: Vec<Attempt>, context: &str) {
    let strategy = &scenario.strategies[0];
    let cast = Cast::new(&scenario.service, strategy);
    let edges = edges(scenario);
    let bin_of = |at: Instant| edges.iter().rposition(|&edge| edge <= at).unwrap();

    let mut expected = truth.attempts.clone();
    for attempts in [&mut attempts, &mut expected] {
        attempts.sort_by_key(|attempt| (attempt.source, attempt.index, attempt.attempt, attempt.arrival));
    }
    for (i, (mine, theirs)) in attempts.iter().zip(&expected).enumerate() {
        assert_eq!(mine, theirs, "attempt {i}, {context}");
    }
    assert_eq!(attempts.len(), expected.len(), "attempts, {context}");
    let requests = expected.iter().filter(|attempt| attempt.attempt == 0).count();
    assert_eq!(replication.simulated, requests as u64 + truth.never_tried, "simulated, {context}");
    let backlog_peak = replication.backlog_peak.unwrap_or(0);
    assert_eq!(backlog_peak, truth.backlog_peak, "backlog_peak, {context}");
    assert_eq!(replication.blocked_s.unwrap_or(0.0), truth.blocked_s, "blocked_s, {context}");

    // The tally, from the list of attempts.
    let tally = &replication.tally;
    let mut cells = vec![Cell::default(); edges.len() - 1];
    let mut resets = 0;
    let (mut cold_waits, mut exposed) = ((0, 0), Vec::new());
    let is_queued = |source: usize| scenario.service.sources[source].via.queue().is_some();
    let (mut latencies, mut ages) = (Vec::new(), Vec::<u64>::new());
    let mut by_bin = Coarse::new(cells.len());
    for attempt in &expected {
        let version = cast.place(attempt.version).unwrap();
        let contract = cast.contract_place(attempt.contract).unwrap();
        let mismatched = attempt.contract != scenario.service.release(attempt.version).contract;
        // What a queue has taken over counts as long as it is not over.
        let queued = is_queued(attempt.source as usize);
        let counted = if queued { attempt.arrival } else { attempt.request } >= Instant::ZERO;
        let cell = &mut cells[bin_of(if counted { attempt.arrival } else { attempt.request })];
        cell.plain.retried += u64::from(attempt.attempt > 0);
        if attempt.outcome == Outcome::Throttled {
            cell.plain.throttled += 1;
        } else if matches!(attempt.outcome, Outcome::Refused | Outcome::WaitedOut | Outcome::Waiting) {
            cell.plain.refused += 1;
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
                cell.plain
                    .causes
                    .count(truth.causes[&(attempt.source, attempt.index, attempt.attempt, attempt.arrival)]);
            }
            resets += u64::from(attempt.reset && counted);
        }
        if !attempt.last {
            continue;
        }
        let latency = attempt.end.ns() - attempt.request.ns();
        let from = counts_from(attempt, queued);
        let (bin, counted) = (bin_of(from), from >= Instant::ZERO);
        let cell = &mut cells[bin];
        let lost = attempt.outcome.is_lost();
        cell.lost[cast.place(attempt.version).unwrap()] += u64::from(lost);
        match attempt.outcome {
            Outcome::Served => {
                cell.plain.served += 1;
                if is_queued(attempt.source as usize) {
                    ages.extend(counted.then_some(latency as u64));
                } else {
                    cell.plain.latency += latency as u128;
                    by_bin.record(bin, Span::from_ns(latency as u64), 1);
                    latencies.extend(counted.then_some(latency as u64));
                }
            }
            Outcome::Incompatible => cell.plain.ends.incompatible += 1,
            Outcome::Unreadable => cell.plain.ends.reply += 1,
            Outcome::Failed => cell.plain.ends.own += 1,
            Outcome::Refused | Outcome::Killed => cell.plain.ends.away += 1,
            Outcome::Throttled => cell.plain.ends.throttled += 1,
            Outcome::Expired | Outcome::WaitedOut => cell.plain.ends.expired += 1,
            Outcome::InFlight | Outcome::Waiting => cell.plain.ends.in_flight += 1,
        }
    }
    for &(version, from, to) in truth.runs.iter().filter(|&&(_, from, to)| to > Instant::ZERO && from < to) {
        // By versions whose memory is not known nothing is billed.
        if scenario.service.release(version).memory.is_some() {
            let from = from.max(Instant::ZERO);
            cells[bin_of(from)].billed[cast.place(version).unwrap()] += to.since(from).ns().div_ceil(1_000_000);
        }
    }
    for attempt in expected.iter().filter(|attempt| attempt.arrival >= Instant::ZERO) {
        let is_direct = scenario.service.sources[attempt.source as usize].via != Via::Gateway;
        let is_charged = attempt.outcome != Outcome::Throttled;
        cells[bin_of(attempt.arrival)].plain.direct += u64::from(is_direct && is_charged);
    }
    let is_late =
        |of: &&Attempt| of.request < Instant::ZERO && of.arrival >= Instant::ZERO && !is_queued(of.source as usize);
    for attempt in expected.iter().filter(is_late) {
        let late = &mut cells[bin_of(attempt.arrival)].plain.late;
        match attempt.outcome {
            Outcome::Throttled => {}
            Outcome::Refused | Outcome::WaitedOut | Outcome::Waiting => late.refused += 1,
            _ => late.handled += 1,
        }
    }
    for &(source, request) in &truth.unanswered {
        let from = if is_queued(source) { request.max(Instant::ZERO) } else { request };
        let plain = &mut cells[bin_of(from)].plain;
        plain.ends.in_flight += 1;
        plain.queued.in_flight += u64::from(is_queued(source));
        plain.queued.carried += u64::from(is_queued(source) && request < Instant::ZERO);
    }
    for &(at, messages) in truth.together.iter().filter(|&&(at, _)| at >= Instant::ZERO) {
        cells[bin_of(at)].plain.queued.together += messages;
    }
    for attempt in expected.iter().filter(|attempt| is_queued(attempt.source as usize)) {
        let bin = bin_of(attempt.arrival);
        let differs = scenario.service.release(attempt.version).contract != attempt.contract;
        cells[bin].plain.queued.mismatched += u64::from(attempt.handled() && differs);
        let from = counts_from(attempt, true);
        let queued = &mut cells[bin_of(from)].plain.queued;
        queued.carried += u64::from(attempt.last && from != attempt.request);
        match attempt.outcome {
            _ if !attempt.last => {}
            Outcome::Served => {
                queued.served += 1;
                queued.age += u128::from(attempt.end.since(attempt.request).ns());
            }
            outcome if outcome.is_lost() => queued.dead += 1,
            _ => queued.in_flight += 1,
        }
    }
    for &flip in &truth.flips {
        let last = cells.len() - 1;
        cells[bin_of(flip).min(last)].plain.flipped += 1;
    }
    let counted: Vec<Cell> = (0..tally.cells.len()).map(|bin| tally.cells.sum(bin..bin + 1)).collect();
    // What is kept ready is summed up below.
    cells.iter_mut().zip(&counted).for_each(|(mine, theirs)| mine.plain.kept = theirs.plain.kept);
    assert_eq!(counted, cells, "cells, {context}");
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
    assert_eq!(tally.ages.len(), ages.len() as u64, "ages, {context}");
    assert_eq!(tally.ages.sum_ns(), ages.iter().map(|&ns| u128::from(ns)).sum::<u128>(), "ages, {context}");
    let counted =
        |attempt: &&Attempt| attempt.last && attempt.request >= Instant::ZERO && !is_queued(attempt.source as usize);
    let is_open = |attempt: &&Attempt| matches!(attempt.outcome, Outcome::InFlight | Outcome::Waiting);
    let open = expected.iter().filter(counted).filter(is_open).count()
        + truth.unanswered.iter().filter(|&&(source, request)| request >= Instant::ZERO && !is_queued(source)).count();
    let lost = expected.iter().filter(counted).filter(|attempt| attempt.outcome.is_lost()).count();
    latencies.sort_unstable();
    let figures = Figures::new(scenario, strategy, replication);
    percentiles(&figures, &latencies, (open, lost), context);
    bill(&figures, scenario, truth, context);
    if scenario.service.function.provisioned.is_some() {
        let held: u128 = truth.held.iter().map(|&(_, held, _)| held).sum();
        assert_eq!(figures.get("provisioned_instance_s"), held as f64 / 1e9, "{context}");
        assert_eq!(figures.get("spilled"), truth.spilled as f64, "{context}");
    } else {
        assert!(figures.absent("spilled") && figures.absent("provisioned_instance_s"), "{context}");
    }

    // The levels, from the instances' lives, each clipped to each bin.
    let levels = &replication.levels;
    let [mut started, mut reclaimed, mut recycled] = [Each::<Version, u64>::default(); 3];
    let mut integrals = vec![vec![PoolLevels::default(); cast.versions_len()]; edges.len() - 1];
    for life in &truth.instances {
        let pool = cast.place(life.version).unwrap();
        started[pool] += u64::from(life.started_by_request && life.began >= Instant::ZERO);
        let gone = u64::from(!life.kept && life.gone.is_some_and(|gone| gone >= Instant::ZERO));
        *(if life.recycled { &mut recycled[pool] } else { &mut reclaimed[pool] }) += gone;
        for &(state, from, to) in &life.states {
            for (bin, integral) in edges.windows(2).zip(&mut integrals) {
                let clipped = u128::from(to.min(bin[1]).since(from.max(bin[0])).ns());
                let integral = &mut integral[pool.number()];
                match state {
                    State::Starting => integral.starting += clipped,
                    State::Busy => integral.busy += clipped,
                    State::Idle => integral.idle += clipped,
                    State::Gone => panic!("nothing comes after the end"),
                }
            }
        }
    }
    assert!(levels.integrals().eq(&integrals), "levels, {context}");
    assert_eq!((levels.started, levels.reclaimed), (started, reclaimed), "started and reclaimed, {context}");
    assert_eq!(levels.recycled, recycled, "recycled, {context}");
    assert_eq!(levels.peak, truth.peak, "peak, {context}");

    let old = || truth.instances.iter().filter(|life| life.version == strategy.deployment.from);
    let drained = old().all(|life| life.gone.is_some());
    let last = old().filter_map(|life| life.gone).max().unwrap_or(Instant::ZERO).max(Instant::ZERO);
    assert_eq!(replication.old_drained, drained.then_some(last), "old_drained, {context}");
    assert_eq!(replication.course, truth.course, "course, {context}");
    assert_eq!(replication.operator_steps, truth.operator_steps, "operator_steps, {context}");
    if let Some(sessions) = replication.sessions {
        assert_eq!(
            (sessions.seen, sessions.mixed, sessions.flipped, sessions.harmed),
            truth.sessions,
            "sessions, {context}"
        );
    }
    let (mine, theirs) = (replication.mismatched_expected, truth.mismatched_expected);
    assert!((mine - theirs).abs() <= 1e-9 * theirs.max(1.0), "mismatched_expected: {mine}, {theirs}, {context}");
}

/// From when on a request counts that ended with this attempt.
fn counts_from(attempt: &Attempt, is_queued: bool) -> Instant {
    let is_carried = is_queued && attempt.request < Instant::ZERO && attempt.end >= Instant::ZERO;
    if is_carried { Instant::ZERO } else { attempt.request }
}

/// The bill, from all attempts and from who had an instance when.
fn bill(figures: &Figures, scenario: &Scenario, truth: &Truth, context: &str) {
    let Prices { requests, compute, gateway, held, ran, .. } = scenario.service.prices;
    let dollars = |atto: u128| atto as f64 / 1e18;
    let counted = || truth.attempts.iter().filter(|attempt| attempt.arrival >= Instant::ZERO);
    let handled = counted().filter(|attempt| attempt.handled()).count();
    let passes = |attempt: &&Attempt| scenario.service.sources[attempt.source as usize].via == Via::Gateway;
    let taken = counted().filter(|attempt| attempt.outcome != Outcome::Throttled).filter(passes).count();
    // An invocation may handle several messages.
    let together: u64 = truth.together.iter().filter(|&&(at, _)| at >= Instant::ZERO).map(|&(_, more)| more).sum();
    let requests = dollars((handled as u128 - u128::from(together)) * u128::from(requests.in_attodollars()));
    let gateway = dollars(taken as u128 * u128::from(gateway.in_attodollars()));
    assert_eq!((figures.get("cost_requests_usd"), figures.get("cost_gateway_usd")), (requests, gateway), "{context}");
    let versions = scenario.strategies[0].versions();
    if versions.iter().any(|&version| scenario.service.release(version).memory.is_none()) {
        assert!(figures.absent("cost_compute_usd") && figures.absent("cost_usd"), "{context}");
        return;
    }
    let mib = |version| u128::from(scenario.service.release(version).memory.unwrap().0 >> 20);
    let billed = |runs: &[(Version, Instant, Instant)]| {
        let from_zero = runs.iter().filter(|&&(.., to)| to > Instant::ZERO);
        let each = from_zero.map(|&(version, from, to)| {
            let ms = (to.ns() - from.ns().max(0)).cast_unsigned().div_ceil(1_000_000);
            u128::from(ms) * mib(version)
        });
        each.sum::<u128>() as f64
    };
    // In MiB and milliseconds, of which a GB-second has 1,024,000; a rounding of it to 15 digits is enough to see every mistake.
    let price = |billed: f64, price: Price| billed / 1_024_000.0 * dollars(u128::from(price.in_attodollars()));
    let compute = price(billed(&truth.runs), compute);
    assert!((figures.get("cost_compute_usd") - compute).abs() <= 1e-15 * compute, "{context}");
    let mut provisioned = 0.0;
    if scenario.service.function.provisioned.is_some() {
        let kept: u128 = truth.held.iter().map(|&(version, _, billed)| billed * mib(version)).sum();
        provisioned = price(kept as f64 / 1e6, held) + price(billed(&truth.kept_runs), ran);
        // Less than a millisecond may be lost.
        let found = figures.get("cost_provisioned_usd");
        assert!((found - provisioned).abs() <= 1e-9 * provisioned, "{found} {provisioned} {context}");
        provisioned = found;
    }
    assert_eq!(
        figures.get("cost_usd"),
        requests + figures.get("cost_compute_usd") + provisioned + gateway,
        "{context}"
    );
}

/// The percentiles of latency and of the time until a good answer, from all latencies, rising, and from how many requests
/// were open at the end or lost.
fn percentiles(figures: &Figures, latencies: &[u64], (open, lost): (usize, usize), context: &str) {
    let exact = |per_mille: usize, more: usize| {
        let n = latencies.len() + more;
        let rank = (n * per_mille).div_ceil(1_000);
        let known = n * (1_000 - per_mille) >= 10 * 1_000 && rank <= latencies.len();
        known.then(|| latencies[rank - 1] as f64 / 1e6)
    };
    let latency = [("p50", 500), ("p90", 900), ("p95", 950), ("p99", 990), ("p999", 999)];
    let latency = latency.map(|(name, per_mille)| (format!("latency_{name}_ms"), exact(per_mille, 0), per_mille));
    let answer = [("p50", 500), ("p99", 990)];
    let answer =
        answer.map(|(name, per_mille)| (format!("answer_{name}_ms"), exact(per_mille, open + lost), per_mille));
    for (key, exact, per_mille) in &answer {
        let enough = (latencies.len() + open + lost) * (1_000 - per_mille) >= 10 * 1_000;
        assert_eq!(figures.censored(key), enough && exact.is_none(), "{key}, {context}");
    }
    for (key, exact, _) in latency.iter().chain(&answer) {
        assert_eq!(!figures.absent(key), exact.is_some(), "{key}, {context}");
        let error = exact.map_or(0.0, |exact| (figures.get(key) / exact.max(1e-9) - 1.0).abs());
        assert!(error < 1.0 / 128.0 || *exact == Some(0.0), "{key}: {error}, {context}");
    }
    // "At least" where those that were open, had they taken endlessly, would show.
    let cut = !latencies.is_empty() && open * 1_000 > latencies.len() + open;
    assert_eq!(figures.censored("latency_mean_ms"), cut, "latency_mean_ms, {context}");
    for (key, found, per_mille) in latency {
        let Some(found) = found else { continue };
        match exact(per_mille, open) {
            Some(same) if same == found => assert!(!figures.censored(&key), "{key}, {context}"),
            Some(close) if close < found * (1.0 + 3.0 / 128.0) => {}
            _ => assert!(figures.censored(&key), "{key}, {context}"),
        }
    }
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
