//! An output folder read back: what `cutover run` wrote, or why it cannot be read and what to do.

mod rows;
mod run;

use super::folder::RUN;
use crate::results::comparison::Recorded;
use crate::shown;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

const ROWS: &str = "replications.csv";

/// Why a folder cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is nothing.
    #[error("there is no folder {}; give what `cutover run -o FOLDER` wrote", shown::path(.0))]
    Missing(PathBuf),
    /// It is something else.
    #[error("{} is not a folder; give the folder that `cutover run -o FOLDER` wrote, and not a file of it", shown::path(.0))]
    NotAFolder(PathBuf),
    /// The run did not come to its end.
    #[error("{} holds no finished run: there is no run.json; let `cutover run` write it to the end (--resume goes on)", shown::path(.0))]
    Unfinished(PathBuf),
    /// It is not what `cutover run` writes.
    #[error("{} is not from `cutover run`: {why}; give a folder that `cutover run -o FOLDER` wrote", shown::path(.path))]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is, or lacks.
        why: String,
    },
    /// It was changed or broken after it was written, or by another program than wrote `run.json`.
    #[error("{} is damaged: {why}; run the scenarios again", shown::path(.path))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Reading failed.
    #[error("cannot read {}: {source}; allow yourself to read it, or copy the folder anew", shown::path(.path))]
    Io {
        /// What could not be read.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Reads the folder of a finished run.
///
/// # Errors
/// [`ReadError`].
pub fn read(folder: &Path) -> Result<Recorded, ReadError> {
    if !folder.exists() {
        return Err(ReadError::Missing(folder.to_owned()));
    }
    if !folder.is_dir() {
        return Err(ReadError::NotAFolder(folder.to_owned()));
    }
    let path = folder.join(RUN);
    let content = match fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(ReadError::Unfinished(folder.to_owned())),
        read => read.map_err(|source| ReadError::Io { path: path.clone(), source })?,
    };
    let (mut recorded, hash) = run::read(&path, &content)?;
    let path = folder.join(ROWS);
    let rows = match fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(ReadError::Damaged { path, why: "it is not there, though run.json is".to_owned() });
        }
        read => read.map_err(|source| ReadError::Io { path: path.clone(), source })?,
    };
    if hash.is_some_and(|hash| hash != blake3::hash(&rows).to_string()) {
        let why = "it is not the file that the run wrote, by the hash in run.json".to_owned();
        return Err(ReadError::Damaged { path, why });
    }
    rows::read(&rows, &mut recorded).map_err(|why| ReadError::Damaged { path, why })?;
    Ok(recorded)
}
