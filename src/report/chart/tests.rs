//! Every chart in every format, for the results that are hardest to draw.

use super::*;
use crate::experiment::results::{Estimate, Timeline};
use crate::report::sample::{Frame, Sample, scenario};
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

fn cases() -> Vec<(&'static str, ScenarioResults)> {
    let frame = Frame::default;
    let seconds = Span::from_s;
    let short = Frame { warm_up: seconds(2), after: seconds(10), bins: 12, rate: 1.0, ..frame() };
    let week = Frame { warm_up: seconds(86_400), after: seconds(604_800), bins: 100_000, rate: 1e6, ..frame() };
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
    vec![
        ("lesson", lesson()),
        ("one", scenario(&frame(), &[Sample::new("latest", 15.0, 1_083.0)])),
        ("two", scenario(&frame(), &samples(2))),
        ("sixteen", scenario(&frame(), &samples(16))),
        ("nobody", scenario(&frame(), &[])),
        ("one-version", scenario(&Frame { versions: 1, ..frame() }, &[Sample::none("none")])),
        ("five-versions", scenario(&Frame { versions: 5, ..frame() }, &samples(4))),
        ("zeros", scenario(&frame(), &zeros)),
        ("absent", absent()),
        ("empty", empty),
        ("wild", wild),
        ("short", scenario(&short, &[Sample::new("latest", 4.0, 2.0), Sample::new("alias", 2.0, 1.0)])),
        ("week", scenario(&week, &[Sample::new("latest", 40.0, 9e6), Sample::new("alias", 90_000.0, 5e9)])),
        ("one-run", scenario(&Frame { replications: 1, ..frame() }, &samples(3))),
        ("no-warm-up", scenario(&no_warm_up, &samples(3))),
        ("long", long()),
    ]
}

fn svg(results: &ScenarioResults, kind: ChartKind) -> String {
    let bytes = draw(results, 0.95, kind, Format::Svg, Size::SLIDE).expect("it can be drawn");
    String::from_utf8(bytes).expect("it is text")
}

#[test]
fn every_case_can_be_drawn() {
    for (name, results) in cases() {
        for kind in ChartKind::ALL {
            for (width, height) in [(640, 400), (1_600, 400)] {
                let size = Size::new(width, height).expect("within bounds");
                let png = draw(&results, 0.95, kind, Format::Png, size);
                assert!(png.is_ok_and(|png| png.starts_with(b"\x89PNG")), "{name} {kind:?}");
            }
            let svg = svg(&results, kind);
            well_formed(&svg);
            for word in ["NaN", "inf", "null"] {
                assert!(!svg.contains(word), "{word} in {name} {kind:?}");
            }
            for strategy in &results.strategies {
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
fn charts_say_what_they_show() {
    let lesson = lesson();
    for (kind, words) in [
        (ChartKind::Traffic, ["Traffic has left v1 within 10 s under pinned, within 9 min under linear", "t = 0"]),
        (
            ChartKind::Mismatches,
            ["linear: 56,400 mismatched requests per run; pinned: none in 40 runs", "1,083 ± 54 mismatched"],
        ),
        (
            ChartKind::Instances,
            ["No difference shown in cold starts from strategy to strategy", "29.0 ± 1.2 cold starts"],
        ),
        (ChartKind::Comparison, ["v1 gone after", "≥ 15 min 56 s"]),
    ] {
        let svg = svg(&lesson, kind);
        for word in words {
            assert!(svg.contains(word), "{word} in {kind:?}");
        }
    }
    // What nobody knows is not called nothing.
    assert!(svg(&absent(), ChartKind::Mismatches).contains("no figures"));
}

#[test]
fn titles_say_no_more_than_the_figures() {
    let of = |results: &ScenarioResults| title::most(results, "mismatched", "mismatched requests");
    let two = |a, b| scenario(&Frame::default(), &[Sample::new("a", 10.0, a), Sample::new("b", 10.0, b)]);
    assert_eq!(of(&two(0.0, 0.0)), "No mismatched requests under any strategy in 40 of 40 runs");
    assert_eq!(of(&two(52_000.0, 1_000.0)), "a: about 52 times as many mismatched requests as b");
    assert_eq!(of(&two(1_000.0, 1_300.0)), "b: 1,300 mismatched requests per run, a: 1,000");
    assert_eq!(of(&two(1_000.0, 1_001.0)), "No difference shown in mismatched requests from strategy to strategy");
    assert_eq!(of(&absent()), "No figures for mismatched requests");
    let one = |x| scenario(&Frame::default(), &[Sample::new("a", 10.0, x)]);
    assert_eq!(of(&one(0.0)), "a: no mismatched requests in 40 of 40 runs");
    assert_eq!(of(&one(1_083.0)), "a: 1,083 mismatched requests per run");
    let once = Frame { replications: 1, ..Frame::default() };
    let results = scenario(&once, &[Sample::new("a", 10.0, 5.0), Sample::new("b", 10.0, 50.0)]);
    assert_eq!(of(&results), "From 5 mismatched requests under a to 50 under b");
}

#[test]
fn the_handover_ends_or_does_not() {
    let of = |ends: &[f64]| {
        let samples: Vec<Sample> =
            ends.iter().zip(["a", "b"]).map(|(&end, name)| Sample::new(name, end, 1.0)).collect();
        title::handover(&scenario(&Frame::default(), &samples))
    };
    assert_eq!(of(&[15.0]), "a: traffic has left v1 within 15 s");
    assert_eq!(of(&[15.0, 15.0]), "Traffic has left v1 within 15 s under all 2 strategies");
    assert_eq!(of(&[9e9]), "a: some traffic stays on v1 to the end");
    assert_eq!(of(&[9e9, 15.0]), "Traffic has left v1 within 15 s under b; some stays to the end under a");
    assert_eq!(title::handover(&absent()), "Requests by the version that ran them");
}

#[test]
fn files_are_named_after_scenario_and_chart() {
    assert_eq!(file_name("incidents/x", ChartKind::Traffic, Format::Png), "incidents-x-traffic.png");
}

#[test]
fn every_case_can_be_painted() {
    // With CHARTS=DIR the pictures are kept there, to be looked at.
    let folder = std::env::var("CHARTS");
    for (name, results) in cases() {
        for kind in ChartKind::ALL {
            for format in Format::ALL {
                let bytes = draw(&results, 0.95, kind, format, Size::SLIDE).expect("it can be drawn");
                assert!(bytes.len() > 1_000, "{name} {kind:?}");
                if let Ok(folder) = &folder {
                    let file = format!("{folder}/{}", file_name(name, kind, format));
                    std::fs::write(file, bytes).expect("it can be written");
                }
            }
        }
    }
}
