//! The controllers do what the originals did, row by row: `examples/controllers` over the tables of `tests/data`.

#[path = "../examples/controllers/tables/mod.rs"]
mod tables;

use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder);
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[track_caller]
fn all_equal(folder: &str, rows: usize) {
    let mut all = 0;
    for file in files(folder) {
        let held = tables::held(&file).unwrap();
        assert_eq!(held.equal, held.rows, "{}: {:?}", file.display(), held.first_difference);
        all += held.rows;
    }
    assert_eq!(all, rows, "a table is missing");
}

#[test]
fn kubernetes_deployments() {
    all_equal("kubernetes-deployment", 987);
}

#[test]
fn argo_rollouts() {
    all_equal("argo-rollouts", 1_317);
}

#[test]
fn a_row_that_differs_is_told_by_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("any.csv");
    let table =
        files("kubernetes-deployment").into_iter().find(|file| file.ends_with("rolling_steps_dev.csv")).unwrap();
    let text = fs::read_to_string(table).unwrap();
    let (before, last) = text.trim_end().rsplit_once(',').unwrap();
    fs::write(&file, format!("{before},{}\n", last.parse::<i64>().unwrap() + 1)).unwrap();
    let held = tables::held(&file).unwrap();
    assert_eq!((held.equal, held.rows), (599, 600));
    let line = format!("line {}", text.trim_end().lines().count());
    assert!(held.first_difference.unwrap().contains(&line));
    let unknown =
        tables::held(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/codedeploy_traffic_schedule.csv"));
    assert!(unknown.err().unwrap().contains("no table known here"));
}
