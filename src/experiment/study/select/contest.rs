//! The contest: what is known after each look, who may still be chosen, and who needs more replications.
//!
//! Let b be the best strategy that surely keeps the constraints. Three kinds of error could keep a worse one than b's
//! neighbours from losing to it: a constraint of b is taken for broken; some m that surely breaks one is taken for
//! keeping it; or the bound on the difference of b and some m that may be chosen fails upwards. Each m other than b
//! is of one kind only, so there are k - 1 such errors and one for each constraint, and each is allowed the same part
//! of the whole. That holds however strategies depend on one another (Bonferroni), so under common random numbers too.
//!
//! A strategy is dropped as soon as it is surely worse than another one that keeps the constraints: then it is not b.
//! One is chosen as soon as it keeps them and is surely no more than the indifference worse than each of the rest,
//! among whom b is. Who leads is but a guess; it decides on whom replications are spent, not on what is true.

use super::bounds::{Bounds, Summed};
use super::entrant::{Entrant, Terms};
use super::unseen;
use crate::experiment::infer::compare::apart;
use crate::experiment::infer::sample::Sample;
use crate::experiment::settings::FIRST;
use crate::metrics::Metric;
use crate::results::selection::{Cost, Decision, Margin, Question, Selection, Standing};
use crate::stats::interval;

/// A contest under way.
pub struct Contest<'a> {
    terms: Terms<'a>,
    risk: f64,
    entrants: Vec<Entrant>,
    /// The bounds on the difference of each with each, less meaning better.
    gaps: Vec<Vec<Bounds>>,
    /// Who led at the last look.
    leader: Option<usize>,
    chosen: Option<usize>,
}

impl<'a> Contest<'a> {
    /// A contest of so many strategies, in which nothing has been looked at. The columns of all rows are `metrics`.
    #[must_use]
    pub fn new(question: &'a Question, metrics: &'a [Metric], confidence: f64, count: usize) -> Self {
        let constraints = question.constraints.len();
        let errors = (count.saturating_sub(1) + constraints).max(1);
        let risk = 1.0 - confidence;
        Self {
            terms: Terms::new(question, metrics, risk / errors as f64),
            risk,
            entrants: (0..count).map(|_| Entrant::new(constraints)).collect(),
            gaps: vec![vec![Bounds::OPEN; count]; count],
            leader: None,
            chosen: None,
        }
    }

    /// How many replications of each strategy the next look wants.
    #[must_use]
    pub fn wanted(&self) -> Vec<u32> {
        self.entrants.iter().map(|entrant| entrant.wanted).collect()
    }

    /// Looks at the replications of every strategy, as many as were wanted; whether it is over.
    pub fn look(&mut self, samples: &[Sample<'_>]) -> bool {
        let before: Vec<u32> = self.entrants.iter().map(|entrant| entrant.runs).collect();
        for (place, sample) in samples.iter().enumerate() {
            if sample.replications() as u32 > before[place] {
                self.entrants[place].look(&self.terms, *sample);
            }
        }
        let runs = |place: usize| self.entrants[place].runs;
        let fresh = |a: usize, b: usize| runs(a).min(runs(b)) > before[a].min(before[b]);
        let count = samples.len();
        let pairs = (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b)));
        let pairs: Vec<(usize, usize)> = pairs.filter(|&(a, b)| fresh(a, b) || self.is_few(a, b)).collect();
        for (a, b) in pairs {
            let gap = self.gap(samples, a, b);
            (self.gaps[a][b], self.gaps[b][a]) = (gap, gap.turned());
        }
        self.drop_the_beaten();
        self.choose(samples)
    }

    /// Whether few of the goal's events were seen under one of two strategies.
    fn is_few(&self, a: usize, b: usize) -> bool {
        [a, b].iter().any(|&place| self.entrants[place].few)
    }

    /// The bounds on the difference a - b.
    fn gap(&self, samples: &[Sample<'_>], a: usize, b: usize) -> Bounds {
        let (one, other) = (&self.entrants[a], &self.entrants[b]);
        let known = self.gaps[a][b];
        if one.unjudged.is_some() || other.unjudged.is_some() {
            return known;
        }
        if self.is_few(a, b) {
            return Bounds { low: one.alone.low - other.alone.high, high: one.alone.high - other.alone.low };
        }
        let pairs = self.pairs(samples, a, b).into_iter();
        let (apart, sizes): (Vec<f64>, Vec<f64>) =
            pairs.map(|(a, b)| (apart(a, b) * self.terms.sign, a.abs() + b.abs())).unzip();
        let blur = self.terms.question.metric.kind.measured_within() * sizes.iter().sum::<f64>() / sizes.len() as f64;
        let sample = Summed::of(&apart);
        let seen = sample.bounds(self.terms.error, self.terms.question.indifference).widened(blur);
        // A variance that is estimated anew each time has no bounds that hold together.
        if sample.level { seen } else { known.and(seen) }
    }

    /// The goal of two strategies in the replications that both have.
    fn pairs(&self, samples: &[Sample<'_>], a: usize, b: usize) -> Vec<(f64, f64)> {
        let [a, b] = [a, b].map(|place| samples[place].values(self.terms.goal).each);
        a.into_iter().zip(b).filter_map(|(a, b)| Some((a?, b?))).collect()
    }

    /// Drops whoever is surely worse than one that keeps the constraints. One after the other, so that one remains.
    fn drop_the_beaten(&mut self) {
        for place in 0..self.entrants.len() {
            let entrant = &self.entrants[place];
            // A judge that cannot be judged any more takes its verdicts with it; so does one that turned out to go wrong as a whole.
            let stands = |by: usize| !self.entrants[by].out() && self.gaps[place][by].low > 0.0;
            let stands = entrant.dropped.is_some_and(stands);
            if stands || entrant.out() {
                continue;
            }
            let beats = |&other: &usize| {
                let judge = &self.entrants[other];
                other != place && judge.keeps_all() && judge.dropped.is_none() && self.gaps[place][other].low > 0.0
            };
            let by = (0..self.entrants.len()).filter(beats);
            // The one that beats it by most, the first of equals.
            let by = by.reduce(
                |best, next| {
                    if self.gaps[place][next].low > self.gaps[place][best].low { next } else { best }
                },
            );
            self.entrants[place].dropped = by;
        }
    }

    /// Chooses if that can be done, else says how many replications are wanted; whether it is over.
    fn choose(&mut self, samples: &[Sample<'_>]) -> bool {
        let left: Vec<usize> = (0..self.entrants.len()).filter(|&place| self.entrants[place].may_be_chosen()).collect();
        // By how much each might be worse than the best of the others, at most.
        let worst = |place: usize| {
            let others = left.iter().filter(|&&other| other != place);
            others.map(|&other| self.gaps[place][other].high).fold(0.0, f64::max)
        };
        let keeping = |place: &usize| self.entrants[*place].keeps_all();
        let first = |best: usize, next: usize| if worst(next) < worst(best) { next } else { best };
        let indifference = self.terms.question.indifference;
        if left.is_empty() {
            self.leader = None;
            return true;
        }
        let sure = left.iter().copied().filter(keeping).filter(|&place| worst(place) <= indifference).reduce(first);
        if let Some(chosen) = sure {
            self.leader = sure;
            let most = self.terms.question.most;
            if self.entrants[chosen].runs >= most || self.is_guarded(samples, chosen) {
                self.chosen = sure;
                return true;
            }
            self.entrants[chosen].want_more(most);
            return false;
        }
        let Some(leader) = left.iter().copied().reduce(first) else { return true };
        self.leader = Some(leader);
        let runs = |place: usize| self.entrants[place].runs;
        let rivals: Vec<usize> = left
            .iter()
            .copied()
            .filter(|&other| other != leader && self.gaps[leader][other].high > indifference)
            .collect();
        // Compared is what both have: whoever is behind comes first.
        let mut next: Vec<usize> = rivals.iter().copied().filter(|&rival| runs(rival) <= runs(leader)).collect();
        if !keeping(&leader) || rivals.iter().any(|&rival| runs(rival) >= runs(leader) || self.is_few(leader, rival)) {
            next.push(leader);
        }
        next.retain(|&place| runs(place) < self.terms.question.most);
        for &place in &next {
            self.entrants[place].want_more(self.terms.question.most);
        }
        next.is_empty()
    }

    /// Whether rollouts that go wrong as a whole, of which none was seen, would not make a strategy the wrong choice.
    fn is_guarded(&self, samples: &[Sample<'_>], chosen: usize) -> bool {
        let unseen = unseen::unseen(&self.terms, samples[chosen], self.risk);
        unseen.is_none_or(|unseen| self.turns_at(samples, chosen).is_none_or(|turns_at| unseen <= turns_at))
    }

    fn turns_at(&self, samples: &[Sample<'_>], chosen: usize) -> Option<f64> {
        let rivals = 0..self.entrants.len();
        let rivals: Vec<usize> = rivals.filter(|&place| place != chosen && !self.entrants[place].out()).collect();
        unseen::turns_at(&self.terms, samples, chosen, &rivals)
    }

    /// What came out.
    #[must_use]
    pub fn outcome(&self, samples: &[Sample<'_>]) -> Selection {
        let decision = match (self.chosen, self.leader) {
            (Some(chosen), _) => Decision::Chosen(chosen),
            (None, Some(leader)) => Decision::Undecided(leader),
            (None, None) => Decision::Nobody,
        };
        let places = 0..self.entrants.len();
        let runs: Vec<u32> = self.entrants.iter().map(|entrant| entrant.runs).collect();
        Selection {
            question: self.terms.question.clone(),
            risk: self.risk,
            decision,
            standings: places.clone().map(|place| self.standing(place)).collect(),
            margins: places.map(|place| self.margin(place)).collect(),
            keeps: self.entrants.iter().map(|entrant| entrant.keeps.clone()).collect(),
            few: self.entrants.iter().map(Entrant::saw_few).collect(),
            turns_at: self.chosen.and_then(|chosen| self.turns_at(samples, chosen)),
            unseen: self.chosen.and_then(|chosen| unseen::unseen(&self.terms, samples[chosen], self.risk)),
            cost: Cost {
                spent: runs.iter().map(|&runs| u64::from(runs)).sum(),
                equal: u64::from(runs.iter().copied().max().unwrap_or(0)) * runs.len() as u64,
                two_stage: self.two_stage(samples),
            },
            runs,
        }
    }

    fn standing(&self, place: usize) -> Standing {
        let entrant = &self.entrants[place];
        if self.chosen == Some(place) {
            return Standing::Chosen;
        }
        if let Some(why) = &entrant.unjudged {
            return why.clone();
        }
        if let Some(constraint) = entrant.keeps.iter().position(|keeps| *keeps == Some(false)) {
            return Standing::Breaks(constraint);
        }
        match (entrant.dropped, self.chosen) {
            (Some(_), Some(chosen)) if self.gaps[place][chosen].low > 0.0 => Standing::Worse(chosen),
            (Some(by), _) => Standing::Worse(by),
            (None, Some(chosen)) if self.gaps[place][chosen] == (Bounds { low: 0.0, high: 0.0 }) => Standing::Identical,
            (None, Some(_)) => Standing::Close,
            (None, None) => Standing::Open,
        }
    }

    /// How much worse it is than the one it is measured by, where that was looked at.
    fn margin(&self, place: usize) -> Option<Margin> {
        let than = match self.standing(place) {
            Standing::Worse(by) => by,
            Standing::Close | Standing::Identical => self.chosen?,
            Standing::Open => self.leader.filter(|&leader| leader != place)?,
            _ => return None,
        };
        let Bounds { low, high } = self.gaps[place][than];
        (low.is_finite() && high.is_finite()).then_some(Margin { than, low, high })
    }

    /// What Clark and Yang's procedure would have asked for after the same first replications, in all: two stages, the
    /// same number for all, valid under common random numbers. It knows neither constraints nor rare events.
    fn two_stage(&self, samples: &[Sample<'_>]) -> Option<u64> {
        let plain = |entrant: &Entrant| entrant.unjudged.is_none() && !entrant.few;
        let (count, constrained) = (self.entrants.len(), !self.terms.question.constraints.is_empty());
        if constrained || count < 2 || !self.entrants.iter().all(plain) {
            return None;
        }
        let error = self.risk / (count - 1) as f64;
        let t = interval::student_t(f64::from(FIRST - 1), 1.0 - 2.0 * error);
        let mut wanted = f64::from(FIRST);
        for a in 0..count {
            for b in a + 1..count {
                let pairs = self.pairs(samples, a, b).into_iter().take(FIRST as usize);
                let paired = pairs.map(|(a, b)| apart(a, b));
                let variance = Summed::of(&paired.collect::<Vec<_>>()).variance;
                wanted = wanted.max(
                    (t * t * variance / self.terms.question.indifference / self.terms.question.indifference).ceil(),
                );
            }
        }
        Some(wanted as u64 * count as u64)
    }
}

#[cfg(test)]
mod tests;
