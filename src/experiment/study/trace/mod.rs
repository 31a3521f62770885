//! A stretch of one replication, attempt by attempt. The replication is simulated again, and what watches it writes down what it
//! sees; where nobody says until when, it is simulated once more before, to find when the rollout is over.

mod counters;
mod kept;

use super::told;
use crate::experiment::batch::describe;
use crate::experiment::replicate::Replication;
use crate::metrics::Cause;
use crate::platform::control::{Control, Propagation};
use crate::platform::{Attempt, Blame, Cast, Course, Grid, Observer, SimulationError, Way};
use crate::random::{Seed, Stream};
use crate::results::trace::{Mark, Passed, Seat, Trace};
use crate::scenario::Scenario;
use crate::strategy::{On, Strategy};
use crate::time::{Instant, NS_PER_S, Span};
use kept::Kept;
use std::collections::BTreeMap;

/// What to write down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// From when on; `None`: from [`MARGIN`] before t = 0.
    pub from: Option<Instant>,
    /// Until when; `None`: until [`MARGIN`] after the rollout is over, or after `from` where that is later.
    pub until: Option<Instant>,
    /// Of how many attempts at most.
    pub most: usize,
}

/// How much of what was before a rollout, and of what came after it, belongs to it where nobody says otherwise.
pub const MARGIN: Span = Span::from_s(10);

/// Why there is no trace.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// Nothing lies between the two ends.
    #[error("nothing lies between --from {from} and --until {until}; let the second be the later one")]
    Empty {
        /// From when on, in words.
        from: String,
        /// Until when.
        until: String,
    },
    /// Nothing is simulated there.
    #[error(
        "only what lies between {start} and {end} is simulated; give --from and --until there, or a longer window with --set"
    )]
    Outside {
        /// Where the window begins, in words.
        start: String,
        /// Where it ends.
        end: String,
    },
    /// The replication had to be given up.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
}

/// A moment as one would write it: `-10 s`.
#[must_use]
pub fn moment(at: Instant) -> String {
    if at < Instant::ZERO { format!("-{}", Instant::ZERO.since(at)) } else { at.since(Instant::ZERO).to_string() }
}

/// What is written down of one attempt while the replication goes on.
#[derive(Clone, Copy, Debug)]
struct Noted {
    attempt: Attempt,
    way: Way,
    cause: Option<Cause>,
    seat: Option<Sat>,
}

/// What an attempt had.
#[derive(Clone, Copy, Debug)]
struct Sat {
    number: u64,
    from: Instant,
    /// When its replica began to serve it, on hosts.
    turn: Option<Instant>,
}

/// Looks for when the rollout is over.
struct Extent {
    mismatched: Grid<bool>,
    /// The last end of a mismatched attempt, or the last adoption.
    last: Instant,
    /// The last end of one that was lost.
    lost: Instant,
    /// Whether some were lost just before t = 0: then it is not the rollout that loses them.
    always_loses: bool,
}

impl Observer for Extent {
    fn ended(&mut self, attempt: &Attempt, way: Way) {
        if self.mismatched[way.contract][way.version] && attempt.handled() {
            self.last = self.last.max(attempt.end);
        }
        if attempt.outcome.is_lost() {
            self.lost = self.lost.max(attempt.end);
            self.always_loses |= (Instant::ZERO.before(MARGIN)..Instant::ZERO).contains(&attempt.end);
        }
    }

    fn over(&mut self, control: &Control) {
        let adopted = control.resources().filter_map(|resource| resource.adoptions().last());
        self.last = adopted.map(|adoption| adoption.at).fold(self.last, Instant::max);
    }
}

/// Writes down what happens to attempts of a stretch.
struct Watch {
    from: Instant,
    until: Instant,
    on_hosts: bool,
    mismatched: Grid<bool>,
    blame: Blame,
    kept: Kept,
    /// By source, what decides which of its requests are kept.
    lots: Vec<Stream>,
    /// What attempts have that have not ended; apart from them the one that began last, since most are told to end at once.
    sitting: BTreeMap<(u32, u64, u8), Sat>,
    newest: Option<((u32, u64, u8), Sat)>,
    /// The attempt that ended last, and what it had: others of its batch had the same.
    last: Option<(Attempt, Sat)>,
    control: Option<Box<Control>>,
}

impl Observer for Watch {
    fn ended(&mut self, attempt: &Attempt, way: Way) {
        let key = (attempt.source, attempt.index, attempt.attempt as u8);
        let seat = match self.newest.take_if(|(newest, _)| *newest == key) {
            Some((_, seat)) => Some(seat),
            None => self.sitting.remove(&key),
        };
        if attempt.arrival < self.from || attempt.arrival >= self.until {
            return;
        }
        let seat = seat.or_else(|| self.shared(attempt)).filter(|_| attempt.handled());
        self.last = seat.map(|seat| (*attempt, seat));
        let mismatched = attempt.handled() && self.mismatched[way.contract][way.version];
        let cause = mismatched.then(|| self.blame.cause(attempt, way));
        // Who tries again has failed before, so that all attempts of a request go wrong or none.
        let wrong = attempt.attempt > 0 || attempt.outcome.is_lost() || mismatched;
        let lot = self.lots[attempt.source as usize].bits(attempt.index, 0);
        self.kept.add(wrong, lot, Noted { attempt: *attempt, way, cause, seat });
    }

    fn began(&mut self, source: u32, index: u64, attempt: u8, instance: u64, now: Instant) {
        // Who begins before has arrived before.
        if now >= self.from {
            let seat = Sat { number: instance, from: now, turn: None };
            self.sitting.extend(self.newest.replace(((source, index, attempt), seat)));
        }
    }

    fn turn(&mut self, source: u32, index: u64, attempt: u8, now: Instant) {
        let key = (source, index, attempt);
        let seat = match &mut self.newest {
            Some((newest, seat)) if *newest == key => Some(seat),
            _ => self.sitting.get_mut(&key),
        };
        if let Some(seat) = seat {
            seat.turn = Some(now);
        }
    }

    fn changed(&mut self, now: Instant, control: &Control, back: bool) {
        self.blame.learn(now, control, back);
    }

    fn over(&mut self, control: &Control) {
        self.control = Some(Box::new(control.clone()));
    }
}

impl Watch {
    /// What an attempt had that is not the first of its batch: the same as the one before it.
    fn shared(&self, attempt: &Attempt) -> Option<Sat> {
        let (before, seat) = self.last.as_ref().filter(|_| !self.on_hosts)?;
        let same = |of: &Attempt| (of.source, of.arrival, of.version);
        (same(before) == same(attempt)).then_some(*seat)
    }
}

/// Traces a stretch of a replication.
///
/// # Errors
/// [`TraceError`].
pub fn trace(scenario: &Scenario, strategy: &Strategy, seed: Seed, wanted: Wanted) -> Result<Trace, TraceError> {
    let (service, window) = (&scenario.service, scenario.window);
    let cast = Cast::new(service, strategy);
    let from = wanted.from.unwrap_or(Instant::ZERO.before(MARGIN));
    if let Some(until) = wanted.until.filter(|&until| from >= until) {
        return Err(TraceError::Empty { from: moment(from), until: moment(until) });
    }
    let until = match wanted.until {
        Some(until) => until,
        None if from >= window.end() => from,
        None => is_over(scenario, strategy, seed, &cast)?.max(from) + MARGIN,
    };
    let (from, until) = (from.max(window.start()), until.min(window.end()));
    if from >= until {
        return Err(TraceError::Outside { start: moment(window.start()), end: moment(window.end()) });
    }
    let watch = Watch {
        from,
        until,
        on_hosts: strategy.on() == On::Hosts,
        mismatched: cast.mismatched(),
        blame: Blame::new(service, &cast, strategy.on()),
        kept: Kept::new(wanted.most),
        lots: service.sources.iter().map(|source| seed.stream("trace", &source.name)).collect(),
        sitting: BTreeMap::new(),
        newest: None,
        last: None,
        control: None,
    };
    let (replication, watch) = Replication::watched(scenario, strategy, seed, watch)?;
    let teller = Teller { scenario, strategy, seed, cast, from, until };
    Ok(teller.trace(&replication, watch))
}

/// When the last action of a rollout has been followed by everybody, and the last attempt has ended that was mismatched, or lost where
/// none was just before t = 0, to the whole second; the end of the window where the rollout does not end before.
fn is_over(scenario: &Scenario, strategy: &Strategy, seed: Seed, cast: &Cast) -> Result<Instant, SimulationError> {
    let zero = Instant::ZERO;
    let extent = Extent { mismatched: cast.mismatched(), last: zero, lost: zero, always_loses: false };
    let (replication, extent) = Replication::watched(scenario, strategy, seed, extent)?;
    let Course { settled, stopped, rollback, .. } = replication.course;
    let back = stopped.zip(rollback).map(|(stopped, rollback)| stopped + rollback);
    let Some(settled) = settled.or(back) else { return Ok(scenario.window.end()) };
    let acted = replication.actions.last().map_or(zero, |&(at, _)| at);
    let lost = if extent.always_loses { zero } else { extent.lost };
    let over = [extent.last, acted, lost].into_iter().fold(settled, Instant::max);
    Ok(zero + Span::from_s(over.since(zero).ns().div_ceil(NS_PER_S)))
}

/// Tells what was seen.
struct Teller<'a> {
    scenario: &'a Scenario,
    strategy: &'a Strategy,
    seed: Seed,
    cast: Cast,
    from: Instant,
    until: Instant,
}

impl Teller<'_> {
    fn trace(&self, replication: &Replication, watch: Watch) -> Trace {
        let Self { scenario, strategy, seed, from, until, .. } = *self;
        let (control, on) = (watch.control.as_deref(), strategy.on());
        let sources = &scenario.service.sources;
        let within = |at: Instant| (from..=until).contains(&at);
        let actions = replication.actions.iter().filter(|&&(at, _)| within(at));
        let mut counters = control.map_or_else(Vec::new, |control| self.followed(control));
        counters.extend(self.levels(replication));
        let mut asked = Vec::new();
        let (noted, sample) = watch.kept.finish();
        let mut attempts: Vec<Passed> =
            noted.iter().map(|noted| self.passed(noted, control, watch.on_hosts, &mut asked)).collect();
        attempts.sort_unstable_by_key(|of| (of.arrival, of.source, of.index, of.attempt));
        Trace {
            scenario: scenario.name.clone(),
            strategy: strategy.name.clone(),
            replication: seed.replication,
            seed: seed.seed,
            from,
            until,
            on_hosts: watch.on_hosts,
            actions: actions.map(|(at, deed)| Mark { at: *at, what: describe::action(deed, on, sources) }).collect(),
            follows: control.map_or_else(Vec::new, |control| self.follows(control)),
            counters,
            sources: sources.iter().map(|source| source.name.clone()).collect(),
            asked,
            versions: self.cast.versions().map(|(_, version)| version).collect(),
            attempts,
            sample,
        }
    }

    fn passed(&self, noted: &Noted, control: Option<&Control>, on_hosts: bool, asked: &mut Vec<String>) -> Passed {
        let Noted { attempt, way, cause, seat } = *noted;
        let qualifier = control.map(|control| control.route(attempt.revision as usize, attempt.source as usize));
        let (node, front_end) = told::through(self.scenario, self.strategy, self.seed, &attempt, qualifier);
        let words = told::asked(way, qualifier, self.strategy.on());
        let known = asked.iter().position(|known| *known == words);
        let asked = known.unwrap_or_else(|| {
            asked.push(words);
            asked.len() - 1
        });
        let on = seat.map(|Sat { number, from, turn }| Seat {
            number,
            from,
            // One whose initialisation has not ended has had nothing else.
            cold: attempt.cold.then(|| attempt.cold_wait.unwrap_or_else(|| attempt.end.since(from))),
            line: on_hosts.then(|| turn.unwrap_or(attempt.end).since(from)),
        });
        Passed {
            source: attempt.source as usize,
            index: attempt.index,
            attempt: attempt.attempt,
            request: attempt.request,
            arrival: attempt.arrival,
            on,
            end: attempt.end,
            node,
            front_end,
            revision: attempt.revision,
            contract: attempt.contract,
            version: attempt.version,
            asked,
            outcome: told::outcome(attempt.outcome),
            lost: attempt.outcome.is_lost(),
            cause,
        }
    }

    /// When producers and mappings of sources that are wired by themselves followed.
    fn follows(&self, control: &Control) -> Vec<Mark> {
        let mut all = Vec::new();
        let sources = self.scenario.service.sources.iter().zip(control.direct.iter().zip(&control.changes.direct));
        for (source, (direct, wires)) in sources {
            let (Some(direct), Some(wires)) = (direct, wires) else { continue };
            let marks = |resource: &Propagation, what: &dyn Fn(usize) -> String| {
                let made = resource.adoptions().iter();
                made.map(|adoption| Mark { at: adoption.at, what: what(adoption.change as usize) }).collect::<Vec<_>>()
            };
            let written = |change: usize| format!("producer of {} writes {}", source.name, wires.written[change]);
            let asked = |change: usize| {
                let asked = told::named(Some(wires.asked[change]), self.strategy.on());
                format!("mapping of {} asks for {asked}", source.name)
            };
            all.extend(marks(&direct.producer, &written).into_iter().chain(marks(&direct.mapping, &asked)));
        }
        all.retain(|mark| (self.from..=self.until).contains(&mark.at));
        all.sort_by(|a, b| (a.at, &a.what).cmp(&(b.at, &b.what)));
        all
    }
}
