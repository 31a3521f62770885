//! The chart of what is spent: requests, running and replicas together, over time.

use super::multiples::{self, Band, Chart, Panel, Values};
use super::plot::Area;
use crate::report::charts::bins::{self, Bins};
use crate::report::charts::frame::{Frame, Key, Runs};
use crate::report::charts::title;
use crate::report::draw::theme;
use crate::results::{ScenarioResults, Series};

const SECONDS_AN_HOUR: f64 = 3_600.0;

/// Composes the chart.
pub fn chart(scenario: &ScenarioResults, decides: bool) -> Chart {
    let spent = |series| series == Series::Cost;
    let ends: Vec<_> = scenario.strategies.iter().map(bins::last_of_old).collect();
    let shown = bins::focus(scenario, &ends, multiples::columns(scenario.strategies.len()));
    let panels = scenario.strategies.iter().enumerate().map(|(place, strategy)| {
        let bins = Bins::joined(scenario, &strategy.timeline, shown);
        let an_hour = bins.rates(spent).into_iter().map(|a_second| a_second * SECONDS_AN_HOUR).collect();
        Panel {
            figures: title::figures(scenario, place, "cost_usd", "usd"),
            nothing: bins.nothing(spent, "not known"),
            bands: vec![vec![Area::filled(an_hour, theme::FAINT)]],
            stretches: bins.stretches,
            actions: Panel::actions(strategy),
        }
    });
    Chart {
        frame: Frame {
            title: title::cost(scenario),
            legend: vec![Key::new("spent on requests, instances, replicas and the gateway", theme::FAINT)],
            runs: Runs::Mean,
            decides,
            binned: true,
        },
        bands: vec![Band { title: "usd an hour", part: 1.0, values: Values::Amounts }],
        panels: panels.collect(),
        shows: multiples::all,
        shown,
    }
}
