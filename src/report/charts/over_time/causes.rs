//! The chart of causes: why events and code did not belong together, and when.

use super::multiples::{self, Band, Chart, Panel, Values, stacked};
use crate::metrics::Cause;
use crate::report::charts::bins::{self, Bins};
use crate::report::charts::frame::{Frame, Key, Runs};
use crate::report::charts::title;
use crate::report::draw::style::Colour;
use crate::report::draw::theme;
use crate::report::judge::caused_by;
use crate::results::{ScenarioResults, Series};

/// Composes the chart.
pub fn chart(scenario: &ScenarioResults, decides: bool) -> Chart {
    let is_cause = |series| matches!(series, Series::Mismatched(_));
    let ends: Vec<_> = scenario.strategies.iter().map(|strategy| bins::last(&strategy.timeline, is_cause)).collect();
    let shown = bins::focus(scenario, &ends, multiples::columns(scenario.strategies.len()));
    let panels = scenario.strategies.iter().enumerate().map(|(place, strategy)| {
        let bins = Bins::joined(scenario, &strategy.timeline, shown);
        let rates = |wanted: Cause| bins.rates(|series| series == Series::Mismatched(wanted));
        Panel {
            figures: title::figures(scenario, place, "mismatched", "mismatched"),
            nothing: bins.nothing(is_cause, &title::none(scenario, place, "mismatched", "no mismatched requests")),
            bands: vec![stacked(Cause::ALL.map(|cause| (rates(cause), colour(cause))).to_vec())],
            stretches: bins.stretches,
            actions: Panel::actions(strategy),
        }
    });
    let seen = |cause: &Cause| (0..scenario.strategies.len()).any(|place| caused_by(scenario, place, *cause) > 0.0);
    let legend = Cause::ALL.into_iter().filter(seen).map(|cause| Key::new(cause.told(), colour(cause)));
    Chart {
        frame: Frame {
            title: title::cause(scenario),
            legend: legend.collect(),
            runs: Runs::Mean,
            decides,
            binned: true,
        },
        bands: vec![Band { title: "mismatched requests per second", part: 1.0, values: Values::Amounts }],
        panels: panels.collect(),
        shows: multiples::all,
        shown,
    }
}

const fn colour(cause: Cause) -> Colour {
    theme::CAUSES[cause as usize]
}
