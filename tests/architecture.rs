//! Proves that modules stand on floors, that each imports only downwards, and that files stay readable.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The floors from the top; the last is the ground, whose modules may import one another.
const FLOORS: [&[&str]; 13] = [
    &["cli"],
    // Neither imports the other: what an experiment found is told from its results.
    &["report", "experiment"],
    &["results"],
    &["scenario"],
    &["platform"],
    &["strategy"],
    // Pure: see `ONLY`.
    &["controller"],
    &["source"],
    &["idle", "faults"],
    &["text"],
    &["engine"],
    &["stats"],
    GROUND,
];

const GROUND: &[&str] = &["dist", "random", "time", "units", "ids", "math", "metrics", "shown", "cure"];

/// What a module may import, where that is less than everything below it (guarantee G4: a policy cannot reach the
/// platform; a writer sees results and nothing else).
const ONLY: [(&str, &[&str]); 10] = [
    ("report", &["results"]),
    ("results", &["platform"]),
    ("strategy", &["text", "controller"]),
    ("controller", &[]),
    ("source", &["text"]),
    ("idle", &["text"]),
    ("faults", &["text"]),
    ("text", &[]),
    ("stats", &[]),
    // And of the ground only the clock: see `the_engine_knows_only_time`.
    ("engine", &[]),
];

/// The floors inside a folder, from the top; what stands on none of them is the folder's own.
const INSIDE: [(&str, &[&[&str]]); 4] = [
    (
        "platform",
        &[
            &["footprint"],
            &["simulation", "exact"],
            &["watch"],
            &["observer"],
            &["way", "function", "hosts"],
            &["control"],
            &["chance"],
            &["record"],
            &["error", "index"],
            &["room", "service"],
        ],
    ),
    ("cli", &[&["command"], &["argument", "simulating"]]),
    ("report", &[&["page"], &["files", "charts", "trace"], &["text", "draw"], &["judge"], &["number"]]),
    (
        "experiment",
        &[&["run", "study"], &["precision"], &["batch"], &["infer", "replicate", "warm_up"], &["levers", "settings"]],
    ),
];

const MOST_LINES: usize = 400;
/// How many files one folder may hold beside its `mod.rs`.
const MOST_FILES: usize = 15;

/// A source file below `src`.
struct File {
    /// Its path below `src`, with slashes.
    path: String,
    /// The module that it is, from the crate's root.
    module: Vec<String>,
    text: String,
    /// The text without comments and without tests.
    code: String,
}

/// The files that are part of the program.
fn files() -> Vec<File> {
    let mut files = all_files();
    let tests: BTreeSet<_> = files.iter().flat_map(test_modules).collect();
    files.retain(|file| !tests.iter().any(|test| file.module.starts_with(test)));
    assert!(files.len() > 40, "the sources are found");
    files
}

/// Those and the files that hold tests only.
fn all_files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let text = fs::read_to_string(path).unwrap();
            let below: Vec<_> =
                path.strip_prefix(&root).unwrap().iter().map(|part| part.to_str().unwrap().to_owned()).collect();
            let mut module = below.clone();
            let name = module.pop().unwrap();
            if !["mod.rs", "lib.rs", "main.rs"].contains(&name.as_str()) {
                module.push(name.trim_end_matches(".rs").to_owned());
            }
            let code = without_tests(&without_comments(&text));
            File { path: below.join("/"), module, text, code }
        })
        .collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// Drops comments, line by line; what stands behind two slashes in a string is dropped too, which hides no import.
fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

const TEST: &str = "#[cfg(test)]";

/// Drops the module of tests, which stands last in its file.
fn without_tests(code: &str) -> String {
    let mut kept = code;
    let mut from = 0;
    while let Some(found) = kept[from..].find(TEST) {
        let behind = from + found + TEST.len();
        let item = kept[behind..].split_inclusive(['{', ';']).next().unwrap_or_default();
        if item.contains("mod ") && item.ends_with('{') {
            kept = &kept[..from + found];
        }
        from = behind.min(kept.len());
    }
    kept.to_owned()
}

/// The modules that a file declares for tests only, in files of their own.
fn test_modules(file: &File) -> Vec<Vec<String>> {
    let declared = without_comments(&file.text);
    declared
        .split(TEST)
        .skip(1)
        .filter_map(|behind| {
            let item = behind.split_inclusive(['{', ';']).next()?;
            let name = item.strip_suffix(';')?.trim().split_once("mod ")?.1;
            Some(file.module.iter().cloned().chain([name.to_owned()]).collect())
        })
        .collect()
}

/// Everything that `code`, the text of `module`, names from the crate's root: `crate::time::Span` as ["time", "Span"].
/// A group is followed to its end: `crate::{ids, time::{Instant, Span}}` are three.
fn imports(module: &[String], code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let names = |at: usize, word: &str| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '$')
            && code[at + word.len()..].starts_with("::")
    };
    for (at, word) in code.match_indices("crate").chain(code.match_indices("cutover")) {
        if names(at, word) {
            follow(&code[at + word.len() + 2..], &mut Vec::new(), &mut found);
        }
    }
    for (at, _) in code.match_indices("super") {
        if names(at, "super") {
            let chain = code[at..].split("super::").take_while(|part| part.is_empty()).count();
            // The piece before the first `super::` is empty too.
            let path = &code[at + chain * "super::".len()..];
            let mut prefix: Vec<_> = module[..module.len().saturating_sub(chain)].to_vec();
            follow(path, &mut prefix, &mut found);
        }
    }
    found
}

/// Reads a path, or a group of paths in braces, and returns what stands behind it.
fn follow<'a>(text: &'a str, prefix: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> &'a str {
    let depth = prefix.len();
    let mut rest = text.trim_start();
    if let Some(group) = rest.strip_prefix('{') {
        rest = group.trim_start();
        while !rest.is_empty() && !rest.starts_with('}') {
            rest = follow(rest, prefix, found).trim_start();
            rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
        }
        return rest.strip_prefix('}').unwrap_or(rest);
    }
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '*')).unwrap_or(rest.len());
    prefix.push(rest[..end].to_owned());
    rest = &rest[end..];
    match rest.strip_prefix("::") {
        Some(path) if end > 0 => rest = follow(path, prefix, found),
        _ => {
            found.push(prefix.clone());
            // `as name` belongs to the path before it; an unreadable character must not stop the reading.
            rest = rest
                .trim_start()
                .strip_prefix("as ")
                .map_or(rest, |name| name.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_' || c == ' '));
            if end == 0 {
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    prefix.truncate(depth);
    rest
}

fn floor(module: &str) -> usize {
    FLOORS
        .iter()
        .position(|floor| floor.contains(&module))
        .unwrap_or_else(|| panic!("{module} stands on no floor: give it one in tests/architecture.rs"))
}

/// Every import from one module of the crate's root to another: file, importing module, import.
fn edges(files: &[File]) -> Vec<(&str, &str, Vec<String>)> {
    files
        .iter()
        .filter_map(|file| Some((file, file.module.first()?)))
        .flat_map(|(file, own)| {
            imports(&file.module, &file.code)
                .into_iter()
                .filter(move |import| import[0] != *own)
                .map(move |import| (file.path.as_str(), own.as_str(), import))
        })
        .collect()
}

#[test]
fn modules_import_only_downwards() {
    let files = files();
    let edges = edges(&files);
    assert!(edges.len() > 100, "the imports are found");
    for (path, own, import) in edges {
        let (from, to) = (floor(own), floor(&import[0]));
        let level = GROUND.contains(&own) && from == to;
        assert!(from < to || level, "{path} imports {}, which does not stand below it", import.join("::"));
    }
}

#[test]
fn folders_import_only_downwards_inside() {
    let files = files();
    let mut found = 0;
    for (folder, floors) in INSIDE {
        let floor = |module: &[String]| {
            let below = module.get(1).filter(|_| module[0] == folder)?;
            floors.iter().position(|floor| floor.contains(&below.as_str())).map(|place| (place, below.clone()))
        };
        for file in &files {
            let Some((from, own)) = floor(&file.module) else { continue };
            for import in imports(&file.module, &file.code) {
                let Some((to, other)) = floor(&import) else { continue };
                found += usize::from(own != other);
                let path = &file.path;
                assert!(
                    own == other || from < to,
                    "{path} imports {}, which does not stand below it",
                    import.join("::")
                );
            }
        }
    }
    assert!(found > 50, "the imports are found");
}

#[test]
fn policies_and_writers_see_no_more_than_they_need() {
    let files = files();
    for (path, own, import) in edges(&files) {
        if let Some((_, allowed)) = ONLY.iter().find(|(module, _)| *module == own) {
            let to = import[0].as_str();
            assert!(allowed.contains(&to) || GROUND.contains(&to), "{path} imports {}", import.join("::"));
        }
        // Results are plain data. Of the platform they hold only the window that was simulated, and what strata are called.
        if own == "results" && import[0] == "platform" {
            assert!(import[1..] == ["Window"] || import[1..] == ["strata", "Stratum"], "{path}");
        }
    }
}

#[test]
fn the_engine_knows_only_time() {
    let files = files();
    let known: BTreeSet<_> = edges(&files)
        .into_iter()
        .filter(|(_, own, _)| *own == "engine")
        .map(|(.., import)| import[0].clone())
        .collect();
    assert_eq!(known, BTreeSet::from(["time".to_owned()]));
}

#[test]
fn files_are_short() {
    for file in all_files() {
        let lines = file.text.lines().count();
        assert!(lines <= MOST_LINES, "{} has {lines} lines", file.path);
    }
}

#[test]
fn folders_are_small() {
    let mut folders = BTreeMap::new();
    for file in all_files() {
        if let Some((folder, name)) = file.path.rsplit_once('/').filter(|(_, name)| *name != "mod.rs") {
            folders.entry(folder.to_owned()).or_insert_with(Vec::new).push(name.to_owned());
        }
    }
    for (folder, names) in &folders {
        assert!(names.len() <= MOST_FILES, "{folder} holds {} files: {}", names.len(), names.join(" "));
    }
}

#[test]
fn nothing_is_unsafe_unfinished_or_chatty() {
    for file in all_files() {
        for word in ["unsafe ", "todo!", "unimplemented!", "dbg!"] {
            assert!(!file.code.contains(word), "{} has {word}", file.path);
        }
        if file.module.first().is_some_and(|module| module != "cli") {
            for word in ["print!(", "println!("] {
                assert!(!file.code.contains(word), "{} has {word}", file.path);
            }
        }
    }
}

#[test]
fn paths_are_shown_in_one_way() {
    // What a terminal would obey is escaped there, and nowhere else.
    for file in files() {
        assert!(!file.code.contains(".display()"), "{} shows a path; use crate::shown::path", file.path);
    }
}

#[test]
fn imports_are_read_in_all_their_forms() {
    let module = ["report".to_owned(), "csv".to_owned()];
    let read = |code: &str| -> Vec<String> {
        imports(&module, &without_tests(&without_comments(code))).iter().map(|import| import.join("::")).collect()
    };
    assert_eq!(read("use crate::time::Span;"), ["time::Span"]);
    assert_eq!(read("use crate::time::{Instant, Span as S};"), ["time::Instant", "time::Span"]);
    assert_eq!(
        read("use crate::{ids, time::{Instant, Span}, units::*};\nuse crate::dist;"),
        ["ids", "time::Instant", "time::Span", "units::*", "dist"]
    );
    assert_eq!(read("fn f(x: &crate::platform::Pool) -> crate::ids::Version {"), ["platform::Pool", "ids::Version"]);
    assert_eq!(read("use super::figure::figure;"), ["report::figure::figure"]);
    assert_eq!(read("use super::super::engine::run;"), ["engine::run"]);
    assert_eq!(read("pub(crate) use ::csv::Writer; // crate::cli"), [""; 0]);
    assert_eq!(read("/// [`crate::cli`]\n//! crate::cli"), [""; 0]);
    assert_eq!(read("cutover::cli::main()"), ["cli::main"]);
    assert_eq!(read("use crate::ids;\n#[cfg(test)]\npub(crate) mod tests { use crate::cli; }"), ["ids"]);
    assert_eq!(read("#[cfg(test)]\nmod sample;\nuse crate::cli;"), ["cli"]);
}
