//! From paths to scenarios: finds the files, names them, reads and checks each.

use super::Scenario;
use super::check::{self, Changes};
use super::foreseen::MEMORY;
use super::stdin;
use super::tables::title::MOST_REPLICATIONS;
use crate::shown;
use crate::text::diagnostic::{Diagnostic, Diagnostics, Place, Text, quote};
use crate::text::name;
use crate::text::overrides::{Change, Override};
use crate::time::Span;
use crate::units::Bytes;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// How large a scenario file may be, in bytes; traces lie in files of their own.
const LARGEST: u64 = 1 << 20;

/// What the command line says about the scenarios.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// Settings to replace or add in every scenario, in order.
    pub overrides: Vec<Override>,
    /// The number of replications, in place of the scenarios' own; from 1 to 100000.
    pub replications: Option<u32>,
    /// The memory that a run may take; what will take more is refused.
    pub memory: Bytes,
}

impl Default for Options {
    fn default() -> Self {
        Self { overrides: Vec::new(), replications: None, memory: MEMORY }
    }
}

/// A scenario file and its name.
struct Found {
    path: PathBuf,
    name: String,
}

/// Reads the scenarios in `paths`: files in the order given, `-` for standard input, folders with all their `*.toml` files
/// sorted by name.
/// Hidden files and folders are skipped.
///
/// # Errors
/// Everything that is wrong with any of them, at once: a path that cannot be read, a folder without scenarios, names
/// that are invalid or collide, and all mistakes in the files and overrides.
pub fn load(paths: &[PathBuf], options: &Options) -> Result<Vec<Scenario>, Diagnostics> {
    load_with(paths, options, &BTreeMap::new())
}

/// The same, where `warm_ups` has the lengths, by scenario, that were found for those that write `warm_up = "auto"`.
///
/// # Errors
/// As [`load`].
pub fn load_with(
    paths: &[PathBuf],
    options: &Options,
    warm_ups: &BTreeMap<String, Span>,
) -> Result<Vec<Scenario>, Diagnostics> {
    let mut mistakes = Vec::new();
    let overrides = changes(options, &mut mistakes);
    let changes = Changes { overrides: &overrides, replications: options.replications, memory: options.memory };
    let mut found = Vec::new();
    for path in paths {
        find(path, &mut found, &mut mistakes);
    }
    refuse_collisions(&found, &mut mistakes);
    let mut scenarios = Vec::new();
    for found in &found {
        match read(found, options, &changes, warm_ups.get(&found.name).copied()) {
            Ok(scenario) => scenarios.push(scenario),
            Err(found) => mistakes.extend(found),
        }
    }
    Diagnostics::of(mistakes)?;
    Ok(scenarios)
}

fn changes(options: &Options, mistakes: &mut Vec<Diagnostic>) -> Vec<Change> {
    if let Some(n) = options.replications.filter(|n| !(1..=MOST_REPLICATIONS).contains(n)) {
        let text = Text::new("--replications", n.to_string());
        let at = Place::new(&text, 0..text.content.len());
        let cure = format!("write a whole number from 1 to {MOST_REPLICATIONS}");
        mistakes.push(Diagnostic::new(&at, format!("{n} replications are too few or too many"), cure));
    }
    let mut changes = Vec::new();
    for text in &options.overrides {
        match text.parse() {
            Ok(change) => changes.push(change),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    changes
}

/// Adds the scenario files at `path`, a file or a folder.
fn find(path: &Path, found: &mut Vec<Found>, mistakes: &mut Vec<Diagnostic>) {
    if stdin::is_meant(path) {
        return add(path, stdin::NAME.to_owned(), found, mistakes);
    }
    if !path.is_dir() {
        let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        return add(path, name, found, mistakes);
    }
    let before = found.len();
    let hidden = |entry: &DirEntry| entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
    let walk = WalkDir::new(path).follow_links(true).sort_by_file_name();
    for entry in walk.into_iter().filter_entry(|entry| !hidden(entry)) {
        match entry {
            Ok(entry) if !entry.file_type().is_dir() && entry.path().extension().is_some_and(|end| end == "toml") => {
                let inside = entry.path().strip_prefix(path).unwrap_or(entry.path()).with_extension("");
                let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
                add(entry.path(), parts.join("/"), found, mistakes);
            }
            Ok(_) => {}
            Err(error) => mistakes.push(Diagnostic::about(
                shown::path(error.path().unwrap_or(path)),
                unread(&error),
                "check that it exists and that you may read it",
            )),
        }
    }
    if found.len() == before {
        mistakes.push(Diagnostic::about(
            shown::path(path),
            "this folder holds no scenario",
            "put a file NAME.toml into it, or give the path of one",
        ));
    }
}

fn add(path: &Path, name: String, found: &mut Vec<Found>, mistakes: &mut Vec<Diagnostic>) {
    if let Some(bad) = name.split('/').find(|part| !name::is_file_name(part)) {
        let reason = format!("{} is not a name for a scenario", quote(bad));
        let cure = format!("rename it: a name is {}", name::FILE_RULE);
        mistakes.push(Diagnostic::about(shown::path(path), reason, cure));
    }
    found.push(Found { path: path.to_owned(), name });
}

/// Why a folder cannot be walked; the path stands beside it.
fn unread(error: &walkdir::Error) -> String {
    match (error.loop_ancestor(), error.io_error()) {
        (Some(_), _) => "cannot be read: it is a link to a folder that it lies in".to_owned(),
        (None, Some(error)) => format!("cannot be read: {error}"),
        (None, None) => "cannot be read".to_owned(),
    }
}

/// Names become names of charts, with `-` for `/`, and must differ there too, also on disks that take `A` for `a`.
fn refuse_collisions(found: &[Found], mistakes: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<String, &Found> = BTreeMap::new();
    for scenario in found {
        let flat = scenario.name.replace('/', "-");
        let alike = flat.to_lowercase();
        let Some(first) = taken.get(&alike) else {
            taken.insert(alike, scenario);
            continue;
        };
        let other = shown::path(&first.path);
        let reason = if first.name == scenario.name {
            format!("a second scenario of the name {}, after {other}", quote(&scenario.name))
        } else if first.name.replace('/', "-") != flat {
            format!(
                "{} and {} of {other} are one name to disks that do not tell large letters from small",
                quote(&scenario.name),
                quote(&first.name)
            )
        } else {
            format!(
                "{} and {} of {other} both become `{flat}` in file names",
                quote(&scenario.name),
                quote(&first.name)
            )
        };
        mistakes.push(Diagnostic::about(shown::path(&scenario.path), reason, "rename one, or give only one of them"));
    }
}

/// The bytes of a scenario, and one more where it is too large.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    if stdin::is_meant(path) {
        return stdin::content(LARGEST + 1);
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read(
    found: &Found,
    options: &Options,
    changes: &Changes,
    warm_up: Option<Span>,
) -> Result<Scenario, Vec<Diagnostic>> {
    let shown = if stdin::is_meant(&found.path) { stdin::SHOWN.to_owned() } else { shown::path(&found.path) };
    let about = |reason: String, cure: &str| vec![Diagnostic::about(shown.as_str(), reason, cure)];
    let bytes = content(&found.path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            let cure = "check the path; `cutover new FILE` writes a scenario to start from";
            about("there is no such file".to_owned(), cure)
        }
        _ => about(format!("cannot be read: {error}"), "check that it is a file and that you may read it"),
    })?;
    if bytes.len() as u64 > LARGEST {
        return Err(about("larger than 1 MiB".to_owned(), "is it a scenario? keep recorded requests in a trace file"));
    }
    let content = std::str::from_utf8(&bytes).map_err(|error| {
        let line = bytes.iter().take(error.valid_up_to()).filter(|&&b| b == b'\n').count() + 1;
        about(format!("line {line} is not UTF-8 text"), "save the file as UTF-8")
    })?;
    let mut hasher = blake3::Hasher::new();
    let replications = options.replications.map_or(String::new(), |n| n.to_string());
    let parts = [content, &replications].into_iter().chain(options.overrides.iter().map(Override::text));
    for part in parts {
        // Lengths first, so that no two lists of texts run together into the same bytes.
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    if let Some(warm_up) = warm_up {
        hasher.update(&warm_up.ns().to_le_bytes());
    }
    // A byte order mark would shift every column of the first line.
    let text = Text::new(shown.as_str(), content.strip_prefix('\u{feff}').unwrap_or(content));
    let folder = found.path.parent().unwrap_or(Path::new(""));
    let mut scenario = check::check(&check::File { name: found.name.clone(), text, folder, warm_up }, changes, hasher)?;
    let replications = options.replications.map(|n| format!("replications={n}"));
    let typed = options.overrides.iter().map(|change| change.text().to_owned());
    scenario.overrides = typed.chain(replications).collect();
    Ok(scenario)
}
