//! Proves the life of requests and instances in small stories whose every figure is worked out by hand.

mod common;

use common::{Figures, SEED, at, at_once, attempts, by_hand, constant, ms, nothing, periodic, s};
use cutover::idle::Idle;
use cutover::ids::{Contract, Version};
use cutover::platform::{Choice, ColdStart, Outcome, Service};
use cutover::scenario::Scenario;
use cutover::strategy::{Forgetting, GatewayMove, Order, Strategy};
use cutover::time::{Instant, Span};
use cutover::units::{Bytes, Share};

const NS: Span = Span::from_ns(1);
const CHOICES: [Choice; 4] = [Choice::MostRecent, Choice::LeastRecent, Choice::Newest, Choice::Random];

fn figures(scenario: &Scenario) -> Figures {
    Figures::of(scenario, &scenario.strategies[0], SEED)
}

/// One request at `arrival`, in a window of 10 s after t = 0.
fn single_request(arrival: Instant, change: impl FnOnce(&mut Service)) -> Scenario {
    let mut service = common::service(vec![periodic("web", s(1_000), arrival)]);
    change(&mut service);
    common::scenario(service, vec![nothing()], s(5), s(10))
}

// Periodic arrivals and a constant service time. Just before an arrival, those requests run that arrived less than
// `service` ago: ceil(service / period) - 1 of them. So n = ceil(service / period) instances take turns, and each is idle
// for n x period - service in between.

/// (period, service, instances, idle gap), in milliseconds.
const PERIODIC: [(u64, u64, u64, u64); 7] = [
    (1_000, 200, 1, 800),
    (1_000, 1_000, 1, 0),
    (1_000, 1_001, 2, 999),
    (1_000, 2_000, 2, 0),
    (300, 1_000, 4, 200),
    (250, 1_000, 4, 0),
    (400, 500, 2, 300),
];

fn turns(period: u64, service: u64, keep_alive: Span, choose: Choice) -> Figures {
    let mut scenario = common::service(vec![periodic("web", ms(period), at(0))]);
    scenario.function.choose = choose;
    scenario.releases[0].service = constant(ms(service));
    scenario.releases[0].idle = Idle::After(constant(keep_alive));
    figures(&common::scenario(scenario, vec![nothing()], Span::ZERO, s(60)))
}

#[test]
fn a_gap_equal_to_the_keep_alive_is_warm() {
    for (period, service, instances, gap) in PERIODIC {
        for choose in CHOICES {
            let figures = turns(period, service, ms(gap), choose);
            let what = format!("every {period} ms for {service} ms, {choose:?}");
            assert_eq!(figures.get("cold_starts"), instances as f64, "{what}");
            assert_eq!(figures.get("instances_started"), instances as f64, "{what}");
            assert_eq!(figures.get("instances_peak"), instances as f64, "{what}");
            assert_eq!(figures.get("reclaimed"), 0.0, "{what}");
        }
    }
}

#[test]
fn a_gap_one_nanosecond_longer_is_cold() {
    for (period, service, instances, gap) in PERIODIC {
        if gap == 0 {
            continue;
        }
        for choose in CHOICES {
            let figures = turns(period, service, Span::from_ns(ms(gap).ns() - 1), choose);
            let what = format!("every {period} ms for {service} ms, {choose:?}");
            assert_eq!(figures.get("cold_start_share"), 1.0, "{what}");
            assert_eq!(figures.get("requests"), libm::ceil(60_000.0 / period as f64), "{what}");
            assert_eq!(figures.get("instances_peak"), instances as f64, "{what}");
        }
    }
}

#[test]
fn an_instance_that_is_not_kept_serves_one_instant_only() {
    // Kept for no time at all: still there for an arrival at the instant of its completion, and then gone.
    for choose in CHOICES {
        assert_eq!(turns(1_000, 1_000, Span::ZERO, choose).get("cold_starts"), 1.0);
        assert_eq!(turns(1_000, 999, Span::ZERO, choose).get("cold_start_share"), 1.0);
    }
}

#[test]
fn an_instance_kept_for_ever_is_never_reclaimed() {
    let scenario = single_request(at(-4_000), |service| service.releases[0].idle = Idle::Never);
    let figures = figures(&scenario);
    assert_eq!((figures.get("reclaimed"), figures.get("idle_instance_s")), (0.0, 10.0));
    // It was started before t = 0.
    assert_eq!((figures.get("instances_started"), figures.get("instances_peak")), (0.0, 1.0));
}

#[test]
fn warm_instances_spare_cold_starts() {
    // Three requests at once; two instances wait for them.
    let sources = ["a", "b", "c"].map(|name| periodic(name, s(1_000), at(1_000)));
    let mut service = common::service(sources.to_vec());
    service.function.warm = 2;
    let figures = figures(&common::scenario(service, vec![nothing()], s(5), s(10)));
    assert_eq!((figures.get("cold_starts"), figures.get("instances_started")), (1.0, 1.0));
    assert_eq!(figures.get("instances_peak"), 3.0);
    // 2 instances for 10 s and one from 1 s on, each busy for 10 ms.
    assert_eq!((figures.get("instances_mean"), figures.get("busy_instance_s")), (2.9, 0.03));
}

// The ends of the window.

#[test]
fn a_completion_at_the_end_is_in_time() {
    for (service_time, served, in_flight) in [(s(7), 1.0, 0.0), (s(7) + NS, 0.0, 1.0)] {
        let scenario = single_request(at(3_000), |service| service.releases[0].service = constant(service_time));
        let figures = figures(&scenario);
        assert_eq!((figures.get("served"), figures.get("in_flight")), (served, in_flight), "{service_time}");
        assert_eq!(figures.get("handled"), 1.0);
    }
}

#[test]
fn an_expiry_at_the_end_is_not_counted() {
    // Busy from 1 s to 2 s, then kept for 8 s.
    for (kept, reclaimed) in [(s(8), 0.0), (Span::from_ns(s(8).ns() - 1), 1.0)] {
        let scenario = single_request(at(1_000), |service| {
            service.releases[0].service = constant(s(1));
            service.releases[0].idle = Idle::After(constant(kept));
        });
        assert_eq!(figures(&scenario).get("reclaimed"), reclaimed, "{kept}");
    }
}

#[test]
fn requests_count_from_zero_on_and_before_the_end() {
    let of = |arrival: Instant| figures(&single_request(arrival, |_| ())).get("requests");
    assert_eq!(of(Instant::from_ns(-1)), 0.0);
    assert_eq!(of(Instant::ZERO), 1.0);
    assert_eq!(of(Instant::from_ns(s(10).ns() as i64 - 1)), 1.0);
    assert_eq!(of(at(10_000)), 0.0);
}

#[test]
fn a_request_of_the_warm_up_is_not_counted_but_its_instance_is() {
    let scenario = single_request(at(-1_000), |service| service.releases[0].service = constant(s(4)));
    let figures = figures(&scenario);
    for key in ["requests", "served", "in_flight", "cold_starts", "instances_started"] {
        assert_eq!(figures.get(key), 0.0, "{key}");
    }
    assert_eq!((figures.get("busy_instance_s"), figures.get("idle_instance_s")), (3.0, 7.0));
}

#[test]
fn nothing_deployed_has_no_durations() {
    let figures = figures(&single_request(at(1_000), |_| ()));
    for key in ["rollout_duration_s", "exposure_s", "old_drained_s"] {
        assert!(figures.absent(key), "{key}");
    }
    assert_eq!(figures.get("mismatched"), 0.0);
}

#[test]
fn a_cold_service_time_waits_for_nothing() {
    let scenario = single_request(at(1_000), |service| {
        service.releases[0].service = constant(s(1));
        service.releases[0].cold = ColdStart::Service(constant(s(2)));
    });
    let figures = figures(&scenario);
    assert_eq!((figures.get("cold_starts"), figures.get("cold_wait_mean_ms")), (1.0, 0.0));
    assert_eq!((figures.get("latency_max_ms"), figures.get("starting_instance_s")), (2_000.0, 0.0));
}

// Adoptions.

#[test]
fn an_arrival_at_the_instant_of_an_adoption_sees_the_new_version() {
    // Changes that reach their observer at 2 s, and a request every nanosecond around it.
    let source = || periodic("web", NS, Instant::from_ns(s(2).ns() as i64 - 2));
    let window = |service, strategy: Strategy| {
        common::scenario(service, vec![strategy], Span::ZERO, Span::from_ns(s(2).ns() + 2))
    };
    let expect = |scenario: &Scenario, contracts: [u16; 4], versions: [u16; 4]| {
        let (_, mut attempts) = attempts(scenario);
        attempts.sort_by_key(|attempt| attempt.index);
        let name = &scenario.strategies[0].name;
        assert_eq!(
            attempts.iter().map(|attempt| attempt.contract).collect::<Vec<_>>(),
            contracts.map(Contract),
            "{name}"
        );
        assert_eq!(attempts.iter().map(|attempt| attempt.version).collect::<Vec<_>>(), versions.map(Version), "{name}");
    };
    let mut service = common::service(vec![source()]);
    service.gateway.lag = constant(s(2));
    let pinned = common::deploying("pinned", by_hand(Forgetting::Chance(Share::ZERO)), Span::ZERO);
    expect(&window(service.clone(), pinned), [1, 1, 2, 2], [1, 1, 2, 2]);
    let forgotten = common::deploying("forgotten", by_hand(Forgetting::Sources(vec![0])), Span::ZERO);
    expect(&window(service, forgotten), [1, 1, 2, 2], [1, 1, 1, 1]);

    let mut service = common::service(vec![source()]);
    service.function.alias_lag = constant(s(2));
    service.gateway.lag = constant(s(100));
    let alias = common::deploying("alias", at_once(GatewayMove::Before), Span::ZERO);
    expect(&window(service, alias), [1; 4], [1, 1, 2, 2]);

    // The update starts at 0, is in progress for 1 s, and then takes 1 s to reach the front-end.
    let mut service = common::service(vec![source()]);
    service.function.update_in_progress = constant(s(1));
    service.function.latest_lag = constant(s(1));
    let latest = common::deploying("latest", common::latest(Order::FunctionFirst), s(100));
    expect(&window(service, latest), [1; 4], [1, 1, 2, 2]);
}

#[test]
fn what_was_routed_before_the_adoption_ends_on_the_old_version() {
    // Arrives at 1.9 s, waits for its instance until 2.9 s, is answered at 3.9 s; version 2 is live from 2 s on.
    let mut service = common::service(vec![periodic("web", s(1_000), at(1_900))]);
    service.gateway.lag = constant(s(2));
    service.releases[0].cold = ColdStart::Init(constant(s(1)));
    service.releases[0].service = constant(s(1));
    let pinned = common::deploying("pinned", by_hand(Forgetting::Chance(Share::ZERO)), Span::ZERO);
    let (_, attempts) = attempts(&common::scenario(service, vec![pinned], Span::ZERO, s(10)));
    assert_eq!(attempts.len(), 1);
    assert_eq!((attempts[0].version, attempts[0].end, attempts[0].outcome), (Version(1), at(3_900), Outcome::Served));
    assert_eq!(attempts[0].cold_wait, Some(s(1)));
}

/// The whole row of figures of one deployment: an alias is switched at once, the gateway follows.
///
/// One node, one front-end: the alias moves at 0 and reaches the front-end at 0.5 s; the gateway is redeployed one step
/// later, at 2 s, and its node adopts the revision at 3 s. A request every 0.4 s from -2 s on, so that 15 count: 0.0,
/// 0.4, ..., 5.6. Version 1 takes 0.5 s, version 2 too, but fails within 0.1 s at events it cannot read. An
/// initialisation takes 0.2 s, an idle instance is kept for 1 s. The window ends at 6 s.
///
/// Contracts: c1 at 0.0 ... 2.8 (8 requests), c2 at 3.2 ... 5.6 (7). Versions: v1 at 0.0 and 0.4, v2 at 0.8 ... 5.6 (13).
/// So c1 meets v2 at 0.8 ... 2.8: 6 requests behind, which v2 cannot read.
///
/// Version 1 needs ceil(0.5 / 0.4) = 2 instances, started in the warm-up; at t = 0:
///   I1  busy -0.4 to 0.1, idle, busy 0.4 to 0.9, idle to 1.9, reclaimed:  busy 0.6 s, idle 0.3 + 1.0 s
///   I2  idle, busy 0.0 to 0.5, idle to 1.5, reclaimed:                    busy 0.5 s, idle 1.0 s
/// Version 2:
///   J1  starting 0.8 to 1.0; failing 1.0 to 1.1, 1.2 to 1.3, 1.6 to 1.7, ..., 2.8 to 2.9; serving 3.2 to 3.7, 4.0 to 4.5,
///       4.8 to 5.3, and from 5.6 on, unfinished at 6:     starting 0.2 s, busy 0.6 + 1.5 + 0.4 s, idle 0.1 + 8 x 0.3 s
///   J2  (J1 is busy at 3.6) starting 3.6 to 3.8; serving 3.8 to 4.3, 4.4 to 4.9, 5.2 to 5.7:
///                                                         starting 0.2 s, busy 1.5 s, idle 0.1 + 0.3 + 0.3 s
/// Billed in milliseconds of 1 GiB: 100 of I1 and 500 of each on version 1; 300, 500, 1,500, 400 and 1,700 on version 2: 5,500.
/// At every arrival at most one instance is idle, so that the choice among idle instances does not matter.
#[test]
fn every_figure_of_an_alias_switch() {
    let mut service = common::service(vec![periodic("web", ms(400), at(-2_000))]);
    service.gateway.lag = constant(s(1));
    service.function.alias_lag = constant(ms(500));
    for release in &mut service.releases {
        release.service = constant(ms(500));
        release.cold = ColdStart::Init(constant(ms(200)));
        release.idle = Idle::After(constant(s(1)));
        release.failure_time = Some(constant(ms(100)));
        release.memory = Some(Bytes(1 << 30));
    }
    for choose in CHOICES {
        service.function.choose = choose;
        let strategies = vec![common::deploying("alias", at_once(GatewayMove::After), s(2))];
        let scenario = common::scenario(service.clone(), strategies, s(2), s(6));
        let rows: Vec<_> = figures(&scenario).rows().collect();
        // One request of nine is in flight at the end: the mean latency lacks it.
        assert!(rows.iter().all(|(key, _, censored)| *censored == (key == "latency_mean_ms")));
        let rows: Vec<_> = rows.iter().map(|(key, value, _)| (key.as_str(), *value)).collect();
        let expected = [
            ("requests", Some(15.0)),
            ("attempts", Some(15.0)),
            ("handled", Some(15.0)),
            ("handled.v1", Some(2.0)),
            ("handled.v2", Some(13.0)),
            // Two on version 1, and those at 3.2 ... 5.2 on version 2.
            ("served", Some(8.0)),
            ("mismatched", Some(6.0)),
            ("mismatched.v1", Some(0.0)),
            ("mismatched.v2", Some(6.0)),
            // One node and one front-end: certain from 0.5 s to 3 s, in which 6 requests arrive.
            ("mismatched_expected", Some(6.0)),
            ("mismatched_share", Some(0.4)),
            ("mismatched_ahead", Some(0.0)),
            ("mismatched_behind", Some(6.0)),
            ("mismatched.cookie", None),
            ("mismatched.client", None),
            ("mismatched.queued", None),
            ("mismatched.route", None),
            ("mismatched.rollback", None),
            ("mismatched.weight", None),
            // The gateway is told at 2 s, at which a request arrives, and learns of it a second later.
            ("mismatched.not_yet", Some(3.0)),
            ("mismatched.node_late", Some(3.0)),
            ("mismatched.front_end_late", Some(0.0)),
            ("mismatched.balancer_late", None),
            ("queued_mismatched", None),
            ("incompatible", Some(6.0)),
            ("incompatible.v1", Some(0.0)),
            ("incompatible.v2", Some(6.0)),
            ("incompatible_share", Some(0.4)),
            ("near_misses", Some(0.0)),
            ("near_misses_share", Some(0.0)),
            ("replies_mismatched", Some(0.0)),
            ("replies_mismatched.v1", Some(0.0)),
            ("replies_mismatched.v2", Some(0.0)),
            ("replies_incompatible", Some(0.0)),
            ("replies_incompatible.v1", Some(0.0)),
            ("replies_incompatible.v2", Some(0.0)),
            ("replies_incompatible_share", Some(0.0)),
            ("lost", Some(6.0)),
            ("lost.v1", Some(0.0)),
            ("lost.v2", Some(6.0)),
            ("lost_share", Some(6.0 / 15.0)),
            ("unserved", Some(6.0)),
            ("unserved_share", Some(6.0 / 15.0)),
            ("failed", Some(6.0)),
            ("failed_incompatible", Some(6.0)),
            ("failed_reply", Some(0.0)),
            ("failed_own", Some(0.0)),
            ("failed_away", Some(0.0)),
            ("throttled", Some(0.0)),
            ("expired", Some(0.0)),
            ("dead_lettered", None),
            ("in_flight", Some(1.0)),
            ("retried", Some(0.0)),
            ("resets", Some(0.0)),
            // At 0.8 and 3.6.
            ("cold_starts", Some(2.0)),
            ("cold_starts.v1", Some(0.0)),
            ("cold_starts.v2", Some(2.0)),
            ("cold_start_share", Some(2.0 / 15.0)),
            ("cold_wait_mean_ms", Some(200.0)),
            // Served: 7 in 500 ms and the one at 3.6 in 700 ms; too few for any percentile.
            ("latency_mean_ms", Some(525.0)),
            ("latency_p50_ms", None),
            ("latency_p90_ms", None),
            ("latency_p95_ms", None),
            ("latency_p99_ms", None),
            ("latency_p999_ms", None),
            ("latency_max_ms", Some(700.0)),
            ("message_age_mean_s", None),
            ("message_age_p50_s", None),
            ("message_age_p99_s", None),
            ("backlog_peak", None),
            ("blocked_s", None),
            ("answer_p50_ms", None),
            ("answer_p99_ms", None),
            ("instances_started", Some(2.0)),
            ("instances_started.v1", Some(0.0)),
            ("instances_started.v2", Some(2.0)),
            ("reclaimed", Some(2.0)),
            ("reclaimed.v1", Some(2.0)),
            ("reclaimed.v2", Some(0.0)),
            ("recycled", Some(0.0)),
            ("recycled.v1", Some(0.0)),
            ("recycled.v2", Some(0.0)),
            // I1, I2 and J1, from 0.8 to 1.5.
            ("instances_peak", Some(3.0)),
            // I1 lives for 1.9 s, I2 for 1.5; J1 for 5.2, J2 for 2.4.
            ("instances_mean", Some(11.0 / 6.0)),
            ("instances_mean.v1", Some(3.4 / 6.0)),
            ("instances_mean.v2", Some(7.6 / 6.0)),
            ("available_min", None),
            ("busy_instance_s", Some(5.1)),
            ("idle_instance_s", Some(5.5)),
            ("idle_instance_s.v1", Some(2.3)),
            ("idle_instance_s.v2", Some(3.2)),
            ("provisioned_instance_s", None),
            ("spilled", None),
            ("starting_instance_s", Some(0.4)),
            ("draining_instance_s", None),
            ("rollout_duration_s", Some(3.0)),
            // From 0.8 to 2.8.
            ("exposure_s", Some(2.0)),
            ("old_drained_s", Some(1.9)),
            ("rolled_back", Some(0.0)),
            ("timed_out", Some(0.0)),
            ("overdue", None),
            ("detection_s", None),
            ("rollback_s", None),
            ("sessions", None),
            ("sessions_mixed", None),
            ("sessions_flipped", None),
            ("sessions_harmed", None),
            ("operator_steps", Some(0.0)),
            ("operator_s", Some(0.0)),
            ("cost_usd", Some(3e-6 + 9.166_685e-5 + 52.5e-6)),
            ("cost_requests_usd", Some(3e-6)),
            // 5.5 GB-seconds.
            ("cost_compute_usd", Some(9.166_685e-5)),
            ("cost_gateway_usd", Some(52.5e-6)),
            ("cost_provisioned_usd", None),
            ("cost_instances_usd", None),
        ];
        assert_eq!(rows, expected, "{choose:?}");
    }
}

#[test]
fn durations_beyond_the_window_are_cut_short() {
    // The node adopts at 10 s, exactly the end, or a nanosecond later; the old instance idles beyond it.
    for (lag, censored) in [(s(10), false), (s(10) + NS, true)] {
        let mut service = common::service(vec![periodic("web", s(1_000), at(0))]);
        service.gateway.lag = constant(lag);
        let pinned = common::deploying("pinned", by_hand(Forgetting::Chance(Share::ZERO)), Span::ZERO);
        let figures = figures(&common::scenario(service, vec![pinned], Span::ZERO, s(10)));
        assert_eq!(
            (figures.absent("rollout_duration_s"), figures.censored("rollout_duration_s")),
            (censored, censored)
        );
        assert_eq!((figures.get("old_drained_s"), figures.censored("old_drained_s")), (10.0, true));
        // One source, re-pointed by hand.
        assert_eq!(figures.get("operator_steps"), 1.0);
    }
}
