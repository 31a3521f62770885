//! Replicas behind a balancer, against what queueing theory, Kubernetes and public reports say of them.

mod common;

use common::{Figures, SEED, constant, exponential, ms, poisson, s, uniform};
use cutover::controller::Setting;
use cutover::controller::argo::{Measurement, Metric};
use cutover::faults::{Event, Fails, Scaling};
use cutover::ids::Version;
use cutover::platform::{Balancer, Choose, Ending, Hosts, Probe, Service, Settle};
use cutover::random::Seed;
use cutover::scenario::Scenario;
use cutover::strategy::fleet::{ArgoItem, ArgoSettings};
use cutover::strategy::{Above, Analysis, Stage, Strategy, Switch, Task, Watched};
use cutover::strategy::{ArgoCanary, BlueGreen, Deployment, GatewayMove, Item, On, Plan, Recreate, Rolling, Rollout};
use cutover::time::{Instant, Span};
use cutover::units::{Price, Rate, Share};

/// So many replicas that serve so many requests at once each, ready at once, behind one node that learns everything at once.
fn hosts(replicas: u32, concurrency: u32) -> Hosts {
    Hosts {
        replicas,
        concurrency,
        queue: 0,
        ready: None,
        min_ready: Span::ZERO,
        end: Ending { pre_stop: Span::ZERO, grace: s(30) },
        start_fails: Share::ZERO,
        overflow: None,
        balancer: Balancer { choose: Choose::RoundRobin, nodes: 1, lag: constant(Span::ZERO), retries: 0 },
    }
}

/// Requests at so many a second, served in 100 ms on average, on these hosts.
fn service(rate: u64, hosts: Hosts) -> Service {
    let mut service = common::service(vec![poisson("web", Rate::per_second(rate))]);
    service.releases.iter_mut().for_each(|release| {
        release.service = exponential(ms(100));
        release.accepts = vec![cutover::ids::Contract(1), cutover::ids::Contract(2)];
    });
    service.hosts = Some(hosts);
    service
}

fn none() -> Strategy {
    Strategy { rollout: Rollout::None(On::Hosts), ..common::nothing() }
}

fn rolling(surge: Setting, unavailable: Setting) -> Strategy {
    let rolling = Rolling { surge, unavailable, deadline: s(600), gateway: GatewayMove::None };
    common::deploying("rolling", Rollout::Rolling(rolling), Span::ZERO)
}

/// A canary's settings where nothing else is written.
fn argo(router: bool, steps: Vec<ArgoItem>) -> ArgoSettings {
    ArgoSettings {
        router,
        steps,
        max_surge: Setting::DEFAULT,
        max_unavailable: Setting::DEFAULT,
        dynamic_stable: false,
        min_pods: 0,
        progress_threshold: None,
        scale_down_delay: s(30),
        abort_delay: s(30),
    }
}

fn of(service: Service, strategy: Strategy, warm_up: Span, after: Span) -> (Scenario, Figures) {
    let scenario = common::scenario(service, vec![strategy], warm_up, after);
    let figures = Figures::of(&scenario, &scenario.strategies[0], SEED);
    (scenario, figures)
}

/// The probability that an arrival finds `n` of at most `most` requests at `servers` servers, `load` Erlangs being offered.
fn found(load: f64, servers: u32, most: u32) -> Vec<f64> {
    let mut weights = vec![1.0];
    for n in 1..=most {
        let last = weights[n as usize - 1];
        weights.push(last * load / f64::from(n.min(servers)));
    }
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

/// What Erlang's loss formula says.
fn erlang_b(load: f64, servers: u32) -> f64 {
    found(load, servers, servers)[servers as usize]
}

#[test]
fn a_random_balancer_makes_every_replica_a_queue_of_its_own() {
    // M/M/c/K at rate / n: (replicas, concurrency, queue, requests a second).
    for (replicas, concurrency, queue, rate) in [(4, 2, 3, 60), (3, 1, 5, 24), (2, 5, 0, 90), (5, 3, 10, 140)] {
        let mut hosts = hosts(replicas, concurrency);
        (hosts.queue, hosts.balancer.choose) = (queue, Choose::Random);
        let (_, figures) = of(service(rate, hosts), none(), s(60), s(6_000));
        let load = rate as f64 / f64::from(replicas) * 0.1;
        let states = found(load, concurrency, concurrency + queue);
        let lost = states[(concurrency + queue) as usize];
        let requests = figures.get("requests");
        let throttled = figures.get("throttled") / requests;
        // Losses come in bunches: ten times the variance of independent ones.
        let off = 4.0 * (10.0 * lost * (1.0 - lost) / requests).sqrt();
        assert!((throttled - lost).abs() < off, "{throttled} and {lost} ± {off}");
        // Little's law, for the requests that were let in.
        let mean: f64 = states.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
        let latency = mean / (load * (1.0 - lost)) * 100.0;
        let measured = figures.get("latency_mean_ms");
        assert!((measured - latency).abs() < latency * 0.02, "{measured} and {latency}");
    }
}

#[test]
fn least_connections_lose_what_erlang_says_of_all_seats_together() {
    for (replicas, concurrency, rate) in [(5, 4, 180), (10, 2, 170), (3, 10, 280), (1, 6, 50)] {
        let mut hosts = hosts(replicas, concurrency);
        hosts.balancer.choose = Choose::LeastConnections;
        let (_, figures) = of(service(rate, hosts), none(), s(60), s(4_000));
        let lost = erlang_b(rate as f64 * 0.1, replicas * concurrency);
        let requests = figures.get("requests");
        let throttled = figures.get("throttled") / requests;
        let off = 4.0 * (10.0 * lost * (1.0 - lost) / requests).sqrt();
        assert!((throttled - lost).abs() < off, "{throttled} and {lost} ± {off}");
        // The blocked are lost, and nobody waits.
        assert!((figures.get("latency_mean_ms") - 100.0).abs() < 1.0);
    }
}

#[test]
fn who_waits_for_room_waits_as_erlang_says() {
    for (choose, replicas, concurrency, rate) in [
        (Choose::LeastConnections, 5, 4, 180),
        (Choose::RoundRobin, 10, 1, 80),
        (Choose::Random, 3, 10, 280),
        (Choose::LeastConnections, 1, 6, 50),
    ] {
        let mut hosts = hosts(replicas, concurrency);
        (hosts.balancer.choose, hosts.overflow) = (choose, Some(Span::LONGEST));
        let (_, figures) = of(service(rate, hosts), none(), s(120), s(8_000));
        let (seats, load) = (f64::from(replicas * concurrency), rate as f64 * 0.1);
        let blocked = erlang_b(load, replicas * concurrency);
        let waits = blocked / (1.0 - load / seats * (1.0 - blocked));
        let latency = 100.0 + waits / (seats * 10.0 - rate as f64) * 1_000.0;
        let measured = figures.get("latency_mean_ms");
        assert!((measured - latency).abs() < (latency - 95.0) * 0.1, "{measured} and {latency}");
        assert_eq!((figures.get("lost"), figures.get("throttled")), (0.0, 0.0));
    }
}

#[test]
fn who_has_waited_too_long_has_expired() {
    // Twice what can be served comes: half of it expires, and no other request waits longer.
    let mut hosts = hosts(2, 5);
    hosts.overflow = Some(s(1));
    let mut service = service(200, hosts);
    service.releases.iter_mut().for_each(|release| release.service = constant(ms(100)));
    let (_, figures) = of(service, none(), s(60), s(600));
    let share = figures.get("expired") / figures.get("requests");
    assert!((share - 0.5).abs() < 0.02, "{share}");
    assert_eq!(figures.get("lost"), figures.get("expired"));
    assert!(figures.get("latency_max_ms") <= 1_100.0);
}

#[test]
fn a_rollout_that_drains_loses_nothing() {
    for choose in [Choose::RoundRobin, Choose::LeastConnections, Choose::Random] {
        let mut hosts = hosts(6, 20);
        hosts.balancer = Balancer { choose, nodes: 3, lag: uniform(Span::ZERO, s(4)), retries: 0 };
        hosts.end = Ending { pre_stop: s(5), grace: s(30) };
        let mut service = service(100, hosts);
        service.releases.iter_mut().for_each(|release| release.startup = constant(s(10)));
        let (_, figures) = of(service, rolling(Setting::DEFAULT, Setting::DEFAULT), s(30), s(300));
        assert_eq!((figures.get("lost"), figures.get("instances_started")), (0.0, 6.0), "{choose:?}");
        assert!(figures.get("draining_instance_s") >= 30.0);
    }
}

#[test]
fn an_undrained_one_loses_what_the_balancer_sends_to_closed_listeners() {
    // Rate / n x E[(lag - pre_stop)+] for each replica that goes: lag is uniform over 0 to 10 s, pre_stop 4 s: 36 / 20 = 1.8 s.
    let mut hosts = hosts(10, 1_000);
    hosts.balancer = Balancer { choose: Choose::Random, nodes: 40, lag: uniform(Span::ZERO, s(10)), retries: 0 };
    hosts.end = Ending { pre_stop: s(4), grace: s(30) };
    let mut service = service(200, hosts);
    service.releases.iter_mut().for_each(|release| release.startup = constant(s(30)));
    // One comes, is known to all, and then one goes: no node ever lists more or fewer than ten that serve.
    let strategy = rolling(Setting::Number(1), Setting::Number(0));
    let scenario = common::scenario(service, vec![strategy], Span::ZERO, s(400));
    let runs = 40_u32;
    let lost: f64 = (0..runs)
        .map(|replication| {
            let seed = Seed { seed: 3, replication: replication.into() };
            let figures = Figures::of(&scenario, &scenario.strategies[0], seed);
            assert_eq!(figures.get("failed_away"), figures.get("lost"));
            figures.get("lost")
        })
        .sum::<f64>()
        / f64::from(runs);
    // A node lists eleven while it knows of the new one and not of the old one's end: each takes a little less.
    let (low, high) = (200.0 / 11.0 * 1.8 * 10.0, 200.0 / 10.0 * 1.8 * 10.0);
    assert!(low - 10.0 < lost && lost < high + 10.0, "{low} < {lost} < {high}");
}

#[test]
fn what_hits_a_closed_listener_is_given_to_another_endpoint() {
    let mut hosts = hosts(6, 100);
    hosts.balancer = Balancer { choose: Choose::RoundRobin, nodes: 2, lag: constant(s(3)), retries: 3 };
    let mut service = service(100, hosts);
    service.releases.iter_mut().for_each(|release| release.startup = constant(s(10)));
    let (_, figures) = of(service.clone(), rolling(Setting::DEFAULT, Setting::DEFAULT), s(10), s(120));
    assert_eq!(figures.get("lost"), 0.0);
    if let Some(hosts) = &mut service.hosts {
        hosts.balancer.retries = 0;
    }
    let (_, figures) = of(service, rolling(Setting::DEFAULT, Setting::DEFAULT), s(10), s(120));
    assert!(figures.get("lost") > 100.0);
}

#[test]
fn waves_take_as_long_as_they_were_reported_to() {
    // kubernetes/kubernetes issue 103258, with 6 replicas: minReadySeconds 550, three waves of two.
    let mut six = hosts(6, 10);
    six.min_ready = s(550);
    let (_, figures) = of(service(1, six), rolling(Setting::Number(0), Setting::Number(2)), Span::ZERO, s(4_000));
    assert_eq!((figures.get("rollout_duration_s"), figures.get("available_min")), (1_650.0, 4.0));
    // omi issue 9915: 40 replicas, each ready after 640 s, at most 2 more and 1 fewer: 14 waves.
    let mut forty = service(1, hosts(40, 10));
    forty.releases[1].startup = constant(s(640));
    let (_, figures) = of(forty, rolling(Setting::Number(2), Setting::Number(1)), Span::ZERO, s(10_000));
    assert_eq!((figures.get("rollout_duration_s"), figures.get("available_min")), (8_960.0, 39.0));
    // Those that end are in no count of Kubernetes': 40, 2 more, and the 3 old ones of a wave.
    assert_eq!(figures.get("instances_peak"), 45.0);
}

#[test]
fn a_canary_without_a_router_gets_what_counts_of_replicas_come_to() {
    // open-bank issue 3806: one replica, a weight of 10 %, and half of the traffic.
    let settings = argo(false, vec![ArgoItem::SetWeight(10), ArgoItem::Pause(Some(s(1_000)))]);
    let canary = |settings| {
        let canary = ArgoCanary { settings, analyses: Vec::new(), gateway: GatewayMove::None };
        common::deploying("canary", Rollout::ArgoCanary(canary), Span::ZERO)
    };
    let (_, figures) = of(service(50, hosts(1, 100)), canary(settings.clone()), Span::ZERO, s(1_000));
    let share = figures.get("handled.v2") / figures.get("handled");
    assert!((share - 0.5).abs() < 0.01, "{share}");
    // With a router it is a tenth, and the old replica stays.
    let routed = ArgoSettings { router: true, ..settings };
    let (_, figures) = of(service(50, hosts(1, 100)), canary(routed), Span::ZERO, s(1_000));
    let share = figures.get("handled.v2") / figures.get("handled");
    assert!((share - 0.1).abs() < 0.01, "{share}");
}

#[test]
fn two_stacks_are_there_and_paid_for() {
    let mut service = service(50, hosts(5, 20));
    service.prices.instance = Some(Price::attodollars(50_000_000_000));
    service.releases[1].startup = constant(s(60));
    let blue_green =
        BlueGreen { switch: Switch::Balancer, test: s(40), drain: s(100), bake: s(200), gateway: GatewayMove::None };
    let strategy = common::deploying("blue-green", Rollout::BlueGreen(blue_green), Span::ZERO);
    let (_, figures) = of(service, strategy, Span::ZERO, s(3_600));
    assert_eq!((figures.get("instances_peak"), figures.get("available_min")), (10.0, 5.0));
    // Raised at 0, there at 60 s, switched at 100 s, deleted 300 s later: 5 x 3,600 + 5 x 400 replica-seconds at 0.05 dollars an
    // hour.
    let usd = (5.0 * 3_600.0 + 5.0 * 400.0) / 3_600.0 * 0.05;
    assert!((figures.get("cost_instances_usd") - usd).abs() < 1e-6, "{}", figures.get("cost_instances_usd"));
    assert_eq!((figures.get("old_drained_s"), figures.get("rollout_duration_s")), (400.0, 100.0));
    assert_eq!(figures.get("lost"), 0.0);
    assert!(figures.absent("cost_requests_usd") && figures.absent("cost_compute_usd") && figures.absent("cold_starts"));
}

#[test]
fn recreating_is_an_outage() {
    let mut service = service(100, hosts(5, 20));
    service.releases[1].startup = constant(s(20));
    service.releases.iter_mut().for_each(|release| release.service = constant(ms(500)));
    let recreate = Rollout::Recreate(Recreate { deadline: s(600), gateway: GatewayMove::None });
    let (_, figures) = of(service, common::deploying("recreate", recreate, Span::ZERO), s(10), s(100));
    // From 0 until the last request of the old ones is over, and 20 s more.
    let lost = figures.get("failed_away");
    assert!((lost - 2_050.0).abs() < 4.0 * 45.0, "{lost}");
    assert_eq!((figures.get("lost"), figures.get("available_min")), (lost, 0.0));
    assert!((figures.get("rollout_duration_s") - 20.5).abs() < 0.1);
}

#[test]
fn who_is_killed_fails_what_it_still_serves() {
    let mut hosts = hosts(4, 50);
    hosts.end = Ending { pre_stop: Span::ZERO, grace: s(5) };
    let mut service = service(20, hosts);
    service.releases.iter_mut().for_each(|release| release.service = constant(s(8)));
    let recreate = Rollout::Recreate(Recreate { deadline: s(600), gateway: GatewayMove::None });
    let (_, figures) = of(service, common::deploying("recreate", recreate, Span::ZERO), s(60), s(100));
    // What arrived in the last 3 s before 0 is in service at 5 s.
    let killed = figures.get("failed_own");
    assert_eq!(killed, 0.0, "they arrived before t = 0 and do not count");
    assert!((figures.get("failed_away") - 100.0).abs() < 40.0);
}

#[test]
fn a_third_version_takes_the_place_of_two() {
    // 4 replicas, 1 more and none fewer: the first new one comes at 10 s. At 15 s, while the next one starts, a third version is
    // deployed: the one that starts goes at once, and that which is available only as those of the third version come.
    let mut service = service(50, hosts(4, 20));
    service.releases.push(service.releases[1].clone());
    service.releases.iter_mut().for_each(|release| release.startup = constant(s(10)));
    let own = Rolling {
        surge: Setting::Number(1),
        unavailable: Setting::Number(0),
        deadline: s(600),
        gateway: GatewayMove::None,
    };
    let item = |at, (from, to)| {
        let deployment =
            Deployment { from: Version(from), to: Version(to), step: constant(Span::ZERO), provisioned: None };
        let stage = Stage { deployment, rollout: Rollout::Rolling(own), guard: None };
        Item { at, task: Task::Deploy(Box::new(stage)) }
    };
    let items = vec![item(None, (1, 2)), item(Some(common::at(15_000)), (2, 3))];
    let deployment = Deployment { from: Version(1), to: Version(3), step: constant(Span::ZERO), provisioned: None };
    let rollout = Rollout::Plan(Plan { items });
    let plan = Strategy { name: "plan".to_owned(), deployment, rollout, guard: None };
    let scenario = common::scenario(service, vec![plan], Span::ZERO, s(100));
    let found = cutover::experiment::Replication::run(&scenario, &scenario.strategies[0], SEED).unwrap();
    let at = |second: usize| {
        let levels = found.levels.integrals_of(second);
        [0, 1, 2].map(|version: usize| {
            let of = &levels[version];
            (of.starting / 1_000_000_000, of.idle / 1_000_000_000)
        })
    };
    assert_eq!(at(5), [(0, 4), (1, 0), (0, 0)]);
    assert_eq!(at(12), [(0, 3), (1, 1), (0, 0)]);
    assert_eq!(at(17), [(0, 3), (0, 1), (1, 0)]);
    assert_eq!(at(99), [(0, 0), (0, 0), (0, 4)]);
    let figures = Figures::new(&scenario, &scenario.strategies[0], &found);
    // From 15 s on, 4 times 10 s.
    assert_eq!((figures.get("lost"), figures.get("rollout_duration_s")), (0.0, 55.0));
    assert_eq!(figures.get("available_min"), 4.0);
}

#[test]
fn a_crash_takes_all_that_its_replica_serves_along() {
    let mut service = service(100, hosts(4, 50));
    // Seldom enough that each is mostly the first in ten minutes, and no start waits.
    service.releases[0].crashes = Share::new(1, 40_000);
    service.releases[0].startup = constant(ms(200));
    let (_, figures) = of(service, none(), s(10), s(40_000));
    let crashes = figures.get("resets");
    assert!(crashes > 50.0);
    // Each of 4 replicas serves 2.5 requests on average, and the others fail with the one that crashes; until the replica is back the
    // balancer, which learns of it at once, sends nobody to it.
    let own = figures.get("failed_own");
    assert!(own > 2.5 * crashes && own < 5.0 * crashes, "{own} {crashes}");
    assert_eq!(figures.get("failed_away"), 0.0);
    assert!(figures.get("available_min") < 4.0);
}

#[test]
fn a_young_instance_is_slower_along_a_line() {
    // One replica at a time, replaced at 0: a request that begins u seconds after it is ready takes 100 ms x (1 + 2 (1 - u / 60)).
    let mut service = service(100, hosts(1, 1_000));
    service.releases.iter_mut().for_each(|release| release.service = constant(ms(100)));
    service.releases[1].settle = Some(Settle { factor: 3.0, over: s(60) });
    let recreate = Rollout::Recreate(Recreate { deadline: s(600), gateway: GatewayMove::None });
    let strategy = common::deploying("recreate", recreate, Span::ZERO);
    let (_, figures) = of(service.clone(), strategy.clone(), s(10), s(60));
    assert!((figures.get("latency_mean_ms") - 200.0).abs() < 3.0, "{}", figures.get("latency_mean_ms"));
    assert!(figures.get("latency_max_ms") > 299.0 && figures.get("latency_max_ms") <= 300.0);
    // Twice as long: the second half as always.
    let (_, figures) = of(service, strategy, s(10), s(120));
    assert!((figures.get("latency_mean_ms") - 150.0).abs() < 3.0);
}

#[test]
fn a_young_environment_of_a_function_is_slower_too() {
    let mut service = common::service(vec![common::periodic("web", s(1), common::at(0))]);
    service.releases.iter_mut().for_each(|release| {
        release.service = constant(ms(100));
        release.settle = Some(Settle { factor: 2.0, over: s(10) });
    });
    let scenario = common::scenario(service, vec![common::nothing()], Span::ZERO, s(20));
    let (_, attempts) = common::attempts(&scenario);
    let took = |n: usize| attempts[n].end.since(attempts[n].arrival);
    // The first finds it just ready, the fourth three seconds old.
    assert_eq!([0, 3, 10, 19].map(took), [ms(200), ms(170), ms(100), ms(100)]);
}

#[test]
fn a_scale_request_in_the_middle_of_a_rollout_is_shared_in_proportion() {
    // 10 replicas, 3 more and 2 fewer: at once 8 old and 5 new ones, of which none comes for 100 s. At 10 s 20 are wanted: 25 in all,
    // 15 old and 10 new (`a_request_in_the_middle_is_answered_once_and_then_the_rollout_goes_on`).
    let mut service = service(50, hosts(10, 20));
    service.releases[0].startup = constant(s(1));
    service.releases[1].startup = constant(s(100));
    service.scalings = vec![Scaling { at: common::at(10_000), replicas: 20 }];
    let strategy = rolling(Setting::DEFAULT, Setting::DEFAULT);
    let scenario = common::scenario(service, vec![strategy], Span::ZERO, s(600));
    let found = cutover::experiment::Replication::run(&scenario, &scenario.strategies[0], SEED).unwrap();
    let at = |second: usize| {
        let levels = found.levels.integrals_of(second);
        [0, 1].map(|version: usize| (levels[version].starting + levels[version].idle) / 1_000_000_000)
    };
    assert_eq!((at(5), at(20)), ([8, 5], [15, 10]));
    assert_eq!(at(599), [0, 20]);
    let figures = Figures::new(&scenario, &scenario.strategies[0], &found);
    assert_eq!(figures.get("lost"), 0.0);
}

/// A canary of a fifth that waits for an analysis of version 2, of whose requests this share fails.
fn analysed(fails: Share, analysis: Analysis) -> Figures {
    let mut service = service(50, hosts(10, 20));
    service.releases[1].startup = constant(s(10));
    service.releases[1].errors = cutover::faults::Errors::Constant(fails);
    let settings = argo(true, vec![ArgoItem::SetWeight(20), ArgoItem::Analysis(0)]);
    let canary = ArgoCanary { settings, analyses: vec![analysis], gateway: GatewayMove::None };
    of(service, common::deploying("canary", Rollout::ArgoCanary(canary), Span::ZERO), s(30), s(600)).1
}

fn errors_above_half() -> Analysis {
    Analysis {
        name: "errors".to_owned(),
        above: Above::ErrorShare(Share::percent(50)),
        watches: Watched::New,
        window: s(30),
        initial_delay: s(5),
        interval: Some(s(20)),
        missing: Measurement::Error,
        metric: Metric { count: Some(3), has_interval: true, ..Metric::ONCE },
    }
}

#[test]
fn an_analysis_takes_a_canary_back_or_lets_it_go_on() {
    // The canary is there after 10 s, and measured at 15, 35 and 55 s.
    let bad = |failure_limit| {
        let analysis = errors_above_half();
        analysed(Share::WHOLE, Analysis { metric: Metric { failure_limit, ..analysis.metric }, ..analysis })
    };
    for (limit, detected) in [(0, 15.0), (1, 35.0), (2, 55.0)] {
        let figures = bad(limit);
        assert_eq!((figures.get("rolled_back"), figures.get("detection_s")), (1.0, detected), "{limit}");
        // A fifth of the requests, until the router is back at once.
        let lost = 10.0 * (detected - 10.0);
        assert!((figures.get("lost") - lost).abs() < 5.0 * lost.sqrt(), "{}", figures.get("lost"));
    }
    let through = analysed(Share::ZERO, errors_above_half());
    // The rest starts at 55 s.
    assert_eq!((through.get("rolled_back"), through.get("rollout_duration_s")), (0.0, 65.0));
}

#[test]
fn an_analysis_of_nothing_errs_five_times() {
    let nobody = Analysis { above: Above::LatencyMean(s(1)), window: Span::from_ns(1), ..errors_above_half() };
    // At 15 s, and every 10 s after an error, whatever the interval.
    let figures = analysed(Share::ZERO, nobody.clone());
    assert_eq!((figures.get("rolled_back"), figures.get("detection_s")), (1.0, 55.0));
    let good = analysed(Share::ZERO, Analysis { missing: Measurement::Successful, ..nobody });
    assert_eq!(good.get("rollout_duration_s"), 65.0);
}

/// The code of the new version is broken from `at` on, for so long.
fn broken(at: Span, lasts: Span) -> Event {
    let fails = Fails::Version(Version(2));
    Event { at: Instant::ZERO + at, lasts, chance: Share::WHOLE, fails, share: Share::WHOLE }
}

/// Four replicas, two of them new from t = 0 on; the new code breaks at `at`, for so long.
fn half_breaks(probe: Option<Probe>, at: Span, lasts: Span) -> Figures {
    let mut hosts = hosts(4, 100);
    hosts.ready = probe;
    let mut service = service(200, hosts);
    service.releases.iter_mut().for_each(|release| {
        (release.startup, release.service) = (constant(Span::ZERO), constant(Span::ZERO));
    });
    service.events = vec![broken(at, lasts)];
    let steps = vec![ArgoItem::SetWeight(50), ArgoItem::Pause(None)];
    let settings =
        ArgoSettings { max_surge: Setting::Number(0), max_unavailable: Setting::Number(2), ..argo(false, steps) };
    let canary = ArgoCanary { settings, analyses: Vec::new(), gateway: GatewayMove::None };
    let (_, figures) = of(service, common::deploying("canary", Rollout::ArgoCanary(canary), Span::ZERO), s(30), s(600));
    figures
}

#[test]
fn a_broken_replica_serves_until_as_many_probes_have_failed_as_it_takes() {
    // The new replicas are created at t = 0: their probes run at multiples of the period.
    for (period, successes, failures, at, lasts) in
        [(10, 1, 3, 101, 200), (10, 1, 1, 109, 60), (5, 2, 4, 100, 120), (20, 3, 2, 61, 300), (10, 1, 3, 101, 28)]
    {
        let probe = Probe { period: s(period), delay: Span::ZERO, successes, failures };
        let figures = half_breaks(Some(probe), s(at), s(lasts));
        let found = at.next_multiple_of(period) + (u64::from(failures) - 1) * period;
        // Out at last, or never, where it is mended before.
        let is_found = found < at + lasts;
        let bad = if is_found { found - at } else { lasts };
        let expected = bad as f64 * 100.0;
        let failed = figures.get("failed");
        assert!((failed - expected).abs() < 4.0 * expected.sqrt(), "{failed} failed, {expected} expected");
        assert_eq!(figures.get("available_min"), 2.0, "a replica out of service leaves no other");
        // Without a probe all of them are lost that the new code gets.
        let blind = half_breaks(None, s(at), s(lasts)).get("failed");
        assert!((blind - lasts as f64 * 100.0).abs() < 4.0 * (lasts as f64 * 100.0).sqrt(), "{blind}");
    }
}

#[test]
fn a_new_version_that_is_broken_when_it_starts_is_never_ready_and_loses_nothing() {
    let mut hosts = hosts(4, 100);
    hosts.ready = Some(Probe { period: s(10), delay: Span::ZERO, successes: 1, failures: 3 });
    let mut service = service(100, hosts);
    service.events = vec![broken(Span::ZERO, s(200))];
    let strategy = rolling(Setting::Number(1), Setting::Number(0));
    let (_, figures) = of(service, strategy, s(60), s(600));
    assert_eq!(figures.get("failed"), 0.0);
    assert_eq!(figures.get("available_min"), 4.0);
    // Its probe finds it well at 200 s; then each of the others follows within a period.
    let duration = figures.get("rollout_duration_s");
    assert!((200.0..=300.0).contains(&duration), "{duration}");
}
