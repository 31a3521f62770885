//! What is taken from a file: rows into a spool, and notes of what was passed over and why.

use super::spool::{Entry, Spool};
use crate::random::{Seed, Stream};
use crate::source::trace::TraceError;
use crate::source::trace::file::Line;
use crate::source::trace::row::At;
use crate::time::Span;
use std::io;

/// A second, in nanoseconds.
pub(super) const SECOND: i64 = 1_000_000_000;
/// After so many damaged rows it is looked at whether they are too many, before the file is read to its end.
const FEW: u64 = 1_000;
/// So many sound rows there must be for a damaged one.
const SOUND: u64 = 9;

/// Takes what the rows of a file say.
#[derive(Debug)]
pub(in crate::source::trace) struct Intake {
    pub(super) spool: Option<Spool>,
    held: usize,
    pub(super) kind: Kind,
    /// Rows that were taken.
    pub(super) rows: u64,
    pub(super) passed: Passed,
    /// Damaged rows that are whole lines, and what is wrong with the first of them.
    damaged: u64,
    first: Option<TraceError>,
    latest: i64,
    /// Draws where in their second requests lie that are stamped with whole seconds.
    within: Stream,
    sums: Vec<f64>,
}

/// What the rows are.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::source::trace) enum Kind {
    /// Requests.
    Requests {
        /// Whether they bring their durations.
        durations: bool,
        /// Whether those on whole seconds are spread over them.
        whole: bool,
    },
    /// Bins.
    Bins {
        /// How long each is, where that is known.
        bin: Option<Span>,
        /// For how many seconds their numbers are, where they are rates.
        rate: Option<f64>,
        /// Whether each is that of all requests so far.
        so_far: bool,
    },
}

/// What was passed over, or noticed.
#[derive(Clone, PartialEq, Debug, Default)]
pub(in crate::source::trace) struct Passed {
    /// Rows that `where` does not ask for.
    pub unasked: u64,
    /// Lines that are no requests by their kind.
    pub other: u64,
    /// Rows, or numbers in them, that are empty.
    pub empty: u64,
    /// Rows that cannot be understood, and what is wrong with the first.
    pub bad: u64,
    pub first_bad: Option<(u64, String)>,
    /// Rows that came before one that is later.
    pub disordered: u64,
    /// Times without a zone.
    pub naive: u64,
    /// Bytes behind packed data.
    pub behind: u64,
    /// Requests without a duration, where others have one.
    pub untimed: u64,
    /// Bins between others that no row has.
    pub missing: u64,
    /// Rows whose clock was far off.
    pub strayed: u64,
}

/// A request as its row has it, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(in crate::source::trace) struct Request {
    /// Its time, and whether that names no zone.
    pub stamp: At,
    /// How long before its time it arrived.
    pub before: u64,
    /// How long the code took, where that is known.
    pub service: Option<u64>,
}

/// Where no duration is known.
pub(in crate::source::trace) const NO_DURATION: u64 = u64::MAX;

impl Intake {
    /// Takes rows, of which up to `held` stay in memory.
    pub fn new(held: usize) -> Self {
        let within = Seed { seed: 0, replication: 0 }.stream("whole-second", "");
        Self {
            spool: None,
            held,
            kind: Kind::Requests { durations: false, whole: false },
            rows: 0,
            passed: Passed::default(),
            damaged: 0,
            first: None,
            latest: i64::MIN,
            within,
            sums: Vec::new(),
        }
    }

    /// Says what the rows are, before the first.
    pub fn begin(&mut self, kind: Kind) {
        let wide = !matches!(kind, Kind::Requests { durations: false, .. });
        self.spool = Some(Spool::new(wide, self.held));
        self.kind = kind;
    }

    pub fn request(&mut self, request: Request) -> Result<(), TraceError> {
        let (stamp, naive) = request.stamp;
        self.passed.naive += u64::from(naive);
        let Kind::Requests { whole, durations } = self.kind else { return Ok(()) };
        self.passed.untimed += u64::from(durations && request.service.is_none());
        self.notice(stamp);
        let mut time = stamp;
        if whole && stamp % SECOND == 0 {
            let part = (u128::from(self.within.bits(self.rows, 0)) * SECOND as u128) >> 64;
            time = time.saturating_add(part as i64);
        }
        let time = time.saturating_sub_unsigned(request.before);
        self.push(Entry { time, second: request.service.unwrap_or(NO_DURATION) })
    }

    /// So many requests in the bin that begins at `time`, or that follows the last where nothing says when it does.
    pub fn bin(&mut self, time: Option<At>, amount: f64) -> Result<(), TraceError> {
        let time = match (time, self.kind) {
            (Some((time, naive)), _) => {
                self.passed.naive += u64::from(naive);
                self.notice(time);
                time
            }
            (None, Kind::Bins { bin, .. }) => {
                let ns = bin.map_or(0, Span::ns);
                i64::try_from(u128::from(self.rows) * u128::from(ns)).unwrap_or(i64::MAX)
            }
            (None, Kind::Requests { .. }) => 0,
        };
        self.push(Entry { time, second: amount.to_bits() })
    }

    /// So many requests in bin `k` of all rows together.
    pub fn add(&mut self, k: usize, amount: f64) {
        if self.sums.len() <= k {
            self.sums.resize(k + 1, 0.0);
        }
        self.sums[k] += amount;
    }

    /// The sums of all rows of a table whose columns are bins.
    pub fn bins_of_columns(&mut self) -> Result<(), TraceError> {
        for amount in std::mem::take(&mut self.sums) {
            self.bin(None, amount)?;
        }
        Ok(())
    }

    fn notice(&mut self, stamp: i64) {
        self.passed.disordered += u64::from(stamp < self.latest);
        self.latest = self.latest.max(stamp);
    }

    fn push(&mut self, entry: Entry) -> Result<(), TraceError> {
        self.rows += 1;
        match &mut self.spool {
            Some(spool) => spool.push(entry).map_err(spooling),
            None => Ok(()),
        }
    }

    pub const fn unasked(&mut self) {
        self.passed.unasked += 1;
    }

    pub const fn other(&mut self) {
        self.passed.other += 1;
    }

    pub const fn empty(&mut self) {
        self.passed.empty += 1;
    }

    /// A row that cannot be understood. It is passed over where few are, among many of requests; a number of requests that is
    /// none is never.
    ///
    /// # Errors
    /// What is wrong with it, where that shall be mended.
    pub fn bad(&mut self, line: Line, error: TraceError) -> Result<(), TraceError> {
        if matches!(self.kind, Kind::Bins { .. }) && line.ended {
            return Err(error);
        }
        self.passed.bad += 1;
        if let TraceError::Malformed { line, reason, .. } = &error {
            self.passed.first_bad.get_or_insert_with(|| (*line, reason.clone()));
        }
        // A file that is being written, or was cut, ends within a row: that alone is no reason to refuse it.
        if line.ended {
            self.damaged += 1;
            self.first.get_or_insert(error);
        }
        if self.damaged >= FEW { self.enough() } else { Ok(()) }
    }

    /// Whether so many rows are sound that the others may be passed over.
    ///
    /// # Errors
    /// What is wrong with the first of the others.
    pub fn enough(&mut self) -> Result<(), TraceError> {
        let Passed { unasked, other, empty, .. } = self.passed;
        let sound = self.rows + unasked + other + empty;
        if self.damaged.saturating_mul(SOUND) <= sound {
            return Ok(());
        }
        match self.first.take() {
            Some(TraceError::Malformed { line, text, span, reason, cure }) if self.damaged > 1 => {
                let reason =
                    format!("{reason}; {} of the first {} rows are damaged", self.damaged, sound + self.damaged);
                Err(TraceError::Malformed { line, text, span, reason, cure })
            }
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

/// What is said where rows cannot be put away.
pub(super) fn spooling(error: io::Error) -> TraceError {
    TraceError::Unfit {
        reason: format!("the rows of this trace cannot be put away in a temporary file: {error}"),
        cure: "set TMPDIR to a folder with room: 8 bytes a request, 16 with durations, twice that while sorting"
            .to_owned(),
    }
}
