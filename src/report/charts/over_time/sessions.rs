//! The chart of sessions: who saw the new version and then the old one again, and when.

use super::multiples::{self, Band, Chart, Panel, Values};
use super::plot::Area;
use crate::report::charts::bins::{self, Bins};
use crate::report::charts::frame::{Frame, Key, Runs};
use crate::report::charts::title;
use crate::report::draw::theme;
use crate::results::{ScenarioResults, Series};

/// Composes the chart.
pub fn chart(scenario: &ScenarioResults, decides: bool) -> Chart {
    let flipped = |series| series == Series::SessionsFlipped;
    let ends: Vec<_> = scenario.strategies.iter().map(|strategy| bins::last(&strategy.timeline, flipped)).collect();
    let shown = bins::focus(scenario, &ends, multiples::columns(scenario.strategies.len()));
    let panels = scenario.strategies.iter().enumerate().map(|(place, strategy)| {
        let bins = Bins::joined(scenario, &strategy.timeline, shown);
        Panel {
            figures: title::figures(scenario, place, "sessions_flipped", "flipped"),
            nothing: bins.nothing(flipped, &title::none(scenario, place, "sessions_flipped", "no session flipped")),
            bands: vec![vec![Area::filled(bins.rates(flipped), theme::FAILED)]],
            stretches: bins.stretches,
            actions: Panel::actions(strategy),
        }
    });
    Chart {
        frame: Frame {
            title: title::most(scenario, "sessions_flipped", None, "sessions flipped"),
            legend: vec![Key::new("sessions that saw the new version and then the old one again", theme::FAILED)],
            runs: Runs::Mean,
            decides,
            binned: true,
        },
        bands: vec![Band { title: "flipped sessions per second", part: 1.0, values: Values::Amounts }],
        panels: panels.collect(),
        shows: multiples::all,
        shown,
    }
}
