//! How a Deployment of Kubernetes gets on, and whether for too long it did not. That stops nothing: `kubectl rollout status` says so.

use crate::controller::kubernetes::{Status, is_overdue, progressing};
use crate::time::{Instant, Span};

/// A rollout and its deadline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Progress {
    deadline: Span,
    status: Status,
    /// When it got on last; `None` while there is nothing to do.
    since: Option<Instant>,
    missed: bool,
}

impl Progress {
    /// Nothing is to be done yet.
    pub const fn new(deadline: Span) -> Self {
        Self { deadline, status: Status { total: 0, updated: 0, ready: 0, available: 0 }, since: None, missed: false }
    }

    /// There is a new template.
    pub fn begin(&mut self, now: Instant) {
        self.missed = self.is_missed(now);
        self.since = Some(now);
    }

    /// The counts are these now; `replicas` are wanted. From when all are new and available on, no deadline is looked at until the next
    /// template, even if some are lost again.
    pub fn look(&mut self, status: Status, replicas: u32, now: Instant) {
        self.missed = self.is_missed(now);
        if progressing(self.status, status) {
            self.since = self.since.map(|_| now);
        }
        if status.is_complete(replicas) {
            self.since = None;
        }
        self.status = status;
    }

    /// Whether by `now` it has ever not got on for longer than its deadline.
    pub fn is_missed(&self, now: Instant) -> bool {
        let over = |since: Instant| is_overdue(0, now.since(since).ns(), Some(self.deadline.ns()));
        self.missed || self.since.is_some_and(over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: u64) -> Instant {
        Instant::ZERO + Span::from_s(s)
    }

    /// A rollout of 2 replicas whose first becomes available at 90 s, its second at `last`.
    fn rollout(last: u64) -> Progress {
        let status = |updated, available| Status { total: 2, updated, ready: available, available };
        let mut progress = Progress::new(Span::from_s(100));
        progress.look(status(0, 2), 2, at(0));
        progress.begin(at(0));
        progress.look(status(2, 0), 2, at(0));
        progress.look(status(2, 1), 2, at(90));
        progress.look(status(2, 2), 2, at(last));
        progress
    }

    #[test]
    fn every_step_forward_gives_it_its_deadline_again() {
        assert!(!rollout(190).is_missed(at(10_000)), "what is complete has no deadline");
        assert!(rollout(191).is_missed(at(191)));
    }

    #[test]
    fn the_end_is_a_look_too() {
        let mut progress = Progress::new(Span::from_s(100));
        progress.begin(at(0));
        assert_eq!([100, 101].map(|s| progress.is_missed(at(s))), [false, true]);
    }
}
