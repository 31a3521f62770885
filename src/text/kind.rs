//! Kinds of value: how each is read, what an editor is told of it, and what the page calls it.

use super::key::Described;
use super::log::Checked;
use super::reader::{Item, Table};
use super::schema::{self, Schema};
use super::{law, pattern, quantity};
use crate::dist;
use crate::time::{self, Instant};
use crate::units;
use serde_json::json;

/// What is told of a value.
pub(crate) trait Look {
    /// In a few words, for the page.
    fn words(&self) -> String;
    /// For editors.
    fn schema(&self) -> Schema;
    /// The keys of its own, where it is a table.
    fn keys(&self) -> Vec<&'static dyn Described> {
        Vec::new()
    }
    /// What stands for the user's own name, where its keys stand under one.
    fn stands(&self) -> &'static str {
        ""
    }
}

/// A kind of value that can be read by itself.
pub(crate) trait Kind<T>: Look {
    fn read(&self, item: &Item) -> Checked<T>;
}

/// A kind with functions of its own.
pub(crate) struct Form<T: 'static> {
    pub words: &'static str,
    pub schema: fn() -> Schema,
    pub keys: &'static [&'static dyn Described],
    pub read: fn(&Item) -> Checked<T>,
}

impl<T> Form<T> {
    /// A kind without keys.
    pub const fn new(words: &'static str, schema: fn() -> Schema, read: fn(&Item) -> Checked<T>) -> Self {
        Self { words, schema, keys: &[], read }
    }
}

impl<T> Look for Form<T> {
    fn words(&self) -> String {
        self.words.to_owned()
    }

    fn schema(&self) -> Schema {
        (self.schema)()
    }

    fn keys(&self) -> Vec<&'static dyn Described> {
        self.keys.to_vec()
    }
}

impl<T> Kind<T> for Form<T> {
    fn read(&self, item: &Item) -> Checked<T> {
        (self.read)(item)
    }
}

/// What only the reader of its table can read, since it must fit something else: see [`Table::with`].
pub(crate) const fn fitting(words: &'static str, schema: fn() -> Schema) -> Form<()> {
    Form::new(words, schema, |_| Ok(()))
}

pub(crate) const SPAN: Form<time::Span> = Form::new("span", pattern::span, quantity::span);
pub(crate) const SPAN_ABOVE_ZERO: Form<time::Span> =
    Form::new("span above zero", pattern::span_above_zero, quantity::span_above_zero);
pub(crate) const INSTANT: Form<Instant> = Form::new("time", pattern::instant, quantity::instant);
pub(crate) const RATE: Form<units::Rate> = Form::new("rate", pattern::rate, quantity::rate);
pub(crate) const RATE_OR_NONE: Form<Option<units::Rate>> =
    Form::new("rate or `\"0/s\"`", pattern::rate_or_none, quantity::rate_or_none);
pub(crate) const SHARE: Form<units::Share> = Form::new("share", pattern::share, quantity::share);
pub(crate) const SHARE_ABOVE_ZERO: Form<units::Share> =
    Form::new("share above zero", pattern::share_above_zero, quantity::share_above_zero);
pub(crate) const FACTOR: Form<units::Factor> = Form::new("factor", pattern::factor, quantity::factor);
pub(crate) const PRICE_BY_MILLION: Form<units::Price> =
    Form::new("price by the million", pattern::price_by_million, quantity::money::price_by_million);
pub(crate) const PRICE_BY_HOUR: Form<units::Price> =
    Form::new("price by the hour", pattern::price_by_hour, quantity::money::price_by_hour);
pub(crate) const PRICE_BY_GBS: Form<units::Price> =
    Form::new("price by the GB-second", pattern::price_by_gbs, quantity::money::price_by_gbs);
pub(crate) const MEMORY: Form<units::Bytes> = Form::new("memory", pattern::memory, quantity::memory);
pub(crate) const TRUTH: Form<bool> =
    Form::new("true or false", || Schema::default().with("type", json!("boolean")), |item| item.truth());
pub(crate) const LAW: Form<dist::Law> = Form::new("law", law::schema, law::law);
pub(crate) const LAW_OR_SPAN: Form<dist::Law> = Form::new("span or law", law::schema_or_span, law::law_or_span);

/// A whole number from the first to the second.
pub(crate) struct Whole(pub u32, pub u32);

impl Look for Whole {
    fn words(&self) -> String {
        format!("{} to {}", self.0, self.1)
    }

    fn schema(&self) -> Schema {
        schema::whole(self.0..=self.1)
    }
}

impl Kind<u32> for Whole {
    fn read(&self, item: &Item) -> Checked<u32> {
        item.whole(self.0..=self.1)
    }
}

/// Any text; this is one.
pub(crate) struct Text(pub &'static str);

impl Look for Text {
    fn words(&self) -> String {
        "text".to_owned()
    }

    fn schema(&self) -> Schema {
        Schema::default().with("type", json!("string"))
    }
}

impl Kind<String> for Text {
    fn read(&self, item: &Item) -> Checked<String> {
        item.text(self.0).map(str::to_owned)
    }
}

/// One of these names.
pub(crate) struct Choice<T: 'static>(pub &'static [(&'static str, T)]);

impl<T> Look for Choice<T> {
    fn words(&self) -> String {
        let names: Vec<_> = self.0.iter().map(|(name, _)| format!("`\"{name}\"`")).collect();
        names.join(", ")
    }

    fn schema(&self) -> Schema {
        schema::choice(self.0)
    }
}

impl<T: Copy> Kind<T> for Choice<T> {
    fn read(&self, item: &Item) -> Checked<T> {
        item.choice(self.0)
    }
}

/// A value of some kind, or `"never"`, which means what the words say.
pub(crate) struct OrNever<T: 'static>(pub &'static dyn Kind<T>, pub &'static str);

impl<T> Look for OrNever<T> {
    fn words(&self) -> String {
        format!("{}, or `\"never\"`", self.0.words())
    }

    fn schema(&self) -> Schema {
        schema::any([schema::never().about(self.1), self.0.schema()])
    }
}

impl<T> Kind<Option<T>> for OrNever<T> {
    fn read(&self, item: &Item) -> Checked<Option<T>> {
        if item.is_never() { Ok(None) } else { self.0.read(item).map(Some) }
    }
}

/// A table with keys of its own, all of which its reader asks for.
pub(crate) struct Settings<T: 'static> {
    pub keys: &'static [&'static dyn Described],
    pub example: &'static str,
    pub read: fn(&mut Table) -> Checked<T>,
}

impl<T> Look for Settings<T> {
    fn words(&self) -> String {
        "table".to_owned()
    }

    fn schema(&self) -> Schema {
        schema::of_keys(self.keys)
    }

    fn keys(&self) -> Vec<&'static dyn Described> {
        self.keys.to_vec()
    }
}

impl<T> Kind<T> for Settings<T> {
    fn read(&self, item: &Item) -> Checked<T> {
        let mut table = item.table(self.example)?;
        let read = (self.read)(&mut table);
        table.finish();
        read
    }
}

/// A table whose keys are asked for one by one: by [`Table::section`], or by the reader of a kind of thing.
pub(crate) struct Keys(pub &'static [&'static dyn Described]);

impl Look for Keys {
    fn words(&self) -> String {
        "table".to_owned()
    }

    fn schema(&self) -> Schema {
        schema::of_keys(self.0)
    }

    fn keys(&self) -> Vec<&'static dyn Described> {
        self.0.to_vec()
    }
}

impl Kind<()> for Keys {
    fn read(&self, _: &Item) -> Checked<()> {
        Ok(())
    }
}

/// A table whose keys are the user's own names.
pub(crate) struct Named {
    /// What a name looks like, as a pattern.
    pub pattern: &'static str,
    /// What stands for a name in words.
    pub stands: &'static str,
    /// What is named, and what it is.
    pub each: &'static dyn Look,
    pub about: &'static str,
    /// The least number of them.
    pub least: u32,
}

impl Look for Named {
    fn words(&self) -> String {
        "tables by name".to_owned()
    }

    fn schema(&self) -> Schema {
        let schema = schema::keyed(self.pattern, self.each.schema().about(self.about));
        if self.least == 0 { schema } else { schema.with("minProperties", json!(self.least)) }
    }

    fn keys(&self) -> Vec<&'static dyn Described> {
        self.each.keys()
    }

    fn stands(&self) -> &'static str {
        self.stands
    }
}

impl Kind<()> for Named {
    fn read(&self, _: &Item) -> Checked<()> {
        Ok(())
    }
}

/// A list of tables with the same keys: `[[event]]`.
pub(crate) struct Listed {
    pub each: &'static dyn Look,
    /// How many there may be.
    pub most: usize,
}

impl Look for Listed {
    fn words(&self) -> String {
        "list of tables".to_owned()
    }

    fn schema(&self) -> Schema {
        Schema::default()
            .with("type", json!("array"))
            .with("items", self.each.schema().about("One of them.").into())
            .with("maxItems", json!(self.most))
    }

    fn keys(&self) -> Vec<&'static dyn Described> {
        self.each.keys()
    }
}

impl Kind<()> for Listed {
    fn read(&self, _: &Item) -> Checked<()> {
        Ok(())
    }
}

/// A kind whose keys the page tells elsewhere; these are the words that say where.
pub(crate) struct Like<T: 'static>(pub &'static dyn Kind<T>, pub &'static str);

impl<T> Look for Like<T> {
    fn words(&self) -> String {
        self.1.to_owned()
    }

    fn schema(&self) -> Schema {
        self.0.schema()
    }
}

impl<T> Kind<T> for Like<T> {
    fn read(&self, item: &Item) -> Checked<T> {
        self.0.read(item)
    }
}

/// A table, and what editors must know of its keys together.
pub(crate) struct Together(pub &'static dyn Look, pub fn(Schema) -> Schema);

impl Look for Together {
    fn words(&self) -> String {
        self.0.words()
    }

    fn schema(&self) -> Schema {
        (self.1)(self.0.schema())
    }

    fn keys(&self) -> Vec<&'static dyn Described> {
        self.0.keys()
    }
}

impl Kind<()> for Together {
    fn read(&self, _: &Item) -> Checked<()> {
        Ok(())
    }
}
