//! The fields of a row, and where in the row each stands.
//!
//! Not by the `csv` crate: it takes a quote that is never closed for the rest of the file, does not say where in a line a
//! field stands, and logs have brackets.

use crate::source::trace::TraceError;
use crate::source::trace::file::Line;
use memchr::{memchr, memchr2};
use std::borrow::Cow;
use std::ops::Range;

/// How the fields of a row are told apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::source::trace) struct Dialect {
    pub delimiter: u8,
    pub quotes: Quotes,
}

/// What quotes mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::source::trace) enum Quotes {
    /// A field may stand between quotes; two of them are one within it.
    Csv,
    /// A field may stand between quotes or brackets; a backslash takes the meaning from the next character.
    Log,
    /// Nothing.
    Plain,
}

/// A file of comma-separated values.
pub(in crate::source::trace) const COMMAS: Dialect = Dialect { delimiter: b',', quotes: Quotes::Csv };
/// A log with blanks between its fields.
pub(in crate::source::trace) const LOG: Dialect = Dialect { delimiter: b' ', quotes: Quotes::Log };

/// The fields of one row.
#[derive(Clone, Debug, Default)]
pub(in crate::source::trace) struct Fields {
    spans: Vec<Range<usize>>,
}

/// Where a row cannot be taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::source::trace) struct Torn {
    pub span: Range<usize>,
    pub reason: &'static str,
    pub cure: &'static str,
    /// Whether the row may go on in the next line.
    pub open: bool,
}

impl Torn {
    /// A line that is too long to be a row, of which so many bytes are kept.
    pub const fn too_long(kept: usize) -> Self {
        let (reason, cure) = ("this line is longer than 1 MiB", "is it a log or a table, with a row on every line?");
        Self { span: 0..kept, reason, cure, open: false }
    }
}

impl Fields {
    /// Takes a row apart; blanks around its fields are dropped.
    pub fn split(&mut self, bytes: &[u8], dialect: Dialect) -> Result<(), Torn> {
        self.spans.clear();
        let Dialect { delimiter, quotes } = dialect;
        let mut at = 0;
        loop {
            let start = at + blanks(&bytes[at..], delimiter);
            let (span, end) = match (quotes, bytes.get(start)) {
                (Quotes::Csv, Some(b'"')) => quoted(bytes, start, delimiter)?,
                (Quotes::Log, Some(b'"')) => enclosed(bytes, start, b'"')?,
                (Quotes::Log, Some(b'[')) => enclosed(bytes, start, b']')?,
                _ => {
                    let end = memchr(delimiter, &bytes[start..]).map_or(bytes.len(), |found| start + found);
                    let trailing = bytes[start..end].iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
                    (start..end - trailing, end)
                }
            };
            self.spans.push(span);
            if end >= bytes.len() {
                return Ok(());
            }
            at = end + 1;
        }
    }

    /// Moves the first field in brackets to place `index`: what people are called may have blanks, and the name of a host may
    /// stand before all.
    pub fn anchor(&mut self, bytes: &[u8], index: usize) {
        let bracket = |span: &Range<usize>| span.start > 0 && bytes[span.start - 1] == b'[';
        match self.spans.iter().position(bracket) {
            Some(found) if found > index => drop(self.spans.drain(1..=found - index)),
            Some(found) => drop(self.spans.splice(0..0, std::iter::repeat_n(0..0, index - found))),
            None => {}
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Where field `index` stands in its row, its quotes apart.
    pub fn span(&self, index: usize) -> Range<usize> {
        self.spans.get(index).cloned().unwrap_or(0..0)
    }

    /// The bytes of field `index`; none where there is no such field.
    pub fn bytes<'l>(&self, line: &'l [u8], index: usize) -> &'l [u8] {
        line.get(self.span(index)).unwrap_or(b"")
    }

    /// The text of field `index`.
    pub fn text<'l>(&self, line: &'l [u8], index: usize) -> Cow<'l, str> {
        let text = String::from_utf8_lossy(self.bytes(line, index));
        if text.contains("\"\"") { Cow::Owned(text.replace("\"\"", "\"")) } else { text }
    }
}

fn blanks(bytes: &[u8], delimiter: u8) -> usize {
    bytes.iter().take_while(|&&byte| byte.is_ascii_whitespace() && (byte != delimiter || delimiter == b' ')).count()
}

/// A field that begins with the quote at `open`: what stands between the quotes, and where the field ends.
fn quoted(bytes: &[u8], open: usize, delimiter: u8) -> Result<(Range<usize>, usize), Torn> {
    let mut at = open + 1;
    loop {
        let Some(quote) = memchr(b'"', &bytes[at..]).map(|found| at + found) else {
            let (reason, cure) = ("this quote is not closed", "close it, or drop the row");
            return Err(Torn { span: open..bytes.len(), reason, cure, open: true });
        };
        if bytes.get(quote + 1) == Some(&b'"') {
            at = quote + 2;
            continue;
        }
        let end = quote + 1 + blanks(&bytes[quote + 1..], delimiter);
        if end < bytes.len() && bytes[end] != delimiter {
            let reason = "this field goes on after its closing quote";
            let cure = "end the field there, or write two quotes for one within a field";
            return Err(Torn { span: open..end + 1, reason, cure, open: false });
        }
        return Ok((open + 1..quote, end));
    }
}

/// A field of a log between the mark at `open` and the mark `close`.
fn enclosed(bytes: &[u8], open: usize, close: u8) -> Result<(Range<usize>, usize), Torn> {
    let mut at = open + 1;
    while let Some(found) = memchr2(close, b'\\', &bytes[at..]).map(|found| at + found) {
        if bytes[found] == close {
            let end = found + 1;
            if bytes.get(end).is_none_or(|&byte| byte == b' ') {
                return Ok((open + 1..found, end));
            }
            // An address as [::1]:443, or what nobody quoted as it should be: the whole word.
            let end = memchr(b' ', &bytes[end..]).map_or(bytes.len(), |blank| end + blank);
            return Ok((open..end, end));
        }
        at = (found + 2).min(bytes.len());
    }
    let reason = if close == b'"' { "this quote is not closed" } else { "this bracket is not closed" };
    Err(Torn { span: open..bytes.len(), reason, cure: "mend or drop the line", open: false })
}

/// A line that is too long to be a row.
pub(in crate::source::trace) fn too_long(line: Line) -> TraceError {
    let torn = Torn::too_long(line.bytes.len());
    malformed(line, torn.span, torn.reason, torn.cure)
}

/// What is wrong with the bytes `span` of a line.
pub(in crate::source::trace) fn malformed(
    line: Line,
    span: Range<usize>,
    reason: impl Into<String>,
    cure: impl Into<String>,
) -> TraceError {
    // Bytes that are no text become one character of three bytes each; what is underlined moves with them.
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (before, inside) = (lossy(&line.bytes[..span.start]), lossy(&line.bytes[span.clone()]));
    let (start, end) = (before.len(), before.len() + inside.len());
    let text = before + &inside + &lossy(&line.bytes[span.end..]);
    TraceError::Malformed {
        line: line.number,
        span: start..end.max((start + 1).min(text.len())),
        text,
        reason: reason.into(),
        cure: cure.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, dialect: Dialect) -> Result<Vec<String>, (String, &'static str)> {
        let mut fields = Fields::default();
        match fields.split(text.as_bytes(), dialect) {
            Ok(()) => Ok((0..fields.len()).map(|i| fields.text(text.as_bytes(), i).into_owned()).collect()),
            Err(torn) => Err((text[torn.span].to_owned(), torn.reason)),
        }
    }

    #[test]
    fn fields_are_split_at_commas_outside_quotes() {
        let split = |text| split(text, COMMAS);
        assert_eq!(split("1, 2 ,,x").unwrap(), ["1", "2", "", "x"]);
        assert_eq!(split("\"a,b\" , \"say \"\"so\"\"\",\"\"").unwrap(), ["a,b", "say \"so\"", ""]);
        assert_eq!(split("5'11\",2").unwrap(), ["5'11\"", "2"]);
        assert_eq!(split("").unwrap(), [""]);
        assert_eq!(split("1,").unwrap(), ["1", ""]);
        assert_eq!(split("\"two\nlines\",2").unwrap(), ["two\nlines", "2"]);
    }

    #[test]
    fn other_delimiters_leave_commas_alone() {
        let semicolons = Dialect { delimiter: b';', ..COMMAS };
        assert_eq!(split("1,5;\"a;b\"; x", semicolons).unwrap(), ["1,5", "a;b", "x"]);
        assert_eq!(split("a\t\tb\t", Dialect { delimiter: b'\t', ..COMMAS }).unwrap(), ["a", "", "b", ""]);
        assert_eq!(split("a\t\"b\t", Dialect { delimiter: b'\t', quotes: Quotes::Plain }).unwrap(), ["a", "\"b", ""]);
    }

    #[test]
    fn fields_of_logs_stand_in_quotes_and_brackets() {
        let line = r#"::1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a\"b HTTP/1.0" 200 - "-" "curl [7] ""#;
        let fields =
            ["::1", "-", "frank", "10/Oct/2000:13:55:36 -0700", r#"GET /a\"b HTTP/1.0"#, "200", "-", "-", "curl [7] "];
        assert_eq!(split(line, LOG).unwrap(), fields);
        assert_eq!(split("a  b ", LOG).unwrap(), ["a", "b", ""]);
        assert_eq!(split("a \"b\\", LOG).unwrap_err().1, "this quote is not closed");
        assert_eq!(split("a [b", LOG).unwrap_err(), ("[b".to_owned(), "this bracket is not closed"));
    }

    #[test]
    fn quotes_must_close() {
        let split = |text| split(text, COMMAS);
        assert_eq!(split("1,\"abc").unwrap_err(), ("\"abc".to_owned(), "this quote is not closed"));
        assert_eq!(split("\"a\"b,2").unwrap_err().0, "\"a\"b");
        assert_eq!(split("\"a\"\",2").unwrap_err().0, "\"a\"\",2");
    }
}
