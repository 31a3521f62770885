//! The output folder: files appear whole or not at all, and nothing that is not cutover's is touched.
//!
//! `run.json` is removed first and written last, so that a folder without it is known to be unfinished. What cutover
//! has written is listed in a file of its own before it is written, so that a run that died midway leaves nothing
//! that a later one would not clean up; so are the temporary files, in the file of the lock, whose holder is the only one
//! that makes any.

mod unfit;

use crate::cure::cure_or_elsewhere;
use crate::shown;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use tempfile::NamedTempFile;

/// The last file written, and the mark of a finished run.
pub const RUN: &str = "run.json";
const LIST: &str = ".cutover-files";

/// What a run holds while it writes here, and where it notes its temporary files; left behind, empty.
const LOCK: &str = ".cutover-lock";
/// What the name of a temporary file begins with.
const TEMPORARY: &str = ".cutover-";
/// How many characters chance gives it.
const RANDOM: usize = 6;
/// The finished replications of a run that is not finished.
const JOURNAL: &str = ".cutover-journal";

/// An output folder that can be written to, by this run alone.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Held until the folder is let go, or the process ends, however it ends.
    lock: fs::File,
}

/// A set of files being written to a [`Folder`].
#[derive(Debug)]
pub struct Writing<'a> {
    folder: &'a Folder,
    stale: BTreeSet<String>,
    hashes: BTreeMap<String, String>,
}

/// Why the output cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The path exists and is no folder.
    #[error("{} is not a folder; give another one with -o", shown::path(.0))]
    NotAFolder(PathBuf),
    /// The folder is no place for results.
    #[error("nothing is written into {}: {why}; write -o output, or another folder for results alone", shown::path(.path))]
    Unfit {
        /// The folder.
        path: PathBuf,
        /// Whose it is.
        why: String,
    },
    /// Another run is writing here.
    #[error("another run is writing to {}; wait for it, or choose another folder with -o", shown::path(.0))]
    Busy(PathBuf),
    /// A file to be written exists, and cutover did not write it.
    #[error("{} exists already and is not from cutover; move it away, or choose another folder with -o", shown::path(.0))]
    Foreign(PathBuf),
    /// Creating, writing, renaming or removing failed.
    #[error("cannot write {}: {source}; {}", shown::path(.path), cure_or_elsewhere(.source))]
    Io {
        /// What could not be written.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Folder {
    /// Makes sure, before anything runs, that `path` is a folder that can be written to.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        if path.exists() && !path.is_dir() {
            return Err(FolderError::NotAFolder(path.to_owned()));
        }
        if let Some(why) = unfit::why(path, std::env::var_os("HOME")) {
            return Err(FolderError::Unfit { path: path.to_owned(), why });
        }
        let failed = |source| FolderError::Io { path: path.to_owned(), source };
        fs::create_dir_all(path).map_err(failed)?;
        let lock = fs::OpenOptions::new().create(true).read(true).append(true).open(path.join(LOCK)).map_err(failed)?;
        let folder = Self { path: path.to_owned(), lock };
        match folder.lock.try_lock() {
            Ok(()) => folder.clear().map_err(failed)?,
            Err(fs::TryLockError::WouldBlock) => return Err(FolderError::Busy(path.to_owned())),
            // Some network file systems know no locks; then it is for the user to run one at a time.
            Err(fs::TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(fs::TryLockError::Error(error)) => return Err(failed(error)),
        }
        folder.temporary(path).and_then(NamedTempFile::close).map_err(failed)?;
        folder.lock.set_len(0).map_err(failed)?;
        Ok(folder)
    }

    /// Removes the temporary files that a run noted and did not live to move or remove. Whoever holds the lock is the only
    /// one who has any.
    fn clear(&self) -> io::Result<()> {
        let mut noted = Vec::new();
        (&self.lock).read_to_end(&mut noted)?;
        let own = |name: &&str| {
            let file = Path::new(name).file_name().and_then(|file| file.to_str());
            let random = file.and_then(|file| file.strip_prefix(TEMPORARY));
            is_inside(name) && random.is_some_and(|random| random.len() == RANDOM)
        };
        for name in String::from_utf8_lossy(&noted).lines().filter(own) {
            match fs::remove_file(self.path.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        self.lock.set_len(0)
    }

    /// A new temporary file in `folder`, this one or one below it, noted before it exists. There is only one at a time.
    fn temporary(&self, folder: &Path) -> io::Result<NamedTempFile> {
        let inside = folder.strip_prefix(&self.path).unwrap_or(Path::new(""));
        tempfile::Builder::new().prefix(TEMPORARY).rand_bytes(RANDOM).make_in(folder, |path| {
            let name = inside.join(path.file_name().unwrap_or_default());
            let parts: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
            (&self.lock).write_all(format!("{}\n", parts.join("/")).as_bytes())?;
            let created = fs::OpenOptions::new().write(true).create_new(true).open(path);
            if created.is_err() {
                // Whatever is there is somebody else's.
                self.lock.set_len(0)?;
            }
            created
        })
    }

    /// Where the finished replications of an unfinished run are kept.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.path.join(JOURNAL)
    }

    /// Marks the folder as unfinished.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn reopen(&self) -> Result<(), FolderError> {
        remove(&self.path.join(RUN))
    }

    /// Makes sure, before anything runs, that none of these files (paths relative to the folder, `/` between parts)
    /// is somebody else's.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn claim(&self, files: &BTreeSet<String>) -> Result<(), FolderError> {
        let known = self.known();
        for name in files.iter().map(String::as_str).chain([RUN, LIST]) {
            let path = self.path.join(name);
            let folder = path.parent().unwrap_or(&self.path);
            if folder.exists() && !folder.is_dir() {
                return Err(FolderError::NotAFolder(folder.to_owned()));
            }
            // `run.json` and the list itself are not listed; where there is a list, they are cutover's.
            let own = known.as_ref().is_some_and(|known| known.contains(name) || name == RUN || name == LIST);
            if path.symlink_metadata().is_ok() && (path.is_dir() || !own) {
                return Err(FolderError::Foreign(path));
            }
        }
        Ok(())
    }

    /// What cutover has written here; `None` where it never has.
    fn known(&self) -> Option<BTreeSet<String>> {
        let listed = fs::read_to_string(self.path.join(LIST)).ok()?;
        Some(listed.lines().filter(|name| is_inside(name)).map(str::to_owned).collect())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Begins a run's output of these files, which must have been claimed.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn begin(&self, files: &BTreeSet<String>) -> Result<Writing<'_>, FolderError> {
        remove(&self.path.join(RUN))?;
        let known = self.known().unwrap_or_default();
        self.list(known.union(files))?;
        Ok(Writing { folder: self, stale: known.difference(files).cloned().collect(), hashes: BTreeMap::new() })
    }

    fn list<'a>(&self, names: impl Iterator<Item = &'a String>) -> Result<(), FolderError> {
        let text: String = names.map(|name| format!("{name}\n")).collect();
        self.put(LIST, text.as_bytes())
    }

    /// Writes a file beside its place, makes sure it is on the disk, and moves it there.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let path = self.path.join(name);
        let whole = || -> io::Result<()> {
            let folder = path.parent().unwrap_or(&self.path);
            fs::create_dir_all(folder)?;
            let mut file = self.temporary(folder)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            allow_reading(file.as_file())?;
            file.persist(&path)?;
            self.lock.set_len(0)
        };
        whole().map_err(|source| FolderError::Io { path: path.clone(), source })
    }
}

impl Writing<'_> {
    /// Writes one of the files announced.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        self.folder.put(name, bytes)?;
        self.hashes.insert(name.to_owned(), blake3::hash(bytes).to_string());
        Ok(())
    }

    /// The hash of every file written so far, as hexadecimal BLAKE3.
    #[must_use]
    pub const fn hashes(&self) -> &BTreeMap<String, String> {
        &self.hashes
    }

    /// Removes what an earlier run wrote and this one did not, writes `run.json`, and lets the journal go.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn finish(self, run: &[u8]) -> Result<(), FolderError> {
        for name in &self.stale {
            remove(&self.folder.path.join(name))?;
        }
        self.folder.list(self.hashes.keys())?;
        self.folder.put(RUN, run)?;
        // Everything is in its place: nothing is left to resume.
        remove(&self.folder.journal())
    }
}

/// Whether a listed name stays inside the folder.
fn is_inside(name: &str) -> bool {
    !name.is_empty() && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
}

fn remove(path: &Path) -> Result<(), FolderError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(FolderError::Io { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// Temporary files are private; results are for everybody whom the folder lets in.
#[cfg(unix)]
pub(super) fn allow_reading(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
pub(super) fn allow_reading(_: &fs::File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn stale_files_go_and_foreign_files_stay() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(&dir.path().join("out")).unwrap();
        let exists = |name: &str| folder.path().join(name).exists();
        fs::write(folder.path().join("mine.csv"), "x").unwrap();

        let mut writing = folder.begin(&files(&["a.csv", "charts/b.svg"])).unwrap();
        writing.write("a.csv", b"1").unwrap();
        writing.write("charts/b.svg", b"2").unwrap();
        writing.finish(b"{}").unwrap();
        assert!(exists("run.json") && exists("charts/b.svg"));

        let mut writing = folder.begin(&files(&["a.csv"])).unwrap();
        assert!(!exists("run.json"), "an unfinished folder has no run.json");
        writing.write("a.csv", b"3").unwrap();
        writing.finish(b"{}").unwrap();
        assert!(!exists("charts/b.svg") && exists("mine.csv") && exists("run.json"));
    }

    #[test]
    fn a_run_that_died_is_cleaned_up_by_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        folder.begin(&files(&["old.csv"])).unwrap().write("old.csv", b"1").unwrap();
        folder.begin(&files(&["new.csv"])).unwrap().finish(b"{}").unwrap();
        assert!(!folder.path().join("old.csv").exists());
    }

    #[test]
    fn temporary_files_without_an_owner_go_and_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        fs::create_dir(dir.path().join("charts")).unwrap();
        // As a killed run leaves them.
        let leave = |inside: &str| {
            let file = folder.temporary(&dir.path().join(inside)).unwrap();
            file.into_temp_path().keep().unwrap()
        };
        let left = [leave(""), leave("charts")];
        fs::write(dir.path().join(".cutover-aBcDeF"), "mine").unwrap();
        fs::write(dir.path().join("precious"), "mine").unwrap();
        (&folder.lock).write_all(b"precious\n../precious\n.cutover-files\n/etc\n").unwrap();
        assert!(matches!(Folder::open(dir.path()), Err(FolderError::Busy(_))), "its owner lives");
        assert!(left.iter().all(|path| path.exists()));
        drop(folder);
        let again = Folder::open(dir.path()).unwrap();
        assert!(left.iter().all(|path| !path.exists()), "{left:?}");
        assert!(dir.path().join("precious").exists() && dir.path().join(".cutover-aBcDeF").exists());
        assert_eq!(again.lock.metadata().unwrap().len(), 0, "nothing is noted any more");
    }

    #[test]
    fn a_listed_name_outside_the_folder_is_never_removed() {
        let dir = tempfile::tempdir().unwrap();
        let outside = dir.path().join("precious");
        fs::write(&outside, "x").unwrap();
        let folder = Folder::open(&dir.path().join("out")).unwrap();
        fs::write(folder.path().join(LIST), format!("../precious\n{}\n", outside.display())).unwrap();
        folder.begin(&files(&[])).unwrap().finish(b"{}").unwrap();
        assert!(outside.exists());
    }

    #[test]
    fn what_somebody_else_wrote_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        let wanted = files(&["a.csv", "charts/b.svg"]);
        folder.claim(&wanted).unwrap();
        for foreign in ["a.csv", RUN] {
            fs::write(dir.path().join(foreign), "mine").unwrap();
            assert!(matches!(folder.claim(&wanted), Err(FolderError::Foreign(_))), "{foreign}");
            fs::remove_file(dir.path().join(foreign)).unwrap();
        }
        fs::write(dir.path().join("charts"), "a file").unwrap();
        assert!(matches!(folder.claim(&wanted), Err(FolderError::NotAFolder(_))));
        fs::remove_file(dir.path().join("charts")).unwrap();

        let mut writing = folder.begin(&wanted).unwrap();
        writing.write("a.csv", b"1").unwrap();
        writing.finish(b"{}").unwrap();
        folder.claim(&wanted).unwrap();
        fs::create_dir(dir.path().join("new.csv")).unwrap();
        assert!(matches!(folder.claim(&files(&["new.csv"])), Err(FolderError::Foreign(_))));
    }

    #[test]
    fn a_file_is_no_folder() {
        let file = NamedTempFile::new().unwrap();
        assert!(matches!(Folder::open(file.path()), Err(FolderError::NotAFolder(_))));
    }
}
