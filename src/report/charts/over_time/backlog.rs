//! The chart of queues: what is in each over time.

use super::multiples::{self, Band, Chart, Panel, Values, stacked};
use crate::ids::Name;
use crate::report::charts::bins::{self, Bins};
use crate::report::charts::frame::{Frame, Key, Runs};
use crate::report::charts::title;
use crate::report::draw::style::Colour;
use crate::report::draw::theme;
use crate::results::{ScenarioResults, Series};

/// Composes the chart, over the whole window: a queue is emptied long after a switch.
pub fn chart(scenario: &ScenarioResults, decides: bool) -> Chart {
    let shown = bins::focus(scenario, &[], multiples::columns(scenario.strategies.len()));
    let names = names(scenario);
    let panels = scenario.strategies.iter().enumerate().map(|(place, strategy)| {
        let bins = Bins::joined(scenario, &strategy.timeline, shown);
        let levels = names
            .iter()
            .enumerate()
            .map(|(place, &name)| (bins.levels(|series| series == Series::Backlog(name)), colour(place, names.len())));
        Panel {
            figures: title::figures(scenario, place, "backlog_peak", "at once at most"),
            nothing: bins.nothing(|series| matches!(series, Series::Backlog(_)), "nothing waited"),
            bands: vec![stacked(levels.collect())],
            stretches: bins.stretches,
            actions: Panel::actions(strategy),
        }
    });
    let key = |(place, name): (usize, &Name)| Key::new(format!("in {name}"), colour(place, names.len()));
    Chart {
        frame: Frame {
            title: title::backlog(scenario),
            legend: names.iter().enumerate().map(key).collect(),
            runs: Runs::Mean,
            decides,
            binned: true,
        },
        bands: vec![Band { title: "events", part: 1.0, values: Values::Amounts }],
        panels: panels.collect(),
        shows: multiples::all,
        shown,
    }
}

/// The queues and streams of a scenario, by name.
fn names(scenario: &ScenarioResults) -> Vec<Name> {
    let all = scenario.strategies.iter().flat_map(|strategy| &strategy.timeline.series);
    let mut names = Vec::new();
    for (series, _) in all {
        if let Series::Backlog(name) = series
            && !names.contains(name)
        {
            names.push(*name);
        }
    }
    names
}

/// The colour of one of so many queues.
fn colour(place: usize, queues: usize) -> Colour {
    if queues == 1 { theme::FAINT } else { theme::version(place) }
}
