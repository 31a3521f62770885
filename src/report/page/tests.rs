//! The page of the results that are hardest to show.

use super::*;
use crate::report::charts::tests::cases;
use crate::report::sample::{Frame, Sample, scenario};
use crate::results::ScenarioResults;
use std::collections::BTreeSet;

fn page_of(scenarios: Vec<ScenarioResults>) -> String {
    let results = Results { seed: 7, confidence: 0.95, scenarios };
    let beside =
        Beside { file: "mine.toml".to_owned(), stories: vec![Some("</pre> & story".to_owned())], ..Beside::default() };
    let told = Told { command: "cutover run 'a & b.toml'".to_owned(), sets: String::new(), scenarios: vec![beside] };
    String::from_utf8(page(&results, &told).expect("it can be made")).expect("it is text")
}

/// What stands between quotes behind each of these attributes.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    page.match_indices(&start).filter_map(|(at, _)| page[at + start.len()..].split('"').next()).collect()
}

#[test]
fn every_case_has_a_whole_page() {
    for (name, results) in cases() {
        let names: Vec<String> = results.strategies.iter().map(|strategy| strategy.name.clone()).collect();
        let html = page_of(vec![results]);
        assert!(html.starts_with("<!DOCTYPE html>") && html.trim_end().ends_with("</html>"), "{name}");
        let (body, _) = html.split_once("<script>").expect("the script stands last");
        for word in ["NaN", "undefined", "inf,", "{{", "{%"] {
            // No estimate is so wild that it must be told in words.
            assert!(!body.contains(word) || name == "wild", "{word} in {name}");
        }
        for strategy in names {
            assert!(html.contains(&strategy), "{strategy} in {name}");
        }
        let ids = values(&html, "id");
        let once: BTreeSet<_> = ids.iter().collect();
        assert_eq!(once.len(), ids.len(), "{name}: an id stands twice");
        for link in values(&html, "href") {
            let target = link.strip_prefix('#').expect("nothing outside is linked");
            assert!(ids.contains(&target), "{name}: {link} leads nowhere");
        }
        for tag in ["section", "table", "details", "figure", "div", "ul", "article", "svg", "p", "span"] {
            let open = html.matches(&format!("<{tag} ")).count() + html.matches(&format!("<{tag}>")).count();
            assert_eq!(open, html.matches(&format!("</{tag}>")).count(), "{name}: every {tag} is closed");
        }
    }
}

#[test]
fn what_a_user_wrote_is_words_and_never_a_tag() {
    let mut results = scenario(&Frame::default(), &[Sample::new("a", 10.0, 5.0), Sample::new("b", 10.0, 500.0)]);
    results.title = "</script><script>alert(1)</script>".to_owned();
    results.traffic = "\"<b>\" & 'x'".to_owned();
    results.strategies[0].actions[0].what = "</script><i>".to_owned();
    let html = page_of(vec![results]);
    assert!(!html.contains("alert(1)</script>") && !html.contains("<b>") && !html.contains("<i>"));
    assert!(html.contains("&lt;b&gt;") && html.contains("cutover run &#x27;a &amp; b.toml&#x27;"));
}

#[test]
fn several_scenarios_have_a_list_of_contents() {
    let two = || scenario(&Frame::default(), &[Sample::new("a", 10.0, 5.0), Sample::new("b", 10.0, 500.0)]);
    let html = page_of(vec![two(), two()]);
    assert!(html.contains("<title>cutover: 2 scenarios</title>") && html.contains("href=\"#s1\""));
    assert!(!page_of(vec![two()]).contains("class=\"contents\""));
}

#[test]
fn colours_that_a_dark_ground_would_swallow_are_lightened() {
    assert_eq!(lighter("#E69F00"), None);
    let [r, g, b] = [1, 3, 5].map(|at| {
        let light = lighter("#5A0014").expect("too dark");
        f64::from(u8::from_str_radix(&light[at..at + 2], 16).unwrap())
    });
    let contrast = (luminance([r, g, b]) + 0.05) / (luminance(DARK) + 0.05);
    assert!((CONTRAST..CONTRAST * 1.3).contains(&contrast), "{contrast}");
    assert!((luminance([255.0; 3]) - 1.0).abs() < 1e-9 && luminance([0.0; 3]) == 0.0);
}

#[test]
fn the_page_says_what_the_summary_says() {
    let results = scenario(
        &Frame::default(),
        &[
            Sample::new("latest", 15.0, 1_083.0),
            Sample::new("pinned", 10.0, 0.0),
            Sample::new("linear", 540.0, 56_412.0),
        ],
    );
    let words =
        |text: &str| text.replace('&', "&amp;").replace('\'', "&#x27;").replace('"', "&quot;").replace('/', "&#x2f;");
    let notes = crate::report::text::notes::notes(&results, 0.95);
    let verdict = crate::report::text::verdict::sentence(&results);
    let html = page_of(vec![results]);
    for note in notes.iter().chain([&verdict]) {
        // What was assumed stands in a list of its own.
        assert!(html.contains(&words(note)) || note.starts_with("Assumed"), "{note}");
    }
    assert!(html.contains("Compared with pinned: paired differences") && html.contains("<td>more</td>"));
}
