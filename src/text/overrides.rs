//! Overrides: `KEY=VALUE` from the command line, laid over a scenario's tree before it is checked.

use super::diagnostic::{Diagnostic, Place, Text, quote};
use super::document::{self, Entry, Node, Value};
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

/// What overrides are called where a message points into one.
const OPTIONS: [&str; 4] = ["--set", "--vary", "--regress", "--solve"];

/// Whether a text is an override's.
pub(crate) fn is_override(name: &str) -> bool {
    OPTIONS.contains(&name)
}

/// One override from `--set KEY=VALUE`: KEY is a TOML key (`gateway.lag`), VALUE a TOML value; a VALUE that is not TOML
/// is taken as a text, so that `source.web.arrivals.poisson=400/s` needs no quotes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Override {
    text: String,
    option: &'static str,
}

impl Override {
    /// The override written as `text`. Mistakes in it are reported with those in the scenarios.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), option: OPTIONS[0] }
    }

    /// The same, from one value of `--vary`.
    #[must_use]
    pub fn varied(text: &str) -> Self {
        Self { option: OPTIONS[1], ..Self::new(text) }
    }

    /// The same, from a regression that `power` tries.
    #[must_use]
    pub fn regressed(text: &str) -> Self {
        Self { option: OPTIONS[2], ..Self::new(text) }
    }

    /// The same, from a candidate that `power` tries.
    #[must_use]
    pub fn tried(text: &str) -> Self {
        Self { option: OPTIONS[3], ..Self::new(text) }
    }

    /// What the user wrote.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Takes the override apart.
    pub(crate) fn parse(&self) -> Result<Change, Diagnostic> {
        let text = Text::new(self.option, self.text.as_str());
        let Some((key, value)) = self.text.split_once('=') else {
            return Err(Diagnostic::new(
                &Place::new(&text, 0..self.text.len()),
                "an override without `=`",
                "write KEY=VALUE, such as `gateway.nodes=16`",
            ));
        };
        let path = path(&text, key)?;
        let start = key.len() + 1 + (value.len() - value.trim_start().len());
        Ok(Change { path, value: self::value(&text, start)? })
    }
}

/// An override, taken apart: a path of keys and the value to put there.
#[derive(Debug)]
pub(crate) struct Change {
    path: Vec<(String, Place)>,
    value: Node,
}

fn path(text: &Arc<Text>, key: &str) -> Result<Vec<(String, Place)>, Diagnostic> {
    let not_a_key = || {
        Diagnostic::new(
            &Place::new(text, 0..key.len()),
            format!("{} is not a key", quote(key)),
            "write keys joined by dots, such as `source.web.arrivals.poisson`",
        )
    };
    // The parser reads keys only as part of a pair, and would take headings and comments as well.
    let pair = format!("{key}=0");
    if key.contains(['\n', '[', '#']) {
        return Err(not_a_key());
    }
    let parsed = DeTable::parse(&pair).map_err(|_| not_a_key())?;
    let mut table = parsed.get_ref();
    let mut path = Vec::new();
    while let Some((key, value)) = table.iter().next() {
        let name: &std::borrow::Cow<str> = key.as_ref();
        path.push((name.clone().into_owned(), Place::new(text, key.span())));
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => return Ok(path),
        }
    }
    Err(not_a_key())
}

/// The value that begins at byte `start`: TOML, or else a text.
pub(crate) fn value(text: &Arc<Text>, start: usize) -> Result<Node, Diagnostic> {
    let raw = text.content.get(start..).unwrap_or("").trim_end();
    document::parse_value(text, start).or_else(|error| {
        // A broken table, list or quoted text was meant as such, and its own mistake is worth more than "not a text".
        if raw.starts_with(['{', '[', '"', '\'']) {
            return Err(error);
        }
        Ok(Node { at: Place::new(text, start..start + raw.len()), value: Value::Text(raw.to_owned()) })
    })
}

impl Change {
    /// Puts the value into a document: in place of what stands there, or as something new. A number names an item of a list, the
    /// first is 0.
    ///
    /// # Errors
    /// Where there is no such item.
    pub fn apply(&self, root: &mut Vec<Entry>) -> Result<(), Diagnostic> {
        let last = self.path.len().saturating_sub(1);
        let mut keys = self.path.iter().enumerate().map(|(place, (key, at))| (key.as_str(), at, place == last));
        let Some((key, at, is_last)) = keys.next() else { return Ok(()) };
        let mut node = member(root, key, at, is_last);
        for (key, at, is_last) in keys {
            if !matches!(node.value, Value::Array(_) | Value::Table(_)) {
                *node = empty(at);
            }
            node = match &mut node.value {
                Value::Array(items) => item(items, key, at)?,
                Value::Table(entries) => member(entries, key, at, is_last),
                _ => return Ok(()),
            };
        }
        *node = self.value.clone();
        Ok(())
    }
}

/// The item of a list that a key names.
fn item<'a>(items: &'a mut [Node], key: &str, at: &Place) -> Result<&'a mut Node, Diagnostic> {
    let count = items.len();
    let found = key.parse::<usize>().ok().and_then(|place| items.get_mut(place));
    found.ok_or_else(|| {
        let cure = match count {
            0 => "it is empty".to_owned(),
            1 => "its only item is 0".to_owned(),
            count => format!("its items are 0 to {}", count - 1),
        };
        Diagnostic::new(at, format!("{} names no item of a list", quote(key)), cure)
    })
}

/// The value of `key`; a new one is an empty table. Where that key `is_last`, it counts as written on the command line.
fn member<'a>(entries: &'a mut Vec<Entry>, key: &str, at: &Place, is_last: bool) -> &'a mut Node {
    let index = entries.iter().position(|entry| entry.key == key).unwrap_or_else(|| {
        entries.push(Entry { key: key.to_owned(), at: at.clone(), node: empty(at) });
        entries.len() - 1
    });
    let entry = &mut entries[index];
    if is_last {
        entry.at = at.clone();
    }
    &mut entry.node
}

fn empty(at: &Place) -> Node {
    Node { at: at.clone(), value: Value::Table(Vec::new()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The document after the override, as `key=text of the value` of the table `a`.
    fn a_after(document: &str, change: &str) -> Vec<String> {
        let mut root = document::parse(&Text::new("a.toml", document)).root;
        Override::new(change).parse().unwrap().apply(&mut root).unwrap();
        let Value::Table(a) = &root[0].node.value else { panic!() };
        a.iter().map(|entry| format!("{}={}", entry.key, entry.node.at.snippet())).collect()
    }

    #[test]
    fn a_value_is_replaced_in_its_place_or_added() {
        let document = "a = { x = 1, y = \"2s\" }";
        assert_eq!(a_after(document, "a.x=5"), ["x=5", "y=\"2s\""]);
        assert_eq!(a_after(document, "a.z = 10s "), ["x=1", "y=\"2s\"", "z=10s"]);
        assert_eq!(a_after(document, "a={ q = 1 }"), ["q=1"]);
        assert_eq!(a_after("a = 1", "a.b.c=2"), ["b=b"]);
        let mut root = document::parse(&Text::new("a.toml", document)).root;
        Override::new("a.x=5").parse().unwrap().apply(&mut root).unwrap();
        let Value::Table(a) = &root[0].node.value else { panic!() };
        let written_in: Vec<_> = a.iter().map(|entry| entry.at.text().name.to_string()).collect();
        assert_eq!(written_in, ["--set", "a.toml"], "which key was written anew is known");
        assert_eq!(a_after(document, "a.\"x\"=\"a=b\""), ["x=\"a=b\"", "y=\"2s\""]);
    }

    #[test]
    fn a_number_names_an_item_of_a_list() {
        let after = |change| {
            let mut root = document::parse(&Text::new("a.toml", "a = [{ x = 1 }, { x = 2 }]\n[[b]]\ny = 3\n")).root;
            let change = Override::new(change).parse().unwrap();
            change.apply(&mut root).map(|()| {
                let Value::Array(a) = &root[0].node.value else { panic!() };
                let Value::Table(last) = &a[1].value else { panic!() };
                last.iter().map(|entry| format!("{}={}", entry.key, entry.node.at.snippet())).collect::<Vec<_>>()
            })
        };
        assert_eq!(after("a.1.x=7").unwrap(), ["x=7"]);
        assert_eq!(after("a.1.z=8").unwrap(), ["x=2", "z=8"]);
        assert!(after("b.0.y=4").is_ok());
        for change in ["a.2.x=7", "a.first.x=7", "b.1.y=4"] {
            assert!(after(change).is_err(), "{change}");
        }
    }

    #[test]
    fn what_is_not_toml_is_a_text() {
        for (text, value) in [("a=400/s", "400/s"), ("a=own", "own"), ("a=", ""), ("a='x'", "x"), ("a=ü ö", "ü ö")]
        {
            let Value::Text(parsed) = Override::new(text).parse().unwrap().value.value else { panic!("{text}") };
            assert_eq!(parsed, value);
        }
    }

    #[test]
    fn mistakes_point_into_the_override() {
        for (text, underlined) in [
            ("gateway.nodes", "gateway.nodes"),
            ("a..b=1", "a..b"),
            ("=1", ""),
            ("[a]\nb=1", "[a]"),
            ("a b=1", "a b"),
            ("a={ b = }", ""),
            ("a={ b = 5s }", "5s"),
        ] {
            let diagnostic = Override::new(text).parse().unwrap_err();
            assert_eq!((diagnostic.path(), diagnostic.underlined()), ("--set", underlined), "{text}");
        }
    }
}
