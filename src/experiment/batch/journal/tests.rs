//! What a journal promises: whole records come back, broken ends are cut off, other runs are refused.

use super::*;
use crate::results::Row;
use tempfile::TempDir;

fn key() -> Key {
    let scenario = ScenarioKey { name: "a".into(), hash: "1".into(), strategies: vec!["x".into(), "y".into()] };
    Key { version: "1".into(), build: Some("b".into()), seed: 1, scenarios: vec![scenario] }
}

fn record(value: f64) -> Record {
    let row = Row { values: vec![Some(value), None], censored: vec![false, true], first: 0.0 };
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
    journal.put((0, 0, 0, 0), &record(0.1)).unwrap();
    journal.put((0, 0, 1, 0), &record(-0.2)).unwrap();
    std::fs::read(path(folder)).unwrap()
}

#[test]
fn what_was_put_down_comes_back_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    written(&folder);
    let journal = Journal::resume(&path(&folder), &key()).unwrap();
    assert_eq!(journal.kept(), 2);
    assert_eq!((value(&journal, (0, 0, 0, 0)), value(&journal, (0, 0, 1, 0))), (Some(0.1), Some(-0.2)));
    assert_eq!(value(&journal, (0, 1, 0, 0)), None);
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
        journal.put((0, 7, 0, 0), &record(7.0)).unwrap();
        let again = Journal::resume(&path(&folder), &key()).unwrap();
        assert_eq!((again.kept(), value(&again, (0, 7, 0, 0))), (journal.kept() + 1, Some(7.0)), "{length}");
    }
    assert!(kept.is_sorted());
    assert_eq!((kept.first(), kept.last()), (Some(&0), Some(&2)));
}

#[test]
fn a_flipped_bit_costs_its_own_record_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let whole = written(&folder);
    let (head, seal) = head(&key()).unwrap();
    let second = head.len() + seal.frame(&pack((0, 0, 0, 0), &record(0.1)).unwrap()).unwrap().len();
    for place in 0..whole.len() {
        let mut broken = whole.clone();
        broken[place] ^= 4;
        std::fs::write(path(&folder), &broken).unwrap();
        let journal = Journal::resume(&path(&folder), &key()).unwrap();
        let lost = |from, to, last| Found::Whole { head: false, lost: vec![Lost { from, to, records: 1, last }] };
        let (kept, found) = if place < head.len() {
            (vec![0.1, -0.2], Found::Whole { head: true, lost: Vec::new() })
        } else if place < second {
            (vec![-0.2], lost(head.len() as u64, second as u64, false))
        } else {
            (vec![0.1], lost(second as u64, whole.len() as u64, true))
        };
        let values = [(0, 0, 0, 0), (0, 0, 1, 0)].into_iter().filter_map(|place| value(&journal, place));
        assert_eq!((values.collect::<Vec<_>>(), journal.found()), (kept, &found), "{place}");
        assert!(!found.to_string().is_empty());
        // The next run finds a journal that it can go on with.
        journal.put((0, 7, 0, 0), &record(7.0)).unwrap();
        let again = Journal::resume(&path(&folder), &key()).unwrap();
        assert_eq!((again.kept(), value(&again, (0, 7, 0, 0))), (journal.kept() + 1, Some(7.0)), "{place}");
    }
}

#[test]
fn damage_is_never_called_absence() {
    let folder = tempfile::tempdir().unwrap();
    let whole = written(&folder);
    let (head, _) = head(&key()).unwrap();
    let refused = |bytes: &[u8], key: &Key| {
        std::fs::write(path(&folder), bytes).unwrap();
        let refused = Journal::resume(&path(&folder), key).unwrap_err().to_string();
        assert_eq!(std::fs::read(path(&folder)).unwrap(), bytes, "refusing changes nothing");
        refused
    };
    // A damaged head with nothing of this run behind it: of no run, and of another one.
    let mut broken = whole.clone();
    broken[40] ^= 1;
    let said = refused(&broken[..head.len()], &key());
    assert!(said.contains(" is damaged: its first ") && said.contains("start over without --resume"), "{said}");
    let said = refused(&broken, &Key { seed: 2, ..key() });
    assert!(said.contains(" is damaged: its first "), "{said}");
    // What an earlier format holds is another build's.
    let earlier = [b"cutover journal 1\n".as_slice(), &whole[40..]].concat();
    assert!(refused(&earlier, &key()).contains("of another build of cutover"));
    // Only the beginning of a head is no loss, and is told apart from no journal.
    std::fs::write(path(&folder), &whole[..head.len() - 1]).unwrap();
    assert_eq!(Journal::resume(&path(&folder), &key()).unwrap().found(), &Found::Beginning);
    std::fs::remove_file(path(&folder)).unwrap();
    assert_eq!(Journal::resume(&path(&folder), &key()).unwrap().found(), &Found::Nothing);
}

#[test]
fn a_build_that_cannot_be_told_is_like_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let unknown = Key { build: None, ..key() };
    for (wrote, resumes) in [(&unknown, &unknown), (&unknown, &key()), (&key(), &unknown)] {
        Journal::create(&path(&folder), wrote).unwrap().put((0, 0, 0, 0), &record(0.1)).unwrap();
        let refused = Journal::resume(&path(&folder), resumes).unwrap_err();
        assert!(matches!(refused, JournalError::Other { .. }), "{refused}");
    }
}

#[test]
fn equal_bins_take_hardly_any_room() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::create(&path(&folder), &key()).unwrap();
    let row = Row { values: vec![Some(1.0); 100_000], censored: vec![false; 100_000], first: 0.0 };
    for replication in 0..8 {
        assert_eq!(journal.expected_size(80), None);
        let record = Record { row: row.clone(), sums: Default::default() };
        journal.put((0, replication, 0, 0), &record).unwrap();
    }
    let size = journal.expected_size(80).unwrap();
    assert!(size < 80 * 10_000, "a hundredth of a megabyte each: {size}");
    drop(journal);
    let journal = Journal::resume(&path(&folder), &key()).unwrap();
    assert_eq!(journal.get((0, 3, 0, 0)).unwrap().unwrap().row, row);
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
        (changed(|key| key.build = Some("c".into())), "another build"),
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
