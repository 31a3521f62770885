//! The chart of the comparison: one row a strategy, one column a figure that decides, whiskers for the intervals.

pub(super) mod column;

use super::frame::{self, Frame, Key, Named, Runs};
use super::title;
use crate::report::draw::picture::{Picture, Rect};
use crate::report::draw::theme;
use crate::report::judge::{self, Harm, deploys, mean, old_name};
use crate::report::number::brief_percent;
use crate::results::ScenarioResults;
use column::{Column, Rows, Unit};

/// The figures that decide: what breaks, what starts cold, how slow it gets, how long two versions live. Without a
/// deployment nothing breaks or goes, and what is alive matters instead.
fn columns(scenario: &ScenarioResults) -> [Column; 4] {
    let column = |heading: &str, key, unit| Column { heading: heading.to_owned(), key, unit };
    // Hosts start nothing for a request, and cost what they cost whatever comes.
    let is_dear = |place: usize| scenario.strategies[place].on_hosts && mean(scenario, place, "cost_usd").is_some();
    let starts = |place: usize| mean(scenario, place, "cold_start_share").is_some();
    let all = || 0..scenario.strategies.len();
    let share = match () {
        () if all().any(is_dear) => column("cost", "cost_usd", Unit::Dollars),
        () if scenario.strategies.iter().all(|strategy| strategy.on_hosts) && !all().any(starts) => {
            column("fewest available", "available_min", Unit::Count)
        }
        () => column("cold start share", "cold_start_share", Unit::Share),
    };
    let latency = column("p99 latency", "latency_p99_ms", Unit::Milliseconds);
    let harm = Harm::of(scenario);
    let harm = column(harm.noun(), harm.key(), Unit::Count);
    if deploys(scenario) {
        let gone = column(&format!("{} gone after", old_name(scenario)), "old_drained_s", Unit::Seconds);
        [harm, share, latency, gone]
    } else {
        let alive = column("instances", "instances_mean", Unit::Level);
        [harm, share, alive, latency]
    }
}

/// The height of the columns' headings, and of their axes.
const HEADING: f64 = 50.0;
const AXIS: f64 = 26.0;
/// Between columns.
const GAP: f64 = 30.0;

/// Draws the chart.
pub(super) fn draw(picture: &mut Picture, scenario: &ScenarioResults, confidence: f64, decides: bool) {
    let columns = columns(scenario);
    let harm = Harm::of(scenario);
    let order = judge::order(scenario);
    let names = Named::all(scenario);
    let title = title::harm(scenario);
    let legend = legend(scenario, &columns, confidence);
    let body = frame::draw(picture, scenario, &Frame { title, legend, runs: Runs::Mean, decides, binned: false });
    describe(picture, scenario, harm, order);

    let widest = names.iter().map(Named::width).fold(0.0, f64::max);
    let labels = widest.min(body.width() * 0.24);
    let rows = Rect { top: body.top + HEADING, bottom: body.bottom - AXIS, ..body };
    // A few strategies keep together at the top instead of drifting apart.
    let pitch = (rows.height() / order.len().max(1) as f64).min(150.0);
    let centres: Vec<f64> = (0..order.len()).map(|row| rows.top + (row as f64 + 0.5) * pitch).collect();
    let bottom = rows.top + pitch * order.len() as f64;
    for (&place, &y) in order.iter().zip(&centres) {
        let Some(named) = names.get(place) else { continue };
        named.draw(picture, (body.left, y + 5.5), labels);
        picture.line((body.left + labels + GAP / 2.0, y), (body.right, y), theme::GRID, 1.0);
    }
    let width = (body.width() - labels) / columns.len() as f64 - GAP;
    let rows = Rows { order, centres: &centres, names: &names };
    for (index, column) in columns.iter().enumerate() {
        let left = body.left + labels + GAP + index as f64 * (width + GAP);
        let rect = Rect { left, right: left + width, top: body.top + HEADING, bottom };
        column::draw(picture, scenario, column, &rows, &rect);
    }
}

/// Adds what is judged by to the description.
fn describe(picture: &mut Picture, scenario: &ScenarioResults, harm: Harm, order: &[usize]) {
    for &place in order {
        let figure = title::figures(scenario, place, harm.key(), harm.noun()).into_iter().next();
        let figure = figure.unwrap_or_else(|| "no figures".to_owned());
        picture.description += &format!(" {}: {figure}.", judge::name(scenario, place));
    }
}

/// The legend says only what the chart shows.
fn legend(scenario: &ScenarioResults, columns: &[Column], confidence: f64) -> Vec<Key> {
    let estimates = || {
        let strategies = 0..scenario.strategies.len();
        columns.iter().flat_map(move |column| strategies.clone().map(|place| scenario.estimate(place, column.key)))
    };
    let mut legend = Vec::new();
    if columns.iter().any(|column| column.key == Harm::NearMisses.key()) {
        legend.push(Key::remark("near misses: mismatched requests that the code could read"));
    }
    if estimates().any(|estimate| estimate.interval.is_some()) {
        legend.push(Key::remark(format!("dot: mean; line: {} % interval", brief_percent(confidence))));
    }
    if estimates().any(|estimate| estimate.censored > 0) {
        legend.push(Key::remark("ring, arrow, ≥: at least, as some runs ended before all was over"));
    }
    if estimates().any(|estimate| estimate.mean.is_none()) {
        legend.push(Key::remark("–: no figure"));
    }
    legend
}
