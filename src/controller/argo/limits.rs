//! How many pods too many, and how many too few, there may be while a rollout goes on.

use crate::controller::Setting;

/// `maxSurge` and `maxUnavailable`, as pods.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Pods that there may be above the replicas.
    pub surge: i64,
    /// Pods that may be missing from them; at most all.
    pub unavailable: i64,
}

impl Limits {
    /// The limits of a rollout of so many replicas: the surge is rounded up, what may be missing down; one pod may be missing
    /// where both come to nothing (AR `MaxSurge`, `MaxUnavailable`).
    #[must_use]
    pub fn of(surge: Setting, unavailable: Setting, replicas: u32) -> Self {
        let (surge, unavailable) = (surge.rounded_up(replicas), unavailable.rounded_down(replicas));
        let unavailable = match unavailable {
            _ if replicas == 0 => 0,
            0 if surge == 0 => 1,
            _ => unavailable.min(replicas.into()),
        };
        Self { surge, unavailable }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Setting::{Number, Percent};

    fn limits(surge: Setting, unavailable: Setting, replicas: u32) -> (i64, i64) {
        let Limits { surge, unavailable } = Limits::of(surge, unavailable, replicas);
        (surge, unavailable)
    }

    #[test]
    fn a_surge_is_rounded_up_and_what_may_be_missing_down() {
        assert_eq!(limits(Setting::DEFAULT, Setting::DEFAULT, 10), (3, 2));
        assert_eq!(limits(Setting::DEFAULT, Setting::DEFAULT, 1), (1, 0));
        assert_eq!(limits(Percent(-25), Percent(-25), 10), (-2, -3));
    }

    #[test]
    fn something_can_always_move_and_no_more_than_all_be_missing() {
        assert_eq!(limits(Percent(0), Percent(1), 10), (0, 1));
        assert_eq!(limits(Number(5), Number(5), 3), (5, 3));
        assert_eq!(limits(Number(0), Number(0), 0), (0, 0));
        assert_eq!(limits(Number(2), Number(2), 0), (2, 0));
    }
}
