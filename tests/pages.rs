//! The examples on the pages of strategies and sources run as they stand there.

use std::path::Path;
use std::process::Command;

#[test]
fn every_example_on_a_page_runs() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut examples = 0;
    for folder in ["strategies", "sources"] {
        for file in std::fs::read_dir(docs.join(folder)).unwrap() {
            let path = file.unwrap().path();
            let page = std::fs::read_to_string(&path).unwrap();
            let Some((_, example)) = page.split_once("```toml\n") else { continue };
            let example = example.split("```").next().unwrap();
            let work = tempfile::tempdir().unwrap();
            std::fs::write(work.path().join("example.toml"), example).unwrap();
            let run = Command::new(env!("CARGO_BIN_EXE_cutover"))
                .args(["run", "example.toml", "--replications", "2", "--charts", "none"])
                .current_dir(work.path())
                .output()
                .unwrap();
            assert!(run.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&run.stderr));
            examples += 1;
        }
    }
    assert!(examples >= 14, "{examples} examples");
}

#[test]
fn every_format_of_traffic_is_on_its_page() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let page = std::fs::read_to_string(docs.join("traces.md")).unwrap();
    let keys = std::fs::read_to_string(docs.join("scenario.md")).unwrap();
    let (_, trace) = keys.split_once("### `arrivals.trace`").unwrap();
    let row = trace.lines().find(|line| line.starts_with("| `format` | ")).unwrap();
    let formats: Vec<_> =
        row.split('|').nth(2).unwrap().split(',').map(|name| name.trim().replace(['"', '`'], "")).collect();
    assert!(formats.len() >= 13, "{formats:?}");
    for format in formats {
        assert!(page.contains(&format!("\n| `{format}` | ")), "{format} is not on the page");
    }
}
