//! Objectives as a JUnit file, which pipelines show as tests: a suite a scenario, a case an objective under one strategy.
//!
//! No times: how long it took is the machine's, and a case takes none by itself.

use crate::report::judge;
use crate::report::text::{gates, verdict};
use crate::results::{Gate, Outcome, Results, ScenarioResults};
use crate::shown;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io;
use std::path::{Path, PathBuf};

/// What becomes of a case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Passed,
    Failed,
    Skipped,
}

/// A case: its name, what became of it, the word for that, and its sentence.
struct Case {
    name: String,
    fate: Fate,
    word: String,
    told: String,
}

/// Why the file cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum JunitError {
    /// There is no folder to write it to.
    #[error("--junit {}: the folder that it lies in does not exist; create it, or name another file", shown::path(.0))]
    NoFolder(PathBuf),
    /// It is a folder, or a device.
    #[error("--junit {}: that is no file; name one, or a file in that folder", shown::path(.0))]
    NoFile(PathBuf),
}

/// The JUnit file. A missed objective is a failure; an undecided one is skipped, or a failure where that is to count; a scenario
/// without objectives has one case that passes and says its verdict.
#[must_use]
pub fn junit(results: &Results, undecided_fails: bool) -> Vec<u8> {
    let suites: Vec<_> =
        results.scenarios.iter().map(|scenario| (scenario, cases(scenario, undecided_fails))).collect();
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    #[expect(clippy::expect_used, reason = "memory takes every byte")]
    write(&mut writer, &suites).expect("XML is written to memory");
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    bytes
}

fn cases(scenario: &ScenarioResults, undecided_fails: bool) -> Vec<Case> {
    if scenario.gates.is_empty() {
        let told = verdict::sentence(scenario);
        return vec![Case { name: "verdict".to_owned(), fate: Fate::Passed, word: "no objective".to_owned(), told }];
    }
    let case = |gate: &Gate| Case {
        name: format!("{} under {}", gate.objective, judge::name(scenario, gate.strategy)),
        fate: match gate.outcome {
            Outcome::Met => Fate::Passed,
            Outcome::Missed => Fate::Failed,
            Outcome::Undecided if undecided_fails => Fate::Failed,
            Outcome::Undecided => Fate::Skipped,
        },
        word: gate.outcome.to_string(),
        told: gates::sentence(scenario, gate),
    };
    scenario.gates.iter().map(case).collect()
}

/// Words that may stand in XML, which has no place for control characters, not even escaped.
fn safe(text: &str) -> String {
    shown::words(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

fn write(writer: &mut Writer<Vec<u8>>, suites: &[(&ScenarioResults, Vec<Case>)]) -> io::Result<()> {
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let count = |cases: &[Case], fate| cases.iter().filter(|case| case.fate == fate).count();
    let sum = |of: &dyn Fn(&[Case]) -> usize| suites.iter().map(|(_, cases)| of(cases)).sum::<usize>().to_string();
    let attributes = [
        ("name", "cutover".to_owned()),
        ("tests", sum(&|cases| cases.len())),
        ("failures", sum(&|cases| count(cases, Fate::Failed))),
        ("errors", "0".to_owned()),
    ];
    let attributes = attributes.iter().map(|(key, value)| (*key, value.as_str()));
    writer.create_element("testsuites").with_attributes(attributes).write_inner_content(|writer| {
        suites.iter().try_for_each(|(scenario, cases)| {
            let attributes = [
                ("name", safe(&scenario.name)),
                ("tests", cases.len().to_string()),
                ("failures", count(cases, Fate::Failed).to_string()),
                ("errors", "0".to_owned()),
                ("skipped", count(cases, Fate::Skipped).to_string()),
            ];
            let attributes = attributes.iter().map(|(key, value)| (*key, value.as_str()));
            writer.create_element("testsuite").with_attributes(attributes).write_inner_content(|writer| {
                cases.iter().try_for_each(|case| write_case(writer, &scenario.name, case))
            })?;
            Ok(())
        })
    })?;
    Ok(())
}

fn write_case(writer: &mut Writer<Vec<u8>>, scenario: &str, case: &Case) -> io::Result<()> {
    let (scenario, name, told) = (safe(scenario), safe(&case.name), safe(&case.told));
    let attributes = [("classname", scenario.as_str()), ("name", name.as_str())];
    writer.create_element("testcase").with_attributes(attributes).write_inner_content(|writer| {
        let text = BytesText::new(&told);
        let message = ("message", told.as_str());
        match case.fate {
            Fate::Failed => {
                let attributes = [message, ("type", case.word.as_str())];
                writer.create_element("failure").with_attributes(attributes).write_text_content(text)?
            }
            Fate::Skipped => writer.create_element("skipped").with_attributes([message]).write_empty()?,
            Fate::Passed => writer.create_element("system-out").write_text_content(text)?,
        };
        Ok(())
    })?;
    Ok(())
}

/// Whether a file can be written there, as far as that is seen before anything runs.
///
/// # Errors
/// [`JunitError`].
pub fn claim(path: &Path) -> Result<(), JunitError> {
    if path.exists() && !path.is_file() {
        return Err(JunitError::NoFile(path.to_owned()));
    }
    if folder(path).is_dir() { Ok(()) } else { Err(JunitError::NoFolder(path.to_owned())) }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Bound;
    use crate::report::sample::{Frame, Sample, scenario};
    use std::fs;

    fn results() -> Results {
        let samples = [Sample::new("latest", 15.0, 1_000.0), Sample::new("pinned", 10.0, 0.0)];
        let mut gated = scenario(&Frame::default(), &samples);
        let metric = gated.metric("incompatible").unwrap();
        let gate = |strategy, outcome| Gate {
            objective: "a<b & \"c\"\u{7}".to_owned(),
            strategy,
            metric,
            bound: Bound::AtMost(1.0),
            rollouts: None,
            outcome,
        };
        gated.gates = vec![gate(0, Outcome::Missed), gate(1, Outcome::Undecided), gate(1, Outcome::Met)];
        let mut free = scenario(&Frame::default(), &samples);
        free.name = "free".to_owned();
        Results { seed: 1, confidence: 0.95, scenarios: vec![gated, free] }
    }

    #[test]
    fn an_objective_is_a_case_and_a_scenario_without_one_says_its_verdict() {
        let text = String::from_utf8(junit(&results(), false)).unwrap();
        for part in [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"cutover\" tests=\"4\" failures=\"1\" errors=\"0\">",
            "<testsuite name=\"lesson\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\">",
            "name=\"a&lt;b &amp; &quot;c&quot;\\u{7} under latest\"",
            "type=\"missed\">FAIL a&lt;b &amp; ",
            "<skipped message=\"UNDECIDED a&lt;b",
            "<testsuite name=\"free\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">",
            "<testcase classname=\"free\" name=\"verdict\">",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        let strict = String::from_utf8(junit(&results(), true)).unwrap();
        assert!(strict.contains("failures=\"2\" errors=\"0\" skipped=\"0\"") && strict.contains("type=\"undecided\""));
    }

    #[test]
    fn a_file_that_cannot_be_there_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gate.xml");
        claim(&path).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left of the look");
        assert!(matches!(claim(dir.path()), Err(JunitError::NoFile(_))));
        #[cfg(unix)]
        assert!(matches!(claim(Path::new("/dev/null")), Err(JunitError::NoFile(_))));
        assert!(matches!(claim(&dir.path().join("no/gate.xml")), Err(JunitError::NoFolder(_))));
    }
}
