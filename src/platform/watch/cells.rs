//! Counts bin by bin, by contract and version: compact rows of those that a strategy has.

use super::causes::Causes;
use crate::ids::Version;
use crate::platform::index::{Cast, ContractIx, Each, Grid, VersionIx};
use crate::platform::record::Outcome;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Counts of the attempts that arrive in one bin, and of how the requests ended that arrived in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cell {
    /// Attempts that reached an instance, by contract and version.
    pub attempts: Grid<u64>,
    /// Replies in another contract than the request's, by contract and version.
    pub replies: Grid<u64>,
    /// Cold starts by version.
    pub cold: Each<Version, u64>,
    /// Lost requests by the version that their last attempt was sent to.
    pub lost: Each<Version, u64>,
    /// Milliseconds by version in which instances ran that are billed: of each attempt from t = 0 on, rounded up. In the bin of the
    /// attempt's arrival, or in the first one from t = 0 on if it came before.
    pub billed: Each<Version, u64>,
    /// What neither contract nor version divides.
    pub plain: Plain,
}

/// Counts that neither contract nor version divides.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Plain {
    /// Attempts that were turned away for want of capacity.
    pub throttled: u64,
    /// Attempts that failed on the way.
    pub refused: u64,
    /// Attempts from t = 0 on that passed no gateway, but for those that were throttled; in the bin of their arrival.
    pub direct: u64,
    /// Why attempts from t = 0 on were mismatched.
    pub causes: Causes,
    /// What became of events that queues took over, which are requests too.
    pub queued: Queued,
    /// Environments that were kept ready.
    pub kept: KeptReady,
    /// Attempts beyond their request's first.
    pub retried: u64,
    /// Served requests.
    pub served: u64,
    /// The sum of their latencies, in nanoseconds.
    pub latency: u128,
    /// Requests that ended otherwise.
    pub ends: Ends,
    /// Sessions that flipped in this bin.
    pub flipped: u64,
    /// Attempts in this bin, from t = 0 on, of requests of the warm-up, in whose bins they are counted.
    pub late: Late,
}

/// Environments that were kept ready, from t = 0 on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct KeptReady {
    /// For how long, in environments times nanoseconds.
    pub held: u128,
    /// What is billed of that, in bytes of memory times nanoseconds.
    pub billed: u128,
    /// How long they had attempts, in bytes of memory times milliseconds, each attempt rounded up; where attempts are.
    pub ran: u128,
}

impl KeptReady {
    const fn add(&mut self, other: &Self) {
        self.held += other.held;
        self.billed += other.billed;
        self.ran += other.ran;
    }
}

/// Events that queues took over.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Queued {
    /// Their mismatched attempts.
    pub mismatched: u64,
    /// Those that were handled well, and the sum of their ages by then, in nanoseconds.
    pub served: u64,
    /// See there.
    pub age: u128,
    /// Those that were given up.
    pub dead: u64,
    /// Those that were unfinished at the end.
    pub in_flight: u64,
    /// Those that were sent before t = 0 and unfinished then: they count from then on.
    pub carried: u64,
    /// Attempts from t = 0 on that were made together with another one, by the same invocation.
    pub together: u64,
}

impl Queued {
    const fn add(&mut self, other: &Self) {
        self.mismatched += other.mismatched;
        self.served += other.served;
        self.age += other.age;
        self.dead += other.dead;
        self.in_flight += other.in_flight;
        self.carried += other.carried;
        self.together += other.together;
    }
}

/// Attempts from t = 0 on whose requests arrived before.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Late {
    /// That reached an instance.
    pub handled: u64,
    /// That failed on the way.
    pub refused: u64,
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
    /// The last attempt was stopped on its way.
    pub away: u64,
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
        self.incompatible + self.reply + self.own + self.away
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
            Outcome::Refused | Outcome::Killed => self.away += 1,
            Outcome::Throttled => self.throttled += 1,
            Outcome::Expired | Outcome::WaitedOut => self.expired += 1,
            Outcome::InFlight | Outcome::Waiting => self.in_flight += 1,
        }
    }

    const fn add(&mut self, other: &Self) {
        self.incompatible += other.incompatible;
        self.reply += other.reply;
        self.own += other.own;
        self.away += other.away;
        self.throttled += other.throttled;
        self.expired += other.expired;
        self.in_flight += other.in_flight;
    }
}

impl Plain {
    /// Requests that arrived in the bin, by whatever end.
    #[must_use]
    pub const fn requests(&self) -> u64 {
        self.served + self.ends.lost() + self.ends.in_flight
    }

    fn add(&mut self, other: &Self) {
        self.throttled += other.throttled;
        self.refused += other.refused;
        self.direct += other.direct;
        self.causes.add(&other.causes);
        self.queued.add(&other.queued);
        self.kept.add(&other.kept);
        self.retried += other.retried;
        self.served += other.served;
        self.latency += other.latency;
        self.ends.add(&other.ends);
        self.flipped += other.flipped;
        self.late.handled += other.late.handled;
        self.late.refused += other.late.refused;
    }
}

/// The cells of all bins.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Cells {
    contracts: usize,
    versions: usize,
    /// A row a bin: attempts by contract and version, replies likewise, cold starts, lost requests and billed milliseconds by version.
    rows: Vec<u64>,
    plain: Vec<Plain>,
}

impl Cells {
    /// So many bins without counts.
    #[must_use]
    pub fn new(bins: usize, cast: &Cast) -> Self {
        let (contracts, versions) = (cast.contracts_len(), cast.versions_len());
        let rows = vec![0; bins * (2 * contracts + 3) * versions];
        Self { contracts, versions, rows, plain: vec![Plain::default(); bins] }
    }

    /// What a bin of these takes, in bytes.
    #[must_use]
    pub const fn bin_size(contracts: usize, versions: usize) -> usize {
        (2 * contracts + 3) * versions * size_of::<u64>() + size_of::<Plain>()
    }

    /// How many bins there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.plain.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.plain.is_empty()
    }

    /// The same bins for other versions, of which only the first has run so far, and only in its contract.
    #[must_use]
    pub fn changed_to(&self, cast: &Cast) -> Self {
        let mut cells = Self { plain: self.plain.clone(), ..Self::new(self.len(), cast) };
        for bin in 0..self.len() {
            let (contract, version) = (ContractIx::FIRST, VersionIx::FIRST);
            *cells.attempts_mut(bin, contract, version) = self.attempts(bin, contract, version);
            *cells.cold_mut(bin, version) = self.cold(bin, version);
            *cells.lost_mut(bin, version) = self.lost(bin, version);
            *cells.billed_mut(bin, version) = self.billed(bin, version);
        }
        cells
    }

    const fn row(&self, bin: usize) -> usize {
        bin * (2 * self.contracts + 3) * self.versions
    }

    const fn pair(&self, bin: usize, contract: ContractIx, version: VersionIx) -> usize {
        self.row(bin) + contract.number() * self.versions + version.number()
    }

    const fn replied(&self, bin: usize, contract: ContractIx, version: VersionIx) -> usize {
        self.pair(bin, contract, version) + self.contracts * self.versions
    }

    const fn started(&self, bin: usize, version: VersionIx) -> usize {
        self.row(bin) + 2 * self.contracts * self.versions + version.number()
    }

    const fn given_up(&self, bin: usize, version: VersionIx) -> usize {
        self.started(bin, version) + self.versions
    }

    const fn ran(&self, bin: usize, version: VersionIx) -> usize {
        self.given_up(bin, version) + self.versions
    }

    /// See [`Cell::attempts`].
    #[must_use]
    pub fn attempts(&self, bin: usize, contract: ContractIx, version: VersionIx) -> u64 {
        self.rows[self.pair(bin, contract, version)]
    }

    pub(super) fn attempts_mut(&mut self, bin: usize, contract: ContractIx, version: VersionIx) -> &mut u64 {
        let place = self.pair(bin, contract, version);
        &mut self.rows[place]
    }

    /// See [`Cell::replies`].
    #[must_use]
    pub fn replies(&self, bin: usize, contract: ContractIx, version: VersionIx) -> u64 {
        self.rows[self.replied(bin, contract, version)]
    }

    pub(super) fn replies_mut(&mut self, bin: usize, contract: ContractIx, version: VersionIx) -> &mut u64 {
        let place = self.replied(bin, contract, version);
        &mut self.rows[place]
    }

    /// See [`Cell::cold`].
    #[must_use]
    pub fn cold(&self, bin: usize, version: VersionIx) -> u64 {
        self.rows[self.started(bin, version)]
    }

    pub(super) fn cold_mut(&mut self, bin: usize, version: VersionIx) -> &mut u64 {
        let place = self.started(bin, version);
        &mut self.rows[place]
    }

    /// See [`Cell::lost`].
    #[must_use]
    pub fn lost(&self, bin: usize, version: VersionIx) -> u64 {
        self.rows[self.given_up(bin, version)]
    }

    pub(super) fn lost_mut(&mut self, bin: usize, version: VersionIx) -> &mut u64 {
        let place = self.given_up(bin, version);
        &mut self.rows[place]
    }

    /// See [`Cell::billed`].
    #[must_use]
    pub fn billed(&self, bin: usize, version: VersionIx) -> u64 {
        self.rows[self.ran(bin, version)]
    }

    pub(super) fn billed_mut(&mut self, bin: usize, version: VersionIx) -> &mut u64 {
        let place = self.ran(bin, version);
        &mut self.rows[place]
    }

    /// See [`Cell::plain`].
    #[must_use]
    pub fn plain(&self, bin: usize) -> &Plain {
        &self.plain[bin]
    }

    pub(super) fn plain_mut(&mut self, bin: usize) -> &mut Plain {
        &mut self.plain[bin]
    }

    /// The pairs that there are.
    fn pairs(&self) -> impl Iterator<Item = (ContractIx, VersionIx)> + use<> {
        let versions = self.versions;
        ContractIx::first(self.contracts)
            .flat_map(move |contract| VersionIx::first(versions).map(move |version| (contract, version)))
    }

    /// Adds the counts of a cell to a bin.
    pub fn count(&mut self, bin: usize, cell: &Cell) {
        for (contract, version) in self.pairs() {
            *self.attempts_mut(bin, contract, version) += cell.attempts[contract][version];
            *self.replies_mut(bin, contract, version) += cell.replies[contract][version];
        }
        for version in VersionIx::first(self.versions) {
            *self.cold_mut(bin, version) += cell.cold[version];
            *self.lost_mut(bin, version) += cell.lost[version];
            *self.billed_mut(bin, version) += cell.billed[version];
        }
        self.plain[bin].add(&cell.plain);
    }

    /// Adds the counts of other cells of the same strategy.
    pub fn add(&mut self, other: &Self) {
        self.rows.iter_mut().zip(&other.rows).for_each(|(mine, theirs)| *mine += theirs);
        self.plain.iter_mut().zip(&other.plain).for_each(|(mine, theirs)| mine.add(theirs));
    }

    /// All counts of these bins together.
    #[must_use]
    pub fn sum(&self, bins: Range<usize>) -> Cell {
        let mut sum = Cell::default();
        for bin in bins {
            for (contract, version) in self.pairs() {
                sum.attempts[contract][version] += self.attempts(bin, contract, version);
                sum.replies[contract][version] += self.replies(bin, contract, version);
            }
            for version in VersionIx::first(self.versions) {
                sum.cold[version] += self.cold(bin, version);
                sum.lost[version] += self.lost(bin, version);
                sum.billed[version] += self.billed(bin, version);
            }
            sum.plain.add(&self.plain[bin]);
        }
        sum
    }
}
