//! Reported outages: what comes out stands beside what was reported.

mod common;

use common::Figures;
use cutover::experiment::{self, Replication, Settings};
use cutover::random::Seed;
use cutover::scenario::{Options, Scenario, load};
use cutover::source::{Consumers, Queue, Via};
use cutover::strategy::Moves;
use cutover::time::Span;
use std::path::Path;

fn incident(name: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/incidents").join(format!("{name}.toml"));
    load(&[path], &Options::default()).unwrap().remove(0)
}

/// The mean of a metric under a strategy, over the scenario's own replications.
fn mean(scenario: &Scenario, strategy: &str, key: &str) -> f64 {
    let strategy = scenario.strategies.iter().find(|known| known.name == strategy).unwrap();
    let of = |replication| {
        let found = Replication::run(scenario, strategy, Seed { seed: 1, replication }).unwrap();
        Figures::new(scenario, strategy, &found).get(key)
    };
    let runs = u64::from(scenario.replications);
    (0..runs).map(of).sum::<f64>() / runs as f64
}

/// Whether a mean is what was reported, to within so much.
#[track_caller]
fn near(found: f64, reported: f64, within: f64) {
    assert!((found - reported).abs() <= within, "{found} for {reported}");
}

#[test]
fn a_permission_that_was_away_fails_sixteen_requests() {
    let azul = incident("azul-8301");
    near(mean(&azul, "stays", "lost"), 16.0, 2.0);
    assert_eq!(mean(&azul, "stays", "lost"), mean(&azul, "stays", "failed_away"));
}

#[test]
fn code_before_configuration_fails_495_of_840() {
    let terraform = incident("terraform-24572");
    near(mean(&terraform, "one-after-the-other", "requests"), 840.0, 15.0);
    near(mean(&terraform, "one-after-the-other", "lost"), 495.0, 20.0);
    assert_eq!(mean(&terraform, "published-version", "lost"), 0.0);
}

#[test]
fn everything_at_once_loses_seven_thousand_where_steps_and_an_alarm_lose_dozens() {
    let plugin = incident("canary-plugin-57");
    near(mean(&plugin, "happened", "lost"), 7_180.0, 80.0);
    assert!(mean(&plugin, "asked-for", "lost") < 100.0);
    assert_eq!(mean(&plugin, "asked-for", "rolled_back"), 1.0);
}

#[test]
fn an_instant_switch_throttles_where_steps_and_staying_do_not() {
    let govuk = incident("govuk-5292");
    assert!(mean(&govuk, "instant", "throttled") > 20.0);
    assert_eq!([mean(&govuk, "in-steps", "lost"), mean(&govuk, "stays", "lost")], [0.0; 2]);
}

#[test]
fn waves_of_550_s_take_1_650_s_and_fourteen_of_640_s_8_960_s() {
    let kubernetes = incident("kubernetes-103258");
    assert_eq!(mean(&kubernetes, "rolling", "rollout_duration_s"), 1_650.0);
    assert_eq!(mean(&kubernetes, "rolling", "available_min"), 4.0);
    // Waves of 550 s get on within 10 min, those of 640 s do not.
    assert_eq!(mean(&kubernetes, "rolling", "overdue"), 0.0);
    let omi = incident("omi-9915");
    assert_eq!(mean(&omi, "to-the-end", "rollout_duration_s"), 8_960.0);
    assert_eq!(mean(&omi, "to-the-end", "overdue"), 1.0);
    assert_eq!(mean(&omi, "killed", "timed_out"), 1.0);
    // What is never through is told how long it would have needed.
    let short = Scenario { replications: 2, ..omi };
    let results = experiment::run(&[short], &Settings::default(), None, &|_| ()).unwrap();
    let short = results.scenarios[0].strategies[1].too_short.unwrap();
    assert_eq!((short.timeout, short.takes), (Span::from_s(300), Span::from_s(8_960)));
    assert_eq!(results.scenarios[0].strategies[0].too_short, None);
}

#[test]
fn late_endpoints_lose_requests_although_no_replica_is_missing() {
    let ingress = incident("ingress-7097");
    // Five replicas, each of which is sent 40 requests a second, or 33 while a sixth is there, for another second on average.
    near(mean(&ingress, "rolling", "lost"), 185.0, 60.0);
    assert_eq!(mean(&ingress, "rolling", "available_min"), 5.0);
    assert_eq!(mean(&ingress, "none", "lost"), 0.0);
}

#[test]
fn one_task_that_is_stopped_first_loses_144_s_of_requests() {
    let archimedes = incident("archimedes-1309");
    near(mean(&archimedes, "stop-first", "lost"), 1_440.0, 30.0);
    assert_eq!(mean(&archimedes, "start-first", "lost"), 0.0);
}

#[test]
fn a_canary_of_one_replica_gets_half_of_the_traffic() {
    let bank = incident("open-bank-3806");
    // 10 minutes at a half, and the rest at the whole; behind a router 5 at a tenth and 5 at three tenths.
    let share = |strategy| mean(&bank, strategy, "handled.v2") / mean(&bank, strategy, "handled");
    near(share("by-count"), (610.0 * 0.5 + 290.0) / 900.0, 0.02);
    near(share("by-router"), (300.0 * 0.1 + 300.0 * 0.3 + 280.0) / 900.0, 0.02);
}

#[test]
fn old_workers_take_jobs_that_are_fixed() {
    let mut medplum = incident("medplum-6408");
    near(mean(&medplum, "rolling", "dead_lettered"), 2_700.0, 60.0);
    let Via::Queue(producer, queue) = medplum.service.sources[0].via else { panic!("it goes by a queue") };
    medplum.service.sources[0].via = Via::Queue(producer, Queue { consumers: Consumers::ByVersion, ..queue });
    // Those that old workers hold at the switch.
    near(mean(&medplum, "rolling", "dead_lettered"), 3.0, 2.0);
}

/// The same with another time at which what is kept ready moves.
fn moved(incident: &Scenario, moves: Moves) -> Scenario {
    let mut moved = incident.clone();
    for strategy in &mut moved.strategies {
        if let Some(provisioned) = &mut strategy.deployment.provisioned {
            provisioned.moves = moves;
        }
    }
    moved
}

#[test]
fn what_is_kept_ready_stays_one_version_behind() {
    let serverless = incident("serverless-7788");
    assert_eq!(mean(&serverless, "stays", "cold_starts"), 0.0);
    assert_eq!(mean(&serverless, "deployed", "cold_starts"), mean(&serverless, "deployed", "requests"));
    assert_eq!(mean(&moved(&serverless, Moves::Before), "deployed", "cold_starts"), 0.0);
}

#[test]
fn a_deployment_waits_a_quarter_of_an_hour_for_fifteen_environments() {
    let sam = incident("sam-1908");
    near(mean(&sam, "waits", "rollout_duration_s"), 15.0 * 60.0, 60.0);
    let late = moved(&sam, Moves::Late);
    assert!(mean(&late, "waits", "rollout_duration_s") < 20.0);
    assert!(mean(&late, "waits", "cold_starts") > 10.0 * mean(&sam, "waits", "cold_starts"));
}

#[test]
fn a_permission_that_is_pinned_too_comes_too_late() {
    let sst = incident("sst-6722");
    // 5/s that call at once, and of 20/s the part that has followed: a quarter on average.
    near(mean(&sst, "pinned", "lost"), 5.0 * 5.0 + 20.0 * 5.0 * 0.25, 5.0);
    assert_eq!(mean(&sst, "alias", "lost"), 0.0);
}

#[test]
fn old_workers_take_jobs_of_the_new_version_unless_they_leave_them() {
    let mut misk = incident("misk-1530");
    // Nine tenths of the workers are old in the first minute, eight in the second, and so on: 10 a second, 4.5 minutes.
    near(mean(&misk, "rolling", "mismatched_ahead"), 2_700.0, 60.0);
    assert_eq!(mean(&misk, "rolling", "lost"), 0.0);
    let Via::Queue(producer, queue) = misk.service.sources[0].via else { panic!("it goes by a queue") };
    misk.service.sources[0].via = Via::Queue(producer, Queue { consumers: Consumers::ByVersion, ..queue });
    assert_eq!(mean(&misk, "rolling", "mismatched"), 0.0);
    near(
        mean(&misk, "rolling", "served"),
        mean(&misk, "rolling", "requests") - mean(&misk, "rolling", "in_flight"),
        1e-6,
    );
}
