//! The chart of hosts: replicas by version and state, and how many requests they could serve at once beside how many there were.

use super::multiples::{self, Band, Chart, Panel, Values, stacked};
use super::plot::Area;
use crate::report::charts::bins::{self, Bins};
use crate::report::charts::frame::{Frame, Key, Runs};
use crate::report::charts::title;
use crate::report::draw::style::Colour;
use crate::report::draw::theme;
use crate::results::{ScenarioResults, Series};

/// Composes the chart: replicas above, what they could serve and do serve below.
pub fn chart(scenario: &ScenarioResults, decides: bool) -> Chart {
    let ends: Vec<_> = scenario.strategies.iter().filter(|strategy| strategy.on_hosts).map(bins::last_of_old).collect();
    let hosts = scenario.strategies.iter().filter(|strategy| strategy.on_hosts).count();
    let shown = bins::focus(scenario, &ends, multiples::columns(hosts));
    let panels = scenario.strategies.iter().enumerate().map(|(place, strategy)| {
        let bins = Bins::new(&strategy.timeline, shown);
        let mut replicas = Vec::new();
        for (place, &version) in scenario.versions.iter().enumerate() {
            for state in states(version) {
                replicas.push((bins.levels(|series| series == state), shade(state, theme::version(place))));
            }
        }
        let rates = bins.rates(|series| matches!(series, Series::Attempts(..)));
        let latency = bins.levels(|series| series == Series::LatencyMean);
        // Little's law: how many there are is how fast they come times how long they stay.
        let load =
            rates.iter().zip(&latency).map(|(rate, ms)| if strategy.on_hosts { rate * ms / 1_000.0 } else { 0.0 });
        let capacity = Area::steps(bins.greatest(Series::CapacityReady), theme::INK);
        Panel {
            figures: title::figures(scenario, place, "available_min", "available at least"),
            nothing: "no replicas".to_owned(),
            stretches: bins.stretches,
            bands: vec![stacked(replicas), vec![Area::filled(load.collect(), theme::FAINT), capacity]],
            actions: Panel::actions(strategy),
        }
    });
    let mut legend = Vec::new();
    for (place, &version) in scenario.versions.iter().enumerate() {
        let colours = states(version).map(|state| shade(state, theme::version(place))).to_vec();
        legend.push(Key { label: format!("{version} ready, starting, ending"), colours });
    }
    legend.extend([Key::new("could be served at once", theme::INK), Key::new("are served at once", theme::FAINT)]);
    Chart {
        frame: Frame { title: title::availability(scenario), legend, runs: Runs::Mean, decides, binned: true },
        bands: [("replicas", 0.55), ("requests", 0.45)]
            .map(|(title, part)| Band { title, part, values: Values::Amounts })
            .into(),
        panels: panels.collect(),
        shows: |strategy| strategy.on_hosts,
        shown,
    }
}

fn states(version: crate::ids::Version) -> [Series; 3] {
    [Series::ReplicasReady(version), Series::ReplicasStarting(version), Series::ReplicasDraining(version)]
}

/// A version's colour for a state of its replicas: full when ready, dark when starting, pale when ending.
fn shade(state: Series, colour: Colour) -> Colour {
    match state {
        Series::ReplicasStarting(_) => colour.mixed(theme::INK, 0.6),
        Series::ReplicasDraining(_) => colour.mixed(theme::WHITE, 0.6),
        _ => colour,
    }
}
