//! The tally: what is counted of the attempts, in whole numbers.

use super::bins::Bins;
use super::causes::Blame;
use super::cells::{Cell, Cells, Plain};
use crate::platform::Service;
use crate::platform::control::Control;
use crate::platform::index::{Cast, ContractIx, Grid, VersionIx};
use crate::platform::observer::{Held, Observer};
use crate::platform::record::{Attempt, Outcome, Way};
use crate::source::{Source, Via};
use crate::stats::{Coarse, Histogram, Latencies};
use crate::strategy::On;
use crate::time::Instant;

/// In more bins than this, latencies have no percentiles bin by bin: a bin of them takes 4 KiB.
pub const MOST_LATENCY_BINS: usize = 1_000;

/// How a source passes no gateway.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Besides {
    /// By its own mapping.
    Direct,
    /// Taken over by a queue.
    Queue,
}

/// Running is billed in milliseconds.
const NS_PER_MS: u64 = 1_000_000;

/// Counts of one replication. Attempts are binned by their arrival over the whole window; everything else counts only
/// requests that arrive from t = 0 on, so a retry of a warm-up request is binned with its request.
#[derive(Clone, Debug)]
pub struct Tally {
    bins: Bins,
    /// The bin that is open and its edges: the next attempt mostly arrived in it too.
    open: (Instant, Instant, usize),
    /// What has been counted in it so far, beside what stands in `cells`.
    cell: Cell,
    /// Which sources pass no gateway, and whether by a queue; empty where all pass one.
    besides: Vec<Option<Besides>>,
    /// The ages of events at their good end.
    pub ages: Histogram,
    /// For each contract and version: whether they differ.
    mismatched: Grid<bool>,
    /// Counts by bin, once the tally is [closed](Tally::close).
    pub cells: Cells,
    /// Latencies of the served requests, until they are taken.
    latencies: Latencies,
    /// Attempts that left their instance to be initialised again.
    pub resets: u64,
    /// The waits of cold starts, where they ended within the window.
    pub cold_waits: Histogram,
    /// The first and the last mismatched arrival.
    pub exposed: Option<(Instant, Instant)>,
    /// What the causes of mismatches follow from.
    blame: Blame,
}

impl Tally {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(bins: Bins, service: &Service, (cast, on): (&Cast, On)) -> Self {
        let besides = |source: &Source| match source.via {
            Via::Gateway => None,
            Via::Direct(_) => Some(Besides::Direct),
            Via::Queue(..) => Some(Besides::Queue),
        };
        let besides: Vec<_> = service.sources.iter().map(besides).collect();
        Self {
            bins,
            // Empty, so that the first attempt opens its own.
            open: (Instant::BEGINNING, Instant::BEGINNING, 0),
            cell: Cell::default(),
            besides: if besides.iter().any(Option::is_some) { besides } else { Vec::new() },
            ages: Histogram::default(),
            mismatched: cast.mismatched(),
            cells: Cells::new(bins.len(), cast),
            latencies: Latencies::new(bins.len(), bins.first_counted(), bins.len() <= MOST_LATENCY_BINS),
            resets: 0,
            cold_waits: Histogram::default(),
            exposed: None,
            blame: Blame::new(service, cast, on),
        }
    }

    /// Counts from now on what another strategy runs, which replaces the same version; it has run nothing else so far.
    pub fn change_to(&mut self, service: &Service, (cast, on): (&Cast, On)) {
        self.close();
        self.blame = Blame::new(service, cast, on);
        (self.cells, self.mismatched) = (self.cells.changed_to(cast), cast.mismatched());
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
        if self.open.2 < self.cells.len() {
            self.cells.count(self.open.2, &std::mem::take(&mut self.cell));
        }
    }

    /// The latencies of the served requests: by bin, where there are at most [`MOST_LATENCY_BINS`], and of all that count.
    /// To be taken once, at the end.
    #[must_use]
    pub fn take_latencies(&mut self) -> (Coarse, Histogram) {
        let sum = self.counted().plain.latency;
        std::mem::replace(&mut self.latencies, Latencies::new(0, 0, false)).into_histograms(sum)
    }

    /// The counts over [0, after).
    #[must_use]
    pub fn counted(&self) -> Cell {
        self.cells.sum(self.bins.first_counted()..self.cells.len())
    }
}

impl Observer for Tally {
    #[inline(always)]
    fn ended(&mut self, attempt: &Attempt, way: Way) {
        let counted = attempt.request >= Instant::ZERO;
        let (from, to, _) = self.open;
        let is_plain = attempt.attempt == 0 && attempt.handled();
        if is_plain && from <= attempt.arrival && attempt.arrival < to {
            return self.count(attempt, way, None, counted);
        }
        // By value: an address that escapes would keep every attempt in memory.
        self.ended_elsewhere(*attempt, way, is_plain, counted);
    }

    fn ran(&mut self, version: VersionIx, from: Instant, to: Instant) {
        let from = from.max(Instant::ZERO);
        if from < to {
            let (open, until, bin) = self.open;
            let bin = if open <= from && from < until { bin } else { self.bins.index(from) };
            *self.cells.billed_mut(bin, version) += to.since(from).ns().div_ceil(NS_PER_MS);
        }
    }

    fn ran_kept(&mut self, from: Instant, to: Instant, memory: u64) {
        let from = from.max(Instant::ZERO);
        if from < to {
            let ms = to.since(from).ns().div_ceil(NS_PER_MS);
            self.cells.plain_mut(self.bins.index(from)).kept.ran += u128::from(ms) * u128::from(memory);
        }
    }

    fn changed(&mut self, now: Instant, control: &Control, back: bool) {
        self.blame.learn(now, control, back);
    }

    fn held(&mut self, held: &Held) {
        let &Held { environments, mut from, to, besides, memory } = held;
        let last = self.cells.len() - 1;
        while from < to {
            let bin = self.bins.index(from);
            let until = self.bins.edge(bin + 1).min(to);
            let held = u128::from(environments) * u128::from(until.since(from).ns());
            let kept = &mut self.cells.plain_mut(bin).kept;
            (kept.held, kept.billed) = (kept.held + held, kept.billed + held * u128::from(memory));
            from = until;
        }
        self.cells.plain_mut(self.bins.index(to).min(last)).kept.billed += besides * u128::from(memory);
    }

    fn unanswered(&mut self, source: u32, request: Instant) {
        let is_queued = self.is_queued(source);
        let from = if is_queued { request.max(Instant::ZERO) } else { request };
        let plain = self.cells.plain_mut(self.bins.index(from));
        plain.ends.in_flight += 1;
        plain.queued.in_flight += u64::from(is_queued);
        plain.queued.carried += u64::from(from != request);
    }

    fn handled_more(&mut self, now: Instant, messages: u64) {
        if now >= Instant::ZERO {
            self.cells.plain_mut(self.bins.index(now)).queued.together += messages;
        }
    }

    fn flipped(&mut self, now: Instant) {
        // An answer may come at the very end of the window.
        let last = self.cells.len() - 1;
        self.cells.plain_mut(self.bins.index(now).min(last)).flipped += 1;
    }
}

impl Tally {
    /// Counts an attempt of a source that passes no gateway.
    fn passed_no_gateway(&mut self, attempt: &Attempt, way: Way) {
        let Some(besides) = self.besides[attempt.source as usize] else { return };
        if attempt.arrival >= Instant::ZERO && attempt.outcome != Outcome::Throttled {
            self.cells.plain_mut(self.bins.index(attempt.arrival)).direct += 1;
        }
        if besides == Besides::Direct {
            return;
        }
        let mismatched = attempt.handled() && self.mismatched[way.contract][way.version];
        self.cells.plain_mut(self.bins.index(attempt.arrival)).queued.mismatched += u64::from(mismatched);
        if !attempt.last {
            return;
        }
        let (age, from) = (attempt.end.since(attempt.request), counts_from(attempt));
        let queued = &mut self.cells.plain_mut(self.bins.index(from)).queued;
        queued.carried += u64::from(from != attempt.request);
        match attempt.outcome {
            Outcome::Served => {
                (queued.served, queued.age) = (queued.served + 1, queued.age + u128::from(age.ns()));
                if from >= Instant::ZERO {
                    self.ages.record(age);
                }
            }
            outcome if outcome.is_lost() => queued.dead += 1,
            _ => queued.in_flight += 1,
        }
    }

    /// Whether a queue has taken an attempt's request over.
    fn is_queued(&self, source: u32) -> bool {
        self.besides.get(source as usize).is_some_and(|besides| *besides == Some(Besides::Queue))
    }

    /// An attempt that arrived in another bin than the open one, that is binned apart from its request (a retry), or that
    /// reached no instance.
    #[inline(never)]
    fn ended_elsewhere(&mut self, attempt: Attempt, way: Way, is_plain: bool, counted: bool) {
        let attempt = &attempt;
        if !self.besides.is_empty() {
            // No bin is opened then, so that all come here, and nobody else asks.
            self.passed_no_gateway(attempt, way);
        } else if is_plain && attempt.arrival >= self.open.1 {
            self.open(attempt.arrival);
            return self.count(attempt, way, None, counted);
        }
        let is_queued = self.is_queued(attempt.source);
        let counted = counted || (is_queued && attempt.arrival >= Instant::ZERO);
        let bin = self.bins.index(if counted { attempt.arrival } else { attempt.request });
        if attempt.handled() {
            self.attempted(attempt, way, Some(bin), counted);
        } else if attempt.outcome == Outcome::Throttled {
            self.cells.plain_mut(bin).throttled += 1;
        } else {
            self.cells.plain_mut(bin).refused += 1;
        }
        self.cells.plain_mut(bin).retried += u64::from(attempt.attempt > 0);
        if !counted && attempt.arrival >= Instant::ZERO {
            let late = &mut self.cells.plain_mut(self.bins.index(attempt.arrival)).late;
            late.handled += u64::from(attempt.handled());
            late.refused += u64::from(!attempt.handled() && attempt.outcome != Outcome::Throttled);
        }
        if attempt.last {
            let counts_from = if is_queued { counts_from(attempt) } else { attempt.request };
            self.finished(attempt, way, Some(self.bins.index(counts_from)));
        }
    }

    /// Counts the only attempt of a request, or one that will be followed by others.
    #[inline(always)]
    fn count(&mut self, attempt: &Attempt, way: Way, bin: Option<usize>, counted: bool) {
        self.attempted(attempt, way, bin, counted);
        if attempt.last {
            self.finished(attempt, way, bin);
        }
    }

    /// Counts of a bin; those of the open one if none is named.
    #[inline(always)]
    fn plain(&mut self, bin: Option<usize>) -> &mut Plain {
        match bin {
            Some(bin) => self.cells.plain_mut(bin),
            None => &mut self.cell.plain,
        }
    }

    /// Attempts of a bin, likewise.
    #[inline(always)]
    fn attempts(&mut self, bin: Option<usize>, contract: ContractIx, version: VersionIx) -> &mut u64 {
        match bin {
            Some(bin) => self.cells.attempts_mut(bin, contract, version),
            None => &mut self.cell.attempts[contract][version],
        }
    }

    /// Counts an attempt that reached an instance.
    #[inline(always)]
    fn attempted(&mut self, attempt: &Attempt, way: Way, bin: Option<usize>, counted: bool) {
        let Way { contract, version, .. } = way;
        let mismatched = self.mismatched[contract][version];
        *self.attempts(bin, contract, version) += 1;
        if attempt.cold {
            self.started(bin, version);
        }
        if mismatched && matches!(attempt.outcome, Outcome::Served | Outcome::Unreadable) {
            self.replied(bin, contract, version);
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
            self.blamed(*attempt, way, bin);
        }
    }

    /// Counts the cause of a mismatch.
    #[inline(never)]
    fn blamed(&mut self, attempt: Attempt, way: Way, bin: Option<usize>) {
        let cause = self.blame.cause(&attempt, way);
        self.plain(bin).causes.count(cause);
    }

    /// Counts how a request ended, in the bin of its arrival.
    #[inline(always)]
    fn finished(&mut self, attempt: &Attempt, way: Way, bin: Option<usize>) {
        if attempt.outcome == Outcome::Served {
            let latency = attempt.end.since(attempt.request);
            let plain = self.plain(bin);
            plain.served += 1;
            if bin.is_some() && self.is_queued(attempt.source) {
                // Nobody waited for it.
                return;
            }
            let plain = self.plain(bin);
            plain.latency += u128::from(latency.ns());
            match bin {
                Some(bin) => self.latencies.record(bin, latency),
                None => self.latencies.record_open(latency),
            }
        } else {
            self.not_served(attempt.outcome, way.version, bin);
        }
    }

    /// Counts a request that ended otherwise than served.
    #[inline(never)]
    fn not_served(&mut self, outcome: Outcome, version: VersionIx, bin: Option<usize>) {
        self.plain(bin).ends.count(outcome);
        if outcome.is_lost() {
            *match bin {
                Some(bin) => self.cells.lost_mut(bin, version),
                None => &mut self.cell.lost[version],
            } += 1;
        }
    }

    /// Counts a cold start.
    #[inline(never)]
    fn started(&mut self, bin: Option<usize>, version: VersionIx) {
        *match bin {
            Some(bin) => self.cells.cold_mut(bin, version),
            None => &mut self.cell.cold[version],
        } += 1;
    }

    /// Counts a reply in another contract than the request's.
    #[inline(never)]
    fn replied(&mut self, bin: Option<usize>, contract: ContractIx, version: VersionIx) {
        *match bin {
            Some(bin) => self.cells.replies_mut(bin, contract, version),
            None => &mut self.cell.replies[contract][version],
        } += 1;
    }
}

/// From when on an event counts that a queue had taken over and that ended with this attempt: from t = 0 on, where it was unfinished then.
fn counts_from(attempt: &Attempt) -> Instant {
    if attempt.end >= Instant::ZERO { attempt.request.max(Instant::ZERO) } else { attempt.request }
}
