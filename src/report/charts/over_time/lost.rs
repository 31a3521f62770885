//! The chart of losses: the requests that users lost, when, and by which cause; and the load that callers add by trying
//! again.

use super::multiples::{self, Band, Chart, Panel, Values, stacked};
use super::plot::Area;
use crate::report::charts::bins::{self, Bins};
use crate::report::charts::frame::{Frame, Key, Runs};
use crate::report::charts::title;
use crate::report::draw::style::Colour;
use crate::report::draw::theme;
use crate::results::{ScenarioResults, Series};

/// How a request may be lost, and its colour.
const LAYERS: [(Series, &str, Colour); 3] = [
    (Series::Failed, "failed", theme::FAILED),
    (Series::Throttled, "throttled", theme::THROTTLED),
    (Series::Expired, "expired: the caller gave up", theme::EXPIRED),
];

/// Composes the chart.
pub fn chart(scenario: &ScenarioResults, decides: bool) -> Chart {
    let lost = |series| LAYERS.iter().any(|(layer, ..)| *layer == series);
    let ends: Vec<_> = scenario.strategies.iter().map(|strategy| bins::last(&strategy.timeline, lost)).collect();
    let shown = bins::focus(scenario, &ends, multiples::columns(scenario.strategies.len()));
    let panels = scenario.strategies.iter().enumerate().map(|(place, strategy)| {
        let bins = Bins::joined(scenario, &strategy.timeline, shown);
        let rates = |wanted: Series| bins.rates(|series| series == wanted);
        let mut areas = stacked(LAYERS.iter().map(|&(layer, _, colour)| (rates(layer), colour)).collect());
        let retried = rates(Series::Retried);
        if retried.iter().any(|rate| *rate > 0.0) {
            areas.push(Area::steps(retried, theme::INK));
        }
        Panel {
            figures: title::figures(scenario, place, "lost", "lost"),
            nothing: bins.nothing(lost, &title::none(scenario, place, "lost", "no request lost")),
            bands: vec![areas],
            stretches: bins.stretches,
            actions: Panel::actions(strategy),
        }
    });
    let mut legend: Vec<Key> = LAYERS
        .iter()
        .filter(|(layer, ..)| happens(scenario, *layer))
        .map(|&(_, what, colour)| Key::new(what, colour))
        .collect();
    let mut title = "lost requests per second";
    if happens(scenario, Series::Retried) {
        title = "lost requests, further attempts per second";
        legend.push(Key::new("line: attempts beyond a request's first", theme::INK));
    }
    Chart {
        frame: Frame { title: title::harm(scenario), legend, runs: Runs::Mean, decides, binned: true },
        bands: vec![Band { title, part: 1.0, values: Values::Amounts }],
        panels: panels.collect(),
        shows: multiples::all,
        shown,
    }
}

fn happens(scenario: &ScenarioResults, series: Series) -> bool {
    let mut timelines = scenario.strategies.iter().map(|strategy| &strategy.timeline);
    timelines.any(|timeline| timeline.get(series).iter().any(|value| *value > Some(0.0)))
}
