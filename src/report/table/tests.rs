//! The summary, word for word, for the results that are hardest to sum up.

use super::*;
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

* fewest incompatible requests (paired, corrected). Cold starts, p99: no difference shown.
pinned: incompatible requests in 0 of 40 deployments; at most 7.2 % of deployments, 95 %.
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

Cold starts, p99: no difference shown.
pinned, alias: incompatible requests in 0 of 40 deployments; at most 7.2 % of deployments, 95 %.
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
        &text(&scenario(&Frame::default(), &samples), 1, 0.99, None),
        "\
lesson: Orders API v1 -> v2, breaking event format
200 req/s, 20 min after the start, v2 cannot read v1 events; 40 runs, seed 1, 99 % intervals

strategy   near misses                share   cold starts   p99 ms   v1 gone after
pinned *       0  in 40 of 40 runs   0.00 %    29.0 ± 1.2      210       7 min 6 s
latest     1,083 ± 54   ######       0.45 %    29.0 ± 1.2      210      7 min 11 s

Near misses: mismatched requests that the code could read. Incompatible requests in 0 of 40 deployments; at most 10.9 % of deployments, 99 %.
* fewest near misses (paired, corrected). Cold starts, p99: no difference shown.
pinned: near misses in 0 of 40 deployments; at most 10.9 % of deployments, 99 %.
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

\\* fewest incompatible requests (paired, corrected). Cold starts, p99: no difference shown.

pinned: incompatible requests in 0 of 40 deployments; at most 7.2 % of deployments, 95 %.

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
