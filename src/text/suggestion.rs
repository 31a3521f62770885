//! `Did you mean`: what a misspelt word was probably meant to be.
//!
//! A suggestion never differs in a number from what was written: `Canary20Percent5Minutes` is no misspelling of
//! `Canary10Percent5Minutes`, and `web-1` none of `web-2`. Nobody mistypes a number into another meaning by one letter and
//! wants to be led there.

use crate::metrics::{Kind, Metric};

/// `did you mean` the one of `names` that is closest to `word`; if none is close, `otherwise` and all of them.
#[must_use]
pub fn suggestion(word: &str, otherwise: &str, names: &[&str]) -> String {
    match meant(word, names) {
        Some(name) => format!("did you mean `{name}`?"),
        None if names.is_empty() => "drop it: there are no keys here".to_owned(),
        None => format!("{otherwise} {}", listed(names)),
    }
}

/// The one of `names` that `word` was probably meant to be.
fn meant<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    // A typing error or two, according to length, or a word broken off early, or in the wrong case.
    let lower = word.to_lowercase();
    let near = |name: &&&str| {
        let distance = strsim::osa_distance(&lower, &name.to_lowercase());
        distance <= (name.len() / 3).max(1) || (word.len() >= 3 && name.starts_with(word))
    };
    let same_numbers = |name: &&&str| numbers(name) == numbers(word);
    let distance = |name: &&&str| strsim::osa_distance(word, name);
    names.iter().filter(near).filter(same_numbers).min_by_key(distance).copied()
}

/// The numbers in a word, in order.
pub(crate) fn numbers(word: &str) -> Vec<&str> {
    word.split(|letter: char| !letter.is_ascii_digit()).filter(|number| !number.is_empty()).collect()
}

/// What to write in place of something that is the key of no metric: the key that was meant, or of which kind keys are.
pub(crate) fn metric(key: &str) -> String {
    let (total, version) = key.split_once('.').map_or((key, ""), |(total, _)| (total, &key[total.len()..]));
    let keys: Vec<_> = Kind::ALL.iter().map(|kind| kind.key()).collect();
    // A name without its unit, or a part of a name: `p99`, `latency_p99`.
    let parts = |key: &&str| format!("_{key}_").contains(&format!("_{total}_"));
    let named: Vec<&str> = keys.iter().copied().filter(parts).collect();
    match (meant(total, &keys), &named[..]) {
        (_, several @ [_, _, ..]) => format!("write one of {}", listed(several)),
        (Some(key), _) => format!("did you mean `{}`?", with_version(key, version)),
        (None, []) => "write a column of replications.csv, such as `incompatible_share` or `cold_starts.v2`".to_owned(),
        (None, [key]) => format!("did you mean `{}`?", with_version(key, version)),
    }
}

/// The key with the version that was asked for, if it is counted by version.
fn with_version(key: &str, version: &str) -> String {
    let whole = format!("{key}{version}");
    if Metric::parse(&whole).is_some() { whole } else { key.to_owned() }
}

/// Reads the key of a metric from the command line.
///
/// # Errors
/// The reason and the cure, in one sentence.
pub fn metric_of(key: &str) -> Result<Metric, String> {
    Metric::parse(key).ok_or_else(|| {
        let total = key.split_once('.').map_or(key, |(total, _)| total);
        match Kind::ALL.iter().find(|kind| kind.key() == total) {
            Some(kind) if !kind.by_version() => format!("`{total}` is not counted by version; write `{total}`"),
            Some(_) => format!("{} names no version; write one such as `{total}.v2`", super::diagnostic::quote(key)),
            None => format!("there is no metric {}; {}", super::diagnostic::quote(key), metric(key)),
        }
    })
}

pub(crate) fn listed(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_is_recognised() {
        let names = ["gateway", "code", "function", "cold_service"];
        for (word, name) in [("gatewy", "gateway"), ("Gateway", "gateway"), ("func", "function"), ("cod", "code")] {
            assert_eq!(suggestion(word, "the keys are", &names), format!("did you mean `{name}`?"));
        }
        assert_eq!(suggestion("weather", "the keys are", &names[..2]), "the keys are `gateway`, `code`");
        assert_eq!(suggestion("x", "", &[]), "drop it: there are no keys here");
    }

    #[test]
    fn a_suggestion_never_differs_in_a_number() {
        for (word, names) in [
            ("Canary20Percent5Minutes", &["Canary10Percent5Minutes"][..]),
            ("Canary", &["Canary10Percent5Minutes"]),
            ("web-1", &["web-2", "web-3"]),
            ("web", &["web2"]),
            ("web2", &["web"]),
            ("latency_p9_ms", &["latency_p90_ms", "latency_p99_ms"]),
        ] {
            assert!(!suggestion(word, "write one of", names).contains("did you mean"), "{word}");
        }
        assert_eq!(
            suggestion("Canary10Percent5Minute", "", &["Canary10Percent5Minutes"]),
            "did you mean `Canary10Percent5Minutes`?"
        );
    }

    #[test]
    fn metrics_are_recognised_by_a_part_of_their_names() {
        let told = |key| metric_of(key).unwrap_err();
        for (key, cure) in [
            ("cold_start", "did you mean `cold_starts`?"),
            ("cold_start.v2", "did you mean `cold_starts.v2`?"),
            ("p95", "did you mean `latency_p95_ms`?"),
            ("p99", "write one of `latency_p99_ms`, `message_age_p99_s`, `answer_p99_ms`"),
            ("latency_p99", "did you mean `latency_p99_ms`?"),
            ("Incompatible_Share", "did you mean `incompatible_share`?"),
            ("served.v2", "`served` is not counted by version; write `served`"),
            ("cold_starts.x", "`cold_starts.x` names no version; write one such as `cold_starts.v2`"),
            ("weather", "there is no metric `weather`; write a column of replications.csv"),
        ] {
            assert!(told(key).contains(cure), "{}", told(key));
        }
        let (latency, cents) = (told("latency"), told("latency_p98_ms"));
        assert!(
            latency.contains("`latency_mean_ms`, `latency_p50_ms`") && latency.contains("write one of"),
            "{latency}"
        );
        assert!(!cents.contains("did you mean"), "{cents}");
    }
}
