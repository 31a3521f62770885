//! Rollouts that did not get through: how often alarms and hooks stopped them, or their time was over, and how long all that took.

use crate::report::judge::{self, mean, name};
use crate::report::number::{duration, percent};
use crate::results::ScenarioResults;

/// Rollouts that alarms or hooks stopped, and how long that took.
pub(super) fn stopped(results: &ScenarioResults) -> Option<String> {
    let told = judge::order(results).iter().filter_map(|&place| {
        let who = how_often_stopped(results, place)?;
        let seconds = |key: &str, words: &str| mean(results, place, key).map(|s| format!("{words} {}", duration(s)));
        // Without a first change nothing was detected.
        let after = seconds("detection_s", "on average after").unwrap_or_else(|| "before its first change".to_owned());
        // Where some took too long, the mean is that of both.
        let back = seconds("rollback_s", back_in(results, place)).filter(|_| judge::timed_out(results, place) == 0.0);
        let times: Vec<String> = [Some(after), back].into_iter().flatten().collect();
        Some(format!("{who} ({})", times.join(", ")))
    });
    let told: Vec<String> = told.collect();
    let some =
        (0..results.strategies.len()).any(|place| (f64::MIN_POSITIVE..1.0).contains(&judge::stopped(results, place)));
    let rest = if some { " Where it was some, durations are those of the rest." } else { "" };
    (!told.is_empty()).then(|| format!("Stopped: {}.{rest}", told.join("; ")))
}

/// Rollouts that took too long, and how long they need.
pub(super) fn timed_out(results: &ScenarioResults) -> Option<String> {
    let told = judge::order(results).iter().filter_map(|&place| {
        let who = how_often_timed_out(results, place)?;
        let needs = results.strategies[place].too_short.map(|short| {
            format!("undisturbed it takes {}, its timeout is {}", duration(short.takes.seconds()), short.timeout)
        });
        // Only of those that got through is it known.
        let through = || {
            let least = if results.estimate(place, "rollout_duration_s").censored > 0 { "at least " } else { "" };
            let mean = mean(results, place, "rollout_duration_s")?;
            Some(format!("the others were through after {least}{} on average", duration(mean)))
        };
        Some(match needs.or_else(through) {
            Some(time) => format!("{who} ({time})"),
            None => who,
        })
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| format!("Timed out: {}.", told.join("; ")))
}

/// Rollouts that did not get on for longer than the deadline of their controller, which stops nothing.
pub(super) fn overdue(results: &ScenarioResults) -> Option<String> {
    let share = |place: usize| mean(results, place, "overdue").unwrap_or_default();
    let told = judge::order(results).iter().filter_map(|&place| in_rollouts(results, place, share(place)));
    let told: Vec<String> = told.collect();
    let what = "`kubectl rollout status` fails, and the rollout goes on";
    (!told.is_empty()).then(|| format!("Past the progress deadline: {}; {what}.", told.join("; ")))
}

fn back_in(results: &ScenarioResults, place: usize) -> &'static str {
    match results.estimate(place, "rollback_s").censored {
        0 => "back in",
        _ => "back in at least",
    }
}

/// How often an alarm or a hook stopped a strategy, if any did: `canary in all 20 rollouts`.
pub(super) fn how_often_stopped(results: &ScenarioResults, place: usize) -> Option<String> {
    in_rollouts(results, place, judge::stopped(results, place))
}

/// How often a strategy took too long, if it ever did.
pub(super) fn how_often_timed_out(results: &ScenarioResults, place: usize) -> Option<String> {
    in_rollouts(results, place, judge::timed_out(results, place))
}

fn in_rollouts(results: &ScenarioResults, place: usize, share: f64) -> Option<String> {
    let who = name(results, place);
    match share {
        0.0 => None,
        1.0 => Some(format!("{who} in all {} rollouts", results.replications)),
        share => Some(format!("{who} in {} of {} rollouts", percent(share), results.replications)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{Frame, Sample, scenario};
    use crate::results::TooShort;
    use crate::time::Span;

    #[test]
    fn what_always_times_out_is_told_how_long_it_needs() {
        let always = Sample::new("canary", 15.0, 10.0).with("timed_out", 1.0, 0.0);
        let always = Sample { absent: vec!["rollout_duration_s"], ..always };
        let mut results = scenario(&Frame::default(), &[always, Sample::new("latest", 15.0, 10.0)]);
        assert_eq!(timed_out(&results).unwrap(), "Timed out: canary in all 40 rollouts.", "it cannot be known");
        let short = TooShort { timeout: Span::from_s(300), takes: Span::from_s(8_960) };
        results.strategies[0].too_short = Some(short);
        assert_eq!(
            timed_out(&results).unwrap(),
            "Timed out: canary in all 40 rollouts (undisturbed it takes 2 h 29 min, its timeout is 5 min)."
        );
    }

    #[test]
    fn who_misses_the_progress_deadline_is_told_what_that_does() {
        let slow = Sample::new("rolling", 15.0, 10.0).with("overdue", 1.0, 0.0);
        let fine = Sample::new("recreate", 15.0, 10.0).with("overdue", 0.0, 0.0);
        assert_eq!(
            overdue(&scenario(&Frame::default(), &[slow, fine])).unwrap(),
            "Past the progress deadline: rolling in all 40 rollouts; `kubectl rollout status` fails, and the rollout goes on."
        );
    }

    #[test]
    fn what_times_out_now_and_then_is_told_how_long_the_others_took() {
        let some =
            Sample::new("canary", 15.0, 10.0).with("timed_out", 0.25, 0.1).with("rollout_duration_s", 250.0, 5.0);
        assert_eq!(
            timed_out(&scenario(&Frame::default(), &[some])).unwrap(),
            "Timed out: canary in 25.0 % of 40 rollouts (the others were through after 4 min 10 s on average)."
        );
        assert_eq!(timed_out(&scenario(&Frame::default(), &[Sample::new("latest", 15.0, 10.0)])), None);
    }
}
