//! What a verdict hangs on, in words and as a table.

use super::sweep::value;
use crate::metrics::Metric;
use crate::report::judge;
use crate::report::number::{brief_percent, many};
use crate::results::ScenarioResults;
use crate::results::sensitivity::{Margin, Sensitivity, Turn};
use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{CellAlignment, Table, TableStyle};

/// A sensitivity with what is needed to tell of it.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// The scenario as it stands.
    pub base: &'a ScenarioResults,
    /// The metric that decides.
    pub metric: &'a Metric,
    /// What it hangs on.
    pub sensitivity: &'a Sensitivity,
    /// The seed of all points.
    pub seed: u64,
    /// The confidence of the intervals, as a share.
    pub confidence: f64,
}

/// The table for a terminal.
#[must_use]
pub fn text(report: &Report<'_>) -> String {
    format!("{}\n\n{}\n\n{}\n\n{}\n", heading(report), stands(report), table(report, NOTHING), reading(report))
}

/// The same for a document.
#[must_use]
pub fn markdown(report: &Report<'_>) -> String {
    let table = table(report, ASCII_MARKDOWN);
    format!("## {}\n\n{}\n\n{table}\n\n{}\n", heading(report), stands(report), reading(report))
}

fn table(report: &Report<'_>, style: TableStyle) -> String {
    let mut table = Table::new();
    table.load_style(style);
    table.set_header(["assumption", "from", "margin", "verdict", "to", "margin", "verdict"]);
    for effect in &report.sensitivity.effects {
        let side = |margin: &Margin| [brief(&margin.value), signed(report.metric, margin.margin), turn(report, margin)];
        let ([a, b, c], [d, e, f]) = (side(&effect.low), side(&effect.high));
        table.add_row([effect.key.clone(), a, b, c, d, e, f]);
    }
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding(if style == NOTHING { (0, 3) } else { (1, 1) });
        let right = [2, 5].contains(&place);
        column.set_cell_alignment(if right { CellAlignment::Right } else { CellAlignment::Left });
    }
    table.trim_fmt()
}

/// What it is about, and what was run for it.
fn heading(report: &Report<'_>) -> String {
    let intervals = match report.base.replications {
        1 => String::new(),
        _ => format!(", {} % intervals", brief_percent(report.confidence)),
    };
    let (name, key, runs) = (&report.base.name, report.metric.key(), many(report.base.replications, "run"));
    format!("{name}: what the verdict on {key} hangs on; {runs} each, seed {}{intervals}", report.seed)
}

/// The verdict as the scenario stands.
fn stands(report: &Report<'_>) -> String {
    let base = &report.sensitivity.base;
    let (best, rival) = (judge::name(report.base, report.sensitivity.best), judge::name(report.base, base.rival));
    let stands = if base.turn == Turn::Holds { "is best" } else { "leads" };
    let margin = signed(report.metric, base.margin);
    format!("As it stands, {best} {stands}; its margin to {rival} is {margin}: {}.", turn(report, base))
}

/// How the table is read.
fn reading(report: &Report<'_>) -> String {
    let best = judge::name(report.base, report.sensitivity.best);
    format!("The margin of {best} to the next best, each assumption moved alone. Measure the first ones first.")
}

/// What became of the verdict, in words.
fn turn(report: &Report<'_>, margin: &Margin) -> String {
    let rival = judge::name(report.base, margin.rival);
    match margin.turn {
        Turn::Holds => "holds".to_owned(),
        Turn::Open => "cannot be told".to_owned(),
        Turn::Turns => format!("turns to {rival}"),
    }
}

/// A law without its braces and quotes.
pub(in crate::report) fn brief(value: &str) -> String {
    let words: String = value.replace(['{', '='], " ").chars().filter(|c| !"}[]\"".contains(*c)).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A margin, with its sign where it is negative.
pub(in crate::report) fn signed(metric: &Metric, margin: f64) -> String {
    if margin < 0.0 { format!("−{}", value(metric, -margin)) } else { value(metric, margin) }
}

#[cfg(test)]
pub(in crate::report) mod tests {
    use super::*;
    use crate::experiment::levers::Assumption;
    use crate::experiment::study::sensitivity::sensitivity;
    use crate::report::charts;
    use crate::report::sample::{Frame, Sample, scenario};
    use crate::results::sweep::PointResults;

    /// `pinned` beside `latest`, as it stands and with two assumptions moved.
    pub(in crate::report) fn points() -> Vec<PointResults> {
        let point = |pinned: f64, latest: f64| {
            let samples = [Sample::new("latest", 15.0, latest), Sample::new("pinned", 10.0, pinned)];
            PointResults { values: Vec::new(), results: scenario(&Frame::default(), &samples) }
        };
        vec![point(10.0, 1_000.0), point(10.0, 990.0), point(10.0, 1_100.0), point(10.0, 200.0), point(500.0, 50.0)]
    }

    pub(in crate::report) fn assumptions() -> Vec<Assumption> {
        let assumption = |key: &str, low, high| Assumption {
            key: key.to_owned(),
            low,
            high,
            about: "",
            default: "",
            origin: String::new(),
        };
        vec![
            assumption("gateway.nodes", "4", "256"),
            assumption("gateway.lag", "{ uniform = [\"0s\", \"2s\"] }", "{ uniform = [\"0s\", \"60s\"] }"),
        ]
    }

    #[test]
    fn the_strongest_assumption_comes_first_and_says_where_the_verdict_turns() {
        let (points, metric) = (points(), Metric::parse("incompatible").unwrap());
        let sensitivity = sensitivity(&assumptions(), &points, &metric).unwrap();
        let report =
            Report { base: &points[0].results, metric: &metric, sensitivity: &sensitivity, seed: 1, confidence: 0.95 };
        let text = text(&report);
        let expected = "\
lesson: what the verdict on incompatible hangs on; 40 runs each, seed 1, 95 % intervals

As it stands, pinned is best; its margin to latest is 990: holds.

assumption      from             margin   verdict   to                margin   verdict
gateway.lag     uniform 0s, 2s      190   holds     uniform 0s, 60s     −450   turns to latest
gateway.nodes   4                   980   holds     256                1,090   holds

The margin of pinned to the next best, each assumption moved alone. Measure the first ones first.
";
        assert_eq!(text, expected, "\n{text}");
        let document = markdown(&report);
        assert!(
            document.starts_with("## lesson: what the verdict")
                && document.contains("| gateway.lag   | uniform 0s, 2s |"),
            "{document}"
        );
    }

    #[test]
    fn laws_are_brief_however_they_are_spaced() {
        assert_eq!(brief("{ uniform = [\"0s\", \"2s\"] }"), "uniform 0s, 2s");
        assert_eq!(brief("{exponential={mean=\"4s\"}}"), "exponential mean 4s");
        assert_eq!(brief("10s"), "10s");
    }

    #[test]
    fn its_chart_is_painted() {
        let (points, metric) = (points(), Metric::parse("incompatible").unwrap());
        let sensitivity = sensitivity(&assumptions(), &points, &metric).unwrap();
        let report =
            Report { base: &points[0].results, metric: &metric, sensitivity: &sensitivity, seed: 1, confidence: 0.95 };
        let svg = charts::draw_tornado(&report, charts::Format::Svg, charts::Size::SLIDE).unwrap();
        let svg = String::from_utf8(svg).unwrap();
        assert!(svg.contains("latest is better than pinned at gateway.lag = uniform 0s, 60s") && !svg.contains("NaN"));
        assert!(
            svg.contains("left of the red line another strategy is ahead") && svg.contains("uniform 0s, 60s: −450"),
            "{svg}"
        );
    }

    #[test]
    fn what_cannot_be_told_has_a_leader_and_hangs_on_nothing_that_moves_no_margin() {
        let metric = Metric::parse("incompatible").unwrap();
        let points: Vec<_> = (0..5)
            .map(|_| {
                let samples = [Sample::new("latest", 15.0, 0.0), Sample::new("pinned", 10.0, 0.0)];
                PointResults { values: Vec::new(), results: scenario(&Frame::default(), &samples) }
            })
            .collect();
        let sensitivity = sensitivity(&assumptions(), &points, &metric).unwrap();
        let report =
            Report { base: &points[0].results, metric: &metric, sensitivity: &sensitivity, seed: 1, confidence: 0.95 };
        let text = text(&report);
        assert!(text.contains("As it stands, latest leads; its margin to pinned is 0: cannot be told."), "{text}");
        let svg = charts::draw_tornado(&report, charts::Format::Svg, charts::Size::SLIDE).unwrap();
        let svg = String::from_utf8(svg).unwrap();
        assert!(svg.contains("The margin of latest hangs on no assumption"), "{svg}");
        assert!(svg.contains("it cannot be told from another"), "{svg}");
    }

    /// An assumption that reaches far and changes nothing hangs less on a measurement than one that leaves a doubt.
    #[test]
    fn what_leaves_the_verdict_open_comes_before_what_does_not() {
        let mut points = points();
        let point = |pinned: f64, latest: f64| {
            let samples = [Sample::new("latest", 15.0, latest), Sample::new("pinned", 10.0, pinned)];
            PointResults { values: Vec::new(), results: scenario(&Frame::default(), &samples) }
        };
        points[2] = point(10.0, 90_000.0);
        points[3] = point(980.0, 1_000.0);
        points[4] = point(10.0, 1_000.0);
        let metric = Metric::parse("incompatible").unwrap();
        let sensitivity = sensitivity(&assumptions(), &points, &metric).unwrap();
        let order: Vec<_> = sensitivity.effects.iter().map(|effect| effect.key.as_str()).collect();
        assert_eq!(order, ["gateway.lag", "gateway.nodes"]);
        let report =
            Report { base: &points[0].results, metric: &metric, sensitivity: &sensitivity, seed: 1, confidence: 0.95 };
        let svg = charts::draw_tornado(&report, charts::Format::Svg, charts::Size::SLIDE).unwrap();
        let svg = String::from_utf8(svg).unwrap();
        assert!(svg.contains("pinned cannot be told from latest at gateway.lag = uniform 0s, 2s"), "{svg}");
    }

    #[test]
    fn one_strategy_alone_has_no_verdict() {
        let metric = Metric::parse("incompatible").unwrap();
        let results = scenario(&Frame::default(), &[Sample::new("latest", 15.0, 10.0)]);
        assert_eq!(sensitivity(&[], &[PointResults { values: Vec::new(), results }], &metric), None);
    }
}
