//! What is asked of a selection: `--metric`, `--indifference` and `--subject-to`.

use crate::metrics::{Bound, Direction, Metric, Range, Unit};
use crate::report::text::studies::selection::example;
use crate::results::selection::Constraint;
use crate::scenario::{amount, metric_of};

/// Reads the key of a metric of which less, or more, is better.
pub fn goal(key: &str) -> Result<Metric, String> {
    let metric = metric_of(key)?;
    match (metric.direction(), metric.version) {
        (Direction::Lower | Direction::Higher, _) => Ok(metric),
        (Direction::Neither, Some(_)) => Err(format!(
            "`{key}` counts one version alone, and a deployment moves work from one to another; write `{}`, or bound it \
             with --subject-to",
            metric.kind.key()
        )),
        (Direction::Neither, None) => Err(format!(
            "neither less nor more of `{key}` is better; choose by another metric, such as latency_p99_ms, and bound this \
             one with --subject-to"
        )),
    }
}

/// Reads a difference that does not matter.
pub fn indifference(metric: &Metric, text: &str) -> Result<f64, String> {
    let such_as = example(metric.unit());
    if text.ends_with('%') && metric.unit() != Unit::Share {
        return Err(format!(
            "a share of the best is not possible, because the best is not known beforehand; write an amount such as \
             {such_as}"
        ));
    }
    match amount(metric, text)? {
        // Less than that is nothing but rounding.
        0.0..1e-12 => Err(format!(
            "no difference at all could only be told by chance; write the smallest one that matters, such as {such_as}"
        )),
        1e15.. => {
            Err(format!("no difference could be as large; write the smallest one that matters, such as {such_as}"))
        }
        indifference => Ok(indifference),
    }
}

/// Reads a constraint, as in `incompatible_share<=0.1%±0.02%`.
pub fn constraint(text: &str) -> Result<Constraint, String> {
    let cure = "write KEY<=VALUE±TOLERANCE, such as incompatible_share<=0.1%±0.02%";
    let at = |sign: &str| text.split_once(sign);
    let most: fn(f64) -> Bound = Bound::AtMost;
    let (key, rest, bound) = match (at("<=").or_else(|| at("≤")), at(">=").or_else(|| at("≥"))) {
        (Some((key, rest)), None) => (key, rest, most),
        (None, Some((key, rest))) => (key, rest, Bound::AtLeast as fn(f64) -> Bound),
        _ => return Err(format!("there is no bound, <= or >=; {cure}")),
    };
    let metric = metric_of(key.trim())?;
    let signs = ["±", "+/-", "+-"];
    let Some((value, tolerance)) = signs.into_iter().find_map(|sign| rest.split_once(sign)) else {
        return Err(format!(
            "there is no tolerance, ± or +-: a mean exactly at its bound could never be told from one beyond; {cure}"
        ));
    };
    let read = |text: &str| amount(&metric, text.trim());
    let (at, tolerance) = (read(value)?, read(tolerance)?);
    if tolerance == 0.0 {
        return Err(format!("the tolerance is zero, so that a mean at the bound could never be told; {cure}"));
    }
    let bound = bound(at);
    // Otherwise nothing could surely keep it.
    let most = if metric.kind.range() == Range::Share { 1.0 } else { f64::INFINITY };
    let room = match bound {
        Bound::AtMost(at) => at - tolerance >= -at * 1e-9,
        Bound::AtLeast(at) => at + tolerance <= most * (1.0 + 1e-9),
    };
    if !room {
        return Err(format!(
            "the tolerance reaches beyond what {} can be, so that no strategy could surely keep the bound; write a smaller \
             tolerance, or move the bound by it",
            metric.key()
        ));
    }
    Ok(Constraint { metric, bound, tolerance })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_are_read_in_all_their_spellings() {
        for text in [
            "incompatible_share<=0.1%±0.02%",
            "incompatible_share <= 0.1% ± 0.02%",
            "incompatible_share≤0.1%+-0.02%",
            "incompatible_share<=0.1%+/-0.02%",
        ] {
            let read = constraint(text).unwrap();
            assert_eq!(
                (read.metric.key().as_str(), read.bound),
                ("incompatible_share", Bound::AtMost(0.001)),
                "{text}"
            );
            assert_eq!(read.tolerance, 0.000_2);
        }
        let served = constraint("served>=200000±1000").unwrap();
        assert_eq!((served.bound, served.tolerance), (Bound::AtLeast(200_000.0), 1_000.0));
        assert_eq!(constraint("old_drained_s<=10m±5s").unwrap().bound, Bound::AtMost(600.0));
    }

    #[test]
    fn amounts_have_the_unit_of_their_metric() {
        let read = |key: &str, text| indifference(&goal(key).unwrap(), text);
        assert_eq!(read("latency_p99_ms", "2ms"), Ok(2.0));
        assert_eq!(read("old_drained_s", "1.5m"), Ok(90.0));
        assert_eq!(read("incompatible_share", "0.1%"), Ok(0.001));
        assert_eq!(read("cold_starts", "10"), Ok(10.0));
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for (text, cure) in [
            ("incompatible_share", "such as incompatible_share<=0.1%±0.02%"),
            ("incompatible_share<=0.1%", "there is no tolerance"),
            ("incompatible_share<=0.1%±0%", "the tolerance is zero"),
            ("incompatible_share<=0.1±0.02", "write \"0.1%\""),
            ("incompatible_share<=0%±0.02%", "move the bound by it"),
            ("incompatible_share>=100%±0.02%", "move the bound by it"),
            ("incompatible_shar<=1%±0.02%", "did you mean `incompatible_share`?"),
            ("latency_p99_ms<=200±2ms", "write \"200ms\""),
            ("served>=x±2", "not a plain number"),
        ] {
            let said = constraint(text).unwrap_err();
            assert!(said.contains(cure), "{text}: {said}");
        }
        for (key, cure) in [
            ("requests", "such as latency_p99_ms"),
            ("cold_starts.v2", "write `cold_starts`"),
            ("latency_p99", "did you mean"),
        ] {
            assert!(goal(key).unwrap_err().contains(cure), "{key}: {}", goal(key).unwrap_err());
        }
        for (key, text, cure) in [
            ("latency_p99_ms", "5%", "a share of the best is not possible"),
            ("latency_p99_ms", "0ms", "the smallest one that matters, such as 2ms"),
            ("latency_p99_ms", "2", "write \"2ms\""),
            ("cold_starts", "10ms", "not a plain number"),
            ("cold_starts", "0", "such as 10"),
            ("cold_starts", "1e-320", "could only be told by chance"),
            ("cold_starts", "1e300", "as large"),
        ] {
            let said = indifference(&goal(key).unwrap(), text).unwrap_err();
            assert!(said.contains(cure), "{key} {text}: {said}");
        }
    }
}
