//! Selections in words and in files.

use super::*;
use crate::metrics::Metric;
use crate::report::sample::{Frame, Sample, scenario};
use crate::results::selection::{Cost, Question};

pub(in crate::report) fn results() -> ScenarioResults {
    let samples =
        [Sample::new("latest", 15.0, 1_083.0), Sample::new("pinned", 10.0, 0.0), Sample::new("alias", 15.0, 1_900.0)];
    scenario(&Frame::default(), &samples)
}

pub(in crate::report) fn selection(constraints: Vec<Constraint>) -> Selection {
    let worse = |low, high| Some(Margin { than: 1, low, high });
    Selection {
        question: Question {
            metric: Metric::parse("incompatible").unwrap(),
            indifference: 10.0,
            constraints,
            most: 1_000,
        },
        risk: 0.05,
        decision: Decision::Chosen(1),
        standings: vec![Standing::Worse(1), Standing::Chosen, Standing::Close],
        margins: vec![worse(900.0, 1_200.0), None, worse(-7.5, 30.0)],
        keeps: vec![vec![Some(true); 1]; 3],
        few: vec![false, true, false],
        turns_at: None,
        unseen: Some(0.05),
        runs: vec![20, 60, 60],
        cost: Cost { spent: 140, equal: 180, two_stage: Some(900) },
    }
}

pub(in crate::report) fn constraint() -> Constraint {
    let metric = Metric::parse("cold_start_share").unwrap();
    Constraint { metric, bound: Bound::AtMost(0.001), tolerance: 0.000_2 }
}

#[test]
fn a_person_reads_what_was_chosen_why_and_for_what_price() {
    let (results, selection) = (results(), selection(Vec::new()));
    let aside = ["none".to_owned()];
    let text = text(&Report { results: &results, selection: &selection, seed: 1, aside: &aside });
    let expected = "\
Chosen: pinned. With at least 95 % probability it is the best of these strategies, or at most 10 worse than the best. Not told from it: alias.
lesson: the lowest incompatible
10 more or less does not matter; 3 strategies, up to 1,000 runs each, seed 1

strategy   decided                                   incompatible   runs
pinned *   chosen                                               0     60
alias      not told apart: 7.50 better to 30 worse     1,900 ± 95     60
latest     worse by at least 900                       1,083 ± 54     20

Few or no events were seen under pinned: they are bounded as if requests failed independently.
Left out: none, which deploys nothing.
Cost: 140 runs; with as many for each strategy, up to 180; in two stages (Clark and Yang), 900.
";
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn constraints_and_their_zones_are_part_of_the_promise() {
    let results = results();
    let mut selection = selection(vec![constraint()]);
    let said = |selection: &Selection| text(&Report { results: &results, selection, seed: 1, aside: &[] });
    let told = said(&selection);
    assert!(
        told.contains("lesson: the lowest incompatible of those with cold_start_share at most 0.1 % (± 0.02 %)"),
        "{told}"
    );
    let promise = "it keeps the bound and is the best of those that do, or at most 10 worse than the best. Either answer is \
                   right for cold_start_share from 0.08 % to 0.12 %.";
    assert!(told.contains(promise), "{told}");

    selection.standings[0] = Standing::Breaks(0);
    selection.standings[2] = Standing::CutShort("old_drained_s".to_owned());
    let told = said(&selection);
    assert!(told.contains("the best of those that can be judged and keep the bound"), "{told}");
    assert!(told.contains("breaks cold_start_share") && told.contains("not judged: old_drained_s was cut short"));

    selection.decision = Decision::Nobody;
    selection.standings[1] = Standing::Absent("latency_p99_ms".to_owned());
    let told = said(&selection);
    assert!(
        told.contains("Nothing chosen: no strategy that can be judged keeps the bound, with at least 95 %"),
        "{told}"
    );
    assert!(told.contains("not judged: latency_p99_ms is absent in some run"), "{told}");
}

#[test]
fn what_is_not_decided_is_said_and_what_to_do() {
    let results = results();
    let mut selection = selection(Vec::new());
    selection.decision = Decision::Undecided(1);
    selection.standings = vec![Standing::Worse(1), Standing::Open, Standing::Open];
    let told = text(&Report { results: &results, selection: &selection, seed: 1, aside: &[] });
    for line in [
        "NOT decided in 1,000 runs: pinned and alias may each still be the best of these strategies.",
        "Give more with --max-replications, or a larger --indifference.",
        "leads, not decided",
        "not decided: 7.50 better to 30 worse than pinned",
        "worse by at least 900 than pinned",
        "under pinned: they are bounded as if requests failed independently",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
}

#[test]
fn markdown_is_a_table() {
    let (results, selection) = (results(), selection(Vec::new()));
    let text = markdown(&Report { results: &results, selection: &selection, seed: 1, aside: &[] });
    assert!(
        text.starts_with("## lesson: the lowest incompatible\n\n") && text.contains("| pinned * | chosen"),
        "{text}"
    );
}
