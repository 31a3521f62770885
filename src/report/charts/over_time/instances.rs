//! The chart of instances: what the platform starts, keeps busy and keeps idle for each version.

use super::multiples::{self, Band, Chart, Panel, Values, stacked};
use crate::report::charts::bins::{self, Bins};
use crate::report::charts::frame::{Frame, Key, Runs};
use crate::report::charts::title;
use crate::report::draw::style::Colour;
use crate::report::draw::theme;
use crate::results::{ScenarioResults, Series};

/// Composes the chart: cold starts above, instances below.
pub fn chart(scenario: &ScenarioResults, decides: bool) -> Chart {
    let functions = scenario.strategies.iter().filter(|strategy| !strategy.on_hosts).count();
    let shown = bins::focus(scenario, &[], multiples::columns(functions));
    let panels = scenario.strategies.iter().enumerate().map(|(place, strategy)| {
        let bins = Bins::joined(scenario, &strategy.timeline, shown);
        let (mut cold, mut instances) = (Vec::new(), Vec::new());
        for (place, &version) in scenario.versions.iter().enumerate() {
            let colour = theme::version(place);
            cold.push((bins.rates(|series| series == Series::ColdStarts(version)), colour));
            for state in [Series::Busy(version), Series::Idle(version), Series::Starting(version)] {
                instances.push((bins.levels(|series| series == state), shade(state, colour)));
            }
        }
        Panel {
            figures: title::figures(scenario, place, "cold_starts", "cold starts"),
            nothing: bins.nothing(|series| matches!(series, Series::ColdStarts(_) | Series::Busy(_)), "none"),
            stretches: bins.stretches,
            bands: vec![stacked(cold), stacked(instances)],
            actions: Panel::actions(strategy),
        }
    });
    let mut legend = Vec::new();
    for (place, &version) in scenario.versions.iter().enumerate() {
        let states = [Series::Busy(version), Series::Idle(version), Series::Starting(version)];
        let colours = states.map(|state| shade(state, theme::version(place))).to_vec();
        legend.push(Key { label: format!("{version} busy, idle, starting"), colours });
    }
    Chart {
        frame: Frame {
            title: title::most(scenario, "cold_starts", Some("cold_start_share"), "cold starts"),
            legend,
            runs: Runs::Mean,
            decides,
            binned: true,
        },
        bands: [("cold starts/s", 0.42), ("instances", 0.58)]
            .map(|(title, part)| Band { title, part, values: Values::Amounts })
            .into(),
        panels: panels.collect(),
        shows: |strategy| !strategy.on_hosts,
        shown,
    }
}

/// A version's colour for a state of its instances: full when busy, pale when idle, dark when starting.
fn shade(state: Series, colour: Colour) -> Colour {
    match state {
        Series::Idle(_) => colour.mixed(theme::WHITE, 0.6),
        Series::Starting(_) => colour.mixed(theme::INK, 0.6),
        _ => colour,
    }
}
