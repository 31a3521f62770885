//! Proves on random scenarios what must hold in all of them: nothing is lost or counted twice, shares are shares, there
//! is one answer, and the count of mismatched requests is the expected one.

mod common;
mod random;

use common::Figures;
use cutover::experiment::{self, Replication, Settings};
use cutover::metrics::Cause;
use cutover::metrics::Kind;
use cutover::platform::{Attempt, MOST_VERSIONS, VersionIx};
use cutover::random::Seed;
use cutover::report::files::csv::FILES;
use cutover::results::{Results, Row};
use cutover::scenario::Scenario;
use cutover::source::{Arrivals, Source};
use cutover::time::Span;
use random::Dice;
use std::collections::BTreeMap;

const FIXED: u64 = 20_261;

/// Runs a property on so many scenarios of `strategies` strategies, with a fixed and a fresh seed.
fn on_scenarios(number: u64, strategies: usize, property: impl Fn(&Scenario, &mut Dice)) {
    random::each(FIXED, |seed| {
        for number in 0..number {
            let mut dice = Dice::new(seed, number);
            let mut scenario = random::scenario(&mut dice, strategies);
            // Whose code cannot read what it writes itself is no scenario that a file can say.
            for release in &mut scenario.service.releases {
                release.accepts.push(release.contract);
            }
            let said = Said(number);
            property(&scenario, &mut dice);
            drop(said);
        }
    });
}

/// Says on failure in which scenario it was.
struct Said(u64);

impl Drop for Said {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("in scenario {}", self.0);
        }
    }
}

fn settings(seed: u64, threads: usize) -> Settings {
    Settings { seed, threads: Some(threads), ..Settings::default() }
}

fn run(scenario: &Scenario, seed: u64, threads: usize) -> Results {
    experiment::run(std::slice::from_ref(scenario), &settings(seed, threads), None, &|_| ()).unwrap()
}

/// Every figure of every replication of a strategy, by its key.
fn figures(results: &Results, strategy: &str) -> Vec<BTreeMap<String, (Option<f64>, bool)>> {
    let scenario = &results.scenarios[0];
    let rows = &scenario.strategies.iter().find(|known| known.name == strategy).unwrap().rows;
    let by_key = |row: &Row| {
        let cells = row.values.iter().copied().zip(row.censored.iter().copied());
        scenario.metrics.iter().map(cutover::metrics::Metric::key).zip(cells).collect()
    };
    rows.iter().flatten().map(by_key).collect()
}

#[test]
fn every_request_ends_in_one_outcome() {
    on_scenarios(250, 1, |scenario, dice| {
        let strategy = &scenario.strategies[0];
        let seed = Seed { seed: dice.bits(), replication: 0 };
        let (replication, attempts) = Replication::watched(scenario, strategy, seed, Vec::new()).unwrap();
        let of = Figures::new(scenario, strategy, &replication);
        let sum = |keys: &[&str]| keys.iter().map(|key| of.get(key)).sum::<f64>();
        assert_eq!(of.get("requests"), sum(&["served", "failed", "throttled", "expired", "in_flight"]));
        assert_eq!(of.get("lost"), sum(&["failed", "throttled", "expired"]));
        assert_eq!(of.get("failed"), sum(&["failed_incompatible", "failed_reply", "failed_own", "failed_away"]));
        // What an observer saw end is what was counted, but for requests that were waiting for their next attempt.
        // An event that a queue had taken over counts if it was not over at t = 0.
        let counts = |attempt: &&Attempt| {
            let is_event = scenario.service.sources[attempt.source as usize].via.queue().is_some();
            attempt.last && (attempt.request.ns() >= 0 || (is_event && attempt.end.ns() >= 0))
        };
        let ended = attempts.iter().filter(counts).count() as f64;
        assert!(ended <= of.get("requests") && ended >= sum(&["served", "failed", "throttled", "expired"]));
        let causes = Cause::ALL.map(|cause| format!("mismatched.{}", cause.key()));
        let causes = causes.iter().filter(|key| !of.absent(key)).map(|key| of.get(key));
        assert_eq!(of.get("mismatched"), causes.sum::<f64>());
        for (part, whole) in [
            ("incompatible", "mismatched"),
            ("mismatched", "handled"),
            ("replies_incompatible", "replies_mismatched"),
            ("cold_starts", "handled"),
            ("handled", "attempts"),
            ("resets", "handled"),
        ] {
            assert!(of.get(part) <= of.get(whole), "{part} {}, {whole} {}", of.get(part), of.get(whole));
        }
        if !of.absent("sessions") {
            assert!(of.get("sessions_flipped") <= of.get("sessions_mixed"));
            assert!(of.get("sessions_mixed") <= of.get("sessions"));
        }
    });
}

#[test]
fn no_more_instances_go_than_came() {
    on_scenarios(250, 1, |scenario, dice| {
        let mut scenario = scenario.clone();
        // Where nothing is alive when counting begins, whatever goes has been started since.
        (scenario.window.warm_up, scenario.service.function.warm) = (Span::ZERO, 0);
        scenario.service.releases.iter_mut().for_each(|release| release.warm = None);
        // What is kept ready comes without a request.
        if scenario.service.function.provisioned.is_some() {
            return;
        }
        let strategy = &scenario.strategies[0];
        // A run in which started is not gone + alive is given up.
        let replication = Replication::run(&scenario, strategy, Seed { seed: dice.bits(), replication: 0 }).unwrap();
        let levels = &replication.levels;
        for version in VersionIx::first(MOST_VERSIONS) {
            let gone = levels.reclaimed[version] + levels.recycled[version];
            assert!(gone <= levels.started[version], "{gone} gone of {}", levels.started[version]);
        }
        assert!(levels.peak <= levels.started.iter().sum());
        let of = Figures::new(&scenario, strategy, &replication);
        assert!(of.get("instances_mean") <= of.get("instances_peak") * (1.0 + 1e-12));
        let seconds = ["busy_instance_s", "idle_instance_s", "starting_instance_s"].map(|key| of.get(key));
        let alive = of.get("instances_mean") * scenario.window.after.seconds();
        assert!((seconds.iter().sum::<f64>() - alive).abs() <= 1e-9 * alive.max(1.0), "{seconds:?}, {alive}");
    });
}

#[test]
fn figures_lie_in_their_ranges_and_versions_make_up_the_total() {
    on_scenarios(250, 1, |scenario, dice| {
        let strategy = &scenario.strategies[0];
        let of = Figures::of(scenario, strategy, Seed { seed: dice.bits(), replication: 0 });
        for (key, value, _) in of.rows() {
            let value = value.unwrap_or(0.0);
            assert!(value.is_finite() && value >= 0.0, "{key} = {value}");
            assert!(!key.split('.').next().unwrap().ends_with("_share") || value <= 1.0, "{key} = {value}");
        }
        for kind in Kind::ALL.iter().filter(|kind| kind.by_version() && !kind.key().ends_with("_share")) {
            let parts = of.rows().filter(|(key, ..)| key.starts_with(&format!("{}.v", kind.key())));
            let (sum, total) = (parts.map(|(_, value, _)| value.unwrap()).sum::<f64>(), of.get(kind.key()));
            let mean = kind.key().ends_with("_s") || kind.key().ends_with("_mean");
            let close = if mean { 1e-9 * total.max(1.0) } else { 0.0 };
            assert!((sum - total).abs() <= close, "{}: {sum} by version, {total} in all", kind.key());
        }
        let percentiles = ["p50", "p90", "p95", "p99", "p999"].map(|which| format!("latency_{which}_ms"));
        // Events have ages instead.
        let has_queues = !of.absent("dead_lettered");
        assert!(of.absent("latency_mean_ms") == (of.get("served") == 0.0) || has_queues);
        if of.absent("latency_mean_ms") {
            return;
        }
        // Those of which there are requests enough.
        let known: Vec<_> = percentiles.iter().filter(|key| !of.absent(key)).map(|key| of.get(key)).collect();
        let most = of.get("latency_max_ms");
        assert!(known.is_sorted() && known.iter().all(|&value| value <= most), "{known:?}, {most}");
        for (latency, answer) in [("latency_p50_ms", "answer_p50_ms"), ("latency_p99_ms", "answer_p99_ms")] {
            if !of.absent(latency) && !of.absent(answer) {
                assert!(of.get(latency) <= of.get(answer), "those without an answer are the slowest");
            }
            assert!(of.get("in_flight") > 0.0 || !of.censored(latency), "{latency}");
        }
        assert!(of.get("latency_mean_ms") <= most * (1.0 + 1e-12));
    });
}

#[test]
fn threads_change_no_byte() {
    on_scenarios(12, 3, |scenario, dice| {
        let (scenario, seed) = (Scenario { replications: 3, ..scenario.clone() }, dice.bits());
        let [one, two] = [1, 2].map(|threads| run(&scenario, seed, threads));
        for (name, write) in FILES {
            assert!(write(&one) == write(&two), "{name} differs");
        }
    });
}

#[test]
fn another_strategy_and_more_replications_change_no_row() {
    on_scenarios(25, 3, |scenario, dice| {
        let (mut many, seed) = (Scenario { replications: 3, ..scenario.clone() }, dice.bits());
        let mut few = Scenario { replications: 2, ..scenario.clone() };
        few.strategies.pop();
        many.strategies.rotate_right(1);
        let (all, few) = (run(&many, seed, 2), run(&few, seed, 2));
        for strategy in &few.scenarios[0].strategies {
            let known = figures(&all, &strategy.name);
            for (row, known) in figures(&few, &strategy.name).iter().zip(&known[..2]) {
                // Fewer strategies may deploy fewer versions, and then there are fewer columns.
                for (key, value) in row {
                    assert_eq!(known.get(key), Some(value), "{key} of {}", strategy.name);
                }
            }
        }
    });
}

#[test]
fn mismatches_are_as_many_as_expected() {
    const REPLICATIONS: u64 = 12;
    on_scenarios(120, 1, |scenario, dice| {
        if !scenario.service.sources.iter().all(steady) {
            return;
        }
        let (seed, strategy) = (dice.bits(), &scenario.strategies[0]);
        let (mut counted, mut expected) = (0.0, 0.0);
        for replication in 0..REPLICATIONS {
            let of = Figures::of(scenario, strategy, Seed { seed, replication });
            counted += of.get("mismatched");
            expected += of.get("mismatched_expected");
        }
        // Freedman's inequality: given the adoptions so far, every mismatch adds at most itself to the variance.
        let most = 6.0 * f64::sqrt(expected) + 6.0;
        assert!((counted - expected).abs() <= most, "{counted} mismatched, {expected} expected: {scenario:#?}");
    });
}

/// Whether a source's requests come or not each by its own chance: in a burst, a jittered batch or a scaled row many
/// share theirs, and a count strays further.
fn steady(source: &Source) -> bool {
    match &source.arrivals {
        Arrivals::Bursty(_) => false,
        Arrivals::Schedule(schedule) => schedule.jitter == Span::ZERO,
        Arrivals::Trace(_) => false,
        _ => true,
    }
}
