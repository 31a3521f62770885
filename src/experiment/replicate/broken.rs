//! What is simulated changes if a controller decides otherwise: the figures of `ways.toml` come from those that are held against the
//! originals' tables.

use super::Replication;
use crate::controller::broken;
use crate::metrics::Metric;
use crate::random::Seed;
use crate::scenario::{Options, Scenario, load};
use crate::time::Span;
use std::path::Path;

#[test]
fn a_controller_that_is_broken_changes_the_figures_of_ways() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/ways.toml");
    let mut scenario: Scenario = load(&[path], &Options::default()).unwrap().remove(0);
    scenario.window.warm_up = Span::from_s(10);
    scenario.window.after = Span::from_s(120);
    let metrics = Metric::all(&scenario.versions().into_iter().collect::<Vec<_>>());
    let changes = |name: &str| {
        let strategy = scenario.strategies.iter().find(|strategy| strategy.name == name).unwrap();
        let figures = || {
            let found = Replication::run(&scenario, strategy, Seed { seed: 1, replication: 0 }).unwrap();
            found.row(&scenario, strategy, &metrics).values
        };
        let sound = figures();
        assert_eq!(sound, figures());
        sound != broken::by_one(figures)
    };
    for (name, by_controller) in [
        ("rolling", true),
        ("canary-by-count", true),
        ("canary-by-router", true),
        ("alias", false),
        ("blue-green", false),
    ] {
        assert_eq!(changes(name), by_controller, "{name}");
    }
}
