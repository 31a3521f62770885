//! The fields of a row, and where in the row each stands.
//!
//! Not by the `csv` crate: it takes a quote that is never closed for the rest of the file, and does not say where in a
//! line a field stands. A row of a trace is one line.

use super::TraceError;
use super::lines::Line;
use std::borrow::Cow;
use std::ops::Range;

/// The fields of one row.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    spans: Vec<Range<usize>>,
}

impl Fields {
    /// Takes a row apart: fields between commas, blanks around them dropped, commas allowed between quotes.
    pub fn split(&mut self, line: Line) -> Result<(), TraceError> {
        let bytes = line.bytes;
        self.spans.clear();
        let mut at = 0;
        loop {
            let start = at + blanks(&bytes[at..]);
            let (span, end) = if bytes.get(start) == Some(&b'"') {
                quoted(line, start)?
            } else {
                let end = start + bytes[start..].iter().position(|&byte| byte == b',').unwrap_or(bytes.len() - start);
                let trailing = bytes[start..end].iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
                (start..end - trailing, end)
            };
            self.spans.push(span);
            if end == bytes.len() {
                return Ok(());
            }
            at = end + 1;
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

    /// The text of field `index`.
    pub fn text<'l>(&self, line: Line<'l>, index: usize) -> Cow<'l, str> {
        let text = String::from_utf8_lossy(line.bytes.get(self.span(index)).unwrap_or(b""));
        if text.contains("\"\"") { Cow::Owned(text.replace("\"\"", "\"")) } else { text }
    }
}

fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// A field that begins with the quote at `open`: what stands between the quotes, and where the field ends.
fn quoted(line: Line, open: usize) -> Result<(Range<usize>, usize), TraceError> {
    let bytes = line.bytes;
    let mut at = open + 1;
    loop {
        let Some(quote) = bytes[at..].iter().position(|&byte| byte == b'"').map(|found| at + found) else {
            let cure = "close it; a row of a trace is one line";
            return Err(malformed(line, open..bytes.len(), "this quote is not closed in its line", cure));
        };
        if bytes.get(quote + 1) == Some(&b'"') {
            at = quote + 2;
            continue;
        }
        let end = quote + 1 + blanks(&bytes[quote + 1..]);
        if end < bytes.len() && bytes[end] != b',' {
            let cure = "write a comma after the quote, or two quotes for one within a field";
            return Err(malformed(line, open..end + 1, "this field goes on after its closing quote", cure));
        }
        return Ok((open + 1..quote, end));
    }
}

/// What is wrong with the bytes `span` of a line.
pub(super) fn malformed(
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

    fn split(text: &str) -> Result<Vec<String>, (String, String)> {
        let line = Line { bytes: text.as_bytes(), at: 0, number: 1 };
        let mut fields = Fields::default();
        match fields.split(line) {
            Ok(()) => Ok((0..fields.len()).map(|i| fields.text(line, i).into_owned()).collect()),
            Err(TraceError::Malformed { text, span, reason, .. }) => Err((text[span].to_owned(), reason)),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn fields_are_split_at_commas_outside_quotes() {
        assert_eq!(split("1, 2 ,,x").unwrap(), ["1", "2", "", "x"]);
        assert_eq!(split("\"a,b\" , \"say \"\"so\"\"\",\"\"").unwrap(), ["a,b", "say \"so\"", ""]);
        assert_eq!(split("5'11\",2").unwrap(), ["5'11\"", "2"]);
        assert_eq!(split("").unwrap(), [""]);
        assert_eq!(split("1,").unwrap(), ["1", ""]);
    }

    #[test]
    fn quotes_must_close() {
        assert_eq!(
            split("1,\"abc").unwrap_err(),
            ("\"abc".to_owned(), "this quote is not closed in its line".to_owned())
        );
        assert_eq!(split("\"a\"b,2").unwrap_err().0, "\"a\"b");
        assert_eq!(split("\"a\"\",2").unwrap_err().0, "\"a\"\",2");
    }
}
