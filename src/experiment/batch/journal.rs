//! The journal: every finished replication, put down as it finishes, so that a run that ends early can be resumed.
//!
//! A head that says what the run is, then one frame a replication (`frames.rs`): its place and its record, in the `postcard`
//! format and packed, because most bins of a short run are alike. A frame is handed to the operating system in one write,
//! so that a process killed at any moment leaves at most one broken frame, the last. Damage anywhere else costs the
//! frames it hits and no other, and is told.

mod frames;
mod key;

pub use frames::Lost;
pub use key::{Key, ScenarioKey};

use super::record::Record;
use crate::cure::cure_or_elsewhere;
use crate::shown;
use frames::{Frames, MARK, Seal};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What every journal begins with; the number changes with the format.
const NAME: &[u8] = b"cutover journal ";
const MAGIC: &[u8; 18] = b"cutover journal 3\n";

/// A job: the place of its scenario, its replication, the place of its strategy and that of its stratum.
pub type Place = (u32, u32, u32, u32);

/// A journal that replications are added to and read from, by any thread.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    seal: Seal,
    found: Found,
    /// Where the frame of each kept replication lies, and its length.
    index: BTreeMap<Place, (u64, usize)>,
    /// The end that is written to; `None` after a write that failed.
    end: Mutex<Option<File>>,
    /// A second handle to read from.
    reader: Mutex<File>,
    /// How many replications were put down since it was opened, and how many bytes they took.
    put: (AtomicU64, AtomicU64),
}

/// What was found where a run was to be resumed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Found {
    /// No journal, or one that was started over.
    #[default]
    Nothing,
    /// The beginning of one: the run ended before it had put down what it is.
    Beginning,
    /// A journal of this run.
    Whole {
        /// Whether its head was damaged, and is written anew.
        head: bool,
        /// Where it was damaged otherwise.
        lost: Vec<Lost>,
    },
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file is not a journal.
    #[error(
        "{} is not a journal of cutover's, or damaged in its first bytes; move it away, or choose another folder with -o",
        shown::path(.0)
    )]
    Foreign(PathBuf),
    /// It is another run's.
    #[error("{} holds an unfinished run {difference}; {cure}, or start over without --resume", shown::path(.path))]
    Other {
        /// The journal.
        path: PathBuf,
        /// In what it differs.
        difference: &'static str,
        /// What to do about it.
        cure: &'static str,
    },
    /// What it says of its run is damaged, and no replication in it is of this run.
    #[error(
        "{} is damaged: its first {head} bytes, which say what run it holds, cannot be read, and no replication in its \
         {length} bytes is of this run; start over without --resume", shown::path(.path)
    )]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// How long its head should be.
        head: usize,
        /// How long it is.
        length: u64,
    },
    /// Reading or writing failed.
    #[error("cannot use {}: {source}; {}", shown::path(.path), cure_or_elsewhere(.source))]
    Io {
        /// The journal.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Says what was lost and what becomes of it, one line for each place.
impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Whole { head, lost } = self else { return Ok(()) };
        if *head {
            writeln!(f, "its head was damaged and is written anew; its records are of this run")?;
        }
        for &Lost { from, to, records, last } in lost {
            let (s, are) = if records == 1 { ("", "is") } else { ("s", "are") };
            let what = if last && records == 1 { "cut off or damaged" } else { "damaged" };
            writeln!(f, "{records} record{s} {are} {what}, at bytes {from} to {to}; what was lost is simulated again")?;
        }
        Ok(())
    }
}

impl Journal {
    /// A new journal at `path`, in place of any that was there.
    ///
    /// # Errors
    /// [`JournalError::Foreign`] and [`JournalError::Io`].
    pub fn create(path: &Path, key: &Key) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Io { path: path.to_owned(), source };
        if let Ok(known) = File::open(path) {
            is_journal(&known).map_err(failed)?.then_some(()).ok_or_else(|| JournalError::Foreign(path.to_owned()))?;
        }
        let open = || -> io::Result<Self> {
            let mut file = OpenOptions::new().create(true).write(true).truncate(true).open(path)?;
            let (head, seal) = head(key)?;
            file.write_all(&head)?;
            Self::over(path, file, seal)
        };
        open().map_err(failed)
    }

    /// The journal at `path`, which must be this run's; a new one if there is none, or only the beginning of one.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn resume(path: &Path, key: &Key) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Io { path: path.to_owned(), source };
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::create(path, key),
            file => file.map_err(failed)?,
        };
        let (head, seal) = head(key).map_err(failed)?;
        let begins = frames::read(&file, 0, head.len() as u64).map_err(failed)?;
        let sound = begins == head && key.build.is_some();
        if !sound {
            let other = |(difference, cure)| JournalError::Other { path: path.to_owned(), difference, cure };
            if let Some(difference) = other_run(&file, key).map_err(failed)? {
                return Err(other(difference));
            }
            if head.starts_with(&begins) {
                return Ok(Self { found: Found::Beginning, ..Self::create(path, key)? });
            }
        }
        let mut frames = Frames::new(&file, seal, head.len() as u64).map_err(failed)?;
        let mut index = BTreeMap::new();
        while let Some((at, frame)) = frames.next().map_err(failed)? {
            if let Some((place, _)) = seal.open(&frame).and_then(unpack) {
                index.insert(place, (at, frame.len()));
            }
        }
        if !sound && index.is_empty() {
            return Err(Self::unknown(path, &file, head.len()));
        }
        let open = || -> io::Result<Self> {
            let mut end = OpenOptions::new().write(true).open(path)?;
            // What follows the last whole frame was being written when the run ended, or is damaged.
            end.set_len(frames.end)?;
            if !sound {
                end.write_all(&head)?;
            }
            end.seek(SeekFrom::End(0))?;
            let found = Found::Whole { head: !sound, lost: frames.lost };
            Ok(Self { index, found, ..Self::over(path, end, seal)? })
        };
        open().map_err(failed)
    }

    /// Why a file is not used of which neither the head nor any record is known.
    fn unknown(path: &Path, file: &File, head: usize) -> JournalError {
        match (is_journal(file), file.metadata()) {
            (Ok(true), Ok(metadata)) => JournalError::Damaged { path: path.to_owned(), head, length: metadata.len() },
            (Ok(false), _) => JournalError::Foreign(path.to_owned()),
            (Err(source), _) | (_, Err(source)) => JournalError::Io { path: path.to_owned(), source },
        }
    }

    fn over(path: &Path, file: File, seal: Seal) -> io::Result<Self> {
        let reader = Mutex::new(File::open(path)?);
        let end = Mutex::new(Some(file));
        let (index, found, put) = Default::default();
        Ok(Self { path: path.to_owned(), seal, found, index, end, reader, put })
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

    /// What was found when it was opened.
    #[must_use]
    pub const fn found(&self) -> &Found {
        &self.found
    }

    /// About how many bytes `jobs` replications take, by those put down so far; `None` while these are too few to tell.
    #[must_use]
    pub fn expected_size(&self, jobs: u64) -> Option<u64> {
        const ENOUGH: u64 = 8;
        let (records, bytes) = (self.put.0.load(Ordering::Relaxed), self.put.1.load(Ordering::Relaxed));
        (records >= ENOUGH).then(|| (bytes / records).saturating_mul(jobs))
    }

    /// A replication that it held when it was opened; `None` if it did not.
    ///
    /// # Errors
    /// If it cannot be read any more.
    pub(in crate::experiment) fn get(&self, place: Place) -> io::Result<Option<Record>> {
        let Some(&(at, length)) = self.index.get(&place) else { return Ok(None) };
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let frame = frames::read(&reader, at, length as u64)?;
        drop(reader);
        let changed = || io::Error::new(io::ErrorKind::InvalidData, "it has changed since it was opened");
        let (_, packed) = self.seal.open(&frame).and_then(unpack).ok_or_else(changed)?;
        let content = lz4_flex::decompress_size_prepended(packed).map_err(|_| changed())?;
        Ok(Some(postcard::from_bytes(&content).map_err(|_| changed())?))
    }

    /// Puts a finished replication down.
    ///
    /// # Errors
    /// If it cannot be written; from then on nothing more is put down.
    pub(in crate::experiment) fn put(&self, place: Place, record: &Record) -> io::Result<()> {
        let bytes = self.seal.frame(&pack(place, record)?)?;
        let mut end = self.lock();
        let Some(file) = end.as_mut() else { return Err(io::Error::other("an earlier write failed")) };
        let before = file.stream_position()?;
        let written = file.write_all(&bytes);
        if written.is_err() {
            // It would count as damage.
            let _ = file.set_len(before);
            *end = None;
        }
        self.put.0.fetch_add(1, Ordering::Relaxed);
        self.put.1.fetch_add(bytes.len() as u64, Ordering::Relaxed);
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

/// What a journal of this run begins with, and the seal of its records.
fn head(key: &Key) -> io::Result<(Vec<u8>, Seal)> {
    let content = postcard::to_allocvec(key).map_err(io::Error::other)?;
    let mut head = MAGIC.to_vec();
    head.extend(Seal::of(MAGIC).frame(&content)?);
    Ok((head, Seal::of(&content)))
}

/// In what the run that a journal's head names differs from this one; `None` where the head names this one, or cannot be
/// read.
fn other_run(file: &File, key: &Key) -> io::Result<Option<(&'static str, &'static str)>> {
    let seal = Seal::of(MAGIC);
    let magic = frames::read(file, 0, MAGIC.len() as u64)?;
    let at_head = frames::read(file, MAGIC.len() as u64, MARK.len() as u64)? == MARK;
    if magic.len() == MAGIC.len() && magic.starts_with(NAME) && magic != MAGIC && !at_head {
        return Ok(Some(key::ANOTHER_BUILD));
    }
    let Some(frame) = Frames::new(file, seal, 0)?.frame(MAGIC.len() as u64)? else { return Ok(None) };
    let Some(known) = seal.open(&frame) else { return Ok(None) };
    match postcard::from_bytes(known) {
        Ok(known) => Ok(key.difference(&known)),
        Err(_) => Ok(Some(key::ANOTHER_BUILD)),
    }
}

/// Whether a file begins as a journal does, as far as it goes, one damaged place apart.
fn is_journal(file: &File) -> io::Result<bool> {
    let begins = frames::read(file, 0, (MAGIC.len() + MARK.len()) as u64)?;
    Ok(begins.starts_with(NAME) || NAME.starts_with(&begins) || begins.ends_with(MARK))
}

/// The content of a record's frame: its place, 4 bytes each, and the record, packed.
fn pack(place: Place, record: &Record) -> io::Result<Vec<u8>> {
    let record = postcard::to_allocvec(record).map_err(io::Error::other)?;
    let mut content = [place.0, place.1, place.2, place.3].map(u32::to_le_bytes).concat();
    content.extend(lz4_flex::compress_prepend_size(&record));
    Ok(content)
}

/// The place of a record, and the record, still packed.
fn unpack(content: &[u8]) -> Option<(Place, &[u8])> {
    let (a, rest) = content.split_first_chunk::<4>()?;
    let (b, rest) = rest.split_first_chunk::<4>()?;
    let (c, rest) = rest.split_first_chunk::<4>()?;
    let (d, packed) = rest.split_first_chunk::<4>()?;
    let [a, b, c, d] = [a, b, c, d].map(|bytes| u32::from_le_bytes(*bytes));
    Some(((a, b, c, d), packed))
}

#[cfg(test)]
mod tests;
