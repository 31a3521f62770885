//! Reported outages: what comes out stands beside what was reported.

mod common;

use common::Figures;
use cutover::experiment::Replication;
use cutover::random::Seed;
use cutover::scenario::{Options, Scenario, load};
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
