//! The rows of one strategy as a sample: for each metric one value a replication, its strata added up by their weights, and
//! the mean over the replications.
//!
//! A mean of something that itself is a mean or a share (a latency, a share of requests) is a ratio of sums: a quiet rollout
//! counts less than a busy one, so that a count and its share never contradict each other. Its replications' values are
//! linearised (the delta method: Cochran, Sampling Techniques, 1977, section 6.4; Law, Simulation Modeling and Analysis,
//! section 9.3), so that intervals and paired differences are made of them as of any others.

use crate::math;
use crate::metrics::{Kind, Metric};
use crate::results::Row;
use crate::stats::squares;

/// The rows of one strategy.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// By replication, then by stratum.
    rows: &'a [Vec<Row>],
    weights: &'a [f64],
    metrics: &'a [Metric],
    /// How often a request is tried at most.
    tries: f64,
    /// The exact mean of [`Row::first`].
    first: Option<f64>,
    /// Whether the replications decide how many there are.
    stops: bool,
    /// Whether the system reacts to itself, so that a whole rollout may go wrong at once.
    feeds_back: bool,
    /// The only stratum looked at, if not all are.
    only: Option<usize>,
}

/// How many times as much values without a bound lean as they show where a small sample of them stops itself: a sample without
/// the rare large ones is narrow. `docs/statistics.md` has what that covers.
const UNDERSTATED: f64 = 2.5;

/// From so many replications on a control variate is used.
const CONTROLLED: usize = 10;

/// What is known of one metric.
#[derive(Clone, PartialEq, Debug)]
pub struct Values {
    /// One value a replication, in order, so that their mean is the estimate; `None` where it has none.
    pub each: Vec<Option<f64>>,
    /// Whether it is absent in some row, and in no ratio of sums: then the mean is one of the others alone.
    pub absent: bool,
    /// In how many replications the window cut it short.
    pub censored: u32,
}

/// The events behind a count, or behind a share.
#[derive(Clone, PartialEq, Debug)]
pub struct Events {
    /// By replication, each stratum by its weight.
    pub each: Vec<f64>,
    /// The same by the squares of the weights.
    pub squared: f64,
    /// All of them, in every row.
    pub seen: f64,
    /// By stratum, in how many replications there is any.
    pub affected: Vec<u32>,
    /// By what their sum is divided to give the metric: replications, or what a share is a share of.
    pub among: f64,
    /// How many there can be in one replication; `None` where nothing bounds them.
    pub most: Option<f64>,
    /// The mean number of requests.
    pub requests: f64,
}

impl<'a> Sample<'a> {
    /// The sample of these rows, whose columns are `metrics`; `weights` has one a stratum.
    #[must_use]
    pub const fn new(rows: &'a [Vec<Row>], weights: &'a [f64], metrics: &'a [Metric]) -> Self {
        Self { rows, weights, metrics, tries: 1.0, first: None, stops: false, feeds_back: false, only: None }
    }

    /// The same, of requests that are tried so often at most.
    #[must_use]
    pub const fn of_tries(self, tries: f64) -> Self {
        Self { tries, ..self }
    }

    /// The same, where the exact mean of [`Row::first`] is known: it then serves as a control variate.
    #[must_use]
    pub const fn of_first(self, first: Option<f64>) -> Self {
        Self { first, ..self }
    }

    /// The same, where the values decide how many there are: a sample without its rare large ones stops early.
    #[must_use]
    pub const fn stopped(self, stops: bool) -> Self {
        Self { stops, ..self }
    }

    /// The same, where load or alarms feed back, so that a whole rollout may go wrong at once.
    #[must_use]
    pub const fn fed_back(self, feeds_back: bool) -> Self {
        Self { feeds_back, ..self }
    }

    /// How many times as much the values of a metric lean as they show.
    pub(in crate::experiment) const fn leaning(&self, metric: &Metric) -> f64 {
        if self.stops && metric.kind.counted_in().is_none() { UNDERSTATED } else { 1.0 }
    }

    /// Whether a whole rollout may go wrong at once.
    pub(in crate::experiment) const fn feeds_back(&self) -> bool {
        self.feeds_back
    }

    /// Whether what was never seen must be bounded by what a whole rollout may come to: else few replications would be enough
    /// to know it as narrowly as one likes.
    pub(in crate::experiment) const fn bounds_unseen(&self) -> bool {
        self.stops && self.feeds_back
    }

    /// One of its strata by itself.
    const fn stratum(self, stratum: usize) -> Self {
        Self { only: Some(stratum), weights: &[1.0], first: None, ..self }
    }

    /// How often a request is tried at most.
    pub(in crate::experiment) const fn tries(&self) -> f64 {
        self.tries
    }

    /// How many replications there are.
    #[must_use]
    pub const fn replications(&self) -> usize {
        self.rows.len()
    }

    /// The columns.
    #[must_use]
    pub const fn metrics(&self) -> &'a [Metric] {
        self.metrics
    }

    /// The weights of the strata.
    #[must_use]
    pub const fn weights(&self) -> &'a [f64] {
        self.weights
    }

    /// The values of the metric at a place, as far as they can be told from the luck of the adoption times.
    #[must_use]
    pub fn values(&self, place: usize) -> Values {
        let values = self.simulated(place);
        match self.first.filter(|_| self.metrics[place].kind.follows_mismatches() && !values.absent) {
            Some(first) => self.controlled(values, first),
            None => values,
        }
    }

    /// Takes from each value what its replication's adoption times alone made it differ from the mean: the control variate of
    /// Lavenberg and Welch (Management Science 27, 1981). Its coefficient is estimated, which costs a degree of freedom.
    fn controlled(&self, values: Values, first: f64) -> Values {
        let known = values.known();
        let n = known.len() as f64;
        let any = known.iter().filter(|&&value| value != 0.0).count();
        let controls: Vec<f64> = self.weighted(|row| row.first).map(|control| control - first).collect();
        if known.len() < CONTROLLED || any < CONTROLLED || known.len() != controls.len() {
            return values;
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
        let (of_values, of_controls) = (mean(&known), mean(&controls));
        let product = |(value, control): (&f64, &f64)| (value - of_values) * (control - of_controls);
        let covariance: f64 = known.iter().zip(&controls).map(product).sum();
        let variance = squares(&controls);
        if variance <= 0.0 {
            return values;
        }
        let slope = covariance / variance;
        let adjusted = of_values - slope * of_controls;
        // The estimated coefficient makes the mean a little less certain than the residuals say.
        let wider = math::sqrt((n - 1.0) / (n - 2.0) * (1.0 + n * of_controls * of_controls / variance));
        let residual = |(value, control): (&f64, &f64)| value - of_values - slope * (control - of_controls);
        let each = known.iter().zip(&controls).map(residual).map(|residual| Some(adjusted + residual * wider));
        Values { each: each.collect(), ..values }
    }

    /// The values as they were simulated: their mean is that of the rows.
    #[must_use]
    pub fn simulated(&self, place: usize) -> Values {
        let per = self.metrics[place].kind.per().and_then(|kind| self.place(&Metric { kind, ..self.metrics[place] }));
        let is_censored = |rows: &&Vec<Row>| rows.iter().any(|row| row.censored[place]);
        let cut = self.weighted(|row| f64::from(u8::from(row.censored[place]))).sum::<f64>();
        let censored = match cut > self.metrics[place].kind.cut_short_from() * self.rows.len() as f64 {
            true => self.rows.iter().filter(is_censored).count() as u32,
            false => 0,
        };
        let is_absent = |rows: &Vec<Row>| rows.iter().any(|row| row.values[place].is_none());
        let absent = per.is_none() && self.rows.iter().any(is_absent);
        if per.is_none() && !absent {
            let value = |row: &Row| row.values[place].unwrap_or_default();
            return Values { each: self.weighted(value).map(Some).collect(), absent, censored };
        }
        // What each row counts for: what it is a mean of; or whether it is there.
        let counts = |row: &Row| match (row.values[place], per) {
            (None, _) => 0.0,
            (_, None) => 1.0,
            (_, Some(per)) => row.values[per].unwrap_or_default(),
        };
        let sums: Vec<f64> = self.weighted(|row| counts(row) * row.values[place].unwrap_or_default()).collect();
        let over: Vec<f64> = self.weighted(counts).collect();
        let known = over.iter().filter(|&&over| over > 0.0).count() as f64;
        let all: f64 = over.iter().sum();
        let conditional = self.metrics[place].kind.is_conditional();
        if absent && (all == 0.0 || !conditional && all < self.rows.len() as f64 / 2.0) {
            // The few that have one are no sample of all.
            return Values { each: vec![None; self.rows.len()], absent, censored };
        }
        let ratio = sums.iter().sum::<f64>() / all;
        let linear = |(sum, over): (&f64, &f64)| (*over > 0.0).then(|| ratio + (sum - ratio * over) * known / all);
        Values { each: sums.iter().zip(&over).map(linear).collect(), absent, censored }
    }

    /// The events behind a metric that counts some, or their share; `None` for any other.
    #[must_use]
    pub fn events(&self, metric: &Metric) -> Option<Events> {
        let of = |kind| self.place(&Metric { kind, version: metric.version });
        let (place, among) = match metric.kind.share_of() {
            None if metric.kind.counts_events() => (of(metric.kind)?, None),
            None => return None,
            Some((events, among)) => (of(events)?, Some(of(among)?)),
        };
        let count = |row: &Row| row.values[place].unwrap_or_default();
        let column = |kind| {
            let place = self.place(&Metric { kind, version: None });
            let value = move |row: &Row| place.and_then(|place| row.values[place]).unwrap_or_default();
            self.weighted(value).collect::<Vec<f64>>()
        };
        let requests = column(Kind::Requests);
        let largest = requests.iter().copied().fold(0.0, f64::max);
        let most = match among {
            Some(among) => Some(self.strata().flatten().filter_map(|row| row.values[among]).fold(0.0, f64::max)),
            None => metric.kind.counted_in().map(|counted| counted.most(largest, self.tries)),
        };
        let squares = self.strata().flat_map(|rows| rows.iter().zip(self.weights));
        let any = |stratum: usize| self.strata().filter(|rows| count(&rows[stratum]) > 0.0).count() as u32;
        Some(Events {
            each: self.weighted(count).collect(),
            squared: squares.map(|(row, weight)| weight * weight * count(row)).sum(),
            seen: self.strata().flatten().map(count).sum(),
            affected: (0..self.weights.len()).map(any).collect(),
            among: match among {
                Some(among) => self.weighted(|row| row.values[among].unwrap_or_default()).sum(),
                None => self.rows.len() as f64,
            },
            most: most.filter(|&most| most > 0.0),
            requests: requests.iter().sum::<f64>() / requests.len() as f64,
        })
    }

    /// The events of each stratum by itself, with what one of them on average counts for in the metric; nothing for a metric that
    /// counts no events.
    pub(in crate::experiment) fn events_by_stratum(&self, metric: &Metric) -> Vec<(f64, Events)> {
        let counted = Metric { kind: metric.kind.share_of().map_or(metric.kind, |(events, _)| events), ..*metric };
        let among = self.events(metric).map_or(0.0, |events| events.among / self.rows.len() as f64);
        let each = self.weights.iter().enumerate();
        each.filter_map(|(place, weight)| Some((weight / among, self.stratum(place).events(&counted)?))).collect()
    }

    fn place(&self, metric: &Metric) -> Option<usize> {
        self.metrics.iter().position(|known| known == metric)
    }

    /// The rows that are looked at, by replication.
    fn strata(&self) -> impl Iterator<Item = &'a [Row]> {
        let only = self.only;
        self.rows.iter().map(move |rows| match only {
            Some(stratum) => &rows[stratum..=stratum],
            None => &rows[..],
        })
    }

    /// A figure of every replication, its strata added up by their weights.
    fn weighted(&self, value: impl Fn(&Row) -> f64) -> impl Iterator<Item = f64> {
        self.strata().map(move |rows| match rows {
            [row] => value(row),
            rows => rows.iter().zip(self.weights).map(|(row, weight)| weight * value(row)).sum(),
        })
    }
}

impl Values {
    /// The values that are known.
    pub fn known(&self) -> Vec<f64> {
        self.each.iter().copied().flatten().collect()
    }
}

impl Events {
    /// How many there are, each stratum by its weight.
    pub fn sum(&self) -> f64 {
        self.each.iter().sum()
    }

    /// How many replications are bad: an outlying cluster of events, and no ordinary spread. The lower half of the counts
    /// tells the spread, so that up to half of the replications may be bad; a count is bad beyond what the largest of so many
    /// exponential values reaches once in a hundred samples, if it is a hundredth of the requests. `docs/statistics.md` has
    /// how often it errs.
    pub fn bad(&self) -> usize {
        let mut sorted = self.each.clone();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len();
        if n < 2 {
            return 0;
        }
        let quantile = |p: f64| {
            let place = p * (n - 1) as f64;
            let (low, part) = (place as usize, place.fract());
            sorted[low] + (sorted[(low + 1).min(n - 1)] - sorted[low]) * part
        };
        let median = quantile(0.5);
        let spread = (median - quantile(0.25)).max(median / 8.0).max(0.674_5 * math::sqrt(median.max(0.7)));
        // From the median on an exponential tail halves every ln 2 of its mean, and its lower quartile lies 0.405 of it below.
        let far = math::ln(n as f64 / 0.01) - core::f64::consts::LN_2;
        let limit = (median + spread / 0.405 * far).max(0.01 * self.requests);
        sorted.iter().filter(|&&count| count > limit).count()
    }

    /// How many replications have any.
    pub fn hit(&self) -> usize {
        self.each.iter().filter(|&&count| count > 0.0).count()
    }

    /// How many times more the counts vary than those of independent events would; at least 1, because too even a sample may
    /// be luck.
    pub fn dispersion(&self) -> f64 {
        let n = self.each.len() as f64;
        let ratio = squares(&self.each) / (n - 1.0) * n / self.squared;
        if ratio > 1.0 { ratio } else { 1.0 }
    }

    /// For how many independent events one counts, so that as many of them vary like these: 1 for such that are independent
    /// and seen in no stratum.
    pub fn scale(&self) -> f64 {
        self.dispersion() * self.squared / self.sum()
    }
}
