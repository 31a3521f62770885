//! Every chart in every format, for the results that are hardest to draw.

use super::*;
use crate::report::sample::{Frame, Sample, scenario};
use crate::results::{Estimate, StrategyResults, Timeline};
use crate::time::Span;

fn samples(count: usize) -> Vec<Sample> {
    (0..count).map(|i| Sample::new(&format!("strategy-{i}"), 10.0 + 30.0 * i as f64, 700.0 * i as f64)).collect()
}

/// The five strategies of the lesson; the slowest one's old version outlives the window.
fn lesson() -> ScenarioResults {
    let linear = Sample { censored: true, ..Sample::new("linear", 540.0, 56_412.0) };
    let samples = [
        Sample::new("latest", 15.0, 1_083.0),
        Sample::new("pinned", 10.0, 0.0),
        Sample::new("alias", 12.0, 1_879.0),
        Sample::new("canary", 310.0, 7_031.0),
        linear,
    ];
    scenario(&Frame::default(), &samples)
}

/// Results without a single value.
fn absent() -> ScenarioResults {
    let mut results = scenario(&Frame::default(), &samples(3));
    for strategy in &mut results.strategies {
        strategy.estimates.fill(Estimate::default());
        strategy.timeline.series.iter_mut().for_each(|(_, values)| values.fill(None));
    }
    results
}

/// Names and titles as long as they may be, and letters that XML gives a meaning or forbids.
fn long() -> ScenarioResults {
    let name = |letter: &str| letter.repeat(40);
    let samples = ["w", "m", "i"].map(|letter| Sample::new(&name(letter), 60.0, letter.len() as f64 * 1e6));
    let mut results = scenario(&Frame::default(), &samples);
    results.title = format!("A < B & \"C\" \u{1} {}", "and so on ".repeat(60));
    results
}

pub(in crate::report) fn cases() -> Vec<(&'static str, ScenarioResults)> {
    let frame = Frame::default;
    let seconds = Span::from_s;
    let short = Frame { warm_up: seconds(2), after: seconds(10), bins: 12, rate: 1.0, ..frame() };
    let week = Frame { warm_up: seconds(86_400), after: seconds(604_800), bins: 100_000, rate: 1e6, ..frame() };
    let coarse = Frame { warm_up: seconds(86_400), after: seconds(604_800), bins: 346, ..frame() };
    let no_warm_up = Frame { warm_up: Span::ZERO, ..frame() };
    let zeros = [Sample::new("pinned", 10.0, 0.0), Sample::new("alias", 10.0, 0.0)];
    let mut empty = scenario(&frame(), &samples(2));
    empty.strategies.iter_mut().for_each(|strategy| strategy.timeline = Timeline::default());
    let mut wild = scenario(&frame(), &samples(2));
    for strategy in &mut wild.strategies {
        strategy.estimates.iter_mut().for_each(|estimate| {
            *estimate =
                Estimate { mean: Some(f64::NAN), interval: Some((f64::NEG_INFINITY, f64::INFINITY)), ..*estimate };
        });
        strategy.timeline.series.iter_mut().for_each(|(_, values)| values.fill(Some(f64::INFINITY)));
    }
    let mut both = scenario(&frame(), &samples(4));
    both.strategies[1..3].iter_mut().for_each(|strategy| strategy.on_hosts = true);
    vec![
        ("lesson", lesson()),
        ("both", both),
        ("one", scenario(&frame(), &[Sample::new("latest", 15.0, 1_083.0)])),
        ("two", scenario(&frame(), &samples(2))),
        ("twelve", scenario(&frame(), &samples(12))),
        ("sixteen", scenario(&frame(), &samples(16))),
        ("nobody", scenario(&frame(), &[])),
        ("one-version", scenario(&Frame { versions: 1, ..frame() }, &[Sample::none("none")])),
        ("five-versions", scenario(&Frame { versions: 5, ..frame() }, &samples(4))),
        ("near", scenario(&frame(), &[Sample::near("latest", 15.0, 900.0), Sample::near("alias", 500.0, 9_000.0)])),
        ("zeros", scenario(&frame(), &zeros)),
        ("absent", absent()),
        ("empty", empty),
        ("wild", wild),
        ("short", scenario(&short, &[Sample::new("latest", 4.0, 2.0), Sample::new("alias", 2.0, 1.0)])),
        ("week", scenario(&week, &[Sample::new("latest", 40.0, 9e6), Sample::new("alias", 90_000.0, 5e9)])),
        ("coarse", scenario(&coarse, &[Sample::new("latest", 15.0, 900.0), Sample::new("pinned", 10.0, 0.0)])),
        ("one-run", scenario(&Frame { replications: 1, ..frame() }, &samples(3))),
        ("no-warm-up", scenario(&no_warm_up, &samples(3))),
        ("long", long()),
    ]
}

fn svg(results: &ScenarioResults, kind: ChartKind) -> String {
    let bytes = draw(results, 0.95, kind, Format::Svg, Size::SLIDE).expect("it can be drawn");
    // Plotters puts a text on lines of its own.
    String::from_utf8(bytes).expect("it is text").replace(">\n", ">").replace("\n<", "<")
}

/// Of both kinds of platform, one chart shows hosts, and one functions.
fn is_shown(results: &ScenarioResults, kind: ChartKind, strategy: &StrategyResults) -> bool {
    match kind {
        ChartKind::Replicas => strategy.on_hosts || !applies(results, kind),
        ChartKind::Instances => !strategy.on_hosts,
        _ => true,
    }
}

#[test]
fn every_case_can_be_drawn() {
    for (name, results) in cases() {
        for kind in ChartKind::ALL {
            let size = Size::new(640, 400).expect("within bounds");
            let png = draw(&results, 0.95, kind, Format::Png, size);
            assert!(png.is_ok_and(|png| png.starts_with(b"\x89PNG")), "{name} {kind:?}");
            let svg = svg(&results, kind);
            well_formed(&svg);
            for word in ["NaN", "inf", "null"] {
                assert!(!svg.contains(word), "{word} in {name} {kind:?}");
            }
            for strategy in results.strategies.iter().filter(|strategy| is_shown(&results, kind, strategy)) {
                assert!(svg.contains(&strategy.name) || name == "long", "{} in {name} {kind:?}", strategy.name);
            }
        }
    }
}

/// Every tag closed, every ampersand an entity, and no character that XML forbids.
fn well_formed(svg: &str) {
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    let mut open = Vec::new();
    for part in svg.split('<').skip(1) {
        let (tag, text) = part.split_once('>').expect("every tag ends");
        assert!(!text.contains('>'), "{text}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap_or(tag));
        }
    }
    assert!(open.is_empty());
    for part in svg.split('&').skip(1) {
        assert!(["lt;", "gt;", "amp;", "quot;", "apos;"].iter().any(|entity| part.starts_with(entity)), "{part}");
    }
    assert!(svg.chars().all(|c| c == '\n' || !c.is_control()));
}

#[test]
fn an_svg_says_in_words_what_it_shows() {
    for (name, results) in cases() {
        for kind in ChartKind::ALL {
            let svg = svg(&results, kind);
            let between =
                |from: &str, to: &str| svg.split_once(from).and_then(|(_, rest)| Some(rest.split_once(to)?.0));
            let title = between("<title id=\"title\">", "</title>").expect("it has a title");
            let description = between("<desc id=\"desc\">", "</desc>").expect("it has a description");
            assert!(!title.is_empty() && description.starts_with("lesson: "), "{name} {kind:?}");
            for strategy in results.strategies.iter().filter(|strategy| is_shown(&results, kind, strategy)) {
                assert!(description.contains(&strategy.name), "{name} {kind:?}: {description}");
            }
        }
    }
}

#[test]
fn charts_say_what_they_show() {
    let lesson = lesson();
    for (kind, words) in [
        (ChartKind::Traffic, ["Traffic has left v1 after 20 s under pinned, after 9 min 10 s under linear", "t = 0"]),
        (ChartKind::Mismatches, ["pinned: 0 of 40 rollouts (up to 7.2 % of them)", "1,083 ± 54 lost"]),
        (
            ChartKind::Lost,
            ["linear: 56,400 lost requests per run (23.5 %, incompatible)", "0 of 40 rollouts; up to 7.2 %"],
        ),
        (ChartKind::Comparison, ["v1 gone after", "≥ 15 min 56 s"]),
        (ChartKind::Rollout, ["$LATEST v2 at t = 0, gateway at 12 s; all have followed after 22 s", "v1 gone"]),
    ] {
        let svg = svg(&lesson, kind);
        for word in words {
            assert!(svg.contains(word), "{word} in {kind:?}: {svg}");
        }
    }
    // What nobody knows is not called nothing.
    assert!(svg(&absent(), ChartKind::Mismatches).contains("no figures"));
}

#[test]
fn a_chart_says_whether_it_decides_and_who_is_recommended_or_refused() {
    let lesson = lesson();
    assert_eq!(chosen(&lesson), [ChartKind::Mismatches, ChartKind::Comparison, ChartKind::Rollout, ChartKind::Causes]);
    for kind in chosen(&lesson) {
        let svg = svg(&lesson, kind);
        assert_eq!(svg.contains(">decides<"), kind == ChartKind::Mismatches, "{kind:?}");
        assert!(svg.contains(">recommended<") && svg.contains(">refused<"), "{kind:?}");
    }
}

#[test]
fn charts_without_news_are_not_chosen() {
    let of = |samples: &[Sample]| chosen(&scenario(&Frame::default(), samples));
    use ChartKind::{Causes, Comparison, Instances, Latency, Lost, Mismatches, Rollout, Sessions};
    // Nothing is lost or mismatched, and nobody differs in anything.
    assert_eq!(of(&[Sample::new("a", 10.0, 0.0), Sample::new("b", 10.0, 0.0)]), [Rollout, Comparison]);
    assert_eq!(of(&[Sample::new("a", 10.0, 5.0)]), [Mismatches, Rollout, Causes]);
    let near = || Sample::near("a", 10.0, 9.0);
    assert_eq!(of(&[near(), near()]), [Mismatches, Comparison, Rollout, Causes]);
    let slow = near().with("latency_p99_ms", 900.0, 9.0);
    assert_eq!(of(&[near(), slow]), [Mismatches, Comparison, Rollout, Latency]);
    let throttled = Sample::near("a", 10.0, 0.0).with("lost", 50.0, 1.0).with("throttled", 50.0, 1.0);
    assert_eq!(of(&[near(), throttled]), [Lost, Comparison, Rollout, Causes]);
    let flipped = near().with("sessions_flipped", 50.0, 1.0);
    assert_eq!(of(&[near(), flipped]), [Sessions, Comparison, Rollout, Causes]);
    assert_eq!(chosen(&scenario(&Frame { versions: 1, ..Frame::default() }, &[Sample::none("none")])), [Instances]);
    for (name, results) in cases() {
        assert!((1..=4).contains(&chosen(&results).len()), "{name}");
    }
}

#[test]
fn titles_say_no_more_than_the_figures() {
    let of = |results: &ScenarioResults| title::most(results, "mismatched", None, "mismatched requests");
    let two = |a, b| scenario(&Frame::default(), &[Sample::new("a", 10.0, a), Sample::new("b", 10.0, b)]);
    assert_eq!(of(&two(0.0, 0.0)), "No mismatched requests under any strategy, 0 of 40 rollouts (up to 7.2 % of them)");
    assert_eq!(of(&two(52_000.0, 1_000.0)), "a: about 52 times as many mismatched requests as b");
    assert_eq!(of(&two(1_000.0, 1_300.0)), "b: 1,300 mismatched requests per run, a: 1,000");
    let alike = "1,000 to 1,001 mismatched requests per run: no difference shown from strategy to strategy";
    assert_eq!(of(&two(1_000.0, 1_001.0)), alike);
    assert_eq!(of(&absent()), "No figures for mismatched requests");
    let one = |x| scenario(&Frame::default(), &[Sample::new("a", 10.0, x)]);
    assert_eq!(of(&one(0.0)), "a: no mismatched requests, 0 of 40 rollouts (up to 7.2 % of them)");
    assert_eq!(of(&one(1_083.0)), "a: 1,083 mismatched requests per run");
    let once = Frame { replications: 1, ..Frame::default() };
    let results = scenario(&once, &[Sample::new("a", 10.0, 5.0), Sample::new("b", 10.0, 50.0)]);
    assert_eq!(of(&results), "From 5 mismatched requests under a to 50 under b");
}

/// A greatest mean that may be luck is not passed over as if another were the worst, nor called the worst.
#[test]
fn the_worst_is_not_named_where_it_cannot_be_told() {
    let unsure = Sample::near("forgetful", 10.0, 0.0).with("near_misses", 6_000.0, 9_000.0);
    let samples = [Sample::near("latest", 10.0, 500.0), Sample::near("canary", 300.0, 4_000.0), unsure];
    let finding = title::harm(&scenario(&Frame::default(), &samples));
    assert_eq!(finding, "canary: about 8 times as many near misses as latest (1.67 %); forgetful not told apart");
}

#[test]
fn the_handover_is_told_by_the_rollout_and_not_by_the_width_of_a_bin() {
    let finding = |frame: &Frame, ends: &[f64]| {
        let samples: Vec<Sample> =
            ends.iter().zip(["a", "b"]).map(|(&end, name)| Sample::new(name, end, 1.0)).collect();
        title::handover::finding(&scenario(frame, &samples))
    };
    let of = |ends: &[f64]| finding(&Frame::default(), ends);
    // A made-up rollout ends ten seconds after its shift of traffic.
    assert_eq!(of(&[15.0]), "Traffic has left v1 after 25 s under a");
    assert_eq!(of(&[15.0, 15.0]), "Traffic has left v1 after 25 s under both strategies");
    assert_eq!(of(&[9e9]), "Some traffic stays on v1 to the end under a");
    assert_eq!(of(&[9e9, 15.0]), "Traffic has left v1 after 25 s under b; some stays to the end under a");
    let week = Frame { warm_up: Span::from_s(4_000), after: Span::from_s(604_000), bins: 304, ..Frame::default() };
    let quick = Sample::new("a", 1_500.0, 1.0).with("rollout_duration_s", 14.7, 0.1);
    let finding = title::handover::finding(&scenario(&week, &[quick]));
    assert_eq!(finding, "Traffic has left v1 after 14.7 s under a");
    assert_eq!(title::handover::finding(&absent()), "Requests by the version that ran them");
}

#[test]
fn files_are_named_after_scenario_and_chart() {
    assert_eq!(file_name("incidents/x", ChartKind::Traffic, Format::Png), "incidents-x-traffic.png");
}

#[test]
fn nothing_stands_beyond_the_edge_of_a_picture() {
    let all = cases().into_iter().flat_map(|(name, results)| ChartKind::ALL.map(|kind| (name, results.clone(), kind)));
    for (name, results, kind) in all {
        let mut picture = empty(Size::SLIDE).expect("it can be drawn");
        compose(&mut picture, &results, 0.95, kind);
        for mark in &picture.marks {
            let (left, right) = mark.reach();
            assert!(left >= 0.0 && right <= picture.width, "{name} {kind:?}: {mark:?}");
        }
    }
}

/// With CHARTS=DIR the pictures are kept there, to be looked at.
#[test]
fn what_is_chosen_can_be_painted() {
    let folder = std::env::var("CHARTS");
    for (name, results) in cases() {
        for kind in chosen(&results) {
            let bytes = draw(&results, 0.95, kind, Format::Png, Size::SLIDE).expect("it can be drawn");
            assert!(bytes.len() > 1_000, "{name} {kind:?}");
            if let Ok(folder) = &folder {
                let file = format!("{folder}/{}", file_name(name, kind, Format::Png));
                std::fs::write(file, bytes).expect("it can be written");
            }
        }
    }
}
