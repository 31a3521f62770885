//! A timeline as charts need it: the part worth showing, in no more bins than there are pixels.

use crate::report::draw::clock;
use crate::results::{ScenarioResults, Series, StrategyResults, Timeline};
use std::ops::Range;

/// More bins than a chart has pixels from side to side.
const MOST: usize = 1_200;
/// So many attempts in all runs together make a bin worth a look: chance then moves its height by a sixth.
const ENOUGH: f64 = 36.0;
/// On a bent axis of time, what is shorter than this part of the time gone by is too narrow to be seen.
const NARROW: f64 = 0.02;
/// A panel keeps so many bins, however few attempts there are.
const FEWEST: usize = 24;

/// A stretch of time in seconds.
pub(super) type Stretch = (f64, f64);

/// The bins of one timeline within a stretch of time, neighbours joined where they are too many.
pub(super) struct Bins<'a> {
    timeline: &'a Timeline,
    groups: Vec<Range<usize>>,
    /// When each begins and ends.
    pub stretches: Vec<Stretch>,
}

/// What part of a timeline is shown, and how.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Shown {
    /// From when to when.
    pub stretch: Stretch,
    /// Where the axis of time bends, if it does.
    pub bend: Option<f64>,
    /// How many panels share the width of the chart.
    pub columns: usize,
}

impl<'a> Bins<'a> {
    /// The bins within what is shown, joined only where there are more than pixels.
    pub(super) fn new(timeline: &'a Timeline, shown: Shown) -> Self {
        Self::by(timeline, shown, 1)
    }

    /// The bins within what is shown, joined until chance no longer hides what there is to see.
    pub(super) fn joined(scenario: &ScenarioResults, timeline: &'a Timeline, shown: Shown) -> Self {
        let bins = inside(timeline, shown.stretch).count();
        let ran = |series: Series| matches!(series, Series::Attempts(..));
        let values = timeline.series.iter().filter(|(series, _)| ran(*series)).flat_map(|(_, values)| values);
        let all: f64 = values.flatten().filter(|value| value.is_finite()).sum();
        let each = all * f64::from(scenario.replications) / timeline.edges.len().max(1) as f64;
        let wanted = if each > 0.0 { (ENOUGH / each).ceil() as usize } else { 1 };
        Self::by(timeline, shown, wanted.min(bins / FEWEST).max(1))
    }

    /// So many bins joined, counted from t = 0 in both directions, so that it stays an edge; more where the axis of time
    /// leaves them no room.
    fn by(timeline: &'a Timeline, shown: Shown, joined: usize) -> Self {
        let bins: Vec<usize> = inside(timeline, shown.stretch).collect();
        let most = MOST / shown.columns.max(1);
        let joined = joined.max(if shown.bend.is_none() { bins.len().div_ceil(most) } else { 1 });
        let (before, from_zero) = bins.split_at(bins.partition_point(|&bin| stretch(timeline, bin, bin).1 <= 0.0));
        let group = |part: &[usize]| part.first().zip(part.last()).map(|(&first, &last)| first..last + 1);
        let mut groups: Vec<Range<usize>> = before.rchunks(joined).filter_map(group).collect();
        groups.reverse();
        let mut rest = from_zero;
        while let Some(&first) = rest.first() {
            let (from, to) = stretch(timeline, first, first);
            let narrow = if shown.bend.is_some() { (from * NARROW / (to - from)) as usize } else { 1 };
            let (next, behind) = rest.split_at(joined.max(narrow).min(rest.len()));
            groups.extend(group(next));
            rest = behind;
        }
        let clipped = |group: &Range<usize>| {
            let (start, end) = stretch(timeline, group.start, group.end - 1);
            (start.max(shown.stretch.0), end.min(shown.stretch.1))
        };
        let stretches = groups.iter().map(clipped).collect();
        Self { timeline, groups, stretches }
    }

    /// Counts as rates: per second, bin by bin.
    pub(super) fn rates(&self, wanted: impl Fn(Series) -> bool) -> Vec<f64> {
        self.sums(wanted, |_, count| count)
    }

    /// Means over time, bin by bin.
    pub(super) fn levels(&self, wanted: impl Fn(Series) -> bool) -> Vec<f64> {
        self.sums(wanted, |seconds, level| level * seconds)
    }

    /// The greatest value of a series in each group of bins; not a number where there is none.
    pub(super) fn greatest(&self, wanted: Series) -> Vec<f64> {
        let values = self.timeline.get(wanted);
        let of = |group: &Range<usize>| values.get(group.clone()).unwrap_or(&[]).iter().flatten().copied();
        self.groups.iter().map(|group| of(group).filter(|value| value.is_finite()).fold(f64::NAN, f64::max)).collect()
    }

    /// What to say if there is nothing to see: that nothing happened, or that nobody knows.
    pub(super) fn nothing(&self, wanted: impl Fn(Series) -> bool, happened: &str) -> String {
        let mut series = self.timeline.series.iter().filter(|(series, _)| wanted(*series));
        let known = series.any(|(_, values)| values.iter().any(Option::is_some));
        if known { happened } else { "no figures" }.to_owned()
    }

    /// What all wanted series add up to in each group of bins, per second; what is absent adds nothing.
    fn sums(&self, wanted: impl Fn(Series) -> bool, weighted: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.groups.len()];
        for (_, values) in self.timeline.series.iter().filter(|(series, _)| wanted(*series)) {
            for (sum, group) in sums.iter_mut().zip(&self.groups) {
                let (start, end) = stretch(self.timeline, group.start, group.end - 1);
                for bin in group.clone() {
                    let (from, to) = stretch(self.timeline, bin, bin);
                    let value = values.get(bin).copied().flatten().filter(|value| value.is_finite()).unwrap_or(0.0);
                    *sum += weighted(to - from, value) / (end - start);
                }
            }
        }
        sums
    }
}

/// The bins that lie within a stretch of time, if only in part.
fn inside(timeline: &Timeline, shown: Stretch) -> impl Iterator<Item = usize> {
    (0..timeline.edges.len().saturating_sub(1)).filter(move |&bin| {
        let (start, end) = stretch(timeline, bin, bin);
        end > shown.0 && start < shown.1
    })
}

/// From the start of the first bin to the end of the last.
fn stretch(timeline: &Timeline, first: usize, last: usize) -> Stretch {
    let edge = |at: usize| timeline.edges.get(at).map_or(0.0, |edge| edge.seconds());
    (edge(first), edge(last + 1))
}

/// The end of the last bin in which a wanted series is above zero, in seconds.
pub(super) fn last(timeline: &Timeline, wanted: impl Fn(Series) -> bool) -> Option<f64> {
    let series = timeline.series.iter().filter(|(series, _)| wanted(*series));
    let last = series.filter_map(|(_, values)| values.iter().rposition(|value| *value > Some(0.0))).max()?;
    timeline.edges.get(last + 1).map(|end| end.seconds())
}

/// The stretch worth showing: up to a little after what happens has ended under every strategy, and a fifth of it
/// before t = 0. A settled platform is not worth the room. `ends` are when it ends, in seconds, none where nothing
/// happens; if it ends everywhere within seconds but under one strategy, the axis bends.
pub(super) fn focus(scenario: &ScenarioResults, ends: &[Option<f64>], columns: usize) -> Shown {
    let (before, after) = (scenario.window.warm_up.seconds(), scenario.window.after.seconds());
    let bin = scenario.bin.seconds();
    let known = ends.iter().flatten().copied();
    let last = known.clone().fold(0.0, f64::max);
    // At least a dozen bins, so that one bin does not fill the panel.
    let end = if last > 0.0 { (last * 1.15).max(bin * 12.0).min(after) } else { after };
    let end = if end > 0.0 { end } else { 1.0 };
    let bend = clock::bend(known.chain([end]), bin).filter(|bend| *bend < end);
    Shown { stretch: (-before.min(bend.map_or(end / 4.0, |bend| bend / 2.0)), end), bend, columns }
}

/// The end of the last bin in which the version that a strategy replaces ran anything, or 0 if that is later; `None`
/// if it never ran anything.
pub(super) fn last_of_old(strategy: &StrategyResults) -> Option<f64> {
    let old = strategy.replaces?;
    let last = last(&strategy.timeline, |series| matches!(series, Series::Attempts(_, by) if by == old));
    Some(last?.max(0.0))
}
