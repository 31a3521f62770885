//! The tally: what is counted of the attempts, in whole numbers.

use super::bins::Bins;
use super::request::{Attempt, Observer, Outcome};
use crate::ids::{Contract, Version};
use crate::stats::{Coarse, Histogram, Latencies};
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// In more bins than this, latencies have no percentiles bin by bin: a bin of them takes 4 KiB.
pub const MOST_LATENCY_BINS: usize = 1_000;

/// Counts of one replication. Attempts are binned by their arrival over the whole window; everything else counts only
/// requests that arrive from t = 0 on, so a retry of a warm-up request is binned with its request.
#[derive(Clone, Debug)]
pub struct Tally {
    bins: Bins,
    /// The bin that is open and its edges: the next attempt mostly arrived in it too.
    open: (Instant, Instant, usize),
    /// What has been counted in it so far, beside what stands in `cells`.
    cell: Cell,
    contracts: [Contract; 2],
    versions: [Version; 2],
    /// For each of the two contracts and versions: whether they differ.
    mismatched: [[bool; 2]; 2],
    /// Counts by bin, once the tally is [closed](Tally::close).
    pub cells: Vec<Cell>,
    /// Latencies of the served requests, until they are taken.
    latencies: Latencies,
    /// Requests that failed, finally.
    pub failed: u64,
    /// Requests turned away for want of capacity, finally.
    pub throttled: u64,
    /// Requests whose caller gave up waiting, finally.
    pub expired: u64,
    /// Requests unfinished at the end.
    pub in_flight: u64,
    /// Attempts that left their instance to be initialised again.
    pub resets: u64,
    /// The waits of cold starts, where they ended within the window.
    pub cold_waits: Histogram,
    /// The first and the last mismatched arrival.
    pub exposed: Option<(Instant, Instant)>,
}

/// Counts of the attempts that arrive in one bin, and of the requests answered that arrived in it. Contracts and
/// versions are the old one's and the new one's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Cell {
    /// Attempts that reached an instance, by contract and version.
    pub attempts: [[u64; 2]; 2],
    /// Attempts that were turned away.
    pub throttled: u64,
    /// Replies in another contract than the request's, by contract and version.
    pub replies: [[u64; 2]; 2],
    /// Cold starts by version.
    pub cold: [u64; 2],
    /// Served requests.
    pub served: u64,
    /// The sum of their latencies, in nanoseconds.
    pub latency: u128,
}

impl Cell {
    /// Adds another cell's counts.
    pub fn add(&mut self, other: &Self) {
        let attempts = self.attempts.iter_mut().flatten().zip(other.attempts.iter().flatten());
        let replies = self.replies.iter_mut().flatten().zip(other.replies.iter().flatten());
        for (mine, theirs) in attempts.chain(replies).chain(self.cold.iter_mut().zip(&other.cold)) {
            *mine += theirs;
        }
        self.throttled += other.throttled;
        self.served += other.served;
        self.latency += other.latency;
    }
}

impl Tally {
    /// Nothing counted yet. `contracts` are those of `versions`, the old one and the new one.
    #[must_use]
    pub fn new(bins: Bins, contracts: [Contract; 2], versions: [Version; 2]) -> Self {
        Self {
            bins,
            // Empty, so that the first attempt opens its own.
            open: (Instant::BEGINNING, Instant::BEGINNING, 0),
            cell: Cell::default(),
            contracts,
            versions,
            mismatched: contracts.map(|contract| contracts.map(|spoken| spoken != contract)),
            cells: vec![Cell::default(); bins.len()],
            latencies: Latencies::new(bins.len(), bins.first_counted(), bins.len() <= MOST_LATENCY_BINS),
            failed: 0,
            throttled: 0,
            expired: 0,
            in_flight: 0,
            resets: 0,
            cold_waits: Histogram::default(),
            exposed: None,
        }
    }

    /// Opens the bin of an arrival.
    fn open(&mut self, arrival: Instant) {
        self.close();
        let bin = self.bins.index(arrival);
        self.open = (self.bins.edge(bin), self.bins.edge(bin + 1), bin);
        self.latencies.open(bin);
    }

    /// Adds what was counted in the open bin to its counts. To be called at the end, before they are looked at.
    pub fn close(&mut self) {
        if let Some(cell) = self.cells.get_mut(self.open.2) {
            cell.add(&std::mem::take(&mut self.cell));
        }
    }

    /// Requests that arrived in [0, after), by how they ended; `served` are those of [`Tally::counted`].
    #[must_use]
    pub const fn requests(&self, served: u64) -> u64 {
        served + self.unserved() + self.in_flight
    }

    /// Requests that ended without a good answer.
    #[must_use]
    pub const fn unserved(&self) -> u64 {
        self.failed + self.throttled + self.expired
    }

    /// The latencies of the served requests: by bin, where there are at most [`MOST_LATENCY_BINS`], and of all that count.
    /// To be taken once, at the end.
    #[must_use]
    pub fn take_latencies(&mut self) -> (Coarse, Histogram) {
        let sum = self.counted().latency;
        std::mem::replace(&mut self.latencies, Latencies::new(0, 0, false)).into_histograms(sum)
    }

    /// The counts over [0, after).
    #[must_use]
    pub fn counted(&self) -> Cell {
        let mut sum = Cell::default();
        self.cells[self.bins.first_counted()..].iter().for_each(|cell| sum.add(cell));
        sum
    }
}

impl Observer for Tally {
    #[inline(always)]
    fn ended(&mut self, attempt: &Attempt) {
        let counted = attempt.request >= Instant::ZERO;
        let (from, to, _) = self.open;
        let is_plain = attempt.attempt == 0 && attempt.handled();
        if is_plain && from <= attempt.arrival && attempt.arrival < to {
            return self.count(attempt, None, counted);
        }
        // By value: an address that escapes would keep every attempt in memory.
        self.ended_elsewhere(*attempt, is_plain, counted);
    }

    fn unanswered(&mut self, request: Instant) {
        self.in_flight += u64::from(request >= Instant::ZERO);
    }
}

impl Tally {
    /// An attempt that arrived in another bin than the open one, that is binned apart from its request (a retry), or that
    /// reached no instance.
    #[inline(never)]
    fn ended_elsewhere(&mut self, attempt: Attempt, is_plain: bool, counted: bool) {
        let attempt = &attempt;
        if is_plain && attempt.arrival >= self.open.1 {
            self.open(attempt.arrival);
            return self.count(attempt, None, counted);
        }
        let bin = self.bins.index(if counted { attempt.arrival } else { attempt.request });
        if attempt.handled() {
            self.attempted(attempt, Some(bin), counted);
        } else {
            self.cells[bin].throttled += 1;
        }
        if attempt.last {
            self.finished(attempt, Some(self.bins.index(attempt.request)), counted);
        }
    }

    /// Counts the only attempt of a request, or one that will be followed by others.
    #[inline(always)]
    fn count(&mut self, attempt: &Attempt, bin: Option<usize>, counted: bool) {
        self.attempted(attempt, bin, counted);
        if attempt.last {
            self.finished(attempt, bin, counted);
        }
    }

    /// The counts of a bin; those of the open one if none is named.
    #[inline(always)]
    fn cell(&mut self, bin: Option<usize>) -> &mut Cell {
        match bin {
            Some(bin) => &mut self.cells[bin],
            None => &mut self.cell,
        }
    }

    /// Counts an attempt that reached an instance.
    #[inline(always)]
    fn attempted(&mut self, attempt: &Attempt, bin: Option<usize>, counted: bool) {
        let contract = usize::from(attempt.contract != self.contracts[0]);
        let version = usize::from(attempt.version != self.versions[0]);
        let mismatched = self.mismatched[contract][version];
        let cell = self.cell(bin);
        cell.attempts[contract][version] += 1;
        cell.cold[version] += u64::from(attempt.cold);
        if mismatched && matches!(attempt.outcome, Outcome::Served | Outcome::Unreadable) {
            cell.replies[contract][version] += 1;
        }
        if !counted {
            return;
        }
        if let Some(wait) = attempt.cold_wait {
            self.cold_waits.record(wait);
        }
        self.resets += u64::from(attempt.reset);
        if mismatched {
            let (first, last) = self.exposed.unwrap_or((attempt.arrival, attempt.arrival));
            self.exposed = Some((first.min(attempt.arrival), last.max(attempt.arrival)));
        }
    }

    /// Counts how a request ended, in the bin of its arrival.
    #[inline(always)]
    fn finished(&mut self, attempt: &Attempt, bin: Option<usize>, counted: bool) {
        if attempt.outcome == Outcome::Served {
            let latency = attempt.end.since(attempt.request);
            let cell = self.cell(bin);
            cell.served += 1;
            cell.latency += u128::from(latency.ns());
            match bin {
                Some(bin) => self.latencies.record(bin, latency),
                None => self.latencies.record_open(latency),
            }
        } else if counted {
            self.not_served(attempt.outcome);
        }
    }

    /// Counts a request that ended otherwise than served.
    #[inline(never)]
    const fn not_served(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Served => {}
            Outcome::Failed | Outcome::Unreadable => self.failed += 1,
            Outcome::Throttled => self.throttled += 1,
            Outcome::Expired => self.expired += 1,
            Outcome::InFlight => self.in_flight += 1,
        }
    }
}
