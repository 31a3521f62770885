//! Sound data in a form that is not read: what it is called, and what is read instead. Whoever has such a file has made no
//! mistake in any row of it.

use super::TraceError;
use super::columns::UNITS;
use super::rows::decimal_ns;

/// How the files begin that are no CSV text, what they are, and how to make one of them.
const FILES: [(&[u8], &str, &str); 10] = [
    (b"\xff\xfe", "UTF-16 text", "save it as UTF-8, as spreadsheets do under \"CSV UTF-8\""),
    (b"\xfe\xff", "UTF-16 text", "save it as UTF-8, as spreadsheets do under \"CSV UTF-8\""),
    (b"\x1f\x8b", "packed by gzip", "unpack it: gunzip FILE"),
    (b"\x28\xb5\x2f\xfd", "packed by zstd", "unpack it: unzstd FILE"),
    (b"BZh", "packed by bzip2", "unpack it: bunzip2 FILE"),
    (b"\xfd7zXZ", "packed by xz", "unpack it: unxz FILE"),
    (b"PK\x03\x04", "a ZIP archive or a spreadsheet", "unpack it, or save the sheet as CSV in UTF-8"),
    (b"PAR1", "a Parquet table", "export it as CSV with a header"),
    (b"{", "JSON", "export it as CSV: a header with the columns' names, then a row a line"),
    (b"[", "JSON", "export it as CSV: a header with the columns' names, then a row a line"),
];

/// Whether the first line of a file is text that is read.
pub(super) fn readable(first: &[u8]) -> Result<(), TraceError> {
    let known = FILES.iter().find(|(begins, ..)| first.starts_with(begins));
    let known = known.map(|&(_, what, cure)| (what, cure));
    // Latin letters in UTF-16 are every other byte a zero, with or without a mark at the beginning.
    let zeros = || first.contains(&0).then_some((FILES[0].1, FILES[0].2));
    let Some((what, cure)) = known.or_else(zeros) else { return Ok(()) };
    Err(TraceError::Unfit { reason: format!("this file is {what}, which is not read yet"), cure: cure.to_owned() })
}

/// What is said of a field, and what to write instead.
type Said = (String, String);

/// What a field is that is no plain decimal number of at most 100 years in units of `unit_ns`; `None` for what is no time
/// in any form.
pub(super) fn time(text: &str, unit_ns: u64) -> Option<Said> {
    if is_date(text) {
        let cure = "write plain numbers: seconds since any instant in a column `t_s`, milliseconds in `t_ms`";
        return Some((format!("`{text}` is a date or a time of day, which is not read yet"), cure.to_owned()));
    }
    let suffix = |unit| UNITS.iter().find(|&&(_, known)| known == unit).map_or("", |&(suffix, _)| suffix);
    let fits = |&&(_, finer): &&(&str, u64)| finer < unit_ns && decimal_ns(text, finer).is_some();
    if let Some((finer, _)) = UNITS.iter().rev().find(fits) {
        let reason = format!("`{text}` is more than 100 years in a column of `{}`", suffix(unit_ns));
        let cure = format!("name the column for its true unit, such as `t{finer}`, and that name in the scenario");
        return Some((reason, cure));
    }
    number(text)
}

/// What a field is that is no whole number of requests.
pub(super) fn count(text: &str) -> Option<Said> {
    match text.split_once('.') {
        Some((whole, zeros)) if is_plain(whole) && !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => {
            let reason = format!("`{text}` is a whole number with decimals, which is not read yet");
            Some((reason, format!("write {whole} alone")))
        }
        _ => number(text),
    }
}

fn number(text: &str) -> Option<Said> {
    let said = |what: &str, cure: &str| Some((format!("`{text}` {what}, which is not read yet"), cure.to_owned()));
    if text.strip_prefix('+').is_some_and(|digits| decimal_ns(digits, 1).is_some()) {
        return said("has a plus sign", "write the digits alone");
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, rest) = digits.split_at(end);
    decimal_ns(number, 1)?;
    let power = rest.strip_prefix(['e', 'E']).map(|power| power.strip_prefix(['-', '+']).unwrap_or(power));
    if power.is_some_and(is_plain) {
        return said("has an exponent", "write all the digits, such as 0.001");
    }
    if rest.chars().all(|c| c.is_ascii_digit() || ",._' ".contains(c)) {
        return said("has marks between its digits", "write digits alone, and a point before decimals");
    }
    let unit = match rest.trim_start() {
        "sec" => "s",
        "µs" => "us",
        "m" => "min",
        unit => unit,
    };
    let suffix = UNITS.iter().find(|(suffix, _)| suffix.strip_prefix('_') == Some(unit)).map(|&(suffix, _)| suffix)?;
    let cure = format!("write {number} alone; the unit ends the column's name, as in `t{suffix}`");
    said("has its unit with it", &cure)
}

fn is_plain(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Dates and times as most programs write them: `2026-01-31`, `31/Jan/2026:10:00:00`, `10:00:00`, each with anything behind.
fn is_date(text: &str) -> bool {
    let digits = |n: usize, mark: char| {
        let number = text.bytes().take_while(u8::is_ascii_digit).count();
        (1..=n).contains(&number) && text[number..].starts_with(mark) && text[number + 1..].contains([mark, ':'])
    };
    let year = |part: &str| part.len() >= 4 && part.bytes().take(4).all(|byte| byte.is_ascii_digit());
    let dots = || digits(2, '.') && text.split('.').nth(2).is_some_and(year);
    digits(4, '-') || digits(4, '/') || digits(2, ':') || dots()
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;

    #[test]
    fn a_sound_value_in_another_form_is_told_with_the_form_that_is_read() {
        for (text, reason, cure) in [
            ("2026-01-31T10:00:00.123Z", "a date or a time of day", "`t_s`"),
            ("2026-01-31 10:00:00", "a date or a time of day", "`t_s`"),
            ("31/Jan/2026:10:00:00 +0000", "a date or a time of day", "`t_s`"),
            ("31.1.2026 10:00", "a date or a time of day", "`t_s`"),
            ("10:00:00", "a date or a time of day", "`t_s`"),
            ("1767225600000", "more than 100 years in a column of `_s`", "`t_ms`"),
            ("1767225600000000", "more than 100 years in a column of `_s`", "`t_us`"),
            ("1767225600000000000", "more than 100 years in a column of `_s`", "`t_ns`"),
            ("1.7e9", "an exponent", "all the digits"),
            ("1,5", "marks between its digits", "a point before decimals"),
            ("1 234.5", "marks between its digits", "a point before decimals"),
            ("+5", "a plus sign", "digits alone"),
            ("38ms", "its unit with it", "write 38 alone; the unit ends the column's name, as in `t_ms`"),
            ("1.5 sec", "its unit with it", "as in `t_s`"),
        ] {
            let (said, proposed) = time(text, S).unwrap_or_else(|| panic!("{text}"));
            assert!(said.starts_with(&format!("`{text}` ")) && said.contains(reason), "{text}: {said}");
            assert!(proposed.contains(cure), "{text}: {proposed}");
        }
        for text in ["", "x", "-", "NaN", "1.2.3", "12x", "1e", "null", "--5", "1-2", "99999999999999999999999"] {
            assert_eq!(time(text, S), None, "{text}");
        }
    }

    #[test]
    fn counts_are_whole_however_they_are_written() {
        for (text, cure) in [("12.0", "write 12 alone"), ("1e3", "all the digits"), ("1,200", "digits alone")] {
            assert!(count(text).unwrap().1.contains(cure), "{text}");
        }
        for text in ["3.5", "-1", "", "x", "."] {
            assert_eq!(count(text), None, "{text}");
        }
    }

    #[test]
    fn a_file_that_is_no_text_is_named_for_what_it_is() {
        let said = |first: &[u8]| match readable(first) {
            Err(TraceError::Unfit { reason, cure }) => format!("{reason}; {cure}"),
            other => format!("{other:?}"),
        };
        assert!(said(b"\xff\xfet\0_\0s\0").contains("UTF-16 text, which is not read yet; save it as UTF-8"));
        assert!(said(b"t\0_\0s\0,\0").contains("UTF-16"));
        assert!(said(b"\x1f\x8b\x08\x00").contains("gunzip FILE"));
        assert!(said(b"{\"t\": 1}").contains("JSON"));
        assert_eq!(said("t_s,größe".as_bytes()), "Ok(())");
    }
}
