//! Rows in order of time, in memory as long as they are few, else in a temporary file of 8 or 16 bytes a row. What comes
//! out of order is sorted in pieces of bounded size, which are then merged.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::sync::Arc;

/// So many rows are held at least.
const LEAST: usize = 4;
/// How many bytes a reader of the file holds.
const BUFFER: usize = 1 << 16;
/// How many bytes all readers hold together while pieces are merged.
const MERGING: usize = 8 << 20;

/// A row: a time, in nanoseconds, and what else it says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::source::trace) struct Entry {
    pub time: i64,
    /// A duration, a number of requests, or nothing: the trace knows which.
    pub second: u64,
}

/// Takes rows in any order.
#[derive(Debug)]
pub(super) struct Spool {
    /// Whether rows say more than a time.
    wide: bool,
    /// How many rows are held in memory.
    most: usize,
    held: Vec<Entry>,
    /// Whether what is held came in order, and the latest time of all.
    in_order: bool,
    latest: i64,
    /// What was written, and where each piece of it that is in order ends.
    file: Option<BufWriter<File>>,
    written: u64,
    last_written: i64,
    ends: Vec<u64>,
}

/// Rows in order of time.
#[derive(Clone, Debug)]
pub(in crate::source::trace) enum Sorted {
    Held(Arc<[Entry]>),
    Filed(Filed),
}

/// Rows in a file.
#[derive(Clone, Debug)]
pub(in crate::source::trace) struct Filed {
    file: Arc<File>,
    rows: u64,
    wide: bool,
}

/// Rows still to come.
#[derive(Clone, Debug)]
pub(in crate::source::trace) struct Cursor {
    rows: Sorted,
    next: u64,
    end: u64,
    /// What was read of a file, and where in it the next row begins.
    buffer: Vec<u8>,
    at: usize,
    size: usize,
}

impl Spool {
    /// A spool that holds up to `most` rows in memory.
    pub fn new(wide: bool, most: usize) -> Self {
        Self {
            wide,
            most: most.max(LEAST),
            held: Vec::new(),
            in_order: true,
            latest: i64::MIN,
            file: None,
            written: 0,
            last_written: i64::MIN,
            ends: Vec::new(),
        }
    }

    pub fn push(&mut self, entry: Entry) -> io::Result<()> {
        if entry.time < self.latest {
            self.in_order = false;
        }
        self.latest = self.latest.max(entry.time);
        if self.held.len() == self.most {
            self.spill()?;
        }
        self.held.push(entry);
        Ok(())
    }

    fn sort(&mut self) {
        if !std::mem::replace(&mut self.in_order, true) {
            self.held.sort_by_key(|entry| entry.time);
        }
    }

    /// Writes what is held behind what was written.
    fn spill(&mut self) -> io::Result<()> {
        self.sort();
        let (Some(first), Some(last)) = (self.held.first(), self.held.last()) else { return Ok(()) };
        if self.written > 0 && first.time < self.last_written {
            self.ends.push(self.written);
        }
        self.last_written = last.time;
        self.written += self.held.len() as u64;
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(BufWriter::with_capacity(BUFFER, tempfile::tempfile()?)),
        };
        for entry in self.held.drain(..) {
            write(file, self.wide, entry)?;
        }
        // Rows that come now may be earlier than all that were written.
        Ok(())
    }

    /// All rows in order; those of one time as they came.
    pub fn sorted(mut self) -> io::Result<Sorted> {
        if self.file.is_none() {
            self.sort();
            return Ok(Sorted::Held(self.held.into()));
        }
        self.spill()?;
        let (wide, rows) = (self.wide, self.written);
        self.held = Vec::new();
        let Some(file) = self.file else { return Ok(Sorted::Held(Arc::default())) };
        let filed = Filed { file: Arc::new(file.into_inner().map_err(io::IntoInnerError::into_error)?), rows, wide };
        if self.ends.is_empty() {
            return Ok(Sorted::Filed(filed));
        }
        self.ends.push(rows);
        merge(&filed, &self.ends).map(Sorted::Filed)
    }
}

fn write(file: &mut impl Write, wide: bool, entry: Entry) -> io::Result<()> {
    file.write_all(&entry.time.to_le_bytes())?;
    if wide { file.write_all(&entry.second.to_le_bytes()) } else { Ok(()) }
}

/// Merges pieces that are in order, of which each ends where `ends` says.
fn merge(filed: &Filed, ends: &[u64]) -> io::Result<Filed> {
    let buffer = (MERGING / ends.len()).clamp(256, BUFFER);
    let mut begin = 0;
    let mut pieces = Vec::new();
    // Of one time, the row of the earlier piece comes first.
    let mut heads = BinaryHeap::new();
    for (piece, &end) in ends.iter().enumerate() {
        let mut cursor = Cursor::between(&Sorted::Filed(filed.clone()), begin, end, buffer);
        heads.extend(cursor.next()?.map(|entry| Reverse((entry.time, piece, entry.second))));
        pieces.push(cursor);
        begin = end;
    }
    let mut file = BufWriter::with_capacity(BUFFER, tempfile::tempfile()?);
    while let Some(mut head) = heads.peek_mut() {
        let Reverse((time, piece, second)) = *head;
        write(&mut file, filed.wide, Entry { time, second })?;
        match pieces[piece].next()? {
            Some(entry) => *head = Reverse((entry.time, piece, entry.second)),
            None => drop(PeekMut::pop(head)),
        }
    }
    let file = Arc::new(file.into_inner().map_err(io::IntoInnerError::into_error)?);
    Ok(Filed { file, ..*filed })
}

impl Sorted {
    /// How many rows there are.
    pub fn len(&self) -> u64 {
        match self {
            Self::Held(rows) => rows.len() as u64,
            Self::Filed(filed) => filed.rows,
        }
    }

    /// What they take of memory, in bytes.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Held(rows) => size_of_val(&**rows) as u64,
            Self::Filed(_) => 0,
        }
    }

    /// Row `k`, of those that there are.
    pub fn get(&self, k: u64) -> io::Result<Option<Entry>> {
        match self {
            Self::Held(rows) => Ok(rows.get(k as usize).copied()),
            Self::Filed(_) => Cursor::between(self, k, (k + 1).min(self.len()), 16).next(),
        }
    }

    /// How many rows lie before `time`.
    pub fn before(&self, time: i64) -> io::Result<u64> {
        if let Self::Held(rows) = self {
            return Ok(rows.partition_point(|entry| entry.time < time) as u64);
        }
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.get(middle)? {
                Some(entry) if entry.time < time => low = middle + 1,
                _ => high = middle,
            }
        }
        Ok(low)
    }

    /// The rows [begin, end).
    pub fn cursor(&self, begin: u64, end: u64) -> Cursor {
        Cursor::between(self, begin, end, BUFFER)
    }
}

impl Cursor {
    fn between(rows: &Sorted, next: u64, end: u64, size: usize) -> Self {
        Self { rows: rows.clone(), next, end: end.min(rows.len()), buffer: Vec::new(), at: 0, size }
    }

    /// The number of the next row.
    pub const fn place(&self) -> u64 {
        self.next
    }

    /// The next row; `None` at the end.
    #[inline]
    pub fn next(&mut self) -> io::Result<Option<Entry>> {
        if self.next >= self.end {
            return Ok(None);
        }
        let wide = match &self.rows {
            Sorted::Held(rows) => {
                self.next += 1;
                return Ok(rows.get(self.next as usize - 1).copied());
            }
            Sorted::Filed(filed) => filed.wide,
        };
        if self.at == self.buffer.len() {
            self.fill()?;
        }
        let mut number = || -> [u8; 8] {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&self.buffer[self.at..self.at + 8]);
            self.at += 8;
            bytes
        };
        let time = i64::from_le_bytes(number());
        let second = if wide { u64::from_le_bytes(number()) } else { 0 };
        self.next += 1;
        Ok(Some(Entry { time, second }))
    }

    #[cold]
    fn fill(&mut self) -> io::Result<()> {
        let Sorted::Filed(Filed { file, wide, .. }) = &self.rows else { return Ok(()) };
        let row = if *wide { 16 } else { 8 };
        let rows = (self.size as u64 / row).max(1).min(self.end - self.next);
        self.buffer.resize((rows * row) as usize, 0);
        self.at = 0;
        read_exact_at(file, &mut self.buffer, self.next * row)
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, at)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut at: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, at)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            n => {
                buffer = &mut buffer[n..];
                at += n as u64;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(sorted: &Sorted) -> Vec<Entry> {
        let mut cursor = sorted.cursor(0, sorted.len());
        std::iter::from_fn(|| cursor.next().unwrap()).collect()
    }

    fn spooled(rows: &[Entry], wide: bool, most: usize) -> Sorted {
        let mut spool = Spool::new(wide, most);
        rows.iter().for_each(|&entry| spool.push(entry).unwrap());
        spool.sorted().unwrap()
    }

    #[test]
    fn rows_come_in_order_however_many_are_held() {
        let mut state = 1_u64;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for (n, jumps) in [(0, 10), (1, 10), (5_000, 1), (5_000, 30), (5_000, 10_000)] {
            let rows: Vec<_> =
                (0..n).map(|k| Entry { time: (k * 3) as i64 - 2_000 + draw(jumps) as i64, second: k }).collect();
            let mut expected = rows.clone();
            expected.sort_by_key(|entry| entry.time);
            for most in [1, 7, 100, 10_000] {
                let sorted = spooled(&rows, true, most);
                assert_eq!(all(&sorted), expected, "{n} rows, {most} held");
                assert_eq!(matches!(sorted, Sorted::Held(_)), n as usize <= most.max(LEAST));
                for time in [-5_000, -2_000, 0, 77, 100_000] {
                    let before = expected.iter().filter(|entry| entry.time < time).count() as u64;
                    assert_eq!(sorted.before(time).unwrap(), before);
                    assert_eq!(sorted.get(before).unwrap(), expected.get(before as usize).copied());
                }
            }
            let narrow = spooled(&rows, false, 100);
            let times = |rows: &[Entry]| rows.iter().map(|entry| entry.time).collect::<Vec<_>>();
            assert_eq!(times(&all(&narrow)), times(&expected));
        }
    }
}
