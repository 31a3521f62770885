//! Whole rollouts that the original made, tick by tick.

use super::*;
use std::fmt::Write;

macro_rules! table {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/argo-rollouts/", $name))
    };
}

/// `w20` is a weight and `p10` a pause of ten ticks, which are seconds here.
fn step(text: &str) -> Item {
    let (kind, number) = text.split_at(1);
    let number: u64 = number.parse().unwrap();
    if kind == "w" { weight(number.try_into().unwrap()) } else { pause(number) }
}

/// One row for every tick at which something changed.
fn trajectory(case: &str, mut cluster: Cluster) -> String {
    let (mut rows, mut before) = (String::new(), None);
    cluster.roll(V2);
    for tick in 0..200 {
        let [stable, canary] = cluster.until(at(tick)).requested([V1, V2]);
        let state = (stable, canary, cluster.argo.passed);
        let is_done = cluster.argo.is_done();
        if is_done || before != Some(state) {
            let [available] = cluster.available([V2]);
            writeln!(rows, "{case},{tick},{},{stable},{canary},{available}", state.2).unwrap();
        }
        if is_done {
            break;
        }
        before = Some(state);
    }
    rows
}

#[test]
fn every_state_is_as_the_original_had_it() {
    let mut found = "case,tick,step_index,stable_pods,canary_pods,canary_available\n".to_owned();
    for row in table!("canary_summaries_dev.csv").lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let steps: Vec<_> = cells[4].split_whitespace().map(step).collect();
        let mut settings = settings(false, &steps);
        settings.max_surge = Setting::parse(cells[2]).unwrap();
        settings.max_unavailable = Setting::parse(cells[3]).unwrap();
        let mut cluster = Cluster::new(settings, cells[1].parse().unwrap());
        cluster.startup = s(cells[5].parse().unwrap());
        found += &trajectory(cells[0], cluster);
    }
    assert_eq!(found, table!("canary_trajectories_dev.csv"));
}
