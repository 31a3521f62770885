//! A trace's rows as they are replayed: in memory, or in the recording's file.

use super::Row;
use super::recording::{self, Entry, NO_DURATION, Recording};
use crate::source::FeedError;
use crate::time::Span;
use crate::units::Factor;
use std::path::PathBuf;
use std::sync::Arc;

/// Where the rows are.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Stored {
    /// In memory.
    Held(Arc<[Row]>),
    /// In a file of the recording.
    Filed(Arc<Filed>),
}

/// Rows in a file, which is read again by every replication.
#[derive(Debug)]
pub(super) struct Filed {
    pub path: PathBuf,
    pub recording: Arc<Recording>,
    pub piece: Piece,
    /// The rows of the piece: from one to before another.
    pub range: (u64, u64),
}

/// The part of a trace that is replayed, in nanoseconds of its own time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Piece {
    pub from: i128,
    pub until: i128,
    pub speed: Factor,
}

/// The rows still to come, from some place on.
#[derive(Clone, Debug)]
pub(super) enum Cursor {
    Held { rows: Arc<[Row]>, k: usize },
    Filed(Box<Reading>),
}

/// The rows of a file still to come.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    filed: Arc<Filed>,
    rows: recording::Cursor,
}

impl Stored {
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Held(rows) => size_of_val(&**rows) as u64,
            Self::Filed(filed) => filed.recording.rows.bytes(),
        }
    }

    /// The rows from `offset` on.
    pub fn seek(&self, offset: u64) -> Result<Cursor, FeedError> {
        match self {
            Self::Held(rows) => {
                Ok(Cursor::Held { rows: Arc::clone(rows), k: rows.partition_point(|row| row.offset < offset) })
            }
            Self::Filed(filed) => {
                let (first, end) = filed.range;
                let begin = filed.first_from(offset).map_err(|error| filed.failed(&error))?;
                let rows = filed.recording.rows.cursor(begin.clamp(first, end), end);
                Ok(Cursor::Filed(Box::new(Reading { filed: Arc::clone(filed), rows })))
            }
        }
    }
}

impl Cursor {
    /// No rows.
    pub fn none() -> Self {
        Self::Held { rows: Arc::new([]), k: 0 }
    }

    /// The next row; `None` at the end of the piece.
    #[inline]
    pub fn next(&mut self) -> Result<Option<Row>, FeedError> {
        match self {
            Self::Held { rows, k } => {
                let row = rows.get(*k).copied();
                *k += 1;
                Ok(row)
            }
            Self::Filed(reading) => reading.next(),
        }
    }
}

impl Reading {
    fn next(&mut self) -> Result<Option<Row>, FeedError> {
        let number = self.rows.place();
        let entry = self.rows.next().map_err(|error| self.filed.failed(&error))?;
        Ok(entry.map(|entry| Row::new(entry, number, &self.filed.piece, &self.filed.recording)))
    }
}

impl Filed {
    /// The first row that is replayed at `offset` or later.
    fn first_from(&self, offset: u64) -> std::io::Result<u64> {
        let (mut low, mut high) = self.range;
        while low < high {
            let middle = low + (high - low) / 2;
            match self.recording.rows.get(middle)? {
                Some(entry) if self.piece.offset(entry.time) < offset => low = middle + 1,
                _ => high = middle,
            }
        }
        Ok(low)
    }

    fn failed(&self, error: &std::io::Error) -> FeedError {
        let reason = format!("was put away in a temporary file, which cannot be read any more: {error}");
        FeedError { trace: crate::shown::path(&self.path), reason }
    }
}

impl PartialEq for Filed {
    fn eq(&self, other: &Self) -> bool {
        let key = |filed: &Self| (filed.recording.hash.clone(), filed.piece, filed.range);
        key(self) == key(other)
    }
}

impl Piece {
    /// How many nanoseconds into the piece a time in it lies, at its speed.
    #[inline]
    pub fn offset(&self, time: i64) -> u64 {
        let into = i128::from(time) - self.from;
        let ns = if self.speed == Factor::ONE { into } else { self.speed.divide(into) };
        u64::try_from(ns).unwrap_or(0)
    }
}

impl Row {
    /// A row as it is replayed, of which a recording has the `number`-th.
    #[inline]
    pub fn new(entry: Entry, number: u64, piece: &Piece, recording: &Recording) -> Self {
        let offset = piece.offset(entry.time);
        let (count, service) = match (recording.bin, recording.durations) {
            (Span::ZERO, true) if entry.second != NO_DURATION => (1, Some(Span::from_ns(entry.second))),
            (Span::ZERO, _) => (1, None),
            (_, _) => (entry.second, None),
        };
        Self { offset, number, count, service }
    }
}
