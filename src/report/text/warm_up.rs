//! What the check of a warm-up found, in a sentence.

use crate::report::number::significant;
use crate::results::{ScenarioResults, Settled, WarmUpCheck};
use crate::time::Span;

/// A warning where the warm-up is too short.
pub fn warning(results: &ScenarioResults) -> Option<String> {
    let check = results.warm_up.filter(|check| check.settled == Settled::No)?;
    Some(too_short(&check, results.window.warm_up))
}

/// The length of the warm-up, where pilot runs found it.
pub fn found(results: &ScenarioResults) -> Option<String> {
    let found = results.warm_up.is_some_and(|check| check.auto && check.settled != Settled::No);
    found.then(|| format!("Warm-up: {}, found by pilot runs.", results.window.warm_up))
}

/// `Warm-up TOO SHORT: 36.7 instances at its end, 26.4 had the service been at work for longer; write warm_up = "10m".`
fn too_short(check: &WarmUpCheck, length: Span) -> String {
    let what = if check.all_instances { "instances" } else { "instances at work" };
    let [found, settled] = [check.instances, check.instances_settled].map(|level| significant(level, 3));
    let cure = match check.enough {
        Some(enough) => format!("write warm_up = \"{}\"", enough.written()),
        None => "write a longer one, or \"auto\"".to_owned(),
    };
    format!(
        "Warm-up TOO SHORT: {found} {what} at the end of its {length}, {settled} had the service been at work before it; \
         {cure}."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{Frame, Sample, scenario};

    const CHECK: WarmUpCheck = WarmUpCheck {
        auto: false,
        settled: Settled::No,
        all_instances: true,
        instances: 36.7,
        instances_settled: 26.4,
        difference: (8.0, 12.6),
        pairs: 5,
        enough: Some(Span::from_s(500)),
    };

    fn said(check: WarmUpCheck) -> Option<String> {
        let mut results = scenario(&Frame::default(), &[Sample::new("latest", 15.0, 0.0)]);
        results.warm_up = Some(check);
        warning(&results).or_else(|| found(&results))
    }

    #[test]
    fn a_warm_up_that_is_too_short_is_told_with_its_cure() {
        let text = "Warm-up TOO SHORT: 36.7 instances at the end of its 10 min, 26.4 had the service been at work before \
                    it; write warm_up = \"500s\".";
        assert_eq!(said(CHECK).as_deref(), Some(text));
        let at_work = said(WarmUpCheck { all_instances: false, enough: None, ..CHECK }).unwrap();
        assert!(
            at_work.contains("36.7 instances at work at the end")
                && at_work.ends_with("; write a longer one, or \"auto\"."),
            "{at_work}"
        );
    }

    #[test]
    fn nothing_is_said_of_one_that_is_long_enough_or_cannot_be_judged() {
        assert_eq!(said(WarmUpCheck { settled: Settled::Yes, ..CHECK }), None);
        assert_eq!(said(WarmUpCheck { settled: Settled::Open, ..CHECK }), None);
        let found = said(WarmUpCheck { settled: Settled::Yes, auto: true, ..CHECK });
        assert_eq!(found.as_deref(), Some("Warm-up: 10 min, found by pilot runs."));
    }

    #[test]
    fn spans_are_written_as_a_scenario_reads_them() {
        let spans = [7_200, 600, 500].map(|s| Span::from_s(s).written());
        assert_eq!(spans, ["2h", "10m", "500s"]);
        assert_eq!(Span::from_ns(1_500).written(), "1500ns");
    }
}
