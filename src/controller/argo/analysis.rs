//! What the measurements of an analysis come to: a count of each outcome, limits, and a verdict.
//!
//! Source: AR `analysis.go` (semantics D3). When to measure is the caller's affair; [`Metric::next`] says which span to wait.

/// How a metric is judged. The defaults are those of Argo Rollouts: one measurement, which must not fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Metric {
    /// Measurements to be taken, errors apart; absent or 0: one without an interval, otherwise no end.
    pub count: Option<u32>,
    /// Whether it is measured at an interval.
    pub has_interval: bool,
    /// More failures than these and it has failed; below 0 failures do not count.
    pub failure_limit: i32,
    /// More inconclusive measurements than these and it is inconclusive.
    pub inconclusive_limit: u32,
    /// More errors in a row than these and it is in error.
    pub consecutive_error_limit: u32,
    /// So many successes in a row and it has succeeded; 0 turns this off.
    pub consecutive_success_limit: u32,
}

/// How one measurement ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Measurement {
    /// What was measured is good.
    Successful,
    /// What was measured is bad.
    Failed,
    /// It is neither.
    Inconclusive,
    /// Nothing could be measured.
    Error,
}

/// How an analysis stands. What is worse is greater; `Running` is the least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub enum Verdict {
    /// It goes on.
    #[default]
    Running,
    /// The rollout goes on.
    Successful,
    /// The rollout pauses.
    Inconclusive,
    /// The rollout is aborted.
    Error,
    /// The rollout is aborted.
    Failed,
}

/// When a metric is measured again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// Never.
    Done,
    /// At its interval, or after [`RETRY_SECONDS`] if it has none.
    AtInterval,
    /// After [`RETRY_SECONDS`], whatever its interval.
    Retry,
}

/// How long after an error a metric is measured again.
pub const RETRY_SECONDS: u64 = 10;

/// The measurements of one metric so far.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Measured {
    /// Measurements that ended in anything but an error.
    pub count: u32,
    /// Those that failed.
    pub failed: u32,
    /// Those that were inconclusive.
    pub inconclusive: u32,
    /// The errors since the last that was none.
    pub consecutive_errors: u32,
    /// The successes since the last that was none.
    pub consecutive_successes: u32,
    /// Once it is not `Running`, it stays as it is.
    pub verdict: Verdict,
}

impl Measurement {
    /// The outcome, by whether the condition of success and that of failure hold; `None` where one is not set. Failure is looked at
    /// first. Without any condition all is well.
    #[must_use]
    pub const fn judged(success: Option<bool>, failure: Option<bool>) -> Self {
        match (success, failure) {
            (_, Some(true)) | (Some(false), None) => Self::Failed,
            (Some(false), Some(false)) => Self::Inconclusive,
            (Some(true) | None, Some(false) | None) => Self::Successful,
        }
    }
}

impl Metric {
    /// One measurement: what Argo Rollouts takes where nothing is written.
    pub const ONCE: Self = Self {
        count: None,
        has_interval: false,
        failure_limit: 0,
        inconclusive_limit: 0,
        consecutive_error_limit: 4,
        consecutive_success_limit: 0,
    };

    /// How many measurements there are to be; `None` without an end.
    #[must_use]
    pub const fn effective_count(&self) -> Option<u32> {
        match self.count {
            Some(count @ 1..) => Some(count),
            _ if self.has_interval => None,
            _ => Some(1),
        }
    }

    /// When to measure again after `last`.
    #[must_use]
    pub fn next(&self, measured: &Measured, last: Measurement) -> Next {
        match last {
            _ if measured.verdict != Verdict::Running => Next::Done,
            Measurement::Error => Next::Retry,
            _ => Next::AtInterval,
        }
    }

    /// What the measurements come to. Limits are looked at first: an error outweighs what is inconclusive, and that a failure.
    fn assess(&self, measured: &Measured) -> Verdict {
        let has_failed = u32::try_from(self.failure_limit).is_ok_and(|limit| measured.failed > limit);
        let wants_successes = self.consecutive_success_limit > 0;
        let is_complete = self.effective_count().is_some_and(|count| measured.count >= count);
        match () {
            () if measured.consecutive_errors > self.consecutive_error_limit => Verdict::Error,
            () if measured.inconclusive > self.inconclusive_limit => Verdict::Inconclusive,
            () if has_failed => Verdict::Failed,
            () if wants_successes && measured.consecutive_successes >= self.consecutive_success_limit => {
                Verdict::Successful
            }
            () if !is_complete => Verdict::Running,
            () if !wants_successes => Verdict::Successful,
            () if self.failure_limit >= 0 => Verdict::Inconclusive,
            () => Verdict::Failed,
        }
    }
}

impl Measured {
    /// One measurement more; says how the metric stands now. After the verdict measurements are no longer counted.
    pub fn add(&mut self, metric: &Metric, measurement: Measurement) -> Verdict {
        if self.verdict != Verdict::Running {
            return self.verdict;
        }
        let is = |outcome| u32::from(measurement == outcome);
        self.failed += is(Measurement::Failed);
        self.inconclusive += is(Measurement::Inconclusive);
        if measurement == Measurement::Error {
            self.consecutive_errors += 1;
        } else {
            self.consecutive_errors = 0;
            self.count += 1;
        }
        let is_success = measurement == Measurement::Successful;
        self.consecutive_successes = if is_success { self.consecutive_successes + 1 } else { 0 };
        self.verdict = metric.assess(self);
        self.verdict
    }

    /// The analysis is stopped: what was still running has succeeded.
    pub fn stop(&mut self) -> Verdict {
        if self.verdict == Verdict::Running {
            self.verdict = Verdict::Successful;
        }
        self.verdict
    }
}

impl Verdict {
    /// Whether the rollout is aborted.
    #[must_use]
    pub const fn aborts(self) -> bool {
        matches!(self, Self::Error | Self::Failed)
    }

    /// Whether the rollout pauses until a person goes on.
    #[must_use]
    pub const fn pauses(self) -> bool {
        matches!(self, Self::Inconclusive)
    }

    /// The verdict of a run of several metrics: the worst. One that is not good ends the run, and the others are stopped; otherwise
    /// the run goes on while any does. Here a failure is worse than an error, which it is not within a metric.
    #[must_use]
    pub fn of_all(metrics: impl IntoIterator<Item = Self>) -> Self {
        let (mut worst, mut is_running) = (Self::Running, false);
        for verdict in metrics {
            worst = worst.max(verdict);
            is_running |= verdict == Self::Running;
        }
        if worst == Self::Successful && is_running { Self::Running } else { worst }
    }
}

#[cfg(test)]
mod tests {
    use super::Measurement::{Error, Failed, Inconclusive, Successful};
    use super::*;

    /// The verdict after each measurement.
    fn run<const N: usize>(metric: Metric, measurements: [Measurement; N]) -> [Verdict; N] {
        let mut measured = Measured::default();
        measurements.map(|measurement| measured.add(&metric, measurement))
    }

    const ONCE: Metric = Metric::ONCE;

    #[test]
    fn without_count_and_interval_one_measurement_decides() {
        assert_eq!(run(ONCE, [Successful]), [Verdict::Successful]);
        assert_eq!(run(ONCE, [Failed]), [Verdict::Failed]);
        assert_eq!(run(ONCE, [Inconclusive]), [Verdict::Inconclusive]);
        assert_eq!(run(ONCE, [Error, Successful]), [Verdict::Running, Verdict::Successful]);
        assert_eq!(Metric { count: Some(0), ..ONCE }.effective_count(), Some(1));
    }

    #[test]
    fn with_an_interval_alone_it_goes_on_until_it_is_stopped() {
        let metric = Metric { has_interval: true, count: Some(0), ..ONCE };
        let mut measured = Measured::default();
        for _ in 0..1000 {
            assert_eq!(measured.add(&metric, Successful), Verdict::Running);
        }
        assert_eq!(measured.stop(), Verdict::Successful);
        assert_eq!(run(metric, [Successful, Failed, Successful]), [Verdict::Running, Verdict::Failed, Verdict::Failed]);
    }

    #[test]
    fn limits_are_strict() {
        let metric = Metric { count: Some(9), failure_limit: 2, inconclusive_limit: 1, ..ONCE };
        let (running, failed) = (Verdict::Running, Verdict::Failed);
        assert_eq!(run(metric, [Failed, Failed, Successful, Failed]), [running, running, running, failed]);
        assert_eq!(run(metric, [Inconclusive, Inconclusive]), [running, Verdict::Inconclusive]);
        assert_eq!(run(metric, [Error; 5]), [running, running, running, running, Verdict::Error]);
        assert_eq!(run(metric, [Error, Error, Error, Error, Successful, Error]), [running; 6]);
        let off = Metric { count: Some(3), failure_limit: -1, ..ONCE };
        assert_eq!(run(off, [Failed; 3]), [running, running, Verdict::Successful]);
    }

    #[test]
    fn successes_in_a_row_are_enough() {
        let metric = Metric { count: Some(4), failure_limit: 4, consecutive_success_limit: 2, ..ONCE };
        let running = Verdict::Running;
        assert_eq!(run(metric, [Successful, Failed, Successful, Successful])[3], Verdict::Successful);
        assert_eq!(run(metric, [Successful, Successful])[1], Verdict::Successful);
        assert_eq!(run(metric, [Successful, Failed, Failed, Successful])[2..], [running, Verdict::Inconclusive]);
        let off = Metric { failure_limit: -1, ..metric };
        assert_eq!(run(off, [Successful, Failed, Failed, Successful])[2..], [running, Verdict::Failed]);
        assert_eq!(run(off, [Successful, Error, Successful])[2], running);
    }

    #[test]
    fn neither_good_nor_bad_is_inconclusive() {
        let judged = |success| [None, Some(false), Some(true)].map(|failure| Measurement::judged(success, failure));
        assert_eq!(judged(None), [Successful, Successful, Failed]);
        assert_eq!(judged(Some(true)), [Successful, Successful, Failed]);
        assert_eq!(judged(Some(false)), [Failed, Inconclusive, Failed]);
    }

    #[test]
    fn an_error_is_retried_soon() {
        let mut measured = Measured::default();
        measured.add(&ONCE, Error);
        assert_eq!(ONCE.next(&measured, Error), Next::Retry);
        measured.add(&ONCE, Successful);
        assert_eq!(ONCE.next(&measured, Successful), Next::Done);
    }

    #[test]
    fn a_run_is_as_bad_as_its_worst_metric() {
        use Verdict::{Error, Failed, Inconclusive, Running, Successful};
        assert_eq!(Verdict::of_all([Successful, Running]), Running);
        assert_eq!(Verdict::of_all([Running, Inconclusive, Successful]), Inconclusive);
        assert_eq!(Verdict::of_all([Error, Failed]), Failed);
        assert_eq!([Failed, Error, Inconclusive].map(Verdict::aborts), [true, true, false]);
        assert!(Inconclusive.pauses() && !Failed.pauses());
    }
}
