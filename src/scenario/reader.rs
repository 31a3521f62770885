//! Reading a document's tree: typed values, and every key accounted for.
//!
//! A reader takes an [`Item`] or a [`Table`] and answers with a checked value, or with [`Refused`] after it has put
//! the reason into the [`Log`]. Readers go on past a mistake wherever they can, so that a user sees all of them.

use super::diagnostic::{Place, Text, quote};
use super::document::{Entry, Node, Value};
use super::log::{Checked, Log, Refused};
use super::overrides;
use super::suggestion::{listed, suggestion};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// A value, with the keys that lead to it.
#[derive(Clone)]
pub(super) struct Item<'a> {
    /// The keys, for messages: `gateway.lag`.
    pub path: String,
    pub node: &'a Node,
    pub log: &'a Log,
}

/// A table, and which of its keys have been asked for.
pub(super) struct Table<'a> {
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

    /// A table of exactly one entry, whose key is the kind of the thing: reads it with that kind's reader.
    pub fn by_kind<C, T>(&self, shelf: &Shelf<'_, C, T>, context: &C) -> Checked<T> {
        let Shelf { noun, example, kinds } = shelf;
        let names: Vec<_> = kinds.iter().map(|&(name, _)| name).collect();
        let Value::Table(entries) = &self.node.value else {
            let wanted = format!("a table whose key is the kind of {noun}");
            return Err(self.mistyped(&wanted, format!("write {example}; the kinds are {}", listed(&names))));
        };
        // A kind written on the command line takes the place of the file's.
        let from_override = |entry: &&Entry| overrides::is_override(&entry.at.text().name);
        let anew: Vec<_> = entries.iter().filter(from_override).collect();
        let written = if anew.is_empty() { entries.iter().collect() } else { anew };
        let mut chosen = None;
        let mut outcome = Ok(());
        for entry in written {
            let Some((name, read)) = kinds.iter().find(|(name, _)| *name == entry.key) else {
                let cure = suggestion(&entry.key, "the kinds are", &names);
                outcome =
                    Err(self.log.refuse(&entry.at, format!("unknown kind of {noun} {}", quote(&entry.key)), cure));
                continue;
            };
            if let Some((first, _, _)) = chosen.replace((name, read, entry)) {
                let reason = format!("`{name}` is a second kind of {noun}, beside `{first}`");
                outcome = Err(self.log.refuse(&entry.at, reason, "keep one of the two"));
            }
        }
        outcome?;
        let Some((name, read, entry)) = chosen else {
            let reason = format!("`{}` names no kind of {noun}", self.path);
            return Err(self.refuse(reason, format!("write one of {}, such as {example}", listed(&names))));
        };
        read(&Item { path: format!("{}.{name}", self.path), node: &entry.node, log: self.log }, context)
    }
}

/// The kinds of a thing that a scenario may write, and their readers.
pub(super) struct Shelf<'s, C, T> {
    /// What the thing is called, without an article.
    pub noun: &'static str,
    /// How one is written.
    pub example: &'static str,
    /// Each kind's name and reader.
    pub kinds: &'s [(&'static str, Reader<C, T>)],
}

/// Reads an item, given what else it must fit.
pub(super) type Reader<C, T> = for<'a> fn(&Item<'a>, &C) -> Checked<T>;

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

    /// The value of `key`, if it is written.
    pub fn optional<T>(&mut self, key: &'static str, read: impl FnOnce(&Item<'a>) -> Checked<T>) -> Checked<Option<T>> {
        self.find(key).map(|item| read(&item)).transpose()
    }

    /// The value of `key`; `default` if it is not written.
    pub fn or<T>(&mut self, key: &'static str, default: T, read: impl FnOnce(&Item<'a>) -> Checked<T>) -> Checked<T> {
        Ok(self.optional(key, read)?.unwrap_or(default))
    }

    /// The value of `key`, which must be written; `example` shows how.
    pub fn required<T>(
        &mut self,
        key: &'static str,
        example: &str,
        read: impl FnOnce(&Item<'a>) -> Checked<T>,
    ) -> Checked<T> {
        match self.optional(key, read)? {
            Some(value) => Ok(value),
            None => Err(self.missing(format!("`{}` is missing", self.joined(key)), format!("write {example}"))),
        }
    }

    /// Puts down that something is missing in the table.
    pub fn missing(&self, reason: impl Into<String>, cure: impl Into<String>) -> Refused {
        if self.sound { self.log.missing(&self.at, reason, cure) } else { Refused }
    }

    /// The table at `key`; an empty one if it is not written.
    pub fn section(&mut self, key: &'static str) -> Self {
        let mut empty = Self::new(self.joined(key), self.at.clone(), &[], self.log);
        let example = format!("a table, under the heading `[{}]`", empty.path);
        match self.optional(key, |item| item.table(&example)) {
            Ok(Some(table)) => table,
            Ok(None) => empty,
            Err(Refused) => {
                empty.sound = false;
                empty
            }
        }
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
