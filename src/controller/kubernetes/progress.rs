//! What a Deployment tells of itself: whether it is complete, whether it gets on, and whether it has not for too long.

/// The counts of a Deployment's status, in pods. Those that are being deleted are in none.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Status {
    /// Of all its sets (`replicas`).
    pub total: u32,
    /// Of the new set (`updatedReplicas`).
    pub updated: u32,
    /// Of those, of any set, that are ready (`readyReplicas`).
    pub ready: u32,
    /// Of those, of any set, that have been ready for the least while (`availableReplicas`).
    pub available: u32,
}

impl Status {
    /// Whether the rollout is over: all replicas are new and available, and there is no other pod (`DeploymentComplete`).
    #[must_use]
    pub fn is_complete(self, replicas: u32) -> bool {
        [self.total, self.updated, self.available] == [replicas; 3]
    }

    fn old(self) -> i64 {
        i64::from(self.total) - i64::from(self.updated)
    }
}

/// Whether the rollout has got on: more new pods, fewer old ones, more ready or more available ones
/// (`DeploymentProgressing`).
#[must_use]
pub fn progressing(before: Status, now: Status) -> bool {
    now.updated > before.updated
        || now.old() < before.old()
        || now.ready > before.ready
        || now.available > before.available
}

/// Whether the deadline is over of a rollout that is not complete and got on last at `last`; all three in one unit of time.
/// Without a deadline it never is. Only `Progressing` turns false: nothing is stopped or taken back, and a rollout that
/// gets on later is no longer overdue (`DeploymentTimedOut`).
#[must_use]
pub fn is_overdue(last: u64, now: u64, deadline: Option<u64>) -> bool {
    deadline.is_some_and(|deadline| now > last.saturating_add(deadline))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status([total, updated, ready, available]: [u32; 4]) -> Status {
        Status { total, updated, ready, available }
    }

    #[test]
    fn a_rollout_is_complete_when_all_is_new_and_available_and_nothing_else_there() {
        assert!(status([5, 5, 5, 5]).is_complete(5));
        for counts in [[6, 5, 5, 5], [5, 4, 5, 5], [5, 5, 5, 4], [4, 4, 4, 4]] {
            assert!(!status(counts).is_complete(5), "{counts:?}");
        }
        assert!(status([0; 4]).is_complete(0));
    }

    #[test]
    fn any_step_forward_is_progress_and_no_step_back_is() {
        let before = [10, 4, 6, 6];
        for (now, progress) in [
            ([10, 5, 6, 6], true),
            ([9, 4, 5, 5], true),
            ([10, 4, 7, 6], true),
            ([10, 4, 6, 7], true),
            (before, false),
            ([11, 4, 6, 6], false),
            ([10, 3, 6, 6], false),
        ] {
            assert_eq!(progressing(status(before), status(now)), progress, "{now:?}");
        }
    }

    #[test]
    fn a_deadline_is_over_after_its_last_moment() {
        assert!(!is_overdue(100, 700, Some(600)));
        assert!(is_overdue(100, 701, Some(600)));
        assert!(!is_overdue(100, u64::MAX, None));
        assert!(!is_overdue(100, u64::MAX, Some(u64::MAX)));
    }
}
