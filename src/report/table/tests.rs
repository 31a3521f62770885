//! The summary, word for word, for the results that are hardest to sum up.

use super::*;
use crate::experiment::metrics::Bound;
use crate::experiment::results::{Gate, Occurrence, Outcome, Reached};
use crate::report::sample::{Frame, Sample, scenario};
use crate::time::Span;

fn lesson(frame: &Frame) -> ScenarioResults {
    let canary = Sample { censored: true, ..Sample::new("canary", 310.0, 7_031.0) };
    let pinned = Sample { absent: vec!["old_drained_s"], ..Sample::new("pinned", 10.0, 0.0) };
    scenario(frame, &[Sample::new("latest", 15.0, 1_083.0), pinned, Sample::new("alias", 15.0, 1_879.0), canary])
}

#[track_caller]
fn shows(text: &str, expected: &str) {
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn a_lesson() {
    shows(
        &text(&lesson(&Frame::default()), 1, 0.95, Some("output/charts/lesson-comparison.svg")),
        "\
lesson: Orders API v1 -> v2, breaking event format
200 req/s, 20 min after the start, v2 cannot read v1 events; 40 runs, seed 1, 95 % intervals

strategy   incompatible requests      share   cold starts   p99 ms         v1 gone after
pinned *       0  in 40 of 40 runs   0.00 %    29.0 ± 1.2      210                     -
latest     1,083 ± 54    ######      0.45 %    29.0 ± 1.2      210            7 min 11 s
alias      1,879 ± 94    #######     0.78 %    29.0 ± 1.2      210            7 min 11 s
canary     7,030 ± 350   ########    2.93 %    29.0 ± 1.2      210   at least 12 min 6 s

Advice: pinned, with no incompatible requests in 40 runs, against 1,083 ± 54 under latest, the next; no higher cost shown in cold starts, p99, rollout duration, operator steps; measure first the gateway's lag (assumed 0 s to 10 s), on which the figures of pinned and latest hang.
* fewest incompatible requests (paired, corrected). Cold starts, p99: no difference shown.
pinned: incompatible requests: none in 9.6 million requests of 40 rollouts: at most 7.2 % of rollouts see any (95 %); at most 1 in 3.2 million requests if requests fail independently.
At least: v1 was still there at the end under canary in 20 of 40 runs; not compared.
Why: old events met new code (behind): 90 % of the incompatible requests under every strategy that has any. Mismatches went on for 5 min 10 s under canary, 15 s under alias.
Assumed, not measured: gateway 0 s to 10 s, idle 5 min to 7 min.
Next: output/charts/lesson-comparison.svg
",
    );
}

#[test]
fn one_replication_has_no_intervals_and_no_verdicts() {
    let frame = Frame { replications: 1, ..Frame::default() };
    shows(
        &text(&lesson(&frame), 7, 0.95, None),
        "\
lesson: Orders API v1 -> v2, breaking event format
200 req/s, 20 min after the start, v2 cannot read v1 events; 1 run, seed 7

strategy   incompatible requests    share   cold starts   p99 ms         v1 gone after
pinned         0                   0.00 %            29      210                     -
latest     1,083  ######           0.45 %            29      210            7 min 11 s
alias      1,879  #######          0.78 %            29      210            7 min 11 s
canary     7,031  ########         2.93 %            29      210   at least 12 min 6 s

Advice: not from one run of each strategy, which cannot rank them: run more; measure first the gateway's lag (assumed 0 s to 10 s), on which the figures of pinned, latest, alias and canary hang.
At least: v1 was still there at the end under canary in 1 of 1 runs; not compared.
Why: old events met new code (behind): 90 % of the incompatible requests under every strategy that has any.
One run: no intervals, and no strategy can be called better.
Assumed, not measured: gateway 0 s to 10 s, idle 5 min to 7 min.
",
    );
}

#[test]
fn zeros_are_bounded_and_ties_are_not_best() {
    let zeros = [Sample::new("pinned", 10.0, 0.0), Sample::new("alias", 10.0, 0.0)];
    shows(
        &text(&scenario(&Frame::default(), &zeros), 1, 0.95, None),
        "\
lesson: Orders API v1 -> v2, breaking event format
200 req/s, 20 min after the start, v2 cannot read v1 events; 40 runs, seed 1, 95 % intervals

strategy   incompatible requests    share   cold starts   p99 ms   v1 gone after
pinned     0  in 40 of 40 runs     0.00 %    29.0 ± 1.2      210       7 min 6 s
alias      0  in 40 of 40 runs     0.00 %    29.0 ± 1.2      210       7 min 6 s

Advice: none from incompatible requests, as no difference is shown; measure first the gateway's lag (assumed 0 s to 10 s), on which the figures of pinned and alias hang.
Cold starts, p99: no difference shown.
pinned and alias: incompatible requests: none in 9.6 million requests each of 40 rollouts: at most 7.2 % of rollouts see any (95 %); at most 1 in 3.2 million requests if requests fail independently.
Assumed, not measured: gateway 0 s to 10 s, idle 5 min to 7 min.
",
    );
}

#[test]
fn near_misses_are_shown_when_nothing_breaks() {
    let mut near = Sample::new("latest", 15.0, 1_083.0);
    near.means.iter_mut().filter(|(key, ..)| key.starts_with("incompatible")).for_each(|(_, mean, half)| {
        (*mean, *half) = (0.0, 0.0);
    });
    let samples = [near, Sample::new("pinned", 10.0, 0.0)];
    shows(
        &text(&scenario(&Frame::default(), &samples), 1, 0.95, None),
        "\
lesson: Orders API v1 -> v2, breaking event format
200 req/s, 20 min after the start, v2 cannot read v1 events; 40 runs, seed 1, 95 % intervals

strategy   near misses                share   cold starts   p99 ms   v1 gone after
pinned *       0  in 40 of 40 runs   0.00 %    29.0 ± 1.2      210       7 min 6 s
latest     1,083 ± 54   ######       0.45 %    29.0 ± 1.2      210      7 min 11 s

Advice: no incompatible request in 40 runs of any strategy, so what else differs may decide; what differs: a longer rollout under latest than under pinned (25 s against 20 s).
Near misses: mismatched requests that the code could read. Incompatible requests: none in 9.6 million requests each of 40 rollouts: at most 7.2 % of rollouts see any (95 %); at most 1 in 3.2 million requests if requests fail independently.
* fewest near misses (paired, corrected). Cold starts, p99: no difference shown.
pinned: near misses: none in 9.6 million requests of 40 rollouts: at most 7.2 % of rollouts see any (95 %); at most 1 in 3.2 million requests if requests fail independently.
Why: old events met new code (behind): 90 % of the near misses under latest.
Assumed, not measured: gateway 0 s to 10 s, idle 5 min to 7 min.
",
    );
}

#[test]
fn without_deployment_other_figures_matter() {
    let frame = Frame { versions: 1, ..Frame::default() };
    let mut results = scenario(&frame, &[Sample::none("none")]);
    results.compatibility.clear();
    shows(
        &text(&results, 1, 0.95, None),
        "\
lesson: Orders API v1 -> v2, breaking event format
200 req/s, 20 min counted; 40 runs, seed 1, 95 % intervals

strategy   cold starts   cold start share     instances    reclaimed   p99 ms
none        29.0 ± 1.2            0.012 %   9.50 ± 0.20   12.0 ± 1.0      210

Assumed, not measured: gateway 0 s to 10 s, idle 5 min to 7 min.
",
    );
}

#[test]
fn markdown_has_a_table() {
    shows(
        &markdown(&lesson(&Frame::default()), 1, 0.95, Some("charts/lesson.svg")),
        "\
## lesson: Orders API v1 -> v2, breaking event format

200 req/s, 20 min after the start, v2 cannot read v1 events; 40 runs, seed 1, 95 % intervals

| strategy | incompatible requests   |  share | cold starts | p99 ms |       v1 gone after |
|----------|-------------------------|--------|-------------|--------|---------------------|
| pinned * |     0  in 40 of 40 runs | 0.00 % |  29.0 ± 1.2 |    210 |                   - |
| latest   | 1,083 ± 54    ######    | 0.45 % |  29.0 ± 1.2 |    210 |          7 min 11 s |
| alias    | 1,879 ± 94    #######   | 0.78 % |  29.0 ± 1.2 |    210 |          7 min 11 s |
| canary   | 7,030 ± 350   ########  | 2.93 % |  29.0 ± 1.2 |    210 | at least 12 min 6 s |

Advice: pinned, with no incompatible requests in 40 runs, against 1,083 ± 54 under latest, the next; no higher cost shown in cold starts, p99, rollout duration, operator steps; measure first the gateway's lag (assumed 0 s to 10 s), on which the figures of pinned and latest hang.

\\* fewest incompatible requests (paired, corrected). Cold starts, p99: no difference shown.

pinned: incompatible requests: none in 9.6 million requests of 40 rollouts: at most 7.2 % of rollouts see any (95 %); at most 1 in 3.2 million requests if requests fail independently.

At least: v1 was still there at the end under canary in 20 of 40 runs; not compared.

Why: old events met new code (behind): 90 % of the incompatible requests under every strategy that has any. Mismatches went on for 5 min 10 s under canary, 15 s under alias.

Assumed, not measured: gateway 0 s to 10 s, idle 5 min to 7 min.

Next: [charts/lesson.svg](charts/lesson.svg)
",
    );
}

#[test]
fn the_old_version_has_its_name_without_a_warm_up() {
    let frame = Frame { warm_up: Span::ZERO, ..Frame::default() };
    let summary = text(&lesson(&frame), 1, 0.95, None);
    assert!(summary.contains("v1 gone after") && !summary.contains("old version"), "{summary}");
}

/// Replaces the estimate of one strategy's incompatible requests and its share.
fn rare(results: &mut ScenarioResults, strategy: usize, events: f64, affected: u32, dispersion: f64) {
    let place = results.metric("incompatible").unwrap();
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
    rare(&mut results, 1, 2.0, 2, 1.0);
    let summary = text(&results, 1, 0.95, None);
    assert!(summary.contains("0.0500 (0.013 to 0.20)"), "{summary}");
    let sentence =
        "alias: incompatible requests: 2 in all, in 2 of 40 rollouts: 0.61 % to 16.9 % of rollouts see any (95 %).";
    assert!(summary.contains(sentence), "{summary}");
    rare(&mut results, 1, 900.0, 2, 450.0);
    let summary = text(&results, 1, 0.95, None);
    assert!(summary.contains("(dispersion 450), so the interval is approximate"), "{summary}");
}

#[test]
fn those_that_cannot_be_told_from_the_best_are_named() {
    let sample = |name, incompatible, half| {
        let mut sample = Sample::new(name, 10.0, incompatible);
        sample.means.retain(|(key, ..)| *key != "incompatible");
        sample.means.push(("incompatible", incompatible, half));
        sample
    };
    let samples = [sample("latest", 100.0, 9.0), sample("pinned", 110.0, 9.0), sample("alias", 500.0, 9.0)];
    let summary = text(&scenario(&Frame::default(), &samples), 1, 0.95, None);
    let sentence = "Fewest incompatible requests under latest; pinned cannot be told from it (paired, corrected).";
    assert!(summary.contains(sentence) && !summary.contains('*'), "{summary}");
}

#[test]
fn objectives_come_first_and_decide_the_order() {
    let mut results = lesson(&Frame::default());
    let gate = |key: &str, strategy, bound, outcome| {
        let metric = results.metric(key).unwrap();
        Gate { objective: "a".to_owned(), strategy, metric, bound, outcome, whole: None }
    };
    results.gates = vec![
        gate("exposure_s", 3, Bound::AtMost(60.0), Outcome::Missed),
        gate("old_drained_s", 1, Bound::AtMost(600.0), Outcome::Undecided),
    ];
    let summary = text(&results, 1, 0.95, None);
    let missed =
        "Objective a missed: exposure_s under canary is 5 min 10 s (5 min 9 s to 5 min 11 s); wanted at most 1 min.";
    assert!(summary.contains(missed), "{summary}");
    assert!(summary.contains("old_drained_s under pinned is absent; wanted at most 10 min."), "{summary}");
    // By exposure: 10 s, 15 s, 15 s, 310 s.
    let names: Vec<_> = summary.lines().skip(4).take(4).filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(names, ["pinned", "latest", "alias", "canary"]);
}

#[test]
fn a_precision_of_what_is_absent_is_not_reached() {
    let mut results = lesson(&Frame::default());
    let goal = |width, relative, open: &[usize]| {
        vec![Reached { metric: "old_drained_s".to_owned(), relative, width, open: open.to_vec() }]
    };
    results.precision = goal(2.5, false, &[3]);
    let summary = text(&results, 1, 0.95, None);
    assert!(summary.contains("Precision NOT reached in 40 runs: old_drained_s to ± 2.5 s is still open under canary."));
    results.precision = goal(0.05, true, &[]);
    let summary = text(&results, 1, 0.95, None);
    assert!(summary.contains("Precision: old_drained_s to ± 5 % under every strategy that has it, after 40 runs."));
    let place = results.metric("old_drained_s").unwrap();
    results.strategies.iter_mut().for_each(|strategy| strategy.estimates[place].mean = None);
    let summary = text(&results, 1, 0.95, None);
    let absent = "Precision NOT reached: old_drained_s is absent under every strategy, after 40 runs.";
    assert!(summary.contains(absent), "{summary}");
}

#[test]
fn that_nothing_was_handled_is_told() {
    let mut results = lesson(&Frame::default());
    assert!(!text(&results, 1, 0.95, None).contains("was handled"));
    let place = results.metric("handled").unwrap();
    for strategy in [0, 2] {
        results.strategies[strategy].estimates[place].mean = Some(0.0);
    }
    let summary = text(&results, 1, 0.95, None);
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
            Gate { objective: "a".to_owned(), strategy: 0, metric, bound, outcome: Outcome::Undecided, whole: None };
        results.gates = vec![gate];
        let summary = text(&results, 1, 0.95, None);
        assert!(summary.contains(&format!("; wanted {wanted}.")), "{summary}");
    }
}

#[test]
fn what_never_varies_is_constant() {
    let mut results = lesson(&Frame::default());
    let place = results.metric("cold_starts").unwrap();
    results.strategies[0].estimates[place].method = Method::Constant;
    let (bound, outcome) = (Bound::AtMost(30.0), Outcome::Met);
    results.gates = vec![Gate { objective: "a".to_owned(), strategy: 0, metric: place, bound, outcome, whole: None }];
    let summary = text(&results, 1, 0.95, None);
    assert!(summary.contains("29 constant"), "{summary}");
    assert!(summary.contains("cold_starts under latest is 29 in every run; wanted at most 30."), "{summary}");
}
