//! What guards can see: which settings of one catch a regression of a size, without too many false alarms.

use super::sweep::{PointResults, Sweep};

/// What was asked of every candidate, and what came out.
#[derive(Clone, PartialEq, Debug)]
pub struct Solve {
    /// The key whose values are the candidates.
    pub key: String,
    /// The key that regresses.
    pub regressed: String,
    /// The regression to be caught.
    pub at: String,
    /// In which share of the rollouts it must be, at least.
    pub catch: f64,
    /// In which share of the rollouts a healthy version may be stopped, at most.
    pub false_alarms: f64,
    /// How many rollouts, all as they should be, could show both.
    pub needs: u64,
    /// Every strategy with every candidate, in the order written.
    pub candidates: Vec<Candidate>,
}

/// A value of the key under one strategy.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidate {
    /// The strategy's place.
    pub strategy: usize,
    /// The value, as it was written.
    pub value: String,
    /// How many replications of each.
    pub replications: u32,
    /// In which share of the rollouts the regression is caught: an interval.
    pub caught: (f64, f64),
    /// In which share a healthy version is stopped: an interval.
    pub falsely: (f64, f64),
    /// How soon the regression is caught, on average, in seconds; `None` if it never is.
    pub detection_s: Option<f64>,
    /// How many requests it costs, on average.
    pub lost: Option<f64>,
    /// What that comes to.
    pub verdict: Verdict,
}

/// Whether a candidate does what is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Both intervals keep to what is asked.
    Does,
    /// One of them lies beyond it.
    Fails,
    /// Neither.
    Undecided,
}

impl Verdict {
    /// As the files write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Does => "does",
            Self::Fails => "fails",
            Self::Undecided => "undecided",
        }
    }
}

impl Solve {
    /// Judges the candidates of a sweep: each is at two points after one another, healthy and regressed.
    pub fn judge(&mut self, sweep: &Sweep) {
        let stopped = |point: &PointResults, place: usize| {
            point.results.estimate(place, "rolled_back").interval.unwrap_or((0.0, 1.0))
        };
        let strategies = sweep.points.first().map_or(0, |point| point.results.strategies.len());
        for strategy in 0..strategies {
            for pair in sweep.points.chunks_exact(2) {
                let [healthy, regressed] = pair else { continue };
                let (caught, falsely) = (stopped(regressed, strategy), stopped(healthy, strategy));
                self.candidates.push(Candidate {
                    strategy,
                    value: healthy.values.first().cloned().unwrap_or_default(),
                    replications: healthy.results.replications.min(regressed.results.replications),
                    caught,
                    falsely,
                    detection_s: regressed.results.estimate(strategy, "detection_s").mean,
                    lost: regressed.results.estimate(strategy, "lost").mean,
                    verdict: self.verdict(caught, falsely),
                });
            }
        }
    }

    fn verdict(&self, caught: (f64, f64), falsely: (f64, f64)) -> Verdict {
        match () {
            () if caught.0 >= self.catch && falsely.1 <= self.false_alarms => Verdict::Does,
            () if caught.1 < self.catch || falsely.0 > self.false_alarms => Verdict::Fails,
            () => Verdict::Undecided,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_intervals_decide() {
        let solve = Solve {
            key: String::new(),
            regressed: String::new(),
            at: String::new(),
            catch: 0.9,
            false_alarms: 0.1,
            needs: 1,
            candidates: Vec::new(),
        };
        assert_eq!(solve.verdict((0.9, 1.0), (0.0, 0.1)), Verdict::Does);
        assert_eq!(solve.verdict((0.89, 1.0), (0.0, 0.1)), Verdict::Undecided);
        assert_eq!(solve.verdict((0.9, 1.0), (0.05, 0.2)), Verdict::Undecided);
        assert_eq!(solve.verdict((0.5, 0.8), (0.0, 0.1)), Verdict::Fails);
        assert_eq!(solve.verdict((0.9, 1.0), (0.2, 0.3)), Verdict::Fails);
    }
}
