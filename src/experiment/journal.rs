//! The journal: every finished replication, put down as it finishes, so that a run that ends early can be resumed.
//!
//! A file of frames: the length of the content (4 bytes, little-endian), the beginning of its BLAKE3 hash (16 bytes),
//! the content in the `postcard` format. The first frame says what the run is; every other is one replication. A frame
//! is handed to the operating system in one write, so that a process killed at any moment leaves at most one broken
//! frame, the last, which the next run cuts off.

use super::record::Record;
use crate::scenario::Scenario;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a journal begins with; the number changes with the format.
const MAGIC: &[u8; 18] = b"cutover journal 1\n";
/// The length and the hash before each content.
const HEAD: usize = 4 + 16;
/// No content is longer: a longer one is a broken frame.
const LONGEST: u32 = 1 << 30;

/// What a run is: two runs with the same key have the same replications.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Key {
    /// The program's version.
    pub version: String,
    /// The program's build, as a hash: the same version of the source may still change.
    pub build: String,
    /// The seed.
    pub seed: u64,
    /// Every scenario.
    pub scenarios: Vec<ScenarioKey>,
}

/// What a scenario is to a journal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ScenarioKey {
    /// Its name.
    pub name: String,
    /// The hash of everything its figures follow from.
    pub hash: String,
    /// The names of its strategies, in order.
    pub strategies: Vec<String>,
}

impl Key {
    /// The key of a run of these scenarios by the program whose hash is `build`.
    #[must_use]
    pub fn new(scenarios: &[Scenario], seed: u64, build: String) -> Self {
        let scenario = |scenario: &Scenario| ScenarioKey {
            name: scenario.name.clone(),
            hash: scenario.hash.clone(),
            strategies: scenario.strategies.iter().map(|strategy| strategy.name.clone()).collect(),
        };
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { version, build, seed, scenarios: scenarios.iter().map(scenario).collect() }
    }
}

/// A job by the places of its scenario and its strategy, and its replication.
pub type Place = (u32, u32, u32);

/// A journal that replications are added to and read from, by any thread.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    /// Where the content of each kept replication lies, and its length.
    index: BTreeMap<Place, (u64, u32)>,
    /// The end that is written to; `None` after a write that failed.
    end: Mutex<Option<File>>,
    /// A second handle to read from.
    reader: Mutex<File>,
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file is not a journal.
    #[error("{} exists already and is not from cutover; move it away, or choose another folder with -o", .0.display())]
    Foreign(PathBuf),
    /// It is another run's.
    #[error("{} holds an unfinished run {difference}; {cure}, or start over without --resume", .path.display())]
    Other {
        /// The journal.
        path: PathBuf,
        /// In what it differs.
        difference: &'static str,
        /// What to do about it.
        cure: &'static str,
    },
    /// Reading or writing failed.
    #[error("cannot use {}: {source}; make room there, or choose another folder with -o", .path.display())]
    Io {
        /// The journal.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Journal {
    /// A new journal at `path`, in place of any that was there.
    ///
    /// # Errors
    /// [`JournalError::Foreign`] and [`JournalError::Io`].
    pub fn create(path: &Path, key: &Key) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Io { path: path.to_owned(), source };
        if let Ok(known) = File::open(path) {
            begins_right(known).map_err(failed)?.then_some(()).ok_or_else(|| JournalError::Foreign(path.to_owned()))?;
        }
        let open = || -> io::Result<Self> {
            let mut file = OpenOptions::new().create(true).write(true).truncate(true).open(path)?;
            let mut bytes = MAGIC.to_vec();
            bytes.extend(frame(key)?);
            file.write_all(&bytes)?;
            Self::over(path, file, BTreeMap::new())
        };
        open().map_err(failed)
    }

    /// The journal at `path`, which must be this run's; a new one if there is none, or none whose beginning was
    /// written in full.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn resume(path: &Path, key: &Key) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Io { path: path.to_owned(), source };
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::create(path, key),
            file => file.map_err(failed)?,
        };
        if !begins_right(file.try_clone().map_err(failed)?).map_err(failed)? {
            return Err(JournalError::Foreign(path.to_owned()));
        }
        let mut frames = Frames::new(file).map_err(failed)?;
        let Some((_, first)) = frames.next().map_err(failed)? else { return Self::create(path, key) };
        let known: Option<Key> = postcard::from_bytes(&first).ok();
        if known.as_ref() != Some(key) {
            let (difference, cure) = difference(known.as_ref(), key);
            return Err(JournalError::Other { path: path.to_owned(), difference, cure });
        }
        let mut index = BTreeMap::new();
        while let Some((at, content)) = frames.next().map_err(failed)? {
            let Ok(place) = postcard::take_from_bytes::<Place>(&content).map(|(place, _)| place) else { break };
            index.insert(place, (at, content.len() as u32));
        }
        let open = || -> io::Result<Self> {
            let mut file = OpenOptions::new().write(true).open(path)?;
            // What follows the last whole frame was being written when the run ended.
            file.set_len(frames.end)?;
            file.seek(SeekFrom::End(0))?;
            Self::over(path, file, index)
        };
        open().map_err(failed)
    }

    fn over(path: &Path, file: File, index: BTreeMap<Place, (u64, u32)>) -> io::Result<Self> {
        let reader = Mutex::new(File::open(path)?);
        Ok(Self { path: path.to_owned(), index, end: Mutex::new(Some(file)), reader })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many replications it held when it was opened.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.index.len()
    }

    /// A replication that it held when it was opened; `None` if it did not.
    ///
    /// # Errors
    /// If it cannot be read any more.
    pub(super) fn get(&self, place: Place) -> io::Result<Option<Record>> {
        let Some(&(at, length)) = self.index.get(&place) else { return Ok(None) };
        let mut content = vec![0; length as usize];
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.seek(SeekFrom::Start(at))?;
        reader.read_exact(&mut content)?;
        drop(reader);
        let (_, record): (Place, Record) =
            postcard::from_bytes(&content).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        Ok(Some(record))
    }

    /// Puts a finished replication down.
    ///
    /// # Errors
    /// If it cannot be written; from then on nothing more is put down.
    pub(super) fn put(&self, place: Place, record: &Record) -> io::Result<()> {
        let bytes = frame(&(place, record))?;
        let mut end = self.lock();
        let Some(file) = end.as_mut() else { return Err(io::Error::other("an earlier write failed")) };
        let before = file.stream_position()?;
        let written = file.write_all(&bytes);
        if written.is_err() {
            // A broken frame would hide those that follow it.
            let _ = file.set_len(before);
            *end = None;
        }
        written
    }

    /// Waits until no frame is half written, hands everything to the disk, and lets nobody write while the answer
    /// lives.
    pub fn close(&self) -> impl Drop + '_ {
        let end = self.lock();
        if let Some(file) = end.as_ref() {
            // Nobody is left to tell; the frames are with the operating system already.
            let _ = file.sync_all();
        }
        end
    }

    fn lock(&self) -> MutexGuard<'_, Option<File>> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A content with its length and hash.
fn frame(content: &impl Serialize) -> io::Result<Vec<u8>> {
    let content = postcard::to_allocvec(content).map_err(io::Error::other)?;
    let length = u32::try_from(content.len()).ok().filter(|&length| length <= LONGEST);
    let length = length.ok_or_else(|| io::Error::other("a replication's record is longer than 1 GiB"))?;
    let mut bytes = Vec::with_capacity(HEAD + content.len());
    bytes.extend(length.to_le_bytes());
    bytes.extend(&blake3::hash(&content).as_bytes()[..16]);
    bytes.extend(content);
    Ok(bytes)
}

/// Whether a file begins as a journal does, as far as it goes.
fn begins_right(file: File) -> io::Result<bool> {
    let mut start = Vec::new();
    file.take(MAGIC.len() as u64).read_to_end(&mut start)?;
    Ok(MAGIC.starts_with(&start))
}

/// The frames of a file, as far as they are whole.
struct Frames {
    file: BufReader<File>,
    /// Where the last whole frame ended.
    end: u64,
}

impl Frames {
    fn new(mut file: File) -> io::Result<Self> {
        file.seek(SeekFrom::Start(MAGIC.len() as u64))?;
        Ok(Self { file: BufReader::new(file), end: MAGIC.len() as u64 })
    }

    /// The next content and where it lies; `None` where no whole frame follows.
    fn next(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        let mut head = Vec::new();
        self.file.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
        let Some((length, hash)) = head.split_first_chunk::<4>().filter(|(_, hash)| hash.len() == 16) else {
            return Ok(None);
        };
        let length = u32::from_le_bytes(*length);
        let mut content = Vec::new();
        self.file.by_ref().take(u64::from(length.min(LONGEST))).read_to_end(&mut content)?;
        if content.len() as u64 != u64::from(length) || blake3::hash(&content).as_bytes()[..16] != *hash {
            return Ok(None);
        }
        let at = self.end + HEAD as u64;
        self.end = at + u64::from(length);
        Ok(Some((at, content)))
    }
}

/// In what two runs differ, and what to do about it.
fn difference(known: Option<&Key>, key: &Key) -> (&'static str, &'static str) {
    let Some(known) = known.filter(|known| known.version == key.version && known.build == key.build) else {
        return ("of another build of cutover", "resume it with that build");
    };
    let all = |key: &Key, pick: fn(&ScenarioKey) -> &String| -> Vec<String> {
        key.scenarios.iter().map(|scenario| pick(scenario).clone()).collect()
    };
    let differ = |pick| all(known, pick) != all(key, pick);
    match () {
        () if known.seed != key.seed => ("with another seed", "give the same --seed"),
        () if differ(|scenario| &scenario.name) => ("of other scenarios", "give the same paths"),
        () if differ(|scenario| &scenario.hash) => {
            ("of another state of the scenarios", "give the same files, --set and --replications")
        }
        () => ("with other strategies", "give the same --only"),
    }
}

#[cfg(test)]
mod tests;
