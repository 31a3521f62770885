//! What people are told of a file: what it has, what was passed over, how it was read.

use super::Recording;
use super::intake::Passed;
use crate::shown;
use crate::time::Span;
use crate::units::grouped;
use jiff::Timestamp;
use std::path::Path;

/// March 1973, in nanoseconds since 1970: what is later is a time of a clock, not of a file's own.
const CLOCK: i64 = 100_000_000_000_000_000;

/// A few lines, each beginning with the file's name.
pub(super) fn lines(recording: &Recording, path: &Path) -> Vec<String> {
    let Recording { found, passed, base, last, total, bin, .. } = recording;
    let path = shown::path(path);
    let lasts = recording.length();
    let mean = if lasts == Span::ZERO { String::new() } else { format!(", {}/s", rounded(total / lasts.seconds())) };
    let of = if *bin == Span::ZERO { String::new() } else { format!(" in bins of {bin}") };
    let mut all = vec![format!(
        "{path}: {} request{}{of}, {} to {}{mean}",
        grouped(total.round(), 0),
        if total.round() == 1.0 { "" } else { "s" },
        moment(*base),
        moment(*last)
    )];
    let mut read: Vec<String> = vec![found.format.to_owned()];
    read.extend(recording.dress.iter().map(|&dress| dress.to_owned()));
    if !found.times.is_empty() {
        let naive = if passed.naive > 0 { ", without a zone: taken for UTC" } else { "" };
        read.push(format!("times from {}{naive}", found.times));
    }
    read.extend(found.counts.iter().map(|counts| format!("numbers from {counts}")));
    read.extend(found.durations.iter().map(|durations| format!("durations: {durations}")));
    all.push(format!("{path}: read as {}", read.join("; ")));
    let skipped = skipped(passed);
    if !skipped.is_empty() {
        all.push(format!("{path}: passed over {}", skipped.join("; ")));
    }
    if passed.disordered > 0 {
        all.push(format!(
            "{path}: {} rows came after a later one, and are sorted",
            grouped(passed.disordered as f64, 0)
        ));
    }
    let count = |n: u64| grouped(n as f64, 0);
    if passed.missing > 0 {
        all.push(format!("{path}: {} bins between others have no row: no requests in them", count(passed.missing)));
    }
    if passed.untimed > 0 {
        let rows = count(passed.untimed);
        all.push(format!(
            "{path}: {rows} requests have no duration: `code.service` says how long the code takes for them"
        ));
    }
    all.extend(found.besides.iter().map(|besides| format!("{path}: {besides}")));
    all
}

fn skipped(passed: &Passed) -> Vec<String> {
    let rows = |n: u64, one: &str, many: &str| format!("{} {}", grouped(n as f64, 0), if n == 1 { one } else { many });
    let mut skipped = Vec::new();
    if passed.bad > 0 {
        let first = passed.first_bad.as_ref().map_or_else(String::new, |(line, reason)| {
            let first = if passed.bad == 1 { "" } else { "the first in " };
            format!(" ({first}line {line}: {reason})")
        });
        skipped.push(format!("{}{first}", rows(passed.bad, "damaged row", "damaged rows")));
    }
    if passed.strayed > 0 {
        skipped.push(rows(passed.strayed, "row whose clock is far off", "rows whose clocks are far off"));
    }
    if passed.empty > 0 {
        skipped.push(rows(passed.empty, "empty field", "empty fields"));
    }
    if passed.unasked > 0 {
        skipped.push(rows(passed.unasked, "row that is not asked for", "rows that are not asked for"));
    }
    if passed.other > 0 {
        skipped.push(rows(passed.other, "line that is no request", "lines that are no requests"));
    }
    if passed.behind > 0 {
        skipped.push(rows(passed.behind, "byte behind the packed data", "bytes behind the packed data"));
    }
    skipped
}

/// A time of a file: of a clock, or of its own.
pub(super) fn moment(ns: i64) -> String {
    match Timestamp::from_nanosecond(ns.into()) {
        Ok(at) if ns >= CLOCK => at.strftime("%Y-%m-%d %H:%M:%S%.f UTC").to_string(),
        _ if ns < 0 => format!("-{}", Span::from_ns(ns.unsigned_abs())),
        _ => Span::from_ns(ns.unsigned_abs()).to_string(),
    }
}

/// A number to three digits.
fn rounded(x: f64) -> String {
    match x {
        _ if x >= 100.0 => grouped(x.round(), 0),
        _ if x >= 10.0 => grouped(x, 1),
        _ if x >= 1.0 => grouped(x, 2),
        _ => format!("{x:.3}"),
    }
}
