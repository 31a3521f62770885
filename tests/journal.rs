//! A journal that was damaged anywhere: the resumed run is the undisturbed one to the byte, or is refused; and what was lost is
//! said.

mod common;

use common::{poisson, s, service};
use cutover::experiment::batch::journal::{Found, Journal, JournalError, Key};
use cutover::experiment::{Settings, run};
use cutover::random::Seed;
use cutover::report::files::csv;
use cutover::results::Results;
use cutover::scenario::Scenario;
use cutover::strategy::{Latest, Order, Rollout};
use cutover::units::Rate;

const DAMAGES: u64 = 200;

fn scenario() -> Scenario {
    let latest = Rollout::Latest(Latest { order: Order::FunctionFirst });
    let strategies = vec![common::nothing(), common::deploying("latest", latest, s(1))];
    let service = service(vec![poisson("web", Rate::per_second(20))]);
    Scenario { replications: 4, ..common::scenario(service, strategies, s(2), s(5)) }
}

fn key() -> Key {
    Key::new(&[scenario()], 1, Some("this build".to_owned()))
}

/// All tables of a run with this journal.
fn tables(journal: Option<&Journal>) -> Vec<Vec<u8>> {
    let settings = Settings { seed: 1, confidence: 0.95, threads: Some(1), ..Settings::default() };
    let results: Results = run(&[scenario()], &settings, journal, &|_| {}).unwrap();
    csv::FILES.iter().map(|(_, bytes)| bytes(&results)).collect()
}

/// Where the frames of a journal begin, and its end.
fn edges(bytes: &[u8]) -> Vec<usize> {
    let marks = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(b"\x89record\n"));
    marks.chain([bytes.len()]).collect()
}

#[test]
fn two_hundred_damages_change_no_result_and_none_is_silent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let whole = tables(Some(&Journal::create(&path, &key()).unwrap()));
    assert!(whole == tables(None));
    let sound = std::fs::read(&path).unwrap();
    let edges = edges(&sound);
    assert_eq!(edges.len(), 1 + 8 + 1, "a head, eight records, the end");
    let chance = Seed { seed: 20, replication: 0 }.stream("test", "damage");
    let (mut resumed, mut refused) = (0, 0);
    for damage in 0..DAMAGES {
        let mut bytes = sound.clone();
        let place = chance.below(sound.len() as u32, damage, 0) as usize;
        let cut = damage % 3 == 0;
        if cut {
            bytes.truncate(place);
        } else {
            bytes[place] ^= 1 << chance.below(8, damage, 1);
        }
        std::fs::write(&path, &bytes).unwrap();
        match Journal::resume(&path, &key()) {
            Ok(journal) => {
                let told = said(&journal);
                assert!(told || (cut && edges.contains(&place)) || place < edges[1], "{damage}: {place} {cut}");
                let kept =
                    if cut { edges[1..].iter().filter(|&&edge| edge <= place).count().saturating_sub(1) } else { 7 };
                assert!(journal.kept() >= kept, "{damage}: {} of {kept} are kept", journal.kept());
                assert!(tables(Some(&journal)) == whole, "{damage}: {place} {cut}");
                resumed += 1;
            }
            Err(refusal @ JournalError::Damaged { .. }) => {
                assert!(refusal.to_string().contains("start over without --resume"));
                assert!(Journal::create(&path, &key()).is_ok(), "the cure cures");
                refused += 1;
            }
            Err(JournalError::Foreign(_)) => refused += 1,
            Err(other) => panic!("{damage}: {other}"),
        }
    }
    assert_eq!(resumed + refused, DAMAGES);
    assert!(resumed > DAMAGES * 9 / 10, "{refused} were refused");
}

fn said(journal: &Journal) -> bool {
    !journal.found().to_string().is_empty()
}

#[test]
fn bytes_of_any_kind_are_no_journal_of_this_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let chance = Seed { seed: 21, replication: 0 }.stream("test", "noise");
    for round in 0..50 {
        let length = chance.below(3_000, round, 0) as usize;
        let noise: Vec<u8> = (0..length as u64).map(|at| chance.below(256, round, at + 1) as u8).collect();
        let begins: &[u8] =
            [b"".as_slice(), b"cutover journal 2\n", b"cutover journal 2\n\x89record\n\x03\0\0\0"][round as usize % 3];
        let marks = b"\x89record\n".repeat(round as usize);
        std::fs::write(&path, [begins, &marks, &noise].concat()).unwrap();
        match Journal::resume(&path, &key()) {
            Ok(journal) => assert_eq!((journal.kept(), journal.found()), (0, &Found::Beginning), "{round}"),
            Err(JournalError::Damaged { .. } | JournalError::Foreign(_)) => {}
            Err(other) => panic!("{round}: {other}"),
        }
    }
}
