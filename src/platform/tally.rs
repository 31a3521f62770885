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
    /// Attempts that left their instance to be initialised again.
    pub resets: u64,
    /// The waits of cold starts, where they ended within the window.
    pub cold_waits: Histogram,
    /// The first and the last mismatched arrival.
    pub exposed: Option<(Instant, Instant)>,
}

/// Counts of the attempts that arrive in one bin, and of how the requests ended that arrived in it. Contracts and
/// versions are the old one's and the new one's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Cell {
    /// Attempts that reached an instance, by contract and version.
    pub attempts: [[u64; 2]; 2],
    /// Attempts that were turned away.
    pub throttled: u64,
    /// Attempts beyond their request's first.
    pub retried: u64,
    /// Replies in another contract than the request's, by contract and version.
    pub replies: [[u64; 2]; 2],
    /// Cold starts by version.
    pub cold: [u64; 2],
    /// Served requests.
    pub served: u64,
    /// The sum of their latencies, in nanoseconds.
    pub latency: u128,
    /// Requests that ended otherwise.
    pub ends: Ends,
    /// Sessions that flipped in this bin.
    pub flipped: u64,
}

/// Requests by how they finally ended, other than served.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Ends {
    /// The code of the last attempt could not read the event.
    pub incompatible: u64,
    /// The caller could not read the last attempt's reply.
    pub reply: u64,
    /// The code of the last attempt failed by itself.
    pub own: u64,
    /// Turned away for want of capacity.
    pub throttled: u64,
    /// The caller gave up waiting.
    pub expired: u64,
    /// Unfinished at the end.
    pub in_flight: u64,
}

impl Ends {
    /// Requests that failed.
    #[must_use]
    pub const fn failed(&self) -> u64 {
        self.incompatible + self.reply + self.own
    }

    /// Requests that ended without a good answer.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.failed() + self.throttled + self.expired
    }

    /// Counts one more request that ended so.
    pub const fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Served => {}
            Outcome::Incompatible => self.incompatible += 1,
            Outcome::Unreadable => self.reply += 1,
            Outcome::Failed => self.own += 1,
            Outcome::Throttled => self.throttled += 1,
            Outcome::Expired => self.expired += 1,
            Outcome::InFlight => self.in_flight += 1,
        }
    }

    const fn add(&mut self, other: &Self) {
        self.incompatible += other.incompatible;
        self.reply += other.reply;
        self.own += other.own;
        self.throttled += other.throttled;
        self.expired += other.expired;
        self.in_flight += other.in_flight;
    }
}

impl Cell {
    /// Requests that arrived in the bin, by whatever end.
    #[must_use]
    pub const fn requests(&self) -> u64 {
        self.served + self.ends.lost() + self.ends.in_flight
    }

    /// Adds another cell's counts.
    pub fn add(&mut self, other: &Self) {
        let attempts = self.attempts.iter_mut().flatten().zip(other.attempts.iter().flatten());
        let replies = self.replies.iter_mut().flatten().zip(other.replies.iter().flatten());
        for (mine, theirs) in attempts.chain(replies).chain(self.cold.iter_mut().zip(&other.cold)) {
            *mine += theirs;
        }
        self.throttled += other.throttled;
        self.retried += other.retried;
        self.served += other.served;
        self.latency += other.latency;
        self.ends.add(&other.ends);
        self.flipped += other.flipped;
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
            mismatched: mismatched(contracts),
            cells: vec![Cell::default(); bins.len()],
            latencies: Latencies::new(bins.len(), bins.first_counted(), bins.len() <= MOST_LATENCY_BINS),
            resets: 0,
            cold_waits: Histogram::default(),
            exposed: None,
        }
    }

    /// Counts from now on what another strategy runs, which replaces the same version; it has run nothing else so far.
    pub fn change_to(&mut self, contracts: [Contract; 2], versions: [Version; 2]) {
        (self.contracts, self.versions) = (contracts, versions);
        self.mismatched = mismatched(contracts);
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

/// For each of the two contracts and versions: whether they differ.
fn mismatched(contracts: [Contract; 2]) -> [[bool; 2]; 2] {
    contracts.map(|contract| contracts.map(|spoken| spoken != contract))
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
        self.cells[self.bins.index(request)].ends.in_flight += 1;
    }

    fn flipped(&mut self, now: Instant) {
        // An answer may come at the very end of the window.
        let last = self.cells.len() - 1;
        self.cells[self.bins.index(now).min(last)].flipped += 1;
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
        self.cells[bin].retried += u64::from(attempt.attempt > 0);
        if attempt.last {
            self.finished(attempt, Some(self.bins.index(attempt.request)));
        }
    }

    /// Counts the only attempt of a request, or one that will be followed by others.
    #[inline(always)]
    fn count(&mut self, attempt: &Attempt, bin: Option<usize>, counted: bool) {
        self.attempted(attempt, bin, counted);
        if attempt.last {
            self.finished(attempt, bin);
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
    fn finished(&mut self, attempt: &Attempt, bin: Option<usize>) {
        if attempt.outcome == Outcome::Served {
            let latency = attempt.end.since(attempt.request);
            let cell = self.cell(bin);
            cell.served += 1;
            cell.latency += u128::from(latency.ns());
            match bin {
                Some(bin) => self.latencies.record(bin, latency),
                None => self.latencies.record_open(latency),
            }
        } else {
            self.not_served(attempt.outcome, bin);
        }
    }

    /// Counts a request that ended otherwise than served.
    #[inline(never)]
    fn not_served(&mut self, outcome: Outcome, bin: Option<usize>) {
        self.cell(bin).ends.count(outcome);
    }
}
