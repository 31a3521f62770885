//! One file by itself, which appears whole or not at all.

use super::folder::allow_reading;
use crate::cure::cure_or_elsewhere;
use crate::shown;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Why a file cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum SingleError {
    /// The path is a folder's.
    #[error("{} is a folder; give a file, as in -o {}", shown::path(.0), shown::path(&.0.join(.1)))]
    Folder(PathBuf, String),
    /// There is a file of another kind.
    #[error("{} exists already and is no .{extension}; give another file with -o", shown::path(.path))]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What the names of those end with that may be replaced.
        extension: &'static str,
    },
    /// Creating, writing or renaming failed.
    #[error("cannot write {}: {source}; {}", shown::path(.path), cure_or_elsewhere(.source))]
    Io {
        /// What could not be written.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Makes sure, before anything runs, that a file can stand there: that there is none yet, or one of the same kind.
///
/// # Errors
/// [`SingleError`].
pub fn claim(path: &Path, extension: &'static str) -> Result<(), SingleError> {
    if path.is_dir() || path.file_name().is_none() {
        return Err(SingleError::Folder(path.to_owned(), format!("run.{extension}")));
    }
    let is_own = path.is_file() && path.extension().is_some_and(|known| known == extension);
    if path.symlink_metadata().is_ok() && !is_own {
        return Err(SingleError::Foreign { path: path.to_owned(), extension });
    }
    NamedTempFile::new_in(folder(path)?).map_err(failed(path))?;
    Ok(())
}

/// Writes a file beside its place, makes sure it is on the disk, and moves it there.
///
/// # Errors
/// [`SingleError::Io`].
pub fn put(path: &Path, write: impl FnOnce(&mut BufWriter<&fs::File>) -> io::Result<()>) -> Result<(), SingleError> {
    let file = NamedTempFile::new_in(folder(path)?).map_err(failed(path))?;
    let whole = || {
        let mut buffered = BufWriter::with_capacity(1 << 16, file.as_file());
        write(&mut buffered)?;
        buffered.flush()?;
        file.as_file().sync_all()?;
        allow_reading(file.as_file())
    };
    whole().map_err(failed(path))?;
    file.persist(path).map_err(|error| failed(path)(error.error))?;
    Ok(())
}

/// The folder in which a file stands, created where there is none.
fn folder(path: &Path) -> Result<&Path, SingleError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed(path))?;
    Ok(folder)
}

fn failed(path: &Path) -> impl Fn(io::Error) -> SingleError {
    move |source| SingleError::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/a.pftrace");
        claim(&path, "pftrace").unwrap();
        assert!(!path.exists());
        put(&path, |to| to.write_all(b"one")).unwrap();
        let half = put(&path, |to| to.write_all(b"tw").and(Err(io::Error::other("no"))));
        assert!(matches!(half, Err(SingleError::Io { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::read_dir(dir.path().join("deep")).unwrap().count(), 1, "nothing is left behind");
        claim(&path, "pftrace").unwrap();
    }

    #[test]
    fn folders_and_files_of_another_kind_stay() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(claim(dir.path(), "pftrace"), Err(SingleError::Folder(..))));
        let other = dir.path().join("mine.toml");
        fs::write(&other, "mine").unwrap();
        assert!(matches!(claim(&other, "pftrace"), Err(SingleError::Foreign { .. })));
        assert!(matches!(claim(&other.join("a.pftrace"), "pftrace"), Err(SingleError::Io { .. })));
    }
}
