//! What a journal promises: whole records come back, broken ends are cut off, other runs are refused.

use super::super::results::Row;
use super::*;
use tempfile::TempDir;

fn key() -> Key {
    let scenario = ScenarioKey { name: "a".into(), hash: "1".into(), strategies: vec!["x".into(), "y".into()] };
    Key { version: "1".into(), build: "b".into(), seed: 1, scenarios: vec![scenario] }
}

fn record(value: f64) -> Record {
    let row = Row { values: vec![Some(value), None], censored: vec![false, true] };
    Record { row, sums: Default::default() }
}

fn value(journal: &Journal, place: Place) -> Option<f64> {
    journal.get(place).unwrap().and_then(|record| record.row.values[0])
}

fn path(folder: &TempDir) -> PathBuf {
    folder.path().join("journal")
}

fn written(folder: &TempDir) -> Vec<u8> {
    let journal = Journal::create(&path(folder), &key()).unwrap();
    journal.put((0, 0, 0), &record(0.1)).unwrap();
    journal.put((0, 0, 1), &record(-0.2)).unwrap();
    std::fs::read(path(folder)).unwrap()
}

#[test]
fn what_was_put_down_comes_back_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    written(&folder);
    let journal = Journal::resume(&path(&folder), &key()).unwrap();
    assert_eq!(journal.kept(), 2);
    assert_eq!((value(&journal, (0, 0, 0)), value(&journal, (0, 0, 1))), (Some(0.1), Some(-0.2)));
    assert_eq!(value(&journal, (0, 1, 0)), None);
}

#[test]
fn a_file_cut_anywhere_keeps_every_whole_record() {
    let folder = tempfile::tempdir().unwrap();
    let whole = written(&folder);
    let mut kept = Vec::new();
    for length in 0..=whole.len() {
        std::fs::write(path(&folder), &whole[..length]).unwrap();
        let journal = Journal::resume(&path(&folder), &key()).unwrap();
        kept.push(journal.kept());
        // And it can be gone on with.
        journal.put((0, 7, 0), &record(7.0)).unwrap();
        let again = Journal::resume(&path(&folder), &key()).unwrap();
        assert_eq!((again.kept(), value(&again, (0, 7, 0))), (journal.kept() + 1, Some(7.0)), "{length}");
    }
    assert!(kept.is_sorted());
    assert_eq!((kept.first(), kept.last()), (Some(&0), Some(&2)));
}

#[test]
fn a_flipped_bit_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let whole = written(&folder);
    let last = whole.len() - 1;
    for place in [last, last - 10] {
        let mut broken = whole.clone();
        broken[place] ^= 4;
        std::fs::write(path(&folder), &broken).unwrap();
        assert_eq!(Journal::resume(&path(&folder), &key()).unwrap().kept(), 1);
    }
}

#[test]
fn another_run_s_journal_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    written(&folder);
    let changed = |change: fn(&mut Key)| {
        let mut key = key();
        change(&mut key);
        Journal::resume(&path(&folder), &key).unwrap_err().to_string()
    };
    for (message, cure) in [
        (changed(|key| key.build = "c".into()), "another build"),
        (changed(|key| key.version = "2".into()), "another build"),
        (changed(|key| key.seed = 2), "the same --seed"),
        (changed(|key| key.scenarios[0].name = "b".into()), "the same paths"),
        (changed(|key| key.scenarios[0].hash = "2".into()), "--set and --replications"),
        (changed(|key| drop(key.scenarios[0].strategies.pop())), "the same --only"),
    ] {
        assert!(message.contains(cure) && message.contains("without --resume"), "{message}");
    }
    assert_eq!(Journal::resume(&path(&folder), &key()).unwrap().kept(), 2, "refusing changes nothing");
}

#[test]
fn what_is_no_journal_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(path(&folder), "mine").unwrap();
    assert!(matches!(Journal::create(&path(&folder), &key()), Err(JournalError::Foreign(_))));
    assert!(matches!(Journal::resume(&path(&folder), &key()), Err(JournalError::Foreign(_))));
    assert_eq!(std::fs::read_to_string(path(&folder)).unwrap(), "mine");
}
