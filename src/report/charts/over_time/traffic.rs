//! The chart of traffic: who ran the requests, and how one version took over from another.

use super::multiples::{self, Band, Chart, Panel, Values, stacked};
use crate::report::charts::bins::{self, Bins};
use crate::report::charts::frame::{Frame, Key, Runs};
use crate::report::charts::title::handover::{self, Left};
use crate::report::draw::theme;
use crate::report::number::duration;
use crate::results::{ScenarioResults, Series};

/// Composes the chart.
pub fn chart(scenario: &ScenarioResults, decides: bool) -> Chart {
    let ends: Vec<_> = scenario.strategies.iter().map(bins::last_of_old).collect();
    let shown = bins::focus(scenario, &ends, multiples::columns(scenario.strategies.len()));
    let panels = scenario.strategies.iter().enumerate().map(|(place, strategy)| {
        let bins = Bins::joined(scenario, &strategy.timeline, shown);
        let layers = scenario.versions.iter().enumerate().map(|(place, &version)| {
            let ran = |series| matches!(series, Series::Attempts(_, by) if by == version);
            (bins.rates(ran), theme::version(place))
        });
        let bands = vec![stacked(layers.collect())];
        let nothing = bins.nothing(|series| matches!(series, Series::Attempts(..)), "no requests");
        Panel {
            figures: figures(scenario, place),
            nothing,
            stretches: bins.stretches,
            bands,
            actions: Panel::actions(strategy),
        }
    });
    let keys = scenario.versions.iter().enumerate();
    Chart {
        frame: Frame {
            title: handover::finding(scenario),
            legend: keys.map(|(place, version)| Key::new(format!("run by {version}"), theme::version(place))).collect(),
            runs: Runs::Mean,
            decides,
            binned: true,
        },
        bands: vec![Band { title: "requests per second", part: 1.0, values: Values::Amounts }],
        panels: panels.collect(),
        shows: multiples::all,
        shown,
    }
}

/// How long the old version ran requests.
fn figures(scenario: &ScenarioResults, place: usize) -> Vec<String> {
    let old = scenario.strategies.get(place).and_then(|strategy| strategy.replaces);
    let Some((old, left)) = old.zip(handover::left(scenario, place)) else { return Vec::new() };
    let until = match left {
        Left::Never => "to the end".to_owned(),
        Left::After(seconds) if seconds <= 0.0 => return vec![format!("no {old} from t = 0 on")],
        Left::After(seconds) => format!("until {}", duration(seconds)),
    };
    vec![format!("{old} {until}"), until]
}
