//! What a rollout costs, worked out by hand to the micro-dollar, and the bill through files and the command line.

mod common;

use common::{Figures, SEED, at, at_once, by_hand, constant, ms, nothing, periodic, s};
use cutover::faults::{Event, Fails};
use cutover::ids::Version;
use cutover::platform::{ColdStart, Service};
use cutover::scenario::{self, Options, Override, Scenario};
use cutover::source::{Ends, Jitter, Retries, Source};
use cutover::strategy::{Forgetting, GatewayMove};
use cutover::time::{Instant, Span};
use cutover::units::{Bytes, Share};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

const GIB: Bytes = Bytes(1 << 30);

fn figures(scenario: &Scenario) -> Figures {
    Figures::of(scenario, &scenario.strategies[0], SEED)
}

/// Millionths of a dollar, to the nearest.
fn micro(figures: &Figures, key: &str) -> i64 {
    libm::round(figures.get(key) * 1e6) as i64
}

/// Both versions have 1 GiB, so that a millisecond costs 16.6667e-9 dollars.
fn service(sources: Vec<Source>) -> Service {
    let mut service = common::service(sources);
    service.releases.iter_mut().for_each(|release| release.memory = Some(GIB));
    service
}

/// What ran, in milliseconds of 1 GiB; the attempts that reached an instance; and those that the gateway took.
fn told(service: Service, warm_up: Span, after: Span) -> (f64, f64, f64) {
    let scenario = common::scenario(service, vec![nothing()], warm_up, after);
    let figures = figures(&scenario);
    let [requests, compute, gateway] =
        ["requests", "compute", "gateway"].map(|part| figures.get(&format!("cost_{part}_usd")));
    assert_eq!(figures.get("cost_usd"), requests + compute + gateway);
    let rounded = |x: f64| libm::round(x * 1e3) / 1e3;
    (rounded(compute / 16.666_7e-9), rounded(requests / 0.2e-6), rounded(gateway / 3.5e-6))
}

/// One request.
fn single(arrival: Instant) -> Vec<Source> {
    vec![periodic("web", s(100_000), arrival)]
}

#[test]
fn a_million_requests_of_100_ms_at_512_mib() {
    // Ten sources, each with a request every 100 ms for 10,000 s; the last is done exactly at the end.
    let sources = (0..10).map(|n| periodic(&format!("web-{n}"), ms(100), at(0))).collect();
    let mut service = common::service(sources);
    service.releases[0].service = constant(ms(100));
    service.releases[0].memory = Some(Bytes(512 << 20));
    let figures = figures(&common::scenario(service, vec![nothing()], Span::ZERO, s(10_000)));
    assert_eq!((figures.get("handled"), figures.get("in_flight")), (1e6, 0.0));
    assert_eq!((micro(&figures, "cost_requests_usd"), micro(&figures, "cost_compute_usd")), (200_000, 833_335));
    assert_eq!((micro(&figures, "cost_gateway_usd"), micro(&figures, "cost_usd")), (3_500_000, 4_533_335));
}

#[test]
fn each_attempt_is_rounded_up_to_whole_milliseconds() {
    for (runs, billed) in [(ms(100), 100.0), (ms(100) + Span::from_ns(1), 101.0), (Span::from_ns(1), 1.0)] {
        let mut service = service(single(at(0)));
        service.releases[0].service = constant(runs);
        assert_eq!(told(service, Span::ZERO, s(1)), (billed, 1.0, 1.0), "{runs}");
    }
}

#[test]
fn initialisation_is_billed_and_rounded_up_together_with_what_follows() {
    let mut service = service(single(at(0)));
    service.releases[0].cold = ColdStart::Init(constant(Span::from_ns(200_400_000)));
    service.releases[0].service = constant(Span::from_ns(10_400_000));
    assert_eq!(told(service, Span::ZERO, s(1)), (211.0, 1.0, 1.0));
}

#[test]
fn the_part_of_an_attempt_within_the_window_is_billed() {
    let after = s(10);
    for (arrival, runs, billed) in [
        // Over before t = 0, or just then.
        (at(-2_000), s(1), (0.0, 0.0, 0.0)),
        (at(-2_000), s(2), (0.0, 0.0, 0.0)),
        // From t = 0 on; the request itself came before.
        (at(-2_000), Span::from_ns(2_300_000_001), (301.0, 0.0, 0.0)),
        (at(-2_000), s(100), (10_000.0, 0.0, 0.0)),
        (at(0), s(1), (1_000.0, 1.0, 1.0)),
        (at(9_000), s(1), (1_000.0, 1.0, 1.0)),
        // Unfinished at the end.
        (at(9_000), s(2), (1_000.0, 1.0, 1.0)),
        (at(10_000), s(1), (0.0, 0.0, 0.0)),
    ] {
        let mut service = service(single(arrival));
        service.releases[0].service = constant(runs);
        assert_eq!(told(service, s(5), after), billed, "{arrival:?} for {runs}");
    }
}

#[test]
fn a_caller_who_gives_up_leaves_the_bill_running() {
    let mut sources = single(at(0));
    sources[0].caller.timeout = Some(ms(300));
    let mut service = service(sources);
    service.releases[0].service = constant(s(1));
    assert_eq!(told(service, Span::ZERO, s(5)), (1_000.0, 1.0, 1.0));
}

#[test]
fn a_retry_is_billed_like_any_attempt_also_where_its_request_came_before_zero() {
    let mut sources = single(at(-100));
    let after = Ends { failed: true, throttled: false, expired: false };
    sources[0].caller.retries = Some(Retries { attempts: 3, backoff: s(1), most: s(1), jitter: Jitter::None, after });
    let mut service = service(sources);
    service.releases[0].service = constant(ms(10));
    service.releases[0].crashes = Share::WHOLE;
    // It fails at -90 ms and is tried again at 910 ms and 1,920 ms.
    assert_eq!(told(service, s(5), s(5)), (20.0, 2.0, 2.0));
}

#[test]
fn what_is_throttled_costs_nothing() {
    let mut service = service(vec![periodic("a", s(100), at(0)), periodic("b", s(100), at(0))]);
    service.function.limits.concurrency = Some(1);
    assert_eq!(told(service, Span::ZERO, s(1)), (10.0, 1.0, 1.0));
}

#[test]
fn what_fails_on_its_way_costs_the_gateway_alone() {
    let away = Event {
        at: Instant::ZERO,
        lasts: s(1),
        chance: Share::WHOLE,
        fails: Fails::Permission(Version(1)),
        share: Share::WHOLE,
    };
    let mut service = service(vec![periodic("web", s(1), at(0))]);
    service.events = vec![away];
    assert_eq!(told(service, Span::ZERO, s(3)), (20.0, 2.0, 3.0));
}

#[test]
fn idle_versions_cost_nothing() {
    // Fifty idle instances of the old version for an hour, and a new version that nobody asks for.
    let mut service = service(single(at(-60_000)));
    service.function.warm = 50;
    service.releases.iter_mut().for_each(|release| release.idle = cutover::idle::Idle::Never);
    let pinned = common::deploying("pinned", by_hand(Forgetting::Chance(Share::ZERO)), Span::ZERO);
    let scenario = common::scenario(service, vec![pinned], s(120), s(3_600));
    let figures = figures(&scenario);
    assert!(figures.get("idle_instance_s") >= 50.0 * 3_600.0);
    for key in ["cost_usd", "cost_requests_usd", "cost_compute_usd", "cost_gateway_usd"] {
        assert_eq!(figures.get(key), 0.0, "{key}");
    }
}

#[test]
fn a_version_may_have_memory_of_its_own() {
    // A request a second; from 2 s on version 2 answers, with twice the memory.
    let mut service = service(vec![periodic("web", s(1), at(0))]);
    service.releases[1].memory = Some(Bytes(2 << 30));
    service.function.alias_lag = constant(ms(1_500));
    let alias = common::deploying("alias", at_once(GatewayMove::After), Span::ZERO);
    let scenario = common::scenario(service, vec![alias], Span::ZERO, s(10));
    let figures = figures(&scenario);
    assert_eq!((figures.get("handled.v1"), figures.get("handled.v2")), (2.0, 8.0));
    assert_eq!(libm::round(figures.get("cost_compute_usd") / 16.666_7e-9), 20.0 + 2.0 * 80.0);
}

#[test]
fn without_memory_there_is_a_bill_for_requests_and_gateway_alone() {
    let alias = common::deploying("alias", at_once(GatewayMove::After), ms(1_500));
    for unknown in [vec![0, 1], vec![0], vec![1]] {
        let mut service = service(vec![periodic("web", s(1), at(0))]);
        unknown.iter().for_each(|&place| service.releases[place].memory = None);
        let scenario = common::scenario(service, vec![alias.clone()], Span::ZERO, s(10));
        let figures = figures(&scenario);
        assert!(figures.absent("cost_usd") && figures.absent("cost_compute_usd"), "{unknown:?}");
        assert_eq!((micro(&figures, "cost_requests_usd"), micro(&figures, "cost_gateway_usd")), (2, 35));
    }
}

#[test]
fn memory_and_prices_change_no_other_figure() {
    let others = |figures: &Figures| {
        let rows = figures.rows().filter(|(key, ..)| !key.starts_with("cost_"));
        rows.map(|(key, value, _)| (key, value)).collect::<Vec<_>>()
    };
    let mut service = common::service(vec![common::poisson("web", cutover::units::Rate::per_second(50))]);
    service.releases[0].service = common::exponential(ms(100));
    service.releases[0].errors = Share::percent(3).into();
    let scenario = |service: Service| common::scenario(service, vec![nothing()], s(10), s(60));
    let without = figures(&scenario(service.clone()));
    service.releases[0].memory = Some(GIB);
    assert_eq!(others(&figures(&scenario(service))), others(&without));
}

/// A rollout of a few seconds.
const FILE: &str = r#"
replications = 12
window = { warm_up = "10s", after = "20s" }
timeline = { bin = "3s" }

[source.web]
arrivals = { poisson = "100/s" }

[code]
service = { exponential = { mean = "700ms" } }

[function]
init = { constant = "500ms" }
idle = { constant = "5s" }
memory = "512MiB"

[strategy]
none = { none = {} }
latest = { latest = { step = "1s" } }
"#;

fn load(content: &str, overrides: &[&str]) -> Scenario {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("priced.toml");
    std::fs::write(&path, content).unwrap();
    let overrides = overrides.iter().map(|text| Override::new(text)).collect();
    scenario::load(&[path], &Options { overrides, ..Options::default() }).unwrap().remove(0)
}

#[test]
fn prices_have_defaults_and_memory_has_none() {
    let scenario = load(FILE, &[]);
    assert_eq!(scenario.service.prices, common::PRICES);
    let memory =
        |scenario: &Scenario| scenario.service.releases.iter().map(|release| release.memory).collect::<Vec<_>>();
    assert_eq!(memory(&scenario), [Some(Bytes(512 << 20)); 2]);
    let without = load(&FILE.replace("memory = \"512MiB\"\n", ""), &[]);
    assert_eq!(memory(&without), [None; 2]);
    let changed = load(
        FILE,
        &["prices.requests=0.4 usd/M", "prices.compute=\"0.0000133334 usd/GBs\"", "version.2.function.memory=1.5GiB"],
    );
    let prices = changed.service.prices;
    let atto = [prices.requests, prices.compute, prices.gateway].map(cutover::units::Price::in_attodollars);
    assert_eq!(atto, [400_000_000_000, 13_333_400_000_000, 3_500_000_000_000]);
    assert_eq!(memory(&changed), [Some(Bytes(512 << 20)), Some(Bytes(1_536 << 20))]);
}

fn cutover(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cutover")).current_dir(folder).args(arguments).output().unwrap()
}

/// The rows of a file, by column.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

#[test]
fn the_timeline_adds_up_to_the_bill_and_the_difference_from_none_is_paired() {
    let folder = tempfile::tempdir().unwrap();
    let objective = "[objective.cheap]\nmetric = \"cost_usd\"\nat_most = \"0.05 usd\"\n";
    std::fs::write(folder.path().join("priced.toml"), format!("{FILE}{objective}")).unwrap();
    let run = cutover(folder.path(), &["run", "priced.toml", "--notes", "all"]);
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    let said = String::from_utf8(run.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    for words in ["PASS cheap: cost_usd under latest is 0.0", "wanted at most 0.05 usd", "Not deploying costs 0.0"] {
        assert!(said.contains(words), "{said}");
    }
    let output = folder.path().join("output");

    let number = |text: &str| text.parse::<f64>().unwrap();
    let near = |a: f64, b: f64| (a - b).abs() < 1e-6 * b.abs();
    let summary = rows(&output.join("summary.csv"));
    let mean = |strategy: &str, metric: &str| {
        let found = summary.iter().find(|row| row["strategy"] == strategy && row["metric"] == metric).unwrap();
        number(&found["mean"])
    };
    let timeline = rows(&output.join("timeline.csv"));
    for strategy in ["none", "latest"] {
        let bins = timeline.iter().filter(|row| row["strategy"] == strategy && row["metric"] == "cost_usd");
        let (before, after): (Vec<_>, Vec<_>) = bins.partition(|row| row["bin_start_s"].starts_with('-'));
        assert!(before.iter().all(|row| row["mean"].is_empty()), "nothing is billed before t = 0");
        let sum: f64 = after.iter().map(|row| number(&row["mean"])).sum();
        assert_eq!((before.len(), after.len()), (4, 7));
        assert!(near(sum, mean(strategy, "cost_usd")), "{strategy}: {sum}, {}", mean(strategy, "cost_usd"));
        let parts: f64 =
            ["requests", "compute", "gateway"].iter().map(|p| mean(strategy, &format!("cost_{p}_usd"))).sum();
        assert!(near(parts, mean(strategy, "cost_usd")), "{strategy}: {parts}");
    }
    let differences = rows(&output.join("differences.csv"));
    let found = differences.iter().find(|row| row["metric"] == "cost_usd").unwrap();
    let beyond = if found["a"] == "none" { -number(&found["mean"]) } else { number(&found["mean"]) };
    assert!(near(beyond, mean("latest", "cost_usd") - mean("none", "cost_usd")), "{found:?}");
    assert_eq!(found["better"], "lower");
}
