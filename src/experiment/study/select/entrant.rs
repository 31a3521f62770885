//! One strategy in a contest: what is known of it by itself.

use super::bounds::{self, Bounds, Summed};
use crate::experiment::infer::sample::{Sample, Values};
use crate::experiment::infer::{disaster, estimate};
use crate::experiment::settings::{FIRST, next_look};
use crate::metrics::{Bound, Direction, Metric};
use crate::results::selection::{Question, Standing};

/// What is the same for all strategies.
pub(super) struct Terms<'a> {
    pub(super) question: &'a Question,
    metrics: &'a [Metric],
    /// The place of the metric that is to be best, and of those that are constrained.
    pub(super) goal: usize,
    pub(super) constrained: Vec<usize>,
    /// 1 where less is better, -1 where more is.
    pub(super) sign: f64,
    /// What any one error may have of the whole.
    pub(super) error: f64,
}

impl<'a> Terms<'a> {
    pub(super) fn new(question: &'a Question, metrics: &'a [Metric], error: f64) -> Self {
        // A metric that is no column is absent under every strategy.
        let place = |metric: &Metric| metrics.iter().position(|known| known == metric).unwrap_or(usize::MAX);
        Self {
            question,
            metrics,
            goal: place(&question.metric),
            constrained: question.constraints.iter().map(|constraint| place(&constraint.metric)).collect(),
            sign: if question.metric.direction() == Direction::Higher { -1.0 } else { 1.0 },
            error,
        }
    }

    /// The metrics asked about with their columns: the constrained ones first.
    fn columns(&self) -> impl Iterator<Item = (usize, &Metric)> {
        let constrained = self.question.constraints.iter().map(|constraint| &constraint.metric);
        let goal = (self.goal, &self.question.metric);
        self.constrained.iter().copied().zip(constrained).chain([goal])
    }
}

/// A strategy in the contest.
pub(super) struct Entrant {
    /// How many replications are looked at.
    pub(super) runs: u32,
    /// How many are wanted next.
    pub(super) wanted: u32,
    /// Why it cannot be judged, if it cannot.
    pub(super) unjudged: Option<Standing>,
    /// Whether it keeps each constraint, as far as that is decided.
    pub(super) keeps: Vec<Option<bool>>,
    /// By whom it was beaten.
    pub(super) dropped: Option<usize>,
    /// Whether few of the events behind the goal were seen at first.
    pub(super) few: bool,
    /// The same of each constraint.
    few_constrained: Vec<bool>,
    /// Whether a rollout went bad as a whole, so that no bound holds any more that took its requests to fail independently.
    bad: bool,
    /// The bounds on its goal alone, needed where few events were seen.
    pub(super) alone: Bounds,
}

impl Entrant {
    pub(super) fn new(constraints: usize) -> Self {
        Self {
            runs: 0,
            wanted: FIRST,
            unjudged: None,
            keeps: vec![None; constraints],
            dropped: None,
            few: false,
            few_constrained: vec![false; constraints],
            bad: false,
            alone: Bounds::OPEN,
        }
    }

    /// It is looked at again after more replications, if it may have more.
    pub(super) fn want_more(&mut self, most: u32) {
        self.wanted = next_look(self.runs).min(most);
    }

    pub(super) fn keeps_all(&self) -> bool {
        self.unjudged.is_none() && self.keeps.iter().all(|keeps| *keeps == Some(true))
    }

    pub(super) fn out(&self) -> bool {
        self.unjudged.is_some() || self.keeps.contains(&Some(false))
    }

    pub(super) fn may_be_chosen(&self) -> bool {
        !self.out() && self.dropped.is_none()
    }

    /// Whether few of the events behind the goal or a constraint were seen at first.
    pub(super) fn saw_few(&self) -> bool {
        self.few || self.few_constrained.contains(&true)
    }

    /// Looks at its rows, all so far.
    pub(super) fn look(&mut self, terms: &Terms<'_>, sample: Sample<'_>) {
        let new = self.runs == 0;
        self.runs = sample.replications() as u32;
        let absent = |column: usize| {
            let known = (column < sample.metrics().len()).then(|| sample.values(column));
            known.is_none_or(|values| values.absent || values.each.contains(&None))
        };
        if let Some((_, metric)) = terms.columns().find(|&(column, _)| absent(column)) {
            self.unjudged = Some(Standing::Absent(metric.key()));
            return;
        }
        if new {
            // Once and for all: which bounds are right must not depend on how the rest turns out.
            let few = |column: usize| estimate::few(sample, &terms.metrics[column]);
            self.few = few(terms.goal);
            self.few_constrained = terms.constrained.iter().map(|&column| few(column)).collect();
        }
        for constraint in 0..terms.constrained.len() {
            self.check(terms, sample, constraint);
        }
        if sample.values(terms.goal).censored > 0 {
            self.unjudged = Some(Standing::CutShort(terms.question.metric.key()));
        }
        self.measure(terms, sample);
    }

    /// Whether it keeps a constraint.
    fn check(&mut self, terms: &Terms<'_>, sample: Sample<'_>, number: usize) {
        let (constraint, column) = (&terms.question.constraints[number], terms.constrained[number]);
        // Less is better, whichever side the bound is on.
        let side = if matches!(constraint.bound, Bound::AtMost(_)) { 1.0 } else { -1.0 };
        let (at, tolerance) = (constraint.at() * side, constraint.tolerance);
        let values = sample.values(column);
        let summed = Summed::of(&signed(&values, side));
        if self.keeps[number].is_none() {
            let exact = bounds::exact(sample, column, terms.error).filter(|_| self.few_constrained[number]);
            let blur = constraint.metric.kind.measured_within() * summed.mean.abs();
            let line = || summed.bounds(terms.error, tolerance).widened(blur);
            let bounds = exact.map_or_else(line, |exact| exact.times(side));
            self.keeps[number] = bounds::keeps(bounds, summed.mean, at, tolerance);
        }
        // "At least" can break an upper bound and keep a lower one, never the reverse.
        if values.censored > 0 && self.keeps[number] == Some(side > 0.0) {
            self.unjudged = Some(Standing::CutShort(constraint.metric.key()));
        }
    }

    /// Bounds its goal by itself. Two such bounds stand for one of a difference, so each has half the error.
    fn measure(&mut self, terms: &Terms<'_>, sample: Sample<'_>) {
        let error = terms.error / 2.0;
        if let Some(exact) = bounds::exact(sample, terms.goal, error).filter(|_| self.few) {
            let bad = disaster::bad(sample, &terms.question.metric) > 0;
            let exact = exact.times(terms.sign);
            self.alone = if bad == self.bad { self.alone.and(exact) } else { exact };
            self.bad = bad;
            return;
        }
        let summed = Summed::of(&signed(&sample.values(terms.goal), terms.sign));
        let blur = terms.question.metric.kind.measured_within() * summed.mean.abs();
        let seen = summed.bounds(error, terms.question.indifference / 2.0).widened(blur);
        self.alone = if summed.level { seen } else { self.alone.and(seen) };
    }
}

/// The values that are known, each times `sign`.
fn signed(values: &Values, sign: f64) -> Vec<f64> {
    values.known().into_iter().map(|value| value * sign).collect()
}
