//! A trace's rows after the check: in memory, or in the file.

use super::columns::Columns;
use super::lines::{Lines, Sum};
use super::rows::{Raw, Rows};
use super::{Row, TraceError};
use crate::source::FeedError;
use crate::time::Span;
use crate::units::Factor;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

/// How many places of a file are remembered, to begin reading near a row and not at the beginning.
const MARKS: usize = 4_096;

/// Where the rows are.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Stored {
    /// In memory.
    Held(Arc<[Row]>),
    /// In the file, to be read again.
    Streamed(Arc<Stream>),
}

/// A file that is read again by every replication.
#[derive(Debug)]
pub(super) struct Stream {
    pub path: PathBuf,
    pub file: Arc<File>,
    /// What shows that the file is as it was: the hashes of its blocks.
    pub sums: Arc<[Sum]>,
    pub columns: Arc<Columns>,
    pub bin: Span,
    pub piece: Piece,
    pub marks: Marks,
    pub hash: String,
}

/// The part of a trace that is replayed, in nanoseconds of its own time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Piece {
    pub from: i128,
    pub until: i128,
    pub speed: Factor,
}

/// Where a time lies.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Position {
    Before,
    /// So many nanoseconds into the piece, at its speed.
    Within(u64),
    After,
}

/// Places in a file, evenly over its rows.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Marks {
    marks: Vec<Mark>,
    seen: u64,
    /// Every 2^so many-th row is remembered.
    sparse: u32,
}

#[derive(Clone, Copy, PartialEq, Debug)]
struct Mark {
    offset: u64,
    number: u64,
    at: u64,
}

/// The rows still to come, from some place on.
#[derive(Clone, Debug)]
pub(super) enum Cursor {
    Held { rows: Arc<[Row]>, k: usize },
    Streamed(Box<Streaming>),
}

/// The rows of a file still to come.
#[derive(Clone, Debug)]
pub(super) struct Streaming {
    stream: Arc<Stream>,
    rows: Rows,
    /// The first row, read to find the place.
    next: Option<Row>,
}

impl Stored {
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Held(rows) => size_of_val(&**rows) as u64,
            Self::Streamed(stream) => (size_of_val(&*stream.sums) + size_of_val(stream.marks.marks.as_slice())) as u64,
        }
    }

    /// The rows from `offset` on.
    pub fn seek(&self, offset: u64) -> Result<Cursor, FeedError> {
        match self {
            Self::Held(rows) => {
                Ok(Cursor::Held { rows: Arc::clone(rows), k: rows.partition_point(|row| row.offset < offset) })
            }
            Self::Streamed(stream) => Ok(Cursor::Streamed(Box::new(Streaming::from(stream, offset)?))),
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
            Self::Streamed(streaming) => streaming.next(),
        }
    }
}

impl Streaming {
    fn from(stream: &Arc<Stream>, offset: u64) -> Result<Self, FeedError> {
        let mark = stream.marks.before(offset);
        let rows =
            Rows::new(Lines::from(&stream.file, mark.at, &stream.sums), &stream.columns, stream.bin, mark.number);
        let mut streaming = Self { stream: Arc::clone(stream), rows, next: None };
        while let Some(row) = streaming.next()? {
            if row.offset >= offset {
                streaming.next = Some(row);
                break;
            }
        }
        Ok(streaming)
    }

    fn next(&mut self) -> Result<Option<Row>, FeedError> {
        if let Some(row) = self.next.take() {
            return Ok(Some(row));
        }
        while let Some(raw) = self.rows.next().map_err(|error| self.stream.failed(error))? {
            match self.stream.piece.position(raw.time) {
                Position::Before => {}
                Position::Within(offset) => return Ok(Some(Row::new(&raw, offset))),
                Position::After => break,
            }
        }
        Ok(None)
    }
}

impl Stream {
    fn failed(&self, error: TraceError) -> FeedError {
        match error {
            TraceError::Unreadable(error) => self.error(format!("cannot be read any more: {error}")),
            // It was without mistakes when it was checked.
            TraceError::Changed | TraceError::Malformed { .. } | TraceError::Empty | TraceError::Unfit { .. } => {
                self.error("has changed since it was checked; leave it as it is until the run has ended".to_owned())
            }
        }
    }

    fn error(&self, reason: String) -> FeedError {
        FeedError { trace: crate::shown::path(&self.path), reason }
    }
}

impl PartialEq for Stream {
    fn eq(&self, other: &Self) -> bool {
        let key = |stream: &Self| (stream.hash.clone(), stream.columns.clone(), stream.bin, stream.piece);
        key(self) == key(other)
    }
}

impl Piece {
    pub fn position(&self, time: i128) -> Position {
        if time < self.from {
            return Position::Before;
        }
        if time >= self.until {
            return Position::After;
        }
        u64::try_from(self.speed.divide(time - self.from)).map_or(Position::After, Position::Within)
    }
}

impl Row {
    pub fn new(raw: &Raw, offset: u64) -> Self {
        Self { offset, number: raw.number, count: raw.count, service: raw.service }
    }
}

impl Marks {
    /// Remembers a row, or not; rows come in order.
    pub fn pass(&mut self, raw: &Raw, offset: u64) {
        if self.seen.trailing_zeros() >= self.sparse {
            if self.marks.len() == MARKS {
                let mut even = false;
                self.marks.retain(|_| {
                    even = !even;
                    even
                });
                self.sparse += 1;
            }
            // The mark that made the list too long may be one of those that are too many now.
            if self.seen.trailing_zeros() >= self.sparse {
                self.marks.push(Mark { offset, number: raw.number, at: raw.at });
            }
        }
        self.seen += 1;
    }

    /// The last mark from which all rows at or after `offset` still come.
    fn before(&self, offset: u64) -> Mark {
        let place = self.marks.partition_point(|mark| mark.offset < offset);
        let first = self.marks.first();
        let mark = self.marks.get(place.wrapping_sub(1)).or(first);
        mark.copied().unwrap_or(Mark { offset: 0, number: 0, at: 0 })
    }
}
