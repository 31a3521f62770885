//! A figure over the replications: its mean, its interval, and how that was made.

use std::fmt;

/// A mean over replications and its interval.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Estimate {
    /// The mean; `None` where the metric is absent.
    pub mean: Option<f64>,
    /// The mean of the rows by their weights, which is another one where the mean is known exactly.
    pub simulated: Option<f64>,
    /// The lower and upper end of the interval; `None` with fewer than two values.
    pub interval: Option<(f64, f64)>,
    /// How many replications have a value.
    pub replications: u32,
    /// How many are only known as "at least", infinite ones without a value included: so is the mean then.
    pub censored: u32,
    /// How the interval was made.
    pub method: Method,
    /// How often the counted event was seen; `None` where no events are counted.
    pub occurrence: Option<Occurrence>,
}

/// How an interval was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Method {
    /// Not at all: fewer than two values.
    #[default]
    None,
    /// Student t over the replications, bent by their skewness.
    StudentT,
    /// The same, of values so skewed and without a bound that it covers a little less than it promises.
    StudentTApproximate,
    /// The same value in every replication.
    Constant,
    /// Few events: the exact Poisson interval of their total.
    Poisson,
    /// The same of events that come in clusters, widened by their dispersion over the replications.
    PoissonApproximate,
    /// Few events in some stratum, and a part of its own for that.
    Strata,
    /// Few replications with many events each, of which there is a largest possible number: valid whatever their law.
    Bounded,
    /// Not by chance: the scenario leaves no way for it to happen.
    Exact,
    /// The exact binomial interval (Clopper and Pearson) of a share of rollouts.
    Binomial,
    /// No event at all: from zero to the one-sided bound that holds if requests are independent.
    NoneSeen,
}

/// How often an event was seen.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Occurrence {
    /// Events in all rows together.
    pub events: f64,
    /// Replications with any, each stratum counted by its weight.
    pub affected: f64,
    /// The exact interval for the share of rollouts that see any; from 0 to a one-sided bound where none was seen.
    pub share: (f64, f64),
    /// How many times more the counts vary over the replications than those of independent events would; at least 1.
    pub dispersion: f64,
}

impl Estimate {
    /// The same with the exact mean, where that is known.
    pub(crate) fn certain(self, mean: Option<f64>) -> Self {
        match mean.filter(|_| self.mean.is_some()) {
            Some(mean) => {
                Self { mean: Some(mean), interval: Some((mean, mean)), censored: 0, method: Method::Exact, ..self }
            }
            None => self,
        }
    }
}

impl Method {
    /// Whether few events were seen, so that those are what is known.
    #[must_use]
    pub const fn is_of_few(self) -> bool {
        matches!(self, Self::Poisson | Self::PoissonApproximate | Self::Bounded)
    }
}

/// The method's key in `summary.csv`; empty for none.
impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "",
            Self::StudentT => "student-t",
            Self::StudentTApproximate => "student-t-approximate",
            Self::Constant => "constant",
            Self::Exact => "exact",
            Self::Poisson => "poisson",
            Self::PoissonApproximate => "poisson-approximate",
            Self::Bounded => "bounded",
            Self::Strata => "strata",
            Self::Binomial => "binomial",
            Self::NoneSeen => "none-seen",
        })
    }
}
