use super::*;
use crate::metrics::Bound;
use crate::results::Outcome;
use crate::results::comparison::{ObjectiveComparison, Pairing, StrategyComparison};

/// A figure that moved by the difference of its means, give or take a hundredth of the first.
fn figure(key: &str, before: f64, after: f64) -> Moved {
    let metric = Metric::parse(key).unwrap();
    let told = |mean: f64| Told {
        mean: Some(mean),
        interval: Some((mean * 0.98, mean * 1.02)),
        replications: 40,
        unseen: (mean == 0.0).then_some(0.0722),
        ..Told::default()
    };
    let apart = after - before;
    let verdict = match apart {
        apart if apart > 0.0 => Verdict::Higher,
        apart if apart < 0.0 => Verdict::Lower,
        _ => Verdict::NoDifference,
    };
    let half = before.max(after) / 100.0;
    Moved {
        metric,
        before: told(before),
        after: told(after),
        difference: Some(apart),
        interval: Some((apart - half, apart + half)),
        paired: true,
        verdict,
        judged: true,
        relevant: apart.abs() > 0.05 * before.min(after),
    }
}

fn comparison(figures: Vec<Moved>) -> Comparison {
    let scenario = ScenarioComparison {
        name: "lesson".to_owned(),
        same: false,
        pairing: Pairing::Paired(40),
        replications: (40, 40),
        sources: (Some("a = 1\nb = 2\n".to_owned()), Some("a = 1\nb = 3\u{1b}[31m ```\n".to_owned())),
        overrides: (Some(Vec::new()), Some(vec!["gateway.nodes=64".to_owned()])),
        verdicts: ("Before.".to_owned(), "Now.".to_owned()),
        favoured: (vec!["pinned".to_owned()], vec!["pinned".to_owned()]),
        strategies: vec![StrategyComparison { name: "alias".to_owned(), figures }],
        alone: (vec!["latest".to_owned()], Vec::new()),
        unknown: Vec::new(),
        objectives: Vec::new(),
    };
    Comparison {
        seeds: (1, 1),
        versions: ("0.1.0".to_owned(), "0.1.0".to_owned()),
        confidence: 0.95,
        relevant: 0.05,
        judged: 3,
        scenarios: vec![scenario],
        alone: (Vec::new(), Vec::new()),
    }
}

#[test]
fn the_first_line_is_the_answer_and_what_users_lose_comes_first() {
    let found = comparison(vec![figure("cold_starts", 10.0, 90.0), figure("lost", 950.0, 1_900.0)]);
    let told = text(&found, &Look { width: 200, ..Look::default() });
    let expected = "\
1 scenario, 1 worse: lesson under alias loses 1,900 instead of 950 (+931 to +969)

strategy  figure            before             now             difference
alias     lost            950 ± 19      1,900 ± 38  +950 (+931 to +969)    worse
alias     cold_starts  10.00 ± 0.20     90.0 ± 1.8   +80.00 (+79.10 to +80.90) worse
";
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(squeeze(&told).starts_with(&squeeze(expected)), "\n{told}");
    for part in [
        "--set of lesson\n+ --set gateway.nodes=64\n--- lesson before\n+++ lesson now\n@@ -1,2 +1,2 @@\n a = 1\n-b = 2\n+b = 3\\u{1b}[31m ```\n",
        "Only before: lesson has strategy latest.",
        "Paired, replication by replication (all scenarios): the same seed, 1, and the same traffic.",
        "3 figures judged; intervals hold all together at 95 %",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}

#[test]
fn a_document_fences_what_changed_and_escapes_words() {
    let found = comparison(vec![figure("cold_starts", 10.0, 90.0)]);
    let told = markdown(&found, &Look::default());
    assert!(
        told.starts_with("**1 scenario, 1 worse: lesson under alias: cold\\_starts 90.0 instead of 10.0"),
        "{told}"
    );
    assert!(told.contains("\n````diff\n--set of lesson") && told.contains("\n````\n"), "{told}");
    assert!(told.contains("| strategy | figure"), "{told}");
}

#[test]
fn a_zero_has_its_bound() {
    let told = text(&comparison(vec![figure("lost", 0.0, 300.0)]), &Look { width: 200, ..Look::default() });
    assert!(
        told.contains("loses 300 instead of 0 (0 of 40 rollouts; up to 7.22 % of them) (+297.0 to +303.0)"),
        "{told}"
    );
}

#[test]
fn what_is_better_small_or_nothing_is_told_as_that() {
    let first = |figures| sentence(&comparison(figures));
    assert!(
        first(vec![figure("lost", 900.0, 300.0)]).starts_with("1 scenario, 1 better: lesson under alias loses 300")
    );
    assert_eq!(
        first(vec![figure("lost", 900.0, 900.0)]),
        "1 scenario: nothing moved; all figures are the same, run by run"
    );
    let still = Moved { paired: false, verdict: Verdict::NoDifference, ..figure("lost", 900.0, 910.0) };
    assert_eq!(first(vec![still]), "1 scenario: nothing moved beyond chance");
    let small = first(vec![figure("lost", 900.0, 910.0)]);
    assert_eq!(small, "1 scenario: nothing moved by enough to count; 1 figure by less than 5.00 %");
    assert!(
        first(vec![figure("rolled_back", 0.1, 0.9)])
            .starts_with("1 scenario, none better or worse: lesson under alias")
    );
}

#[test]
fn objectives_and_favours_are_told_with_both_sides() {
    let mut found = comparison(vec![figure("lost", 900.0, 900.0)]);
    let (bound, scenario) = (Bound::AtMost(0.001), &mut found.scenarios[0]);
    scenario.objectives = vec![ObjectiveComparison {
        objective: "no-breakage".to_owned(),
        strategy: "alias".to_owned(),
        metric: "incompatible_share".to_owned(),
        before: Some((bound, Outcome::Met)),
        after: Some((bound, Outcome::Missed)),
    }];
    scenario.favoured.1 = vec!["alias".to_owned(), "pinned".to_owned()];
    let told = text(&found, &Look { width: 300, ..Look::default() });
    let first = "1 scenario, 1 worse, 1 flipped: no-breakage of lesson under alias, met before, missed now\n";
    assert!(told.starts_with(first), "{told}");
    assert!(
        told.contains("lesson favours alias and pinned instead of pinned. Before: Before. Now: Now. No figure moved"),
        "{told}"
    );
    assert!(told.contains("Objective no-breakage of lesson under alias: met before, missed now."), "{told}");
    found.scenarios[0].objectives[0].after = Some((Bound::AtMost(0.01), Outcome::Met));
    let told = text(&found, &Look { width: 300, ..Look::default() });
    assert!(told.starts_with("1 scenario, 1 flipped: lesson favours alias and pinned instead of pinned, though no figure moved beyond chance\n"), "{told}");
    assert!(told.contains("met as before (at most 0.1 % before, at most 1 % now)."), "{told}");
}
