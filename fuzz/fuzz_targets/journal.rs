//! A journal after anything has happened to it: refused, or a resumed run has the bytes of one that never ended early.
#![no_main]

use arbitrary::Arbitrary;
use cutover::experiment::{self, Journal, Key, Settings};
use cutover::results::Results;
use cutover::report::files::csv;
use cutover::scenario::{self, Options, Scenario};
use cutover_fuzz::{file, folder, settings};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

/// What happens to a file; places are taken modulo its length.
#[derive(Arbitrary, Debug)]
enum Damage {
    Flip { at: u16, bit: u8 },
    Write { at: u16, bytes: Vec<u8> },
    Insert { at: u16, bytes: Vec<u8> },
    Cut { at: u16, length: u16 },
    Repeat { from: u16, length: u16, at: u16 },
    End { at: u16 },
    Append { bytes: Vec<u8> },
    Other { bytes: Vec<u8> },
}

impl Damage {
    fn on(&self, content: &mut Vec<u8>) {
        let place = |at: u16| usize::from(at) % (content.len() + 1);
        match self {
            Self::Flip { at, bit } => {
                let at = place(*at);
                if let Some(byte) = content.get_mut(at) {
                    *byte ^= 1 << (bit % 8);
                }
            }
            Self::Write { at, bytes } => {
                let at = place(*at);
                for (byte, new) in content[at..].iter_mut().zip(bytes) {
                    *byte = *new;
                }
            }
            Self::Insert { at, bytes } => {
                let at = place(*at);
                content.splice(at..at, bytes.iter().copied());
            }
            Self::Cut { at, length } => {
                let at = place(*at);
                let end = (at + usize::from(*length)).min(content.len());
                content.drain(at..end);
            }
            Self::Repeat { from, length, at } => {
                let (from, at) = (place(*from), place(*at));
                let piece = content[from..(from + usize::from(*length)).min(content.len())].to_vec();
                content.splice(at..at, piece);
            }
            Self::End { at } => content.truncate(place(*at)),
            Self::Append { bytes } => content.extend(bytes),
            Self::Other { bytes } => content.clone_from(bytes),
        }
    }
}

/// A run, what it puts down, and its results.
struct Run {
    scenario: Scenario,
    key: Key,
    content: Vec<u8>,
    tables: Vec<Vec<u8>>,
}

static RUN: LazyLock<Run> = LazyLock::new(|| {
    let text = "replications = 3\nwindow = { warm_up = \"1s\", after = \"4s\" }\ntimeline.bin = \"2s\"\n[source.web]\narrivals = { poisson = \"4/s\" }\n\
                [code]\nservice = { constant = \"50ms\" }\n[function]\nidle = { constant = \"3s\" }\n[strategy]\nlatest = { latest = {} }\n\
                alias = { alias = {} }\n";
    let scenario =
        scenario::load(&[file("resumed.toml", text.as_bytes())], &Options::default()).expect("a scenario").remove(0);
    let key = Key::new(std::slice::from_ref(&scenario), 1, Some("fuzz".to_owned()));
    let path = folder().join("whole");
    let journal = Journal::create(&path, &key).expect("a journal");
    let results = run(&scenario, &journal);
    let content = std::fs::read(&path).expect("what was put down");
    Run { scenario, key, content, tables: tables(&results) }
});

fn run(scenario: &Scenario, journal: &Journal) -> Results {
    let settings = Settings { twice: false, ..settings() };
    experiment::run(std::slice::from_ref(scenario), &settings, Some(journal), &|_| ()).expect("a finished run")
}

fn tables(results: &Results) -> Vec<Vec<u8>> {
    csv::FILES.iter().map(|(_, write)| write(results)).collect()
}

fuzz_target!(|damages: Vec<Damage>| {
    let known = &*RUN;
    let mut content = known.content.clone();
    for damage in damages.iter().take(8) {
        damage.on(&mut content);
        content.truncate(1 << 20);
    }
    let path = file("damaged", &content);
    match Journal::resume(&path, &known.key) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(journal) => {
            assert!(journal.kept() <= 6, "{} of 6 replications are kept", journal.kept());
            assert!(tables(&run(&known.scenario, &journal)) == known.tables, "what is resumed is another run");
        }
    }
});
