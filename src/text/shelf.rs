//! Things of several kinds, written as a table of one entry whose key is the kind: `{ poisson = "200/s" }`.

use super::diagnostic::quote;
use super::document::{Entry, Value};
use super::key::{Absent, Described};
use super::kind::{Kind, Look};
use super::log::Checked;
use super::overrides;
use super::reader::Item;
use super::schema::{self, Schema};
use super::suggestion::{listed, suggestion};

/// The kinds of a thing that a scenario may write.
pub(crate) struct Shelf<C: 'static, T: 'static> {
    /// What the thing is called, without an article.
    pub noun: &'static str,
    /// How one is written.
    pub example: &'static str,
    pub kinds: &'static [Variant<C, T>],
}

/// One kind of a thing: what it is called and is, how it is written, and its reader.
pub(crate) struct Variant<C: 'static, T: 'static> {
    pub name: &'static str,
    pub about: &'static str,
    pub example: &'static str,
    pub look: &'static dyn Look,
    pub read: Reader<C, T>,
}

/// Reads an item, given what else it must fit.
pub(crate) type Reader<C, T> = for<'a> fn(&Item<'a>, &C) -> Checked<T>;

impl<C, T> Described for Variant<C, T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn look(&self) -> &'static dyn Look {
        self.look
    }

    fn absent(&self) -> Absent {
        Absent::Otherwise("")
    }

    fn example(&self) -> &'static str {
        self.example
    }
}

impl<C, T> Look for Shelf<C, T> {
    fn words(&self) -> String {
        format!("one of {}", listed(&self.names()))
    }

    fn schema(&self) -> Schema {
        schema::kinds(self.kinds.iter().map(|kind| (kind.name, kind.schema())))
    }

    fn keys(&self) -> Vec<&'static dyn Described> {
        self.kinds.iter().map(|kind| kind as &dyn Described).collect()
    }
}

/// It is read by [`Shelf::read`], since it must fit something else.
impl<C, T> Kind<()> for Shelf<C, T> {
    fn read(&self, _: &Item) -> Checked<()> {
        Ok(())
    }
}

impl<C, T> Shelf<C, T> {
    fn names(&self) -> Vec<&'static str> {
        self.kinds.iter().map(|kind| kind.name).collect()
    }

    /// Reads a table of exactly one entry, whose key is the kind of the thing, with that kind's reader.
    pub fn read(&self, item: &Item, context: &C) -> Checked<T> {
        let Self { noun, example, kinds } = self;
        let names = self.names();
        let Value::Table(entries) = &item.node.value else {
            let wanted = format!("a table whose key is the kind of {noun}");
            return Err(item.mistyped(&wanted, format!("write {example}; the kinds are {}", listed(&names))));
        };
        // A kind written on the command line takes the place of the file's.
        let from_override = |entry: &&Entry| overrides::is_override(&entry.at.text().name);
        let anew: Vec<_> = entries.iter().filter(from_override).collect();
        let written = if anew.is_empty() { entries.iter().collect() } else { anew };
        let mut chosen = None;
        let mut outcome = Ok(());
        for entry in written {
            let Some(kind) = kinds.iter().find(|kind| kind.name == entry.key) else {
                let cure = suggestion(&entry.key, "the kinds are", &names);
                outcome =
                    Err(item.log.refuse(&entry.at, format!("unknown kind of {noun} {}", quote(&entry.key)), cure));
                continue;
            };
            if let Some((first, _)) = chosen.replace((kind, entry)) {
                let reason = format!("`{}` is a second kind of {noun}, beside `{}`", kind.name, first.name);
                outcome = Err(item.log.refuse(&entry.at, reason, "keep one of the two"));
            }
        }
        outcome?;
        let Some((kind, entry)) = chosen else {
            let reason = format!("`{}` names no kind of {noun}", item.path);
            return Err(item.refuse(reason, format!("write one of {}, such as {example}", listed(&names))));
        };
        let path = format!("{}.{}", item.path, kind.name);
        (kind.read)(&Item { path, node: &entry.node, log: item.log }, context)
    }
}
