//! What no replication has shown: rollouts that go wrong as a whole, under the strategy that is to be chosen.
//!
//! Where load or alarms feed back, n rollouts without a disaster leave a share of up to 1 - risk^(1/n) of them. A choice is
//! guarded once so many would not make it wrong; until then its strategy gets more replications.

use super::entrant::Terms;
use crate::experiment::infer::disaster;
use crate::experiment::infer::sample::Sample;
use crate::metrics::Bound;
use crate::stats::mean;

/// In which share of its rollouts the strategy at a place would have to do as badly as can be to be the wrong choice among its
/// rivals; `None` where nothing bounds how badly that is.
pub(super) fn turns_at(terms: &Terms<'_>, samples: &[Sample<'_>], place: usize, rivals: &[usize]) -> Option<f64> {
    let of = |place: usize, column: usize| mean(&samples[place].values(column).known());
    let share = |column: usize, by: f64| disaster::worsens(samples[place], column, by.max(0.0));
    let apart = |&rival: &usize| Some((of(rival, terms.goal)? - of(place, terms.goal)?) * terms.sign);
    let nearest = rivals.iter().filter_map(apart).reduce(f64::min);
    let of_goal = nearest.and_then(|apart| share(terms.goal, apart + terms.question.indifference));
    let constraints = terms.question.constraints.iter().zip(&terms.constrained);
    let of_constraints = constraints.filter_map(|(constraint, &column)| {
        let side = if matches!(constraint.bound, Bound::AtMost(_)) { 1.0 } else { -1.0 };
        share(column, (constraint.at() - of(place, column)?) * side + constraint.tolerance)
    });
    of_constraints.chain(of_goal).reduce(f64::min)
}

/// In which share of its rollouts all may go wrong, none having done so; `None` where that cannot be, or was seen.
pub(super) fn unseen(terms: &Terms<'_>, sample: Sample<'_>, risk: f64) -> Option<f64> {
    disaster::unseen(sample, &terms.question.metric, 1.0 - risk)
}
