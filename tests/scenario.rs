//! What a scenario file means: every table and its defaults.

use cutover::dist::{Law, Lognormal};
use cutover::idle::Idle;
use cutover::ids::{Contract, Version};
use cutover::platform::{Choice, ColdStart, Function, Gateway, Limits, Release, Window};
use cutover::scenario::{self, Options, Override, Scenario};
use cutover::source::{Arrivals, Clients, Constant, Poisson};
use cutover::strategy::{
    Alias, ByHand, Deployment, Forgetting, GatewayMove, Latest, On, Order, Pinned, Rollout, Shift, Wired, Wiring, Wrong,
};
use cutover::time::{Instant, Span};
use cutover::units::{Rate, Share};
use std::path::Path;

const LESSON: &str = r#"
title = "Orders API v1 -> v2, breaking event format"
replications = 40
window = { warm_up = "10m", after = "20m" }     # around t = 0

[source.web]
arrivals = { poisson = "200/s" }

[gateway]
nodes = 32
lag   = { uniform = ["0s", "10s"] }

[deployment]
from  = 1
to    = 2
order = "function-first"
step  = "5s"

[code]
accepts = "own"
service = { lognormal = { p50 = "38ms", p99 = "210ms" } }

[function]
front_ends = 8
latest_lag = { uniform = ["0s", "10s"] }
alias_lag  = { uniform = ["0s", "1s"] }
init       = { lognormal = { p50 = "134ms", p99 = "180ms" } }
idle       = { uniform = ["5m", "7m"] }

[version.2]
code.errors   = "0.1%"

[strategy]
latest     = { latest = {} }
pinned     = { pinned = { wiring = "by-hand", forget = "0%" } }
alias      = { alias = {} }
canary     = { alias = { shift = { canary = { weight = "10%", bake = "5m" } } } }
linear     = { alias = { shift = { linear = { weight = "10%", every = "1m" } } } }
"#;

/// The least that a scenario must say.
const LEAST: &str = r#"
[source.web]
arrivals = { poisson = "200/s" }
[code]
service = { lognormal = { p50 = "38ms", p99 = "210ms" } }
[strategy]
latest = { latest = {} }
"#;

fn load_in(folder: &Path, options: &Options) -> Vec<Scenario> {
    scenario::load(&[folder.to_owned()], options).unwrap_or_else(|refused| panic!("{refused}"))
}

fn load_with(content: &str, overrides: &[&str]) -> Scenario {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lesson.toml"), content).unwrap();
    let overrides = overrides.iter().map(|text| Override::new(text)).collect();
    load_in(folder.path(), &Options { overrides, replications: None, ..Options::default() }).remove(0)
}

fn load(content: &str) -> Scenario {
    load_with(content, &[])
}

fn uniform(low: u64, high: u64) -> Law {
    Law::Uniform { low: Span::from_s(low), high: Span::from_s(high) }
}

fn lognormal(p50: u64, p99: u64) -> Law {
    Law::Lognormal(Lognormal::new(Span::from_ns(p50 * 1_000_000), Span::from_ns(p99 * 1_000_000)).unwrap())
}

fn constant(s: u64) -> Law {
    Law::Constant(Span::from_s(s))
}

#[test]
fn the_lesson_means_what_it_says() {
    let lesson = load(LESSON);
    assert_eq!((lesson.name.as_str(), lesson.replications), ("lesson", 40));
    assert_eq!(lesson.title, "Orders API v1 -> v2, breaking event format");
    assert_eq!(lesson.window, Window { warm_up: Span::from_s(600), after: Span::from_s(1_200) });
    assert_eq!(lesson.bin, Span::from_s(5));
    assert!(lesson.notes.is_empty());

    let service = &lesson.service;
    assert_eq!(service.sources.len(), 1);
    assert_eq!(service.sources[0].name, "web");
    assert_eq!(service.sources[0].arrivals, Arrivals::Poisson(Poisson { rate: Rate::per_second(200) }));
    assert_eq!(service.gateway, Gateway { nodes: 32, lag: uniform(0, 10) });
    let function = Function {
        front_ends: 8,
        update_in_progress: constant(0),
        latest_lag: uniform(0, 10),
        alias_lag: uniform(0, 1),
        mapping_lag: uniform(0, 90),
        choose: Choice::MostRecent,
        warm: 0,
        provisioned: None,
        limits: Limits::default(),
    };
    assert_eq!(service.function, function);
    assert_eq!(service.releases.len(), 2);
    for (n, release) in (1..).zip(&service.releases) {
        assert_eq!((release.contract, release.accepts.as_slice()), (Contract(n), &[Contract(n)][..]));
        assert_eq!(release.service, lognormal(38, 210));
        assert_eq!(release.cold, ColdStart::Init(lognormal(134, 180)));
        assert_eq!(release.idle, Idle::After(uniform(300, 420)));
        assert_eq!(release.failure_time, None);
    }
    assert!(service.releases[0].errors.is_zero());
    assert_eq!(service.releases[1].errors, Share::new(1, 1_000).into());

    let names: Vec<_> = lesson.strategies.iter().map(|strategy| strategy.name.as_str()).collect();
    assert_eq!(names, ["latest", "pinned", "alias", "canary", "linear"]);
    let deployment = Deployment { from: Version(1), to: Version(2), step: constant(5), provisioned: None };
    assert!(lesson.strategies.iter().all(|strategy| strategy.deployment == deployment));
    let alias = |shift| Rollout::Alias(Alias { shift, gateway: GatewayMove::After, trailing: Span::ZERO });
    assert_eq!(lesson.strategies[0].rollout, Rollout::Latest(Latest { order: Order::FunctionFirst }));
    assert_eq!(lesson.strategies[2].rollout, alias(Shift::AllAtOnce));
    let (weight, bake, every) = (Share::percent(10), Span::from_s(300), Span::from_s(60));
    assert_eq!(lesson.strategies[3].rollout, alias(Shift::Canary { weight, bake }));
    assert_eq!(lesson.strategies[4].rollout, alias(Shift::Linear { weight, every }));
    let by_hand = lesson.strategies[1].rollout.by_hand();
    let Some(ByHand { forgetting: Forgetting::Chance(forget), each: Span::ZERO, .. }) = by_hand else {
        panic!("{:?}", lesson.strategies[1]);
    };
    assert!(forget.is_zero());
}

#[test]
fn what_is_not_written_has_the_lessons_values() {
    let (lesson, least) = (load(LESSON), load(LEAST));
    assert_eq!(least.title, "lesson");
    let plain = lesson.service.releases[0].clone();
    let replies = vec![Contract(1), Contract(2)];
    let second = Release { contract: Contract(2), accepts: vec![Contract(2)], replies, ..plain.clone() };
    assert_eq!(least.service.releases, [plain, second]);
    assert_eq!((least.service.gateway, least.service.function), (lesson.service.gateway, lesson.service.function));
    assert_eq!((least.window, least.bin, least.replications), (lesson.window, lesson.bin, lesson.replications));
    assert_eq!(least.strategies[0], lesson.strategies[0]);
}

#[test]
fn versions_inherit_what_they_do_not_write() {
    let service = load(
        r#"
        [source.web]
        arrivals = { constant = { rate = "1/s", first = "-199.5s" } }
        clients = { old = "80%", half_life = "300s" }
        [source.api]
        arrivals = { constant = "0.5/m" }
        [gateway]
        lag = { exponential = { mean = "1991ms" } }
        [code]
        accepts = [1, 2]
        contract = 1
        service = { constant = "1s" }
        cold_service = { constant = "3s" }
        failure_time = "5ms"
        [function]
        idle = "never"
        choose = "newest"
        warm = 3
        update_in_progress = { uniform = ["5s", "60s"] }
        [version.2]
        function = { init = { constant = "2s" }, idle = { constant = "10m" } }
        code = { contract = 2, errors = "5%" }
        [version.3]
        code = { contract = 3, accepts = "own", service = { constant = "2s" } }
        [strategy]
        none = { none = {} }
        "#,
    )
    .service;
    let first = Instant::from_ns(-199_500_000_000);
    assert_eq!(service.sources[0].arrivals, Arrivals::Constant(Constant { rate: Rate::per_second(1), first }));
    let clients = Clients { old: Share::percent(80), half_life: Span::from_s(300) };
    assert_eq!((service.sources[0].clients, service.sources[1].clients), (Some(clients), None));
    let rate = Rate::new(5, 600_000_000_000);
    let first = Instant::from_ns(-600_000_000_000);
    assert_eq!(service.sources[1].arrivals, Arrivals::Constant(Constant { rate, first }));
    assert_eq!(service.gateway.lag, Law::Exponential { mean: Span::from_ns(1_991_000_000) });
    assert_eq!((service.function.choose, service.function.warm), (Choice::Newest, 3));
    assert_eq!(service.function.update_in_progress, uniform(5, 60));
    let [one, two, three] = service.releases.as_slice() else { panic!() };
    let both = [Contract(1), Contract(2)];
    assert_eq!(
        (one.contract, one.accepts.as_slice(), one.cold),
        (Contract(1), &both[..], ColdStart::Service(constant(3)))
    );
    assert_eq!(
        (two.contract, two.accepts.as_slice(), two.cold),
        (Contract(2), &both[..], ColdStart::Init(constant(2)))
    );
    assert_eq!((three.contract, three.accepts.as_slice()), (Contract(3), &[Contract(3)][..]));
    assert_eq!([&one.idle, &two.idle, &three.idle], [&Idle::Never, &Idle::After(constant(600)), &Idle::Never]);
    assert_eq!((two.service, three.service), (constant(1), constant(2)));
    assert_eq!((one.errors.is_zero(), two.errors.clone()), (true, Share::percent(5).into()));
    assert_eq!(three.failure_time, Some(Law::Constant(Span::from_ns(5_000_000))));
}

#[test]
fn strategies_override_the_deployment() {
    let scenario = load(&format!(
        "{LEAST}{}",
        r#"
        none = { none = { from = 2 } }
        back = { latest = { from = 2, to = 1, order = "gateway-first", step = { exponential = { mean = "5s" } } } }
        hand = { pinned = { forgotten = ["web"] } }
        chance = { pinned = { forget = "5%" } }
        template = { pinned = { wiring = "template", forget = "0%" } }
        named = { alias = { shift = "CodeDeployDefault.LambdaCanary10Percent5Minutes", gateway = "none", trailing = "10m" } }
        "#
    ));
    let find = |name: &str| scenario.strategies.iter().find(|strategy| strategy.name == name).unwrap();
    assert_eq!(
        find("none").deployment,
        Deployment { from: Version(2), to: Version(2), step: constant(5), provisioned: None }
    );
    assert_eq!(find("none").rollout, Rollout::None(On::Function));
    let step = Law::Exponential { mean: Span::from_s(5) };
    assert_eq!(find("back").deployment, Deployment { from: Version(2), to: Version(1), step, provisioned: None });
    assert_eq!(find("back").rollout, Rollout::Latest(Latest { order: Order::GatewayFirst }));
    let pinned = |wiring| Rollout::Pinned(Pinned { wiring, wired: Wired::default() });
    let by_hand = |forgetting| pinned(Wiring::ByHand(ByHand { forgetting, wrong: Wrong::default(), each: Span::ZERO }));
    assert_eq!(find("hand").rollout, by_hand(Forgetting::Sources(vec![0])));
    assert_eq!(find("chance").rollout, by_hand(Forgetting::Chance(Share::percent(5))));
    assert_eq!(find("template").rollout, pinned(Wiring::Template));
    let shift = Shift::Canary { weight: Share::percent(10), bake: Span::from_s(300) };
    let alias = Alias { shift, gateway: GatewayMove::None, trailing: Span::from_s(600) };
    assert_eq!(find("named").rollout, Rollout::Alias(alias));
}

#[test]
fn overrides_replace_and_add() {
    let scenario = load_with(
        LESSON,
        &[
            "source.web.arrivals.poisson=400/s",
            "gateway.lag={ constant = \"2s\" }",
            "function.alias_lag.constant=3s",
            "version.2.code.contract=1",
            "deployment.order=gateway-first",
            "timeline.bin=10s",
            "strategy.canary.alias.shift=Linear10PercentEvery1Minute",
            "strategy.extra={ none = {} }",
        ],
    );
    let service = &scenario.service;
    assert_eq!(service.sources[0].arrivals, Arrivals::Poisson(Poisson { rate: Rate::per_second(400) }));
    assert_eq!((service.gateway.lag, service.function.alias_lag), (constant(2), constant(3)));
    assert_eq!((service.releases[1].contract, scenario.bin), (Contract(1), Span::from_s(10)));
    assert_eq!(scenario.strategies[0].rollout, Rollout::Latest(Latest { order: Order::GatewayFirst }));
    assert_eq!(scenario.strategies[3].rollout, scenario.strategies[4].rollout);
    assert_eq!(scenario.strategies[5].name, "extra");
}

#[test]
fn a_trace_lies_beside_its_scenario_and_may_bring_durations() {
    let folder = tempfile::tempdir().unwrap();
    let content = r#"
        window = { warm_up = "0s", after = "10s" }
        [source.recorded]
        arrivals = { trace = { file = "data/x.csv", first = "1s", time = "t_s", duration = "lambda_ms" } }
        [strategy]
        none = { none = {} }
    "#;
    std::fs::create_dir_all(folder.path().join("incidents/data")).unwrap();
    std::fs::write(folder.path().join("incidents/replay.toml"), content).unwrap();
    std::fs::write(folder.path().join("incidents/data/x.csv"), "t_s,lambda_ms\n5,1\n6,2\n99,3\n").unwrap();
    let scenario = load_in(folder.path(), &Options::default()).remove(0);
    assert_eq!((scenario.name.as_str(), scenario.title.as_str()), ("incidents/replay", "incidents/replay"));
    let Arrivals::Trace(trace) = &scenario.service.sources[0].arrivals else { panic!() };
    assert_eq!((trace.requests, trace.skipped), (2.0, 1));
    let notes = scenario.notes.join("\n");
    assert!(notes.contains("66.7 % of its rows lie in the window; 1 of 3 lie outside and are skipped"), "{notes}");
    assert!(notes.contains("`lambda_ms` in ms, replayed as the code's service times"), "{notes}");
    // Without durations the code must say how long it takes.
    let without = content.replace(", duration = \"lambda_ms\"", "");
    std::fs::write(folder.path().join("incidents/replay.toml"), without).unwrap();
    let refused = scenario::load(&[folder.path().to_owned()], &Options::default()).unwrap_err();
    assert!(refused.iter().next().unwrap().reason().contains("how long does a request take"));
}

#[test]
fn folders_are_read_in_order_of_names() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("b/.git")).unwrap();
    for name in ["c.toml", "b/z.toml", "b/a.toml", "a.toml", "b/.git/x.toml", ".y.toml", "readme.md"] {
        std::fs::write(folder.path().join(name), LEAST).unwrap();
    }
    let names = |paths: &[std::path::PathBuf]| -> Vec<String> {
        let loaded = scenario::load(paths, &Options::default()).unwrap();
        loaded.into_iter().map(|scenario| scenario.name).collect()
    };
    assert_eq!(names(&[folder.path().to_owned()]), ["a", "b/a", "b/z", "c"]);
    assert_eq!(names(&[folder.path().join("c.toml"), folder.path().join("a.toml")]), ["c", "a"]);
}

#[test]
fn the_hash_covers_everything_that_figures_follow_from() {
    let hash = |content: &str, overrides: &[&str]| load_with(content, overrides).hash;
    let plain = hash(LEAST, &[]);
    assert_eq!(plain.len(), 64);
    assert_eq!(plain, hash(LEAST, &[]));
    assert_ne!(plain, hash(&format!("{LEAST}# "), &[]));
    assert_ne!(plain, hash(LEAST, &["gateway.nodes=16"]));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lesson.toml"), LEAST).unwrap();
    let options = Options { overrides: Vec::new(), replications: Some(7), ..Options::default() };
    let scenario = load_in(folder.path(), &options).remove(0);
    assert_eq!(scenario.replications, 7);
    assert_ne!(plain, scenario.hash);
}

#[test]
fn a_scenario_keeps_its_text_and_what_was_typed() {
    let content = format!("\u{feff}{LEAST}");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lesson.toml"), content).unwrap();
    let overrides = vec![Override::new("gateway.nodes = 16"), Override::new("title=As typed")];
    let options = Options { overrides, replications: Some(7), ..Options::default() };
    let scenario = load_in(folder.path(), &options).remove(0);
    assert_eq!(scenario.source, LEAST, "without the byte order mark");
    assert_eq!(scenario.overrides, ["gateway.nodes = 16", "title=As typed", "replications=7"]);
}
