//! What `check` foresees of a run, and what it refuses because it would never end or not fit into memory.

mod common;

use cutover::experiment::{Replication, Settings, run};
use cutover::platform::strata;
use cutover::random::Seed;
use cutover::scenario::{self, Foreseen, Options, Scenario};
use cutover::units::Bytes;
use std::path::Path;

fn load(text: &str, options: &Options) -> Result<Scenario, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.toml");
    std::fs::write(&path, text).unwrap();
    match scenario::load(&[path], options) {
        Ok(mut scenarios) => Ok(scenarios.remove(0)),
        Err(refused) => Err(refused.render(false)),
    }
}

/// One source for `after` seconds, nothing deployed.
fn case(source: &str, after: &str, code: &str) -> String {
    format!(
        "replications = 1\nwindow = {{ warm_up = \"0s\", after = \"{after}\" }}\n[source.w]\n{source}\n\
         [code]\nservice = {{ constant = \"10ms\" }}\n{code}\n[strategy]\nnone = {{ none = {{}} }}\n"
    )
}

#[track_caller]
fn refused(text: &str, reason: &str, cure: &str) {
    let said = load(text, &Options::default()).expect_err(reason);
    assert!(said.contains(reason) && said.contains(cure), "{said}");
}

#[test]
fn a_span_that_acts_as_a_rate_is_bounded_as_one() {
    let changes = "changes about 3.0e10 times in one replication; for so few requests 1e8 is the most";
    let cure = "write longer spans between changes";
    for source in [
        "arrivals = { bursty = { quiet_for = \"1ns\", burst = \"1/s\", burst_for = \"1ns\" } }",
        "arrivals = { profile = { points = { 0s = \"1/s\", 1ns = \"2/s\" }, period = \"2ns\" } }",
    ] {
        refused(&case(source, "30s", ""), changes, cure);
        // Where there are as many requests, it is the requests that are too many or not.
        let fast = source.replace("\"1/s\"", "\"1000000000/s\"");
        assert!(load(&case(&fast, "30s", "[function]\nconcurrency = 1000"), &Options::default()).is_ok());
    }
    // A trace of hardly anything that begins anew without end.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("n.csv"), format!("n\n1\n{}", "0\n".repeat(999))).unwrap();
    let trace = "arrivals = { trace = { file = \"n.csv\", count = \"n\", bin = \"1ns\", loop = true } }";
    std::fs::write(folder.path().join("case.toml"), case(trace, "30s", "")).unwrap();
    let said = scenario::load(&[folder.path().join("case.toml")], &Options::default()).unwrap_err().render(false);
    assert!(said.contains("changes about 3.0e10 times") && said.contains("case.toml:3:9"), "{said}");
    // Retries are attempts that somebody has to wait for, too.
    let retries = "arrivals = { poisson = \"1000000000/s\" }\nretries = { attempts = 100 }";
    refused(&case(retries, "30s", ""), "with every retry 3.0e12 attempts", "fewer `retries.attempts`");
    // Spans that may be as short as they like, because nothing happens after each: these runs end at once.
    for source in [
        "arrivals = { diurnal = { mean = \"10/s\", peak = \"20/s\", period = \"1ns\" } }",
        "arrivals = { poisson = \"10/s\" }\nretries = { backoff = \"0s\", most = \"0s\", attempts = 100 }\ntimeout = \"1ns\"",
        "arrivals = { users = { count = 3, think = \"1s\", pause = \"1ns\", session = 2, sticky = \"1ns\" } }",
        "arrivals = { schedule = { every = \"100ms\", jitter = \"1ns\" } }\nclients = { old = \"50%\", half_life = \"1ns\" }",
    ] {
        let code = "errors = \"50%\"\n[function]\nidle = { constant = \"1ns\" }\nmax_age = \"1ns\"\n\
                    scale_out = { instances = 1, per = \"1ns\" }";
        let scenario = load(&case(source, "30s", code), &Options::default()).unwrap_or_else(|said| panic!("{said}"));
        let replication =
            Replication::run(&scenario, &scenario.strategies[0], Seed { seed: 1, replication: 0 }).unwrap();
        assert!((10..100_000).contains(&replication.simulated), "{source}: {}", replication.simulated);
    }
}

#[test]
fn memory_is_foreseen_in_bytes_and_refused_with_what_to_do() {
    let batch =
        |batch: u32| case(&format!("arrivals = {{ schedule = {{ every = \"1s\", batch = {batch} }} }}"), "1s", "");
    refused(&batch(17_000_000), "about 17000000 instances are alive at once; 16776960 is the most", "a smaller batch");
    let said = load(&batch(12_000_000), &Options::default()).unwrap_err();
    for part in [
        "a replication takes about 2.2 GiB: 12000000 instances and 0 waiting callers at once",
        "2 GiB is allowed",
        "case.toml:3:9",
        "or allow more by --memory 3GiB",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    let more = Options { memory: Bytes(3 << 30), ..Options::default() };
    assert!(load(&batch(12_000_000), &more).is_ok(), "the cure cures");
    // A limit of instances is one of memory.
    let limited = batch(12_000_000) + "[function]\nconcurrency = 1000\n";
    assert!(load(&limited, &Options::default()).is_ok());

    let users = |sources: usize| {
        let users = "arrivals = { users = { count = 4000000, think = \"1h\" } }\n".to_owned();
        let more = (1..sources).map(|k| format!("[source.v{k}]\n{users}"));
        case(&(users.clone() + &more.collect::<String>()), "1s", "")
    };
    let half = Options { memory: Bytes(1 << 30), ..Options::default() };
    let said = load(&users(4), &half).unwrap_err();
    assert!(said.contains("16000000 waiting callers at once; 1 GiB is allowed"), "{said}");
    assert!(said.contains("fewer users, or allow more by --memory 2GiB"), "{said}");
    refused(&users(5), "about 20000000 callers wait at once; 16777216 is the most", "fewer users");
    let poisson = case("arrivals = { poisson = \"1/s\" }", "100000s", "");
    let bins = format!("timeline = {{ bin = \"1s\" }}\n{}", poisson.replacen("= 1\n", "= 2\n", 1));
    let strategies: String = (0..20).map(|k| format!("s{k} = {{ none = {{}} }}\n")).collect();
    let said = load(&(bins.clone() + &strategies), &Options::default()).unwrap_err();
    assert!(said.contains("21 strategies in 100000 bins") && said.contains("a wider `timeline.bin`"), "{said}");
    assert!(load(&bins, &Options::default()).is_ok());
}

#[test]
fn a_run_that_takes_more_than_was_foreseen_is_given_up_in_bytes() {
    // Every request takes a hundred times as long as on average.
    let text = case("arrivals = { poisson = \"100/s\" }", "100s", "").replacen(
        "{ constant = \"10ms\" }",
        "{ lognormal = { p50 = \"1ms\", p99 = \"1s\" } }",
        1,
    );
    let scenario = [load(&text, &Options::default()).unwrap()];
    let least = Foreseen::of(&scenario[0]).least().0;
    let settings =
        |memory| Settings { seed: 1, confidence: 0.95, threads: Some(8), memory: Bytes(memory), ..Settings::default() };
    let none = |_| {};
    // As many threads as fit, and at least one.
    assert!(run(&scenario, &settings(least), None, &none).is_ok());
    let refused = run(&scenario, &settings(least - 1), None, &none).unwrap_err().to_string();
    assert!(refused.contains("these scenarios together take about"), "{refused}");

    let text = case("arrivals = { users = { count = 20000, think = \"1h\" } }", "1s", "");
    let scenario = load(&text, &Options::default()).unwrap();
    let small = Bytes(Foreseen::of(&scenario).replication.0 / 2);
    let given_up = Replication::within(&scenario, &scenario.strategies[0], Seed { seed: 1, replication: 0 }, small);
    let said = given_up.unwrap_err().to_string();
    assert!(said.contains("do not fit into the") && said.contains("--memory"), "{said}");
}

/// Shipped scenarios whose replications are quick.
const QUICK: [&str; 4] = ["compatible", "retry-storm", "sessions", "steady"];

#[test]
fn what_is_foreseen_is_what_comes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    for name in QUICK {
        let path = folder.join(format!("{name}.toml"));
        let options = Options { replications: Some(1), ..Options::default() };
        let scenario = scenario::load(&[path], &options).unwrap().remove(0);
        let foreseen = Foreseen::of(&scenario);
        let (mut requests, mut attempts, mut peak) = (0.0, 0.0, 0.0_f64);
        for (place, strategy) in scenario.strategies.iter().enumerate() {
            let figures = common::Figures::of(&scenario, strategy, Seed { seed: 1, replication: 0 });
            let after = scenario.window.after.seconds();
            // All replace one version, so that they share a warm-up.
            let warm_up = if place == 0 { scenario.window.warm_up.seconds() / after } else { 0.0 };
            let whole = warm_up + strata::of(&scenario.service, strategy, scenario.window).len() as f64;
            requests += figures.get("requests") * whole;
            attempts += figures.get("attempts") * whole;
            peak = peak.max(figures.get("instances_peak"));
        }
        let near = |foreseen: f64, found: f64, part: f64| (foreseen / found - 1.0).abs() < part;
        assert!(near(foreseen.requests, requests, 0.1), "{name}: {} {requests}", foreseen.requests);
        assert!(near(foreseen.attempts, attempts, 0.25), "{name}: {} {attempts}", foreseen.attempts);
        assert!(foreseen.attempts <= foreseen.most_attempts * 1.001);
        assert!((0.4..10.0).contains(&(foreseen.instances / peak)), "{name}: {} {peak}", foreseen.instances);
    }
}
