//! A sweep in words: how the figures respond to what was varied.

use crate::metrics::{Metric, Unit};
use crate::report::judge;
use crate::report::number::{brief_percent, count, dollars, duration, many, measured, percent, range, significant};
use crate::report::text::losses;
use crate::report::text::warm_up;
use crate::results::sweep::{PointResults, Sweep};
use crate::results::{Estimate, ScenarioResults, Settled};
use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{CellAlignment, Table, TableStyle};

/// The metric that decides where none is asked for: the first objective's, else the one that strategies are judged by.
#[must_use]
pub fn deciding(results: &ScenarioResults) -> Option<Metric> {
    match results.gates.first() {
        Some(gate) => results.metrics.get(gate.metric).cloned(),
        None if judge::deploys(results) => Metric::parse(judge::Harm::of(results).key()),
        None => Metric::parse("cold_start_share"),
    }
}

/// The response of one metric as text: a line a point, a column a strategy; a star at the best of a point, where it is
/// told from every other.
#[must_use]
pub fn text(sweep: &Sweep) -> String {
    let star = "* best of its line (paired, corrected). ";
    let lines = table(sweep, NOTHING);
    let star = if lines.contains('*') { star } else { "" };
    format!("{}\n\n{lines}\n\n{star}Every metric: sweep.csv.\n{}", heading(sweep), warm_ups(sweep))
}

/// The same for a document.
#[must_use]
pub fn markdown(sweep: &Sweep) -> String {
    let lines = table(sweep, ASCII_MARKDOWN);
    let star = if lines.contains('*') { "\\* best of its line (paired, corrected). " } else { "" };
    let parts = [format!("## {}", heading(sweep)), lines, format!("{star}Every metric: sweep.csv."), warm_ups(sweep)];
    parts.join("\n\n").trim_end().to_owned() + "\n"
}

fn table(sweep: &Sweep, style: TableStyle) -> String {
    let Some(first) = sweep.points.first() else { return String::new() };
    let mut table = Table::new();
    table.load_style(style);
    let names = first.results.strategies.iter().map(|strategy| strategy.name.as_str());
    table.set_header(sweep.keys.iter().map(String::as_str).chain(names));
    let key = sweep.metric.key();
    for point in &sweep.points {
        let best = point.results.best(&key).filter(|best| best.alike.is_empty()).map(|best| best.strategy);
        let cell = |place| {
            let star = if best == Some(place) { " *" } else { "" };
            format!("{}{star}", told(sweep, point, place))
        };
        table.add_row(point.values.iter().cloned().chain((0..point.results.strategies.len()).map(cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding(if style == NOTHING { (0, 3) } else { (1, 1) });
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

/// What is shown, and what was run for it.
fn heading(sweep: &Sweep) -> String {
    let replications = || sweep.points.iter().map(|point| point.results.replications);
    let runs = match (replications().min().unwrap_or(0), replications().max().unwrap_or(0)) {
        (few, most) if few == most => many(most, "run") + " each",
        (few, most) => format!("{few} to {} each", many(most, "run")),
    };
    let intervals = match replications().any(|replications| replications > 1) {
        true => format!(", {} % intervals", brief_percent(sweep.confidence)),
        false => String::new(),
    };
    let name = sweep.points.first().map_or("", |first| first.results.name.as_str());
    let points = many(sweep.points.len() as u32, "point");
    format!("{name}: {} at {points}; {runs}, seed {}{intervals}", sweep.metric.key(), sweep.seed)
}

/// A strategy's estimate at a point; of a zero, what it is worth.
fn told(sweep: &Sweep, point: &PointResults, place: usize) -> String {
    let known = point.results.estimate(place, &sweep.metric.key());
    let worth = losses::worth(&point.results, known).filter(|_| known.mean == Some(0.0));
    let zero = estimate(&sweep.metric, known);
    worth.map_or_else(|| zero.clone(), |worth| format!("{zero} ({worth})"))
}

/// A warning where warm-ups are too short, by the first of them; a line, or nothing.
#[must_use]
pub fn warm_ups(sweep: &Sweep) -> String {
    let short = |point: &&PointResults| point.results.warm_up.is_some_and(|check| check.settled == Settled::No);
    let points: Vec<_> = sweep.points.iter().filter(short).collect();
    let note = points.first().and_then(|point| Some((point, warm_up::warning(&point.results)?)));
    note.map_or_else(String::new, |(first, note)| {
        let keys = sweep.keys.iter().zip(&first.values).filter(|(_, value)| !value.is_empty());
        let at: Vec<_> = keys.map(|(key, value)| format!("{key} = {value}")).collect();
        let at = if at.is_empty() { "as it stands".to_owned() } else { at.join(", ") };
        format!("At {} of {} points, first {at}: {note}\n", points.len(), sweep.points.len())
    })
}

/// A mean with its interval in the metric's unit.
pub(in crate::report) fn estimate(metric: &Metric, estimate: Estimate) -> String {
    let Some(mean) = estimate.mean else { return "-".to_owned() };
    let at_least = if estimate.censored > 0 { "at least " } else { "" };
    let text = match (metric.unit(), judge::half_width(estimate)) {
        (Unit::Number, Some(half)) if half > 0.0 => {
            let (mean, half) = measured(mean, half);
            format!("{mean} ± {half}")
        }
        (_, Some(half)) if half > 0.0 => format!("{} ± {}", value(metric, mean), value(metric, half)),
        (unit, _) => match estimate.interval {
            Some((low, high)) if low < high && mean > 0.0 && unit == Unit::Number => {
                format!("{} {}", count(mean), range(low, high))
            }
            // Cut where values end, or of few events.
            Some((low, high)) if low < high && mean > 0.0 => {
                format!("{} ({} to {})", value(metric, mean), value(metric, low), value(metric, high))
            }
            _ => value(metric, mean),
        },
    };
    format!("{at_least}{text}")
}

/// A value in the metric's unit.
pub(in crate::report) fn value(metric: &Metric, x: f64) -> String {
    match metric.unit() {
        Unit::Share => percent(x),
        Unit::Milliseconds if x == 0.0 => "0 ms".to_owned(),
        Unit::Milliseconds => format!("{} ms", significant(x, 3)),
        Unit::Seconds => duration(x),
        Unit::Dollars => dollars(x),
        Unit::Number => count(x),
    }
}

/// An amount that a user asked for: with the digits it has, and no more.
pub(in crate::report) fn amount(metric: &Metric, x: f64) -> String {
    let brief = |x: f64| {
        let text = significant(x, 6);
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    };
    match metric.unit() {
        Unit::Share => format!("{} %", brief(x * 100.0)),
        Unit::Milliseconds => format!("{} ms", brief(x)),
        // In words where no second gets lost.
        Unit::Seconds if x < 3_600.0 && x.fract() == 0.0 || x % 60.0 == 0.0 => duration(x),
        Unit::Seconds => format!("{} s", brief(x)),
        Unit::Dollars => format!("{} usd", brief(x)),
        Unit::Number => brief(x),
    }
}

#[cfg(test)]
pub(in crate::report) mod tests {
    use super::*;
    use crate::report::charts;
    use crate::report::sample::{Frame, Sample, scenario};
    use crate::results::sweep::PointResults;

    pub(in crate::report) fn sweep() -> Sweep {
        let point = |nodes: &str, incompatible: f64| {
            let samples = [Sample::new("latest", 15.0, incompatible), Sample::new("pinned", 10.0, 0.0)];
            PointResults { values: vec![nodes.to_owned()], results: scenario(&Frame::default(), &samples) }
        };
        Sweep {
            seed: 1,
            confidence: 0.95,
            keys: vec!["gateway.nodes".to_owned()],
            metric: Metric::parse("incompatible").unwrap(),
            points: vec![point("8", 1_000.0), point("32", 1_083.0)],
        }
    }

    #[test]
    fn a_table_has_a_line_a_point() {
        let text = text(&sweep());
        let expected = "\
lesson: incompatible at 2 points; 40 runs each, seed 1, 95 % intervals

gateway.nodes       latest                                        pinned
            8   1,000 ± 50   0 (0 of 40 rollouts; up to 7.2 % of them) *
           32   1,083 ± 54   0 (0 of 40 rollouts; up to 7.2 % of them) *

* best of its line (paired, corrected). Every metric: sweep.csv.
";
        assert_eq!(text, expected, "\n{text}");
    }

    #[test]
    fn a_document_has_the_same_table() {
        let text = markdown(&sweep());
        let expected = "\
## lesson: incompatible at 2 points; 40 runs each, seed 1, 95 % intervals

| gateway.nodes |     latest |                                      pinned |";
        assert!(
            text.starts_with(expected)
                && text.ends_with("\n\n\\* best of its line (paired, corrected). Every metric: sweep.csv.\n"),
            "\n{text}"
        );
    }

    #[test]
    fn its_chart_is_painted_with_one_key_and_with_three() {
        let mut sweep = sweep();
        let paint = |sweep: &Sweep| {
            let png = charts::draw_response(sweep, charts::Format::Png, charts::Size::SLIDE).unwrap();
            assert!(png.len() > 10_000);
            String::from_utf8(charts::draw_response(sweep, charts::Format::Svg, charts::Size::SLIDE).unwrap()).unwrap()
        };
        let svg = paint(&sweep);
        assert!(
            svg.contains("incompatible shows no response to gateway.nodes; pinned is best throughout")
                && !svg.contains("NaN")
        );
        // Long laws and keys are told briefly, and none of them leaves the picture.
        sweep.keys = vec!["strategy.canary.alias.shift.canary.a-long-name-of-something".to_owned()];
        sweep.points.truncate(2);
        sweep.points[0].values = vec!["{ uniform = [\"0s\", \"10s\"] }".to_owned()];
        sweep.points[1].values = vec!["{ exponential = { mean = \"2s\" } }".to_owned()];
        let svg = paint(&sweep);
        assert!(svg.contains("incompatible shows no response to canary.a-long-name-of-something"), "{svg}");
        assert!(svg.contains("uniform 0s, 10s") && svg.contains("exponential mean 2s"), "{svg}");
        assert!(svg.contains("mean of 40 runs, bars: 95 % intervals"), "{svg}");
        // An incomplete grid of values that are no numbers.
        let point = sweep.points[0].clone();
        sweep.keys = ["b", "c", "choose"].map(str::to_owned).to_vec();
        sweep.points.clear();
        for n in 0..32 {
            let choose = ["newest", "random"][n % 2].to_owned();
            let values = vec![format!("b{}", n / 8), format!("c{}", n / 2 % 4), choose];
            sweep.points.push(PointResults { values, results: point.results.clone() });
        }
        sweep.points.truncate(26);
        let svg = paint(&sweep);
        assert!(!svg.contains("NaN"));
    }

    #[test]
    fn every_figure_has_its_interval_and_no_star_without_a_winner() {
        let mut sweep = sweep();
        sweep.metric = Metric::parse("latency_p99_ms").unwrap();
        let text = text(&sweep);
        assert!(text.contains("210 ms ± 2.00 ms") && !text.contains('*'), "{text}");
    }

    #[test]
    fn an_interval_that_is_not_even_is_shown_and_one_run_has_none() {
        let of = |key: &str, mean, interval| {
            estimate(&Metric::parse(key).unwrap(), Estimate { mean: Some(mean), interval, ..Estimate::default() })
        };
        assert_eq!(of("incompatible_share", 0.01, Some((0.0, 0.031))), "1.00 % (0.00 % to 3.10 %)");
        assert_eq!(of("old_drained_s", 10.0, Some((0.0, 25.0))), "10 s (0 s to 25 s)");
        assert_eq!(of("cold_starts", 0.5, Some((0.1, 2.0))), "0.500 (0.10 to 2.0)");
        assert_eq!(of("incompatible_share", 0.0, Some((0.0, 0.01))), "0.00 %");
        let mut sweep = sweep();
        sweep.points.truncate(1);
        sweep.points[0].results.replications = 1;
        assert!(text(&sweep).starts_with("lesson: incompatible at 1 point; 1 run each, seed 1\n"), "{}", text(&sweep));
    }

    #[test]
    fn without_an_objective_losses_decide() {
        assert_eq!(deciding(&sweep().points[0].results).unwrap().key(), "lost");
    }
}
