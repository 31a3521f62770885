//! What this process has read, for others that ask for the same while somebody still has it.

use super::Recording;
use crate::source::trace::{TraceError, format::Wanted};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::SystemTime;

/// A file as it was asked for, and what it was when it was read.
#[derive(PartialEq, Eq)]
struct Key {
    wanted: Wanted,
    held: usize,
    size: u64,
    modified: SystemTime,
}

static READ: Mutex<Vec<(Key, Weak<Recording>)>> = Mutex::new(Vec::new());

/// What was read of a file, or what `read` reads now.
pub(super) fn or_read(
    wanted: &Wanted,
    held: usize,
    read: impl FnOnce() -> Result<Recording, TraceError>,
) -> Result<Arc<Recording>, TraceError> {
    let key = || {
        let now = std::fs::metadata(&wanted.path).ok().filter(std::fs::Metadata::is_file)?;
        // However it is named.
        let path = std::fs::canonicalize(&wanted.path).ok()?;
        Some(Key { wanted: Wanted { path, ..wanted.clone() }, held, size: now.len(), modified: now.modified().ok()? })
    };
    let key = key();
    let known = key.as_ref().and_then(|key| {
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        read.retain(|(_, recording)| recording.strong_count() > 0);
        read.iter().find(|(known, _)| known == key).and_then(|(_, recording)| recording.upgrade())
    });
    if let Some(recording) = known {
        return Ok(recording);
    }
    let recording = Arc::new(read()?);
    if let Some(key) = key {
        READ.lock().unwrap_or_else(PoisonError::into_inner).push((key, Arc::downgrade(&recording)));
    }
    Ok(recording)
}
