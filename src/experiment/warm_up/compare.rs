//! A length of the warm-up put to the test: pairs of pilot runs, of which one began long before the other.

use super::memory::Memory;
use super::pilot::{Past, Pilot};
use crate::platform::SimulationError;
use crate::random::Seed;
use crate::results::Settled;
use crate::scenario::Scenario;
use crate::stats::interval;
use crate::time::{Instant, Span};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Where the level may still differ by so much of itself, the beginning counts as forgotten.
const TOLERANCE: f64 = 0.02;
/// The confidence of a comparison's interval.
const CONFIDENCE: f64 = 0.999;
/// After how many pairs the interval is looked at.
pub(super) const LOOKS: [u64; 4] = [5, 10, 20, MOST_PAIRS];
/// No more pairs than these.
pub(super) const MOST_PAIRS: u64 = 40;
/// How many pairs a warning needs: where chance is not paired, five may all err on one side.
const FEWEST: u64 = 10;
/// The last part of the warm-up over which levels are averaged: one of so many.
const PARTS: u64 = 10;
/// The longer run begins a whole memory before the other, or as long before as that one lasts; but no more than so many
/// times as long, for what that costs.
const FARTHEST: u64 = 10;

/// What pairs of pilot runs showed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Compared {
    /// The mean level before t = 0 where the platform began with the warm-up.
    pub instances: f64,
    /// Where it had been at work for long before that.
    pub settled: f64,
    /// The interval of the first less the second.
    pub difference: (f64, f64),
    /// How many pairs.
    pub pairs: u64,
    /// What that says.
    pub verdict: Settled,
}

/// The pilot runs of a scenario for one version that is replaced.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    pilot: Pilot,
    pub memory: Memory,
    seed: u64,
}

impl Compared {
    /// Whether the beginning is forgotten, as far as can be told: where chance cannot be paired (users in a closed loop),
    /// it must do that as many pairs as there may be differ by nothing certain.
    pub fn is_content(&self) -> bool {
        let (low, high) = self.difference;
        match self.verdict {
            Settled::Yes => true,
            Settled::No => false,
            Settled::Open => self.pairs == MOST_PAIRS && low <= 0.0 && 0.0 <= high,
        }
    }

    /// Whether the beginning seems forgotten, by whatever pairs could be afforded.
    pub fn seems_content(&self) -> bool {
        let within = (self.instances - self.settled).abs() <= TOLERANCE * self.settled;
        self.is_content() || (self.verdict == Settled::Open && self.pairs >= FEWEST && within)
    }
}

impl Comparison {
    /// One for every version that some strategy replaces: until t = 0, strategies that replace the same are alike.
    pub fn all(scenario: &Scenario, seed: u64) -> Vec<Self> {
        let mut seen = BTreeSet::new();
        let first = scenario.strategies.iter().filter(|strategy| seen.insert(strategy.begins_with()));
        first
            .map(|strategy| Self {
                pilot: Pilot::new(scenario, &strategy.deployment, strategy.on()),
                memory: Memory::of(scenario.service.release(strategy.deployment.from), seed),
                seed,
            })
            .collect()
    }

    /// Whether it is known what was before the window. It is not for a recorded trace.
    pub fn knows_the_past(&self) -> bool {
        self.pilot.knows_the_past()
    }

    /// About how many requests so many pairs simulate.
    pub fn cost(&self, length: Span, pairs: u64) -> f64 {
        let span = |span: Span| self.pilot.requests(Instant::ZERO.before(span));
        pairs as f64 * (span(length) + span(length + self.ahead(length)))
    }

    /// How many pairs `budget` requests pay; `None` where they do not pay a first look.
    pub fn affordable(&self, length: Span, budget: f64) -> Option<u64> {
        // Saturates where nothing is sent.
        let pairs = (budget / self.cost(length, 1)) as u64;
        (pairs >= LOOKS[0]).then_some(pairs)
    }

    /// By how much the longer of two runs begins before the other, where the past is known.
    fn ahead(&self, length: Span) -> Span {
        let farthest = Span::from_ns(length.ns().saturating_mul(FARTHEST));
        if self.knows_the_past() { self.memory.span.clamp(length, farthest) } else { Span::ZERO }
    }

    /// Puts `length` to the test. Goes on until something is shown, or there were `most` pairs.
    ///
    /// # Errors
    /// When a pilot run had to be given up.
    pub fn of(&self, length: Span, most: u64) -> Result<Compared, SimulationError> {
        let mut pairs = Vec::new();
        let mut compared = Compared {
            instances: 0.0,
            settled: 0.0,
            difference: (f64::NEG_INFINITY, f64::INFINITY),
            pairs: 0,
            verdict: Settled::Open,
        };
        for look in LOOKS.into_iter().filter(|&look| look <= most) {
            let known = pairs.len() as u64;
            let more: Vec<_> =
                (known..look).into_par_iter().map(|pair| self.pair(length, pair)).collect::<Result<_, _>>()?;
            pairs.extend(more);
            compared = judge(&pairs);
            if compared.verdict != Settled::Open {
                break;
            }
        }
        Ok(compared)
    }

    /// The levels of two runs that face the same requests and draws.
    fn pair(&self, length: Span, pair: u64) -> Result<(f64, f64), SimulationError> {
        let seed = Seed { seed: self.seed, replication: pair };
        let looks = Span::from_ns((length.ns() / PARTS).max(1));
        let sends = length + self.ahead(length);
        let level = |serves, warm| -> Result<f64, SimulationError> {
            let level = self.pilot.level(Past { sends, serves, looks, warm }, seed)?;
            Ok(if self.memory.reclaims { level.alive } else { level.at_work })
        };
        let plain = level(length, 0)?;
        let settled = if self.knows_the_past() {
            level(sends, 0)?
        } else {
            // Nobody knows what had gone before: the service was at work, and had as many instances as it has now.
            level(length, plain.ceil() as u32)?
        };
        Ok((plain, settled))
    }
}

fn judge(pairs: &[(f64, f64)]) -> Compared {
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / pairs.len() as f64;
    let instances = mean(&mut pairs.iter().map(|pair| pair.0));
    let settled = mean(&mut pairs.iter().map(|pair| pair.1));
    let differences: Vec<_> = pairs.iter().map(|(plain, settled)| plain - settled).collect();
    let interval = interval::of(&differences, CONFIDENCE).and_then(|found| Some((found.mean, found.half_width?)));
    let difference = interval.map_or((f64::NEG_INFINITY, f64::INFINITY), |(mean, half)| (mean - half, mean + half));
    let tolerance = TOLERANCE * settled;
    let (low, high) = difference;
    let verdict = match () {
        () if -tolerance <= low && high <= tolerance => Settled::Yes,
        // For sure a difference, and one that matters.
        () if pairs.len() as u64 >= FEWEST && (low > 0.0 || high < 0.0) && (instances - settled).abs() > tolerance => {
            Settled::No
        }
        () => Settled::Open,
    };
    Compared { instances, settled, difference, pairs: pairs.len() as u64, verdict }
}

/// The smallest 1, 2 or 5 times a power of ten nanoseconds that is not below `span`.
pub(super) fn round_up(span: Span) -> Span {
    let powers = std::iter::successors(Some(1_u64), |power| power.checked_mul(10));
    let mut rounds = powers.flat_map(|power| [1, 2, 5].map(|digit| power.saturating_mul(digit)));
    rounds.find(|&round| round >= span.ns()).map_or(Span::LONGEST, Span::from_ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_before_it_is_shown() {
        let verdict = |pairs: &[(f64, f64)]| judge(pairs).verdict;
        assert_eq!(verdict(&[(10.0, 10.0); 5]), Settled::Yes);
        assert_eq!(verdict(&[(0.0, 0.0); 5]), Settled::Yes);
        let short = [(9.0, 10.0), (9.1, 10.0), (8.9, 10.0), (9.0, 10.0), (9.0, 10.0)];
        assert_eq!(verdict(&[short, short].concat()), Settled::No);
        assert_eq!(verdict(&short), Settled::Open, "too few for a warning");
        // 10 % too many on average, and twice that in the next pair.
        assert_eq!(verdict(&[(9.0, 10.0), (14.0, 10.0), (10.0, 10.0), (13.0, 10.0), (9.0, 10.0)]), Settled::Open);
        // One per cent is within the tolerance.
        assert_eq!(verdict(&[(9.9, 10.0); 5]), Settled::Yes);
        assert_eq!(verdict(&[(9.9, 10.0)]), Settled::Open);
    }

    #[test]
    fn lengths_are_round() {
        for (ns, round) in [(0, 1), (1, 1), (3, 5), (6, 10), (420_000_000_000, 500_000_000_000), (u64::MAX, u64::MAX)] {
            assert!(round_up(Span::from_ns(ns)) == Span::from_ns(round) || ns == u64::MAX, "{ns}");
        }
    }
}
