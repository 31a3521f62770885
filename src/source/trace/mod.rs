//! Recorded arrivals, replayed: of requests with their times, or of how many there were in each stretch of time.
//!
//! A file is read once, whatever its format (`format`), and its rows put in order (`recording`). Short ones are then held
//! in memory; long ones lie in a temporary file that every replication reads through a small buffer, so that memory does
//! not grow with the trace.

mod feed;
mod file;
mod format;
pub(super) mod keys;
mod load;
mod recording;
mod refused;
mod row;
mod stored;

pub(super) use feed::Feed;
pub use file::progress;
pub use format::{Empty, Format, Notation, Stamp, Value, Wanted};
pub use row::Unit;

use super::FeedError;
use super::parts::Visit;
use super::parts::weight::Weight;
use super::spread::{self, Spread};
use crate::time::{Instant, Span};
use crate::units::Factor;
use recording::Recording;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use stored::Stored;

/// How many rows are held in memory: 20 MiB of them.
pub const HELD: usize = 1 << 19;

/// What to read from a trace file, and how to replay it.
#[derive(Clone, PartialEq, Debug)]
pub struct Reading {
    /// The file, and what is known of it.
    pub file: Wanted,
    /// How requests of a bin lie within it.
    pub spread: Spread,
    /// The piece that is replayed begins here, counted from the first row.
    pub from: Span,
    /// It ends before here, counted from the first row; `None` for the end of the file.
    pub until: Option<Span>,
    /// Where the piece's beginning lands; `None` for the start of the window.
    pub first: Option<Instant>,
    /// How many times as fast it is replayed.
    pub speed: Factor,
    /// How many times as many requests arrive.
    pub scale: Factor,
    /// Whether the piece is repeated without end, before and after itself.
    pub repeat: bool,
    /// More rows than this are not held in memory but put away in a temporary file.
    pub held: usize,
}

impl Reading {
    /// All of a file, from the beginning of the window on.
    #[must_use]
    pub const fn all(file: Wanted) -> Self {
        Self {
            file,
            spread: Spread::Random,
            from: Span::ZERO,
            until: None,
            first: None,
            speed: Factor::ONE,
            scale: Factor::ONE,
            repeat: false,
            held: HELD,
        }
    }
}

/// Recorded arrivals, checked.
#[derive(Clone, PartialEq, Debug)]
pub struct Trace {
    stored: Stored,
    placing: Placing,
    /// About how many requests arrive within the window; exact where nothing is repeated.
    pub requests: f64,
    /// Rows that were read, those outside the window included.
    pub rows: u64,
    /// The most requests that one row stands for, before scaling.
    densest: u64,
    /// When the last row that is replayed is over, where nothing is repeated.
    ends: Instant,
    /// How long the code takes on average, where the trace says so, in nanoseconds.
    pub(super) duration_ns: Option<f64>,
    /// Rows outside the window, or outside the piece that is repeated, which are not replayed.
    pub skipped: u64,
    /// After which span the piece begins anew, at its speed; `None` where it does not.
    pub period: Option<Span>,
    recording: Arc<Recording>,
}

/// Where rows land.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Placing {
    /// Where the piece begins.
    first: Instant,
    /// How long the requests of one row are spread.
    width: Span,
    spread: Spread,
    scale: Factor,
    /// Whether every row is one request at a time of its own.
    single: bool,
}

/// A row as it is replayed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Row {
    /// Nanoseconds after the piece's beginning, at the trace's speed.
    offset: u64,
    /// Its number in the order of time, from 0; rows that were summed have one together.
    number: u64,
    /// How many requests it stands for, before scaling.
    count: u64,
    /// How long the code takes, where the trace says so.
    service: Option<Span>,
}

/// Why a trace cannot be replayed.
#[derive(Debug)]
pub enum TraceError {
    /// The file cannot be read.
    Unreadable(std::io::Error),
    /// A place in the file is wrong, be it one row or too many.
    Malformed {
        /// The line, from 1.
        line: u64,
        /// The line's text.
        text: String,
        /// The offending bytes of that text.
        span: Range<usize>,
        /// What is wrong.
        reason: String,
        /// What would mend it.
        cure: String,
    },
    /// The whole file is wrong: it holds no row at all.
    Empty,
    /// The file is not what it was when it was read first.
    Changed,
    /// The file is sound, but not for what is asked of it.
    Unfit {
        /// Why not.
        reason: String,
        /// What would mend it.
        cure: String,
    },
}

impl Trace {
    /// Whether no arrival lies inside the window.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requests == 0.0
    }

    /// The hash of the file's bytes, as hexadecimal BLAKE3.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.recording.hash
    }

    /// What people should know of its file: what it has, how it was read, what was passed over.
    #[must_use]
    pub fn told(&self, path: &Path) -> Vec<String> {
        self.recording.told(path)
    }

    /// How long its file is, from the first row to the end of the last, at the file's own speed.
    #[must_use]
    pub fn length(&self) -> Span {
        self.recording.length()
    }

    /// Whether its rows are numbers of requests, not requests with times of their own.
    #[must_use]
    pub fn has_bins(&self) -> bool {
        !self.placing.single
    }

    /// Whether rows say how long the code takes.
    #[must_use]
    pub const fn has_durations(&self) -> bool {
        self.duration_ns.is_some()
    }

    /// Whether its rows are held in memory.
    #[must_use]
    pub const fn is_held(&self) -> bool {
        matches!(self.stored, Stored::Held(_))
    }

    /// What it takes of memory, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.stored.bytes()
    }

    /// How many rows are passed within `span`, at most.
    #[must_use]
    pub fn changes(&self, span: Span) -> f64 {
        let passes = self.period.map_or(1.0, |period| span.ns() as f64 / period.ns() as f64 + 2.0);
        passes * (self.rows - self.skipped) as f64
    }

    /// About the most requests that arrive within `span`, of a window so long; where rows are not in memory, the densest
    /// of them on top of what comes on average.
    pub(super) fn surge(&self, span: Span, window: Span) -> f64 {
        let Placing { width, scale, .. } = self.placing;
        let part = if width > span { span.ns() as f64 / width.ns() as f64 } else { 1.0 };
        let most = match &self.stored {
            Stored::Held(rows) => {
                let (mut first, mut sum, mut most) = (0, 0, 0);
                for row in rows.iter() {
                    sum += row.count;
                    while row.offset - rows[first].offset > span.ns() {
                        sum -= rows[first].count;
                        first += 1;
                    }
                    most = most.max(sum);
                }
                most as f64 * scale.as_f64()
            }
            Stored::Filed(_) => {
                let mean = self.requests * (span.ns() as f64 / window.ns() as f64).min(1.0);
                mean + self.densest as f64 * scale.as_f64()
            }
        };
        most * part
    }

    /// The number of the pass that is going on at `at`, or was the last to begin; the piece itself is pass 0.
    fn pass(&self, at: Instant) -> i64 {
        self.period.map_or(0, |period| (at.ns() - self.placing.first.ns()).div_euclid(period.ns().cast_signed()))
    }

    /// When pass `pass` begins.
    fn begins(&self, pass: i64) -> Instant {
        let period = self.period.map_or(0, Span::ns);
        let ns = i128::from(self.placing.first.ns()) + i128::from(pass) * i128::from(period);
        i64::try_from(ns).map_or(Instant::END, Instant::from_ns)
    }

    /// When the passes begin of which something may fall into [from, to).
    fn passes(&self, from: Instant, to: Instant) -> impl Iterator<Item = Instant> {
        // Times differ from pass to pass and from the piece by less than a bin, which may reach into this stretch.
        let begins = (self.pass(from.before(self.placing.width))..).map(|pass| self.begins(pass));
        let most = if self.period.is_none() { 1 } else { usize::MAX };
        begins.take(most).take_while(move |&begins| begins < to)
    }

    /// The rows in [from, to), or what of them falls there.
    pub(super) fn parts(&self, from: Instant, to: Instant, visit: Visit<'_>) -> Result<(), FeedError> {
        let Placing { width, spread, scale, .. } = self.placing;
        for begins in self.passes(from, to) {
            let mut cursor = self.stored.seek(from.since(begins + width).ns())?;
            while let Some(row) = cursor.next()? {
                let at = begins + Span::from_ns(row.offset);
                if at >= to {
                    break;
                }
                let (sure, chance) = scale.times(row.count);
                let more = chance.as_f64();
                spread::parts((at, width, sure), spread, (from, to), 1.0 - more, visit);
                if more > 0.0 {
                    spread::parts((at, width, sure + 1), spread, (from, to), more, visit);
                }
            }
        }
        Ok(())
    }

    pub(super) fn expected(&self, from: Instant, to: Instant, weight: Weight) -> Result<f64, FeedError> {
        let walk = |from: Instant, to: Instant| {
            let mut sum = 0.0;
            for begins in self.passes(from, to) {
                sum += self.expected_of_pass(begins, (from, to), weight)?;
            }
            Ok(sum)
        };
        match self.period {
            Some(period) => weight.repeated(period, (from, to), walk),
            None => walk(from, to),
        }
    }

    fn expected_of_pass(
        &self,
        begins: Instant,
        (from, to): (Instant, Instant),
        weight: Weight,
    ) -> Result<f64, FeedError> {
        let Placing { width, scale, .. } = self.placing;
        let low = from.since(begins + width).ns();
        if let (Stored::Held(rows), true, Weight(None)) = (&self.stored, self.placing.single, weight) {
            let index = |offset| rows.partition_point(|row| row.offset < offset);
            return Ok((index(to.since(begins).ns()) - index(low)) as f64 * scale.as_f64());
        }
        let mut cursor = self.stored.seek(low)?;
        let mut sum = 0.0;
        while let Some(row) = cursor.next()? {
            let at = begins + Span::from_ns(row.offset);
            if at >= to {
                break;
            }
            sum += expected_of_row(at, row.count, &self.placing, (from, to), weight);
        }
        Ok(sum)
    }
}

/// What a row with so many requests weighs in [from, to) on average: so many times the scale, of which a part is drawn.
fn expected_of_row(at: Instant, count: u64, placing: &Placing, stretch: (Instant, Instant), weight: Weight) -> f64 {
    let (sure, chance) = placing.scale.times(count);
    let of = |count| spread::expected((at, placing.width, count), placing.spread, stretch, weight);
    let sum = of(sure);
    if chance.is_zero() { sum } else { sum + chance.as_f64() * (of(sure + 1) - sum) }
}

#[cfg(test)]
mod tests;
