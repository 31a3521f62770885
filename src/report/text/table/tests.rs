//! The summary, word for word, for the results that are hardest to sum up. `CUTOVER_BLESS=1 cargo test --lib table` writes the
//! files anew; read them before they are committed.

use super::*;
use crate::metrics::Bound;
use crate::report::sample::{Frame, Sample, scenario};
use crate::results::{Gate, Occurrence, Outcome, Reach, Reached};
use std::fs;
use std::path::Path;

fn lesson(frame: &Frame) -> ScenarioResults {
    let canary = Sample { censored: true, ..Sample::new("canary", 310.0, 7_031.0) };
    let pinned = Sample { absent: vec!["old_drained_s"], ..Sample::new("pinned", 10.0, 0.0) };
    scenario(frame, &[Sample::new("latest", 15.0, 1_083.0), pinned, Sample::new("alias", 15.0, 1_879.0), canary])
}

fn all(results: &ScenarioResults) -> String {
    text(results, 1, 0.95, None, &Look { notes: Notes::All, width: 1_000, ..Look::default() })
}

fn brief(results: &ScenarioResults) -> String {
    text(results, 1, 0.95, Some("output/charts/lesson-comparison.svg"), &Look::default())
}

#[test]
fn what_loses_no_more_but_is_stopped_is_told_so() {
    let told = |share: f64| {
        let stopped = Sample::new("guarded", 15.0, 0.0).with("rolled_back", share, 0.0);
        verdict::sentence(&scenario(&Frame::default(), &[Sample::new("at-once", 15.0, 0.0), stopped]))
    };
    let none = "no request (0 of 40 rollouts; up to 7.2 % of them)";
    assert_eq!(told(1.0), format!("Go with at-once: it loses {none}; guarded loses {none}, but never goes live."));
    let sometimes = "but is stopped in 25.0 % of its rollouts.";
    assert_eq!(told(0.25), format!("Go with at-once: it loses {none}; guarded loses {none}, {sometimes}"));
}

/// Compares a text with the file that it is to be.
#[track_caller]
fn shows(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/text/table/golden").join(name);
    if std::env::var_os("CUTOVER_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, expected, "{name}:\n{text}");
}

#[test]
fn the_summary_is_as_it_was_read() {
    let results = |samples: &[Sample]| scenario(&Frame::default(), samples);
    shows("lesson.txt", &brief(&lesson(&Frame::default())));
    shows("lesson-all.txt", &all(&lesson(&Frame::default())));
    shows("lesson.md", &markdown(&lesson(&Frame::default()), 1, 0.95, Some("charts/lesson.svg"), &Look::default()));
    shows("one-run.txt", &brief(&lesson(&Frame { replications: 1, ..Frame::default() })));
    shows("zeros.txt", &brief(&results(&[Sample::new("pinned", 10.0, 0.0), Sample::new("alias", 10.0, 0.0)])));
    shows(
        "near-misses.txt",
        &brief(&results(&[Sample::near("latest", 15.0, 1_083.0), Sample::near("pinned", 10.0, 0.0)])),
    );
    shows("alone.txt", &brief(&results(&[Sample::new("latest", 15.0, 1_083.0)])));
    shows("none.txt", &brief(&scenario(&Frame { versions: 1, ..Frame::default() }, &[Sample::none("none")])));
}

#[test]
fn an_outage_is_said_first_whatever_its_cause_and_whoever_has_it() {
    let throttled = |name, lost: f64| {
        let share = lost / 240_000.0;
        let sample = Sample::near(name, 15.0, 40.0).with("lost", lost, lost * 0.01).with("lost_share", share, 0.0);
        sample.with("throttled", lost, lost * 0.01)
    };
    let results = |samples: &[Sample]| scenario(&Frame::default(), samples);
    shows("all-throttled.txt", &brief(&results(&[throttled("alias", 150_000.0), throttled("canary", 150_100.0)])));
    let none = Sample { deploys: false, ..throttled("none", 200_000.0) };
    shows("none-throttled.txt", &brief(&results(std::slice::from_ref(&none))));
    // Nothing unreadable beside few, and far more requests lost.
    let few = Sample::new("linear", 300.0, 468.0);
    shows("advice-picks-outage.txt", &brief(&results(&[throttled("pinned", 18_604.0), few])));
}

#[test]
fn a_rollout_that_reached_nobody_or_a_part_says_so() {
    let mut results =
        scenario(&Frame::default(), &[Sample::near("alias", 15.0, 0.0), Sample::near("canary", 15.0, 0.0)]);
    results.strategies[1].reach = Some(Reach { anybody: true, at_end: Some(0.1) });
    assert!(all(&results).contains("at the end 10.0 % of requests reach v2 under canary"), "{}", all(&results));
}

/// Replaces the estimate of one strategy's losses.
fn rare(results: &mut ScenarioResults, strategy: usize, events: f64, affected: f64, dispersion: f64) {
    let place = results.metric("lost").unwrap();
    let estimate = &mut results.strategies[strategy].estimates[place];
    estimate.mean = Some(events / 40.0);
    estimate.interval = Some((events / 160.0, events / 10.0));
    estimate.method = Method::Poisson;
    estimate.occurrence = Some(Occurrence { events, affected, share: (0.006_1, 0.169_2), dispersion });
}

#[test]
fn few_events_are_told_as_such() {
    let samples = [Sample::new("pinned", 10.0, 0.0), Sample::new("alias", 10.0, 3.0)];
    let mut results = scenario(&Frame::default(), &samples);
    rare(&mut results, 1, 2.0, 2.0, 1.0);
    let summary = all(&results);
    assert!(summary.contains("0.0500") && summary.contains("(0.013 to 0.20)"), "{summary}");
    let sentence = "alias: lost requests: 2 in all, in 2 of 40 rollouts: 0.61 % to 16.9 % of rollouts see any (95 %).";
    assert!(summary.contains(sentence), "{summary}");
    rare(&mut results, 1, 900.0, 2.0, 450.0);
    let summary = all(&results);
    assert!(summary.contains("(dispersion 450), so the interval is approximate"), "{summary}");
}

#[test]
fn objectives_decide_the_first_word() {
    let mut results = lesson(&Frame::default());
    let gate = |key: &str, strategy, bound, outcome| {
        let metric = results.metric(key).unwrap();
        Gate { objective: "a".to_owned(), strategy, metric, bound, rollouts: None, outcome }
    };
    let met = gate("lost", 1, Bound::AtMost(1.0), Outcome::Met);
    let missed = gate("exposure_s", 3, Bound::AtMost(60.0), Outcome::Missed);
    let open = gate("old_drained_s", 1, Bound::AtMost(600.0), Outcome::Undecided);
    for (gates, word) in [
        (vec![met.clone(), missed.clone(), open.clone()], "FAIL 1 of 3 objectives"),
        (vec![met.clone(), open], "UNDECIDED 1 of 2 objectives"),
        (vec![met], "PASS a under pinned"),
    ] {
        results.gates = gates;
        assert!(all(&results).starts_with(&format!("lesson: {word}. Go with pinned")), "{word}: {}", all(&results));
    }
    results.gates = vec![missed];
    let told = "FAIL a: exposure_s under canary is 5 min 10 s (5 min 9 s to 5 min 11 s); wanted at most 1 min.";
    assert!(all(&results).contains(told), "{}", all(&results));
}

#[test]
fn a_precision_of_what_is_absent_is_not_reached() {
    let mut results = lesson(&Frame::default());
    let goal = |width, relative, open: &[usize]| {
        vec![Reached { metric: "old_drained_s".to_owned(), relative, width, open: open.to_vec() }]
    };
    results.precision = goal(2.5, false, &[3]);
    let summary = all(&results);
    assert!(summary.contains("Precision NOT reached in 40 runs: old_drained_s to ± 2.5 s is still open under canary."));
    results.precision = goal(0.05, true, &[]);
    let summary = all(&results);
    assert!(summary.contains("Precision: old_drained_s to ± 5 % under every strategy that has it, after 40 runs."));
    let place = results.metric("old_drained_s").unwrap();
    results.strategies.iter_mut().for_each(|strategy| strategy.estimates[place].mean = None);
    let summary = all(&results);
    let absent = "Precision NOT reached: old_drained_s is absent under every strategy, after 40 runs.";
    assert!(summary.contains(absent), "{summary}");
}

#[test]
fn that_nothing_was_handled_is_told() {
    let mut results = lesson(&Frame::default());
    assert!(!all(&results).contains("was handled"));
    let place = results.metric("handled").unwrap();
    for strategy in [0, 2] {
        results.strategies[strategy].estimates[place].mean = Some(0.0);
    }
    let summary = all(&results);
    assert!(summary.contains("No request was handled under latest and alias: no share of them is known."), "{summary}");
}

#[test]
fn what_is_wanted_is_told_as_it_was_written() {
    let mut results = lesson(&Frame::default());
    for (key, bound, wanted) in [
        ("incompatible_share", Bound::AtMost(0.001_234_5), "at most 0.12345 %"),
        ("incompatible_share", Bound::AtMost(1e-7), "at most 0.00001 %"),
        ("old_drained_s", Bound::AtMost(60.0), "at most 1 min"),
        ("old_drained_s", Bound::AtMost(61.25), "at most 61.25 s"),
        ("latency_p99_ms", Bound::AtMost(250.125), "at most 250.125 ms"),
        ("served", Bound::AtLeast(1_234_567.0), "at least 1,234,567"),
    ] {
        let Some(metric) = results.metric(key) else { panic!("{key}") };
        let gate =
            Gate { objective: "a".to_owned(), strategy: 0, metric, bound, rollouts: None, outcome: Outcome::Undecided };
        results.gates = vec![gate];
        let summary = all(&results);
        assert!(summary.contains(&format!("; wanted {wanted}.")), "{summary}");
    }
}

#[test]
fn what_never_varies_is_the_same_in_every_run() {
    let mut results = lesson(&Frame::default());
    let place = results.metric("cold_starts").unwrap();
    results.strategies[0].estimates[place].interval = Some((29.0, 29.0));
    let (bound, outcome) = (Bound::AtMost(30.0), Outcome::Met);
    results.gates =
        vec![Gate { objective: "a".to_owned(), strategy: 0, metric: place, bound, rollouts: None, outcome }];
    let summary = all(&results);
    assert!(summary.contains("cold_starts under latest is 29 in every run; wanted at most 30."), "{summary}");
}
