//! A file of recorded traffic, read once: its rows in order of time, and what was found in it. Scenarios that name one file
//! in one way share what was read.

mod intake;
mod settle;
mod shared;
mod spool;
mod told;

pub(super) use intake::{Intake, Kind, NO_DURATION, Request};
pub(super) use spool::{Cursor, Entry, Sorted};

use super::TraceError;
use super::file::Lines;
use super::format::{self, Found, Wanted};
use crate::time::Span;
use intake::{Passed, SECOND, spooling};
use std::path::Path;
use std::sync::Arc;

/// What a file has.
#[derive(Debug)]
pub(super) struct Recording {
    /// Its rows; requests with their durations, or bins with their numbers of requests.
    pub rows: Sorted,
    /// The rows that count, from one to before another: what lies outside is by clocks that are far off.
    pub range: (u64, u64),
    /// How long a bin is; zero where requests have times of their own.
    pub bin: Span,
    /// Whether requests bring their durations.
    pub durations: bool,
    /// Where its time begins: at the first row, or at the second that this lies in.
    pub base: i64,
    /// The time of the last row.
    pub last: i64,
    /// Requests.
    pub total: f64,
    /// The hash of the file's bytes, as hexadecimal BLAKE3.
    pub hash: String,
    /// How it is packed and written, where that is not plain UTF-8.
    dress: Vec<&'static str>,
    found: Found,
    passed: Passed,
}

impl Recording {
    /// Reads a file, or takes what somebody has read of it; up to `held` of its rows are held in memory.
    pub fn of(wanted: &Wanted, held: usize) -> Result<Arc<Self>, TraceError> {
        shared::or_read(wanted, held, || Self::read(wanted, held))
    }

    fn read(wanted: &Wanted, held: usize) -> Result<Self, TraceError> {
        let mut lines = Lines::open(&wanted.path)?;
        let mut intake = Intake::new(held);
        let found = format::read(wanted, &mut lines, &mut intake)?;
        let dress = lines.dress().to_vec();
        let (hash, behind) = lines.finish()?;
        intake.enough()?;
        let Intake { spool, kind, rows, mut passed, .. } = intake;
        passed.behind = behind;
        let Some(spool) = spool.filter(|_| rows > 0) else { return Err(nothing(wanted, &passed)) };
        let sorted = spool.sorted().map_err(spooling)?;
        let nothing = || nothing(wanted, &passed);
        let recording = match kind {
            Kind::Requests { durations, whole } => {
                let range = settle::near(&sorted).map_err(spooling)?;
                let strayed = sorted.len() - (range.1 - range.0);
                let first = sorted.get(range.0).map_err(spooling)?.ok_or_else(nothing)?.time;
                let last = sorted.get(range.1 - 1).map_err(spooling)?.ok_or_else(nothing)?.time;
                let (base, last) = match whole {
                    true => {
                        (first.saturating_sub(first.rem_euclid(SECOND)), last.saturating_sub(last.rem_euclid(SECOND)))
                    }
                    false => (first, last),
                };
                let total = (range.1 - range.0) as f64;
                let passed = Passed { strayed, ..passed };
                let bin = Span::ZERO;
                Self { rows: sorted, range, bin, durations, base, last, total, hash, dress, found, passed }
            }
            Kind::Bins { bin, rate, so_far } => {
                let sorted = if so_far { settle::differences(&sorted, held).map_err(spooling)? } else { sorted };
                let bins = settle::bins(&sorted, bin, rate, held)?;
                let range = (0, bins.rows.len());
                let (rows, bin, total) = (bins.rows, bins.bin, bins.total);
                let (base, last) = (bins.first, bins.last);
                passed.missing = bins.missing;
                Self { rows, range, bin, durations: false, base, last, total, hash, dress, found, passed }
            }
        };
        Ok(recording)
    }

    /// How long it is, from the first row to the end of the last.
    pub fn length(&self) -> Span {
        let ns = self.last.saturating_sub(self.base).unsigned_abs().saturating_add(self.bin.ns());
        Span::from_ns(ns.min(Span::LONGEST.ns()))
    }

    /// What people should know of it, in a few lines, each beginning with the file's name.
    pub fn told(&self, path: &Path) -> Vec<String> {
        told::lines(self, path)
    }
}

impl PartialEq for Recording {
    fn eq(&self, other: &Self) -> bool {
        let key =
            |recording: &Self| (recording.range, recording.bin, recording.base, recording.last, recording.durations);
        self.hash == other.hash && key(self) == key(other)
    }
}

/// What is said of a file without any row.
fn nothing(wanted: &Wanted, passed: &Passed) -> TraceError {
    let unfit = |reason: String, cure: &str| TraceError::Unfit { reason, cure: cure.to_owned() };
    if passed.unasked > 0 && !wanted.only.is_empty() {
        let asked: Vec<_> =
            wanted.only.iter().map(|(column, value)| format!("`{value}` in column `{column}`")).collect();
        let reason = format!("no row of this trace has {}", asked.join(" and "));
        return unfit(reason, "write values as they stand in the file; `*` stands for any text");
    }
    if passed.other + passed.unasked > 0 {
        return unfit(
            format!("none of the {} lines of this trace is a request", passed.other + passed.unasked),
            "name the file that has them, or another `format`",
        );
    }
    if passed.empty > 0 {
        let reason = format!("{} rows of this trace are empty where they are read", passed.empty);
        return unfit(reason, "name other columns: `time`, `count`");
    }
    TraceError::Empty
}
