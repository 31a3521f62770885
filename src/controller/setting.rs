//! How many pods more, or fewer, than asked for: a setting that Kubernetes and Argo Rollouts write and round alike.

/// `maxSurge` or `maxUnavailable` as it is written: a number of pods, or a whole percentage of the replicas. Negative ones are refused
/// before a controller sees them; it reckons with them like with any other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Setting {
    /// So many pods.
    Number(i32),
    /// So many hundredths of the replicas.
    Percent(i32),
}

impl Setting {
    /// What Kubernetes and Argo Rollouts take where nothing is written, for both (K8 `defaults.go`, AR `utils/defaults`).
    pub const DEFAULT: Self = Self::Percent(25);

    /// Reads `3` or `25%`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_suffix('%') {
            Some(percent) => percent.parse().ok().map(Self::Percent),
            None => text.parse().ok().map(Self::Number),
        }
    }

    /// The most pods that are not more than it.
    pub(super) fn rounded_down(self, replicas: u32) -> i64 {
        match self {
            Self::Number(number) => number.into(),
            Self::Percent(percent) => (i64::from(percent) * i64::from(replicas)).div_euclid(100),
        }
    }

    /// The fewest pods that are not less than it.
    pub(super) fn rounded_up(self, replicas: u32) -> i64 {
        match self {
            Self::Number(number) => number.into(),
            Self::Percent(percent) => -(-i64::from(percent) * i64::from(replicas)).div_euclid(100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_setting_is_refused() {
        for text in ["", "%", "oops", "1.5%", "5 %", "%5", "1e3", "99999999999", "25%%"] {
            assert_eq!(Setting::parse(text), None, "{text}");
        }
    }
}
