//! A TOML text as a tree in which every key and value knows its place.

use super::diagnostic::{Diagnostic, Place, Text};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

/// How deep values may be nested. The format needs six levels; a bound keeps the walk's stack bounded too.
const DEEPEST: usize = 16;

/// A value and where it is written.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub at: Place,
    pub value: Value,
}

/// What TOML can say.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    /// Saturating: no setting comes near the ends.
    Integer(i128),
    /// No setting is a bare decimal number, so that its text at [`Node::at`] is enough.
    Decimal,
    Truth(bool),
    Date,
    Array(Vec<Node>),
    Table(Vec<Entry>),
}

/// A key and its value; the entries of a table stand in the order in which they were written.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub key: String,
    pub at: Place,
    pub node: Node,
}

/// A parsed text: what could be understood of it, and what could not.
pub(crate) struct Document {
    pub root: Vec<Entry>,
    pub faults: Vec<Diagnostic>,
    pub damage: Damage,
}

/// Which parts of a text its syntax errors have made unreliable. Errors found there later are only their echo.
#[derive(Debug)]
pub(crate) struct Damage {
    text: Arc<Text>,
    /// Damaged lines: where each begins, and where it ends.
    lines: BTreeMap<usize, usize>,
    /// Where the structure itself breaks, as after a bracket that is never closed.
    from: usize,
}

impl Damage {
    /// The text of which it is told.
    pub const fn text(&self) -> &Arc<Text> {
        &self.text
    }

    /// Whether anything is damaged at all: then nothing can be called missing.
    pub fn any(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Whether `place` lies in a damaged part.
    pub fn covers(&self, place: &Place) -> bool {
        let Some(span) = place.span() else { return false };
        let line = self.lines.range(..=span.start).next_back();
        Arc::ptr_eq(&self.text, place.text())
            && (span.start >= self.from || line.is_some_and(|(_, &end)| span.start <= end))
    }
}

/// Reads a whole TOML text, past as many mistakes as possible.
pub(crate) fn parse(text: &Arc<Text>) -> Document {
    let (table, errors) = DeTable::parse_recoverable(&text.content);
    let mut damage = Damage { text: Arc::clone(text), lines: BTreeMap::new(), from: usize::MAX };
    let mut faults = Vec::new();
    let mut lost = BTreeMap::new();
    for error in &errors {
        let at = Place::new(text, error.span().unwrap_or_default());
        let line = at.line();
        // One mistake often upsets the parser several times within its line; the first complaint is the clearest.
        if damage.lines.contains_key(&line.start) {
            continue;
        }
        if breaks_structure(error.message()) {
            damage.from = damage.from.min(line.start);
        }
        faults.push(fault(&at, error.message()));
        damage.lines.insert(line.start, line.end);
        if error.message().starts_with("key with no value") {
            lost.insert(line.start, line.end);
        }
    }
    // Behind a broken structure every line seems wrong; what is wrong there shows once the structure is mended.
    faults.retain(|fault| fault.place().line().start <= damage.from);
    let source = Source { text, offset: 0 };
    let root = if lost.is_empty() {
        entries(&source, table.get_ref(), 0, &mut faults)
    } else {
        // The parser gives up at a key without value; without that line it reads on.
        let mended = blank(&text.content, &lost);
        entries(&source, DeTable::parse_recoverable(&mended).0.get_ref(), 0, &mut faults)
    };
    Document { root, faults, damage }
}

/// `content` with `lines` blanked out, every other byte in its place.
fn blank(content: &str, lines: &BTreeMap<usize, usize>) -> String {
    let mut blanked = String::with_capacity(content.len());
    for (&start, &end) in lines {
        blanked.push_str(content.get(blanked.len()..start).unwrap_or(""));
        blanked.extend((start..end).map(|_| ' '));
    }
    blanked.push_str(content.get(blanked.len()..).unwrap_or(""));
    blanked
}

/// Reads one TOML value, which begins at byte `offset` of `text`.
///
/// # Errors
/// The first syntax error.
pub(crate) fn parse_value(text: &Arc<Text>, offset: usize) -> Result<Node, Diagnostic> {
    let source = Source { text, offset };
    let value = text.content.get(offset..).unwrap_or("");
    let parsed = DeValue::parse(value.trim_end()).map_err(|error| {
        let span = error.span().unwrap_or_default();
        fault(&source.place(span), error.message())
    })?;
    let mut faults = Vec::new();
    let node = node(&source, &parsed, 0, &mut faults);
    faults.into_iter().next().map_or(Ok(node), Err)
}

/// The report of a syntax error at `at`, in words that say what to write.
pub(crate) fn fault(at: &Place, message: &str) -> Diagnostic {
    let written = at.snippet().trim();
    if message.starts_with("string values must be quoted") || message.starts_with("invalid boolean") {
        return if written.is_empty() {
            Diagnostic::new(at, "a value is missing", "write a value after `=`; texts and quantities stand in quotes")
        } else {
            let cure = format!("write \"{}\"", written.replace(['"', '\\'], ""));
            Diagnostic::new(at, "texts and quantities stand in quotes", cure)
        };
    }
    if message.ends_with("string, expected `\"`") || message.ends_with("string, expected `'`") {
        let cure = "close the text with the same quote that opens it, on the same line";
        return Diagnostic::new(at, "not TOML: this text is not closed", cure);
    }
    let cure = match message.split(',').next().unwrap_or("") {
        "duplicate key" => "keep one of the two, or join the tables",
        "key with no value" => "write `KEY = VALUE`",
        "unexpected key or value" => "write one `KEY = VALUE` a line; inside `{ }`, part them by commas",
        "unclosed table" | "unclosed array table" => "close the heading with `]`",
        "unclosed array" => "close the list with `]`",
        "unclosed inline table" => "close the table with `}`",
        "invalid basic string" => "close the text with `\"` on its own line",
        "invalid literal string" => "close the text with `'` on its own line",
        "missing escaped value" => "write `\\\\` for a backslash",
        "unexpected leading zero" => "drop the leading zero",
        "missing comma between key-value pairs" => "part the pairs by commas, and close every `{` with `}`",
        "missing comma between array elements" => "part the elements by commas, and close every `[` with `]`",
        _ => "write `KEY = VALUE`, with texts and quantities in quotes; https://toml.io tells the rules",
    };
    Diagnostic::new(at, format!("not TOML: {message}"), cure)
}

fn breaks_structure(message: &str) -> bool {
    ["unclosed", "comma", "extra", "in array", "inline table"].iter().any(|sign| message.contains(sign))
}

/// A text being converted, and where in it the parser's byte 0 lies.
struct Source<'a> {
    text: &'a Arc<Text>,
    offset: usize,
}

impl Source<'_> {
    fn place(&self, span: Range<usize>) -> Place {
        Place::new(self.text, span.start + self.offset..span.end + self.offset)
    }
}

fn entries(source: &Source, table: &DeTable, depth: usize, faults: &mut Vec<Diagnostic>) -> Vec<Entry> {
    let mut pairs: Vec<_> = table.iter().collect();
    // The parser moves a table to the end when its heading follows those of its children.
    pairs.sort_by_key(|(key, _)| key.span().start);
    let entry = |(key, value): (&Spanned<_>, _)| {
        let key_text: &str = AsRef::<std::borrow::Cow<str>>::as_ref(key);
        Entry { key: key_text.to_owned(), at: source.place(key.span()), node: node(source, value, depth, faults) }
    };
    pairs.into_iter().map(entry).collect()
}

fn node(source: &Source, value: &Spanned<DeValue>, depth: usize, faults: &mut Vec<Diagnostic>) -> Node {
    let at = source.place(value.span());
    let inner = depth + 1;
    let value = match value.get_ref() {
        DeValue::Array(_) | DeValue::Table(_) if inner > DEEPEST => {
            faults.push(Diagnostic::new(
                &at,
                format!("nested more than {DEEPEST} levels deep"),
                "no setting needs that many levels; take some out",
            ));
            Value::Table(Vec::new())
        }
        DeValue::String(text) => Value::Text(text.clone().into_owned()),
        DeValue::Integer(integer) => Value::Integer(whole(integer)),
        DeValue::Float(_) => Value::Decimal,
        DeValue::Boolean(truth) => Value::Truth(*truth),
        DeValue::Datetime(_) => Value::Date,
        DeValue::Array(array) => Value::Array(array.iter().map(|item| node(source, item, inner, faults)).collect()),
        DeValue::Table(table) => Value::Table(entries(source, table, inner, faults)),
    };
    Node { at, value }
}

fn whole(integer: &DeInteger) -> i128 {
    let end = if integer.as_str().starts_with('-') { i128::MIN } else { i128::MAX };
    i128::from_str_radix(integer.as_str(), integer.radix()).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(content: &str) -> Vec<(String, String)> {
        let document = parse(&Text::new("a.toml", content));
        document.faults.iter().map(|fault| (fault.underlined().to_owned(), fault.reason().to_owned())).collect()
    }

    #[test]
    fn several_syntax_errors_come_out_in_one_go() {
        let faults = reasons("a = 10s\nb = function-first\nc =\nd = 1\nd = 2\n");
        let places: Vec<_> = faults.iter().map(|(underlined, _)| underlined.as_str()).collect();
        assert_eq!(places.len(), 4, "{faults:?}");
        assert!(places.contains(&"10s") && places.contains(&"function-first") && places.contains(&"d"));
    }

    #[test]
    fn behind_a_bracket_that_is_never_closed_nothing_more_is_reported() {
        let faults = reasons("a = 10s\nb = { x = 1\nc = 1\nd = 2\ne = 3\n");
        assert_eq!(faults.len(), 2, "{faults:?}");
    }

    #[test]
    fn a_line_without_value_hides_nothing_behind_it() {
        let document = parse(&Text::new("a.toml", "ä 1\nb = 5\nc 2\n[d]\n"));
        let keys: Vec<_> = document.root.iter().map(|entry| (entry.key.as_str(), entry.at.snippet())).collect();
        assert_eq!(keys, [("b", "b"), ("d", "d")]);
        assert_eq!(document.faults.len(), 2);
    }

    #[test]
    fn tables_keep_the_order_of_the_text() {
        let text = Text::new("a.toml", "[s.b.x]\n[s.c]\n[s.a]\n[t]\n[s.z]\n");
        let document = parse(&text);
        let Value::Table(s) = &document.root[0].node.value else { panic!() };
        let keys: Vec<_> = s.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["b", "c", "a", "z"]);
    }

    #[test]
    fn deep_nesting_is_refused() {
        let (open, close) = ("[".repeat(40), "]".repeat(40));
        let faults = reasons(&format!("a = {open}{close}"));
        assert!(faults[0].1.contains("16 levels"), "{faults:?}");
        let dotted = format!("{}x = 1", "a.".repeat(70));
        assert!(reasons(&dotted)[0].1.contains("16 levels"));
    }

    #[test]
    fn values_know_their_place_behind_an_offset() {
        let text = Text::new("--set", "a={ b = [1, 2] }");
        let Value::Table(entries) = parse_value(&text, 2).unwrap().value else { panic!() };
        assert_eq!((entries[0].at.snippet(), entries[0].node.at.snippet()), ("b", "[1, 2]"));
        let text = Text::new("--set", "a={ b = 5s }");
        assert_eq!(parse_value(&text, 2).unwrap_err().underlined(), "5s");
    }
}
