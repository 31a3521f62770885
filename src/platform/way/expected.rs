//! The exact expected number of mismatched requests, given a replication's adoption times (guarantee G9).
//!
//! Between two adoptions every request faces the same odds: its node holds revision r with the share of nodes that
//! do, its front-end sends it to the wrong version with a share counted over front-ends, and the two are independent.
//! Summing odds times expected arrivals over all such stretches gives the number that the simulation must have on
//! average. It shares nothing with the simulation but the adoption times.
//!
//! Some attempts are not known beforehand: retries, the requests of users, and all of them where limits decide who is
//! let in, events stop requests on their way, or alarms stop the rollout (given that one did, there were more errors before). Their odds are added up as they are made ([`Running`]), before any of their draws is looked at: what
//! statisticians call the compensator of the count.

use super::odds::{Odds, adoptions};
use crate::ids::{Contract, Version};
use crate::platform::control::Control;
use crate::platform::index::{Cast, ContractIx, Each, Grid, VersionIx};
use crate::platform::{Service, Window};
use crate::source::{Arrivals, FeedError, Source};
use crate::strategy::Strategy;
use crate::time::Instant;

/// The expected number of mismatched first attempts in [0, after) that are known beforehand.
///
/// # Errors
/// [`FeedError`], where a trace that is not held in memory cannot be read again.
pub fn mismatched(
    service: &Service,
    strategy: &Strategy,
    control: &Control,
    window: &Window,
) -> Result<f64, FeedError> {
    let cast = Cast::new(service, strategy);
    let mut odds = Odds::new(&cast, control);
    let mismatched = cast.mismatched();
    let over = |odds: &Odds, from, to| -> Result<f64, FeedError> {
        let sources =
            service.sources.iter().enumerate().filter(|(_, source)| is_known_beforehand(service, strategy, source));
        sources.map(|(place, source)| of_source(&odds.table(place), source, &cast, &mismatched, from, to)).sum()
    };
    let (mut from, end) = (Instant::ZERO, window.end());
    let mut sum = 0.0;
    for (at, resource, adoption) in adoptions(control) {
        let at = at.clamp(from, end);
        if at > from {
            sum += over(&odds, from, at)?;
            from = at;
        }
        odds.adopt(resource, adoption);
    }
    Ok(sum + if end > from { over(&odds, from, end)? } else { 0.0 })
}

/// Whether the first attempts of a source follow from its arrivals alone.
pub(in crate::platform) fn is_known_beforehand(service: &Service, strategy: &Strategy, source: &Source) -> bool {
    let reacts = strategy.reacts() || service.hangs_together(strategy.on()) || !service.events.is_empty();
    !reacts && !matches!(source.arrivals, Arrivals::Users(_))
}

/// The expected number of mismatched requests of a source in [from, to), over which nothing is adopted.
fn of_source(
    table: &Grid<f64>,
    source: &Source,
    cast: &Cast,
    mismatched: &Grid<bool>,
    from: Instant,
    to: Instant,
) -> Result<f64, FeedError> {
    let odds = |written: ContractIx, row: &Each<Version, f64>| -> f64 {
        row.iter().zip(mismatched[written].iter()).filter(|&(_, mismatched)| *mismatched).map(|(odds, _)| odds).sum()
    };
    let contracts = || ContractIx::first(cast.contracts_len());
    // Where nothing can go wrong, arrivals need not be counted: a long trace is not read again for nothing.
    let times = |odds: f64, requests: &dyn Fn() -> Result<f64, FeedError>| {
        if odds == 0.0 { Ok(0.0) } else { Ok(odds * requests()?) }
    };
    match &source.clients {
        None => {
            let odds = contracts().map(|written| odds(written, &table[written])).sum();
            times(odds, &|| source.arrivals.expected(from, to))
        }
        Some(clients) => {
            let versions = Each::from_fn(|run| contracts().map(|written| table[written][run]).sum());
            let (old, new) = (odds(ContractIx::FIRST, &versions), odds(cast.updated(), &versions));
            // old x (old clients) + new x (all - old clients), each counted only where it matters.
            let all = times(new, &|| source.arrivals.expected(from, to))?;
            let more = (old - new) * clients.old.as_f64();
            Ok(all + times(more, &|| source.arrivals.expected_decayed(from, to, clients.half_life))?)
        }
    }
}

/// What is known of an attempt's contract before its node is drawn.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Nothing: its node will shape it.
    Node,
    /// It is this one.
    Known(ContractIx),
    /// It is each of these with this probability, whatever the node.
    Drawn(Each<Contract, f64>),
}

/// How it came about that the version of an attempt is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Told {
    /// Whatever its node: it is kept on it, or found it behind the balancer.
    Kept,
    /// It was drawn with its node, of which the version then tells something.
    Drawn,
}

/// What is known of an attempt before any of its draws.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its source.
    pub source: u32,
    /// Its contract.
    pub shape: Shape,
    /// The version that runs it, and how that came about, where it is known.
    pub version: Option<(VersionIx, Told)>,
    /// How likely it gets through to each version.
    pub gets_through: Each<Version, f64>,
}

/// The odds of the attempts that are not known beforehand, added up.
#[derive(Clone, Debug)]
pub struct Running {
    held: Odds,
    /// How many adoptions of each resource the odds know.
    known: Vec<usize>,
    next_at: Instant,
    tables: Vec<Grid<f64>>,
    /// By source: how likely an attempt that its node shapes is mismatched, by the version that runs it, as each [`Told`] has it.
    shaped: Vec<[Each<Version, f64>; 2]>,
    cast: Cast,
    mismatched: Grid<bool>,
    /// In parts of 2^-60, so that the sum is a whole number.
    sum: u128,
}

const PARTS: f64 = (1_u64 << 60) as f64;

impl Running {
    /// Nothing added yet.
    #[must_use]
    pub fn new(service: &Service, cast: &Cast, control: &Control) -> Self {
        let (tables, shaped) =
            (vec![Grid::default(); service.sources.len()], vec![Default::default(); service.sources.len()]);
        let (odds, mismatched) = (Odds::new(cast, control), cast.mismatched());
        Self {
            held: odds,
            known: vec![0; control.resources().count()],
            next_at: Instant::BEGINNING,
            tables,
            shaped,
            cast: *cast,
            mismatched,
            sum: 0,
        }
    }

    /// Adds the odds of an attempt at `now`. The clock must not go back between calls.
    pub fn add(&mut self, control: &mut Control, now: Instant, known: &Known) {
        let odds = self.odds(control, now, known);
        self.add_odds(odds);
    }

    /// Adds the odds of an attempt at `now` that its node shapes, and that gets through to a version.
    pub fn add_shaped(&mut self, control: &mut Control, now: Instant, source: u32, (run, told): (VersionIx, Told)) {
        if now >= self.next_at {
            self.look(control, now);
        }
        self.add_odds(self.shaped[source as usize][told as usize][run]);
    }

    /// Adds odds that were found before.
    pub fn add_odds(&mut self, odds: f64) {
        self.sum += (odds * PARTS) as u128;
    }

    /// The odds of an attempt at `now`, likewise.
    pub fn odds(&mut self, control: &mut Control, now: Instant, known: &Known) -> f64 {
        if now >= self.next_at {
            self.look(control, now);
        }
        let &Known { source, shape, version, gets_through } = known;
        if let (Shape::Node, Some((run, told))) = (shape, version) {
            return gets_through[run] * self.shaped[source as usize][told as usize][run];
        }
        let table = &self.tables[source as usize];
        let all_versions = || VersionIx::first(self.cast.versions_len());
        let all_contracts = || ContractIx::first(self.cast.contracts_len());
        let versions = |run: VersionIx| match version {
            Some((known, _)) => f64::from(u8::from(known == run)),
            None => all_contracts().map(|written| table[written][run]).sum(),
        };
        let mut odds = 0.0;
        for written in all_contracts() {
            for run in all_versions() {
                if !self.mismatched[written][run] {
                    continue;
                }
                odds += gets_through[run]
                    * match shape {
                        Shape::Node => table[written][run],
                        Shape::Known(known) => f64::from(u8::from(known == written)) * versions(run),
                        Shape::Drawn(clients) => clients[written] * versions(run),
                    };
            }
        }
        odds
    }

    /// The sum.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.sum as f64 / PARTS
    }

    /// Something has been changed: the odds are looked at anew.
    pub const fn look_again(&mut self) {
        self.next_at = Instant::BEGINNING;
    }

    #[cold]
    fn look(&mut self, control: &mut Control, now: Instant) {
        control.advance(now);
        self.held.extend(control);
        for ((resource, of), known) in control.resources().enumerate().zip(&mut self.known) {
            let made = of.adoptions();
            made[*known..].iter().for_each(|&adoption| self.held.adopt(resource, adoption));
            *known = made.len();
        }
        self.next_at = control.next_at();
        for place in 0..self.tables.len() {
            self.tables[place] = self.held.table(place);
            self.shaped[place] = self.shaped_by_node(&self.tables[place]);
        }
    }

    /// The odds of an attempt that its node shapes, by the version that runs it: the version is kept, or drawn together with the node's
    /// revision.
    fn shaped_by_node(&self, table: &Grid<f64>) -> [Each<Version, f64>; 2] {
        let all_contracts = || ContractIx::first(self.cast.contracts_len());
        let nodes = |written: ContractIx| -> f64 {
            VersionIx::first(self.cast.versions_len()).map(|run| table[written][run]).sum()
        };
        // How likely a node that leads to this version writes a contract.
        let given = |written: ContractIx, run: VersionIx| {
            let all: f64 = all_contracts().map(|written| table[written][run]).sum();
            if all > 0.0 { table[written][run] / all } else { nodes(written) }
        };
        let mismatched = |run: VersionIx, odds: &dyn Fn(ContractIx) -> f64| -> f64 {
            all_contracts().filter(|&written| self.mismatched[written][run]).map(odds).sum()
        };
        [
            Each::from_fn(|run| mismatched(run, &nodes)),
            Each::from_fn(|run| mismatched(run, &|written| given(written, run))),
        ]
    }
}
