//! The chart of mismatches: when events and code did not belong together, which of them was newer, and whether it harmed.

use super::multiples::{self, Band, Chart, Panel, Values, stacked};
use super::plot::Area;
use crate::report::charts::bins::{self, Bins};
use crate::report::charts::frame::{Frame, Key, Runs};
use crate::report::charts::title;
use crate::report::draw::theme;
use crate::report::judge::Harm;
use crate::results::{ScenarioResults, Series, StrategyResults};

/// Composes the chart: events ahead of the code point up, events behind it down; what fails is dark, near misses are pale.
pub fn chart(scenario: &ScenarioResults, decides: bool) -> Chart {
    let mismatched = |series| matches!(series, Series::MismatchedAhead | Series::MismatchedBehind);
    let ends: Vec<_> = scenario.strategies.iter().map(|strategy| bins::last(&strategy.timeline, mismatched)).collect();
    let shown = bins::focus(scenario, &ends, multiples::columns(scenario.strategies.len()));
    // Where it decides, it tells of each strategy what decides.
    let (key, noun) = match (decides, Harm::of(scenario)) {
        (true, Harm::Lost) => (Harm::Lost.key(), "lost"),
        (true, harm) => (harm.key(), harm.noun()),
        (false, _) => ("mismatched", "mismatched"),
    };
    let panels = scenario.strategies.iter().enumerate().map(|(place, strategy)| {
        let bins = Bins::joined(scenario, &strategy.timeline, shown);
        let rates = |ahead: bool| {
            let of = |harmful| bins.rates(|series| is(strategy, series, ahead, harmful));
            stacked(vec![(of(true), theme::FAILED), (of(false), theme::HARMLESS)])
        };
        let negated = |heights: &[f64]| heights.iter().map(|height| -height).collect();
        let downwards = |area: Area| Area { heights: negated(&area.heights), values: negated(&area.values), ..area };
        Panel {
            figures: title::figures(scenario, place, key, noun),
            nothing: bins.nothing(mismatched, &title::none(scenario, place, "mismatched", "no mismatched requests")),
            bands: vec![rates(true).into_iter().chain(rates(false).into_iter().map(downwards)).collect()],
            stretches: bins.stretches,
            actions: Panel::actions(strategy),
        }
    });
    Chart {
        frame: Frame {
            title: if decides {
                title::harm(scenario)
            } else {
                title::most(scenario, "mismatched", Some("mismatched_share"), "mismatched requests")
            },
            legend: legend(scenario),
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

/// Whether a series counts mismatches of a direction that do harm, or none.
fn is(strategy: &StrategyResults, series: Series, ahead: bool, harmful: bool) -> bool {
    let Series::Attempts(contract, version) = series else { return false };
    let known = strategy.pairs.iter().find(|pair| (pair.contract, pair.version) == (contract, version));
    known.is_some_and(|pair| {
        let towards = if ahead { pair.contract > pair.spoken } else { pair.contract < pair.spoken };
        towards && harmful == (pair.incompatible > 0.0)
    })
}

/// Only what there is to see.
fn legend(scenario: &ScenarioResults) -> Vec<Key> {
    let any = |harmful| {
        let pairs = scenario.strategies.iter().flat_map(|strategy| &strategy.pairs);
        pairs
            .into_iter()
            .any(|pair| pair.contract != pair.spoken && pair.requests > 0.0 && harmful == (pair.incompatible > 0.0))
    };
    let mut legend = Vec::new();
    if any(true) {
        legend.push(Key::new("fails: the code cannot read it", theme::FAILED));
    }
    if any(false) {
        legend.push(Key::new("near miss: the code reads it all the same", theme::HARMLESS));
    }
    legend.push(Key::remark("up: newer event, older code; down: older event, newer code"));
    legend
}
