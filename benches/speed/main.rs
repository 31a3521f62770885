//! What a request costs, as ratios to two fixed yardsticks measured in the same run: see benches/README.md.

#![allow(missing_docs, clippy::disallowed_methods)]

#[allow(clippy::disallowed_methods)]
mod yardsticks;

use cutover::experiment::{self, Replication, Settings};
use cutover::random::Seed;
use cutover::scenario::{self, Options, Scenario};
use rand::SeedableRng;
use rand_distr::{Exp, LogNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const REQUESTS: u64 = 4_000_000;
const ROUNDS: usize = 7;

fn main() {
    // `cargo bench -- NAME` runs the rows whose name contains NAME; cargo itself adds `--bench`.
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).unwrap_or_default();
    let section = |name: &str, rows: &dyn Fn()| {
        if name.contains(&wanted) {
            println!("\n{name}");
            rows();
        }
    };
    println!("ns a request, least of {ROUNDS} alternating rounds; ratio: median of the rounds' ratios");
    section("toy", &against_the_toy);
    section("floor", &against_the_floor);
    section("growth", &growth);
    section("threads", &threads);
    section("memory", &memory);
    section("commands", &commands);
}

/// Nanoseconds a request of one round.
type Round<'a> = Box<dyn FnMut() -> f64 + 'a>;

/// Runs two things in turn and prints what each costs and the ratio a / b.
fn row(name: &str, bound: &str, mut a: Round, mut b: Round) {
    a();
    b();
    let pairs: Vec<_> = (0..ROUNDS).map(|_| (a(), b())).collect();
    let least = |pick: fn(&(f64, f64)) -> f64| pairs.iter().map(pick).fold(f64::MAX, f64::min);
    let mut ratios: Vec<_> = pairs.iter().map(|(a, b)| a / b).collect();
    ratios.sort_by(f64::total_cmp);
    let (first, second) = (least(|pair| pair.0), least(|pair| pair.1));
    println!("  {name:44} {first:7.1} / {second:7.1}  ratio {:5.2}  wanted {bound}", ratios[ROUNDS / 2]);
}

fn timed(requests: u64, work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1e9 / requests as f64
}

fn load(text: &str) -> Scenario {
    let folder = std::env::temp_dir().join(format!("cutover-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let file = folder.join("bench.toml");
    std::fs::write(&file, text).expect("a temporary file");
    let loaded = scenario::load(&[file], &Options::default());
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
    match loaded {
        Ok(mut scenarios) => scenarios.remove(0),
        Err(diagnostics) => panic!("{}", diagnostics.render(false)),
    }
}

/// One replication of strategy `place`, in nanoseconds a request.
fn ours(scenario: &Scenario, place: usize) -> Round<'_> {
    let mut replication = 0;
    Box::new(move || {
        replication += 1;
        let start = Instant::now();
        let run = Replication::run(scenario, &scenario.strategies[place], Seed { seed: 1, replication });
        let simulated = black_box(run.expect("the scenario runs")).simulated;
        start.elapsed().as_secs_f64() * 1e9 / simulated as f64
    })
}

fn steady(rate: f64, seconds: f64, warm: &str, cold: &str, keep_alive: &str) -> Scenario {
    load(&format!(
        "window = {{ warm_up = \"0s\", after = \"{seconds}s\" }}\n\
         source.web.arrivals = {{ poisson = \"{rate}/s\" }}\n\
         code.service = {warm}\n\
         code.cold_service = {cold}\n\
         function.idle = {{ constant = \"{keep_alive}\" }}\n\
         strategy.none = {{ none = {{}} }}\n"
    ))
}

fn lognormal(median_s: f64) -> String {
    // The yardstick's sigma of 0.5: p99 = median x exp(0.5 x 2.326).
    format!(
        "{{ lognormal = {{ p50 = \"{}ms\", p99 = \"{:.6}ms\" }} }}",
        median_s * 1e3,
        median_s * 1e3 * (0.5_f64 * 2.326_347_874).exp()
    )
}

fn exponential(mean_s: f64) -> String {
    format!("{{ exponential = {{ mean = \"{}ms\" }} }}", mean_s * 1e3)
}

fn rng() -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(7)
}

fn ln(median: f64) -> LogNormal<f64> {
    LogNormal::new(median.ln(), 0.5).expect("valid")
}

fn exp(mean: f64) -> Exp<f64> {
    Exp::new(1.0 / mean).expect("valid")
}

fn against_the_toy() {
    let n = REQUESTS;
    let warm = steady(1e3, n as f64 / 1e3, &lognormal(0.1), &lognormal(0.3), "300s");
    let toy: Round =
        Box::new(|| timed(n, || _ = black_box(yardsticks::toy(n, 1e3, ln(0.1), ln(0.3), 300.0, &mut rng()))));
    row("warm steady state, 1,000/s lognormal", "<= 1.3", ours(&warm, 0), toy);
    let canonical = steady(0.9, (n as f64 / 0.9).round(), &exponential(1.991), &exponential(2.244), "600s");
    let toy: Round =
        Box::new(|| timed(n, || _ = black_box(yardsticks::toy(n, 0.9, exp(1.991), exp(2.244), 600.0, &mut rng()))));
    row("canonical SimFaaS case, 0.9/s exponential", "<= 1.3", ours(&canonical, 0), toy);
    let heavy = steady(1e3, n as f64 / 1e3, &exponential(0.1), &exponential(0.3), "300s");
    let toy: Round =
        Box::new(|| timed(n, || _ = black_box(yardsticks::toy(n, 1e3, exp(0.1), exp(0.3), 300.0, &mut rng()))));
    row("heavy, 1,000/s exponential", "<= 1.3", ours(&heavy, 0), toy);
}

fn shipped(name: &str) -> Scenario {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
    scenario::load(&[file], &Options::default()).expect("a shipped scenario is well-formed").remove(0)
}

fn floor<'a>() -> Round<'a> {
    Box::new(|| timed(REQUESTS, || _ = black_box(yardsticks::floor(REQUESTS, 1e3, ln(0.1), &mut rng()))))
}

fn against_the_floor() {
    let lesson = shipped("lesson.toml");
    for (place, strategy) in lesson.strategies.iter().enumerate() {
        row(&format!("lesson.toml, {}", strategy.name), "<= 3 (alias, canary)", ours(&lesson, place), floor());
    }
}

fn growth() {
    // All instances are started in the first moments, which are a fortieth of the requests here.
    let busy = |instances: f64| {
        steady(instances * 10.0, REQUESTS as f64 / (instances * 10.0), &lognormal(0.1), &lognormal(0.1), "300s")
    };
    let (few, many) = (busy(10.0), busy(100_000.0));
    row("100,000 busy instances to 10", "<= 2.5", ours(&many, 0), ours(&few, 0));
    let rollout = |nodes: u32, sources: u32, idle: &str| {
        let rate = 1000.0 / f64::from(sources);
        let sources: String =
            (0..sources).map(|i| format!("source.s{i}.arrivals = {{ poisson = \"{rate}/s\" }}\n")).collect();
        load(&format!(
            "window = {{ warm_up = \"60s\", after = \"1200s\" }}\n{sources}gateway.nodes = {nodes}\n\
             code.service = {}\nfunction.idle = {{ constant = \"{idle}\" }}\nstrategy.alias = {{ alias = {{}} }}\n",
            lognormal(0.1)
        ))
    };
    let base = rollout(1, 1, "300s");
    for (name, scenario) in
        [("1,000 gateway nodes to 1", rollout(1000, 1, "300s")), ("100 sources to 1", rollout(1, 100, "300s"))]
    {
        row(name, "<= 1.3", ours(&scenario, 0), ours(&base, 0));
    }
    let (short, long) = (rollout(1, 1, "1s"), rollout(1, 1, "3600s"));
    row("keep-alive of 1 h to 1 s", "<= 1.3", ours(&long, 0), ours(&short, 0));
}

/// Two threads against one: our batch, and the floor loop on as many plain threads.
fn threads() {
    let mut lesson = shipped("lesson.toml");
    lesson.replications = 8;
    let batch = |threads: usize| {
        let settings = Settings { threads: Some(threads), ..Settings::default() };
        let start = Instant::now();
        black_box(experiment::run(std::slice::from_ref(&lesson), &settings, None, &|_| ()).expect("the lesson runs"));
        start.elapsed().as_secs_f64()
    };
    let plain = |threads: u64| {
        let start = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| black_box(yardsticks::floor(8 * REQUESTS / threads, 1e3, ln(0.1), &mut rng())));
            }
        });
        start.elapsed().as_secs_f64()
    };
    let mut scaling: Vec<_> = (0..5).map(|_| (batch(1) / batch(2), plain(1) / plain(2))).collect();
    scaling.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    let (ours, floor) = scaling[2];
    println!(
        "  {:44} {ours:7.2} / {floor:7.2}  ratio {:5.2}  wanted >= 0.95",
        "speed-up of 2 threads, to the floor's",
        ours / floor
    );
}

/// The peak memory of a process of its own, in MiB.
fn memory() {
    let peak = |seconds: u64| {
        let folder = std::env::temp_dir().join(format!("cutover-bench-memory-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let file = folder.join("long.toml");
        let text = "replications = 1\nwindow = { warm_up = \"0s\", after = \"LONGs\" }\nsource.web.arrivals = { poisson = \"1000/s\" }\n\
                    code.service = { lognormal = { p50 = \"38ms\", p99 = \"210ms\" } }\nstrategy.alias = { alias = {} }\n";
        std::fs::write(&file, text.replace("LONG", &seconds.to_string())).expect("a temporary file");
        let mut child = Command::new(binary())
            .args(["run", "--quiet", "--threads", "1", "-o"])
            .arg(folder.join("out"))
            .arg(&file)
            .spawn()
            .expect("the binary starts");
        let mut peak = 0.0_f64;
        while child.try_wait().expect("the child is ours").is_none() {
            peak = peak.max(resident_mib(child.id()));
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        std::fs::remove_dir_all(&folder).expect("the folder is ours");
        peak
    };
    let (short, long) = (peak(1_000), peak(100_000));
    println!(
        "  {:44} {long:7.1} / {short:7.1}  ratio {:5.2}  wanted the same",
        "peak MiB, 100 million requests to 1 million",
        long / short
    );
}

fn resident_mib(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_cutover"))
}

fn commands() {
    let lesson = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/lesson.toml");
    let out = std::env::temp_dir().join(format!("cutover-bench-out-{}", std::process::id()));
    let least = |rounds: usize, arguments: &[&std::ffi::OsStr]| {
        let once = || {
            let start = Instant::now();
            assert!(Command::new(binary()).args(arguments).output().expect("the binary starts").status.success());
            start.elapsed().as_secs_f64()
        };
        (0..rounds).map(|_| once()).fold(f64::MAX, f64::min)
    };
    let check = least(20, &["check".as_ref(), lesson.as_os_str()]);
    println!("  {:44} {:7.1} ms                        wanted < 20 ms", "check lesson.toml", check * 1e3);
    let run = least(3, &["run".as_ref(), lesson.as_os_str(), "-o".as_ref(), out.as_os_str()]);
    println!("  {:44} {run:7.2} s                         wanted < 10 s", "run lesson.toml, charts and all");
    std::fs::remove_dir_all(&out).expect("the folder is ours");
}
