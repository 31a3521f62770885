//! The fences of a rolling update: how many pods more, and how many fewer, than asked for.

use crate::controller::Setting;

/// Within what a rolling update keeps, in pods.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fences {
    /// How many pods there may be beyond the replicas.
    pub surge: i64,
    /// How many of the replicas may be unavailable. [`Target::unavailable`](super::Target::unavailable) is never more
    /// than there are.
    pub unavailable: i64,
}

impl Fences {
    /// The fences that these settings are for so many replicas: surge is rounded up, unavailable down, an absent one is
    /// 0. Where both come to 0 nothing could ever move, so one pod may be unavailable (`ResolveFenceposts`).
    #[must_use]
    pub fn resolve(surge: Option<Setting>, unavailable: Option<Setting>, replicas: u32) -> Self {
        let surge = surge.map_or(0, |setting| setting.rounded_up(replicas));
        let unavailable = unavailable.map_or(0, |setting| setting.rounded_down(replicas));
        Self { surge, unavailable: if surge == 0 && unavailable == 0 { 1 } else { unavailable } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(surge: &str, unavailable: &str, replicas: u32) -> (i64, i64) {
        let Fences { surge, unavailable } =
            Fences::resolve(Setting::parse(surge), Setting::parse(unavailable), replicas);
        (surge, unavailable)
    }

    #[test]
    fn surge_is_rounded_up_and_unavailable_down() {
        assert_eq!(resolved("25%", "25%", 10), (3, 2));
        assert_eq!(resolved("1%", "99%", 1), (1, 0));
        assert_eq!(resolved("25%", "25%", 8), (2, 2), "exact shares stay");
        assert_eq!(resolved("100%", "250%", 4), (4, 10), "unavailable is not capped here");
        assert_eq!(resolved("3", "2", 0), (3, 2), "numbers do not look at the replicas");
        assert_eq!(resolved("2147483647%", "0", u32::MAX), (92_233_720_304_123_249, 0), "nothing overflows");
    }

    #[test]
    fn something_can_always_move() {
        for (surge, unavailable, replicas) in [("0", "0", 5), ("0%", "19%", 5), ("", "", 5), ("50%", "50%", 0)] {
            assert_eq!(resolved(surge, unavailable, replicas), (0, 1));
        }
    }

    #[test]
    fn negative_settings_are_rounded_the_same_way() {
        assert_eq!(resolved("-25%", "-25%", 10), (-2, -3));
        assert_eq!(resolved("-1", "1", 10), (-1, 1));
    }
}
