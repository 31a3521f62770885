//! Reading a document's tree: typed values, and every key accounted for.
//!
//! A reader takes an [`Item`] or a [`Table`] and answers with a checked value, or with [`Refused`] after it has put
//! the reason into the [`Log`]. Readers go on past a mistake wherever they can, so that a user sees all of them.

use super::diagnostic::{Place, Text, quote};
use super::document::{Entry, Node, Value};
use super::key::{Absent, Described, Key};
use super::log::{Checked, Log, Refused};
use super::overrides;
use super::suggestion::{listed, suggestion};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// A value, with the keys that lead to it.
#[derive(Clone)]
pub(crate) struct Item<'a> {
    /// The keys, for messages: `gateway.lag`.
    pub path: String,
    pub node: &'a Node,
    pub log: &'a Log,
}

/// A table, and which of its keys have been asked for.
pub(crate) struct Table<'a> {
    path: String,
    at: Place,
    entries: &'a [Entry],
    log: &'a Log,
    /// Whether it is a table at all; if not, nothing more is said of it.
    sound: bool,
    known: Vec<&'static str>,
    /// Keys asked for only to be refused: accounted for, but not offered.
    refused: Vec<&'static str>,
}

impl<'a> Item<'a> {
    /// Puts down what is wrong with the value.
    pub fn refuse(&self, reason: impl Into<String>, cure: impl Into<String>) -> Refused {
        self.log.refuse(&self.node.at, reason, cure)
    }

    /// Puts down that what the value refers to does not exist.
    pub fn dangling(&self, reason: impl Into<String>, cure: impl Into<String>) -> Refused {
        self.log.missing(&self.node.at, reason, cure)
    }

    /// Puts down that the value is not `wanted` but of another type.
    pub fn mistyped(&self, wanted: &str, cure: impl Into<String>) -> Refused {
        let found = match self.node.value {
            Value::Text(_) => "a text",
            Value::Integer(_) => "a whole number",
            Value::Decimal => "a decimal number",
            Value::Truth(_) => "true or false",
            Value::Date => "a date",
            Value::Array(_) => "a list",
            Value::Table(_) => "a table",
        };
        self.refuse(format!("`{}` is {wanted}, but here stands {found}", self.path), cure)
    }

    /// A text; `example` shows one.
    pub fn text(&self, example: &str) -> Checked<&'a str> {
        match &self.node.value {
            Value::Text(text) => Ok(text),
            _ => Err(self.mistyped("a text", format!("write a text in quotes, such as \"{example}\""))),
        }
    }

    /// A whole number within `range`.
    pub fn whole(&self, range: RangeInclusive<u32>) -> Checked<u32> {
        let cure = format!("write a whole number from {} to {}", range.start(), range.end());
        match self.node.value {
            Value::Integer(n) => match u32::try_from(n) {
                Ok(n) if range.contains(&n) => Ok(n),
                _ => {
                    let bounds = format!("{} to {}", range.start(), range.end());
                    Err(self.refuse(format!("`{}` lies outside {bounds}", self.path), cure))
                }
            },
            Value::Text(ref text) if text.parse().is_ok_and(|n| range.contains(&n)) => {
                let cure = format!("write {text}, without quotes; from {} to {}", range.start(), range.end());
                Err(self.mistyped("a whole number", cure))
            }
            _ => Err(self.mistyped("a whole number", cure)),
        }
    }

    /// True or false.
    pub fn truth(&self) -> Checked<bool> {
        match self.node.value {
            Value::Truth(truth) => Ok(truth),
            _ => Err(self.mistyped("true or false", "write true or false, without quotes")),
        }
    }

    /// A list; `example` shows one.
    pub fn list(&self, example: &str) -> Checked<Vec<Item<'a>>> {
        let Value::Array(nodes) = &self.node.value else {
            return Err(self.mistyped("a list", format!("write {example}")));
        };
        Ok(nodes.iter().map(|node| Item { path: self.path.clone(), node, log: self.log }).collect())
    }

    /// A table; `example` shows one.
    pub fn table(&self, example: &str) -> Checked<Table<'a>> {
        let Value::Table(entries) = &self.node.value else {
            return Err(self.mistyped("a table", format!("write {example}")));
        };
        Ok(Table::new(self.path.clone(), self.node.at.clone(), entries, self.log))
    }

    /// One of the names in `choices`.
    pub fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Checked<T> {
        let names: Vec<_> = choices.iter().map(|&(name, _)| name).collect();
        let Value::Text(text) = &self.node.value else {
            return Err(self.mistyped("a name", format!("write one of {}", listed(&names))));
        };
        let choice = choices.iter().find(|(name, _)| name == text);
        choice.map(|&(_, value)| value).ok_or_else(|| {
            self.refuse(format!("`{}` cannot be {}", self.path, quote(text)), suggestion(text, "write one of", &names))
        })
    }

    /// Whether it is the word for what never happens.
    pub fn is_never(&self) -> bool {
        matches!(&self.node.value, Value::Text(text) if text == "never")
    }
}

impl<'a> Table<'a> {
    const fn new(path: String, at: Place, entries: &'a [Entry], log: &'a Log) -> Self {
        Self { path, at, entries, log, sound: true, known: Vec::new(), refused: Vec::new() }
    }

    /// A document's top level.
    pub fn root(text: &Arc<Text>, entries: &'a [Entry], log: &'a Log) -> Self {
        Self::new(String::new(), Place::whole(text), entries, log)
    }

    /// The log that its mistakes go to.
    pub const fn log(&self) -> &'a Log {
        self.log
    }

    fn item(&self, entry: &'a Entry) -> Item<'a> {
        Item { path: self.joined(&entry.key), node: &entry.node, log: self.log }
    }

    fn joined(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    fn find(&mut self, key: &'static str) -> Option<Item<'a>> {
        self.known.push(key);
        self.entry(key).map(|entry| self.item(entry))
    }

    /// The value of `key`, or what holds where it is not written.
    pub fn read<T>(&mut self, key: &Key<T>) -> Checked<T> {
        match self.written(key)? {
            Some(value) => Ok(value),
            None => self.standard(key),
        }
    }

    /// The same, and where it is written: in this table, if it is not.
    pub fn placed<T>(&mut self, key: &Key<T>) -> Checked<(Place, T)> {
        match self.written_at(key)? {
            Some(written) => Ok(written),
            None => Ok((self.at.clone(), self.standard(key)?)),
        }
    }

    /// The value of `key`, if it is written.
    pub fn written<T>(&mut self, key: &Key<T>) -> Checked<Option<T>> {
        self.with(key, |item| key.value.read(item))
    }

    /// The value of `key` and where it is written, if it is.
    pub fn written_at<T>(&mut self, key: &Key<T>) -> Checked<Option<(Place, T)>> {
        self.with(key, |item| Ok((item.node.at.clone(), key.value.read(item)?)))
    }

    /// What `read` makes of the value of `key`, if it is written: for what must fit something else.
    pub fn with<T>(&mut self, key: &dyn Described, read: impl FnOnce(&Item<'a>) -> Checked<T>) -> Checked<Option<T>> {
        self.find(key.name()).map(|item| read(&item)).transpose()
    }

    /// The same for a key that must be written.
    pub fn must<T>(&mut self, key: &dyn Described, read: impl FnOnce(&Item<'a>) -> Checked<T>) -> Checked<T> {
        match self.with(key, read)? {
            Some(value) => Ok(value),
            None => Err(self.absent(key)),
        }
    }

    /// What holds where `key` is not written.
    pub fn standard<T>(&self, key: &Key<T>) -> Checked<T> {
        let Absent::Default(text, _) = key.absent() else { return Err(self.absent(key)) };
        let node = overrides::value(&Text::new("default", text), 0).map_err(|mistake| self.log.add(mistake))?;
        key.value.read(&Item { path: self.joined(key.name), node: &node, log: self.log })
    }

    /// What was written for `key` somewhere, or else what holds.
    pub fn settle<T>(&self, key: &Key<T>, written: Option<T>) -> Checked<T> {
        written.map_or_else(|| self.standard(key), Ok)
    }

    fn absent(&self, key: &dyn Described) -> Refused {
        let reason = format!("`{}` is missing", self.joined(key.name()));
        match key.absent() {
            Absent::Required(example) => self.missing(reason, format!("write {example}")),
            _ => self.missing(reason, "write it"),
        }
    }

    /// Puts down that something is missing in the table.
    pub fn missing(&self, reason: impl Into<String>, cure: impl Into<String>) -> Refused {
        if self.sound { self.log.missing(&self.at, reason, cure) } else { Refused }
    }

    /// The table at `key`; an empty one if it is not written.
    pub fn section(&mut self, key: &dyn Described) -> Self {
        let mut empty = Self::new(self.joined(key.name()), self.at.clone(), &[], self.log);
        let example = format!("a table, under the heading `[{}]`", empty.path);
        match self.with(key, |item| item.table(&example)) {
            Ok(Some(table)) => table,
            Ok(None) => empty,
            Err(Refused) => {
                empty.sound = false;
                empty
            }
        }
    }

    /// Whether `key` is written.
    pub fn has(&self, key: &dyn Described) -> bool {
        self.entry(key.name()).is_some()
    }

    /// Refuses `key` where it would be understood but makes no sense.
    pub fn forbid(&mut self, key: &'static str, reason: &str, cure: &str) {
        self.refused.push(key);
        if let Some(entry) = self.entry(key) {
            self.log.refuse(&entry.at, reason, cure);
        }
    }

    /// Every entry of a table whose keys are the user's own: the key, where it stands, and the value.
    pub fn all(&self) -> impl Iterator<Item = (&'a str, &'a Place, Item<'a>)> {
        self.entries.iter().map(|entry| (entry.key.as_str(), &entry.at, self.item(entry)))
    }

    /// Refuses every key that nobody asked for.
    pub fn finish(self) {
        for entry in self.entries {
            if self.known.iter().chain(&self.refused).all(|key| *key != entry.key) {
                let reason = format!("unknown key {}", quote(&entry.key));
                self.log.refuse(&entry.at, reason, suggestion(&entry.key, "the keys here are", &self.known));
            }
        }
    }
}
