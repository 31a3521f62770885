//! Names of sources, strategies and objectives, which become keys of the results, and of scenarios, which become names of
//! files.

use super::diagnostic::{Place, quote};
use super::log::{Checked, Log};

/// What a name may look like, in words.
pub(crate) const RULE: &str = "1 to 40 of a-z, 0-9 and `-`, beginning with a letter";

/// The same as a pattern.
pub(crate) const PATTERN: &str = "^[a-z][a-z0-9-]{0,39}$";

/// Whether `name` matches [`PATTERN`].
pub(crate) fn is_name(name: &str) -> bool {
    name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// What a part of a scenario's name may look like, in words.
pub(crate) const FILE_RULE: &str = "1 to 80 of A-Z, a-z, 0-9, `.`, `_` and `-`, beginning with a letter or digit";

/// Whether `part` of a path may be a part of a scenario's name: it becomes a part of the names of charts.
pub(crate) fn is_file_name(part: &str) -> bool {
    part.len() <= 80
        && part.starts_with(|c: char| c.is_ascii_alphanumeric())
        && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// A key that names something.
pub(crate) fn name(key: &str, at: &Place, log: &Log) -> Checked<String> {
    if is_name(key) {
        Ok(key.to_owned())
    } else {
        Err(log.refuse(at, format!("{} is not a name", quote(key)), format!("write {RULE}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        assert!(["a", "web-2", "x".repeat(40).as_str()].into_iter().all(is_name));
        assert!(["a", "2024-08_Web.v2", "x".repeat(80).as_str()].into_iter().all(is_file_name));
        assert!(!["", "-a", "_a", ".a", "a b", "ä", "a/b", "x".repeat(81).as_str()].into_iter().any(is_file_name));
        assert!(!["", "2a", "-a", "Web", "a_b", "ä", "a/b", "x".repeat(41).as_str()].into_iter().any(is_name));
    }
}
