//! A key of the scenario file, described once: its reader, the JSON Schema, the page of all keys and the ranges of
//! `sweep --sensitivity` all follow from the description.
//!
//! ```text
//! const LAG: Key<Law> = Key::new("lag", &kind::LAW, "How long a node takes to adopt a new revision.")
//!     .defaults("{ uniform = [\"0s\", \"10s\"] }")
//!     .assumed("no platform publishes it")
//!     .tries("{ uniform = [\"0s\", \"2s\"] }", "{ uniform = [\"0s\", \"60s\"] }");
//!
//! let lag = table.read(&LAG);
//! ```

use super::kind::{self, Form, Kind, Look};
use super::schema::{self, Schema};

/// A key with a value of type `T`.
pub(crate) struct Key<T: 'static> {
    pub name: &'static str,
    pub value: &'static dyn Kind<T>,
    about: &'static str,
    absent: Absent,
    tries: Option<Tries>,
}

/// What holds where a key is not written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Absent {
    /// It must be written, for instance so.
    Required(&'static str),
    /// This, written as after `--set KEY=`, and where it comes from.
    Default(&'static str, Origin),
    /// What these words say.
    Otherwise(&'static str),
}

/// Where a default comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Origin {
    /// It says that something is off, or is as good as any other: there is nothing to measure.
    Plain,
    /// Nobody measured it. What is known of it nevertheless, if anything.
    Assumed(&'static str),
    /// Somebody measured it: what, and who.
    Measured(&'static str),
    /// Somebody documents it, or does it so.
    Documented(&'static str),
}

/// The ends of the range that a sensitivity analysis tries, written as after `--set KEY=`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tries {
    pub low: &'static str,
    pub high: &'static str,
}

/// What is told of a key, whatever its type: of one of a table, and of one that is the kind of a thing.
pub(crate) trait Described {
    fn name(&self) -> &'static str;
    /// What it means, in a sentence or two.
    fn about(&self) -> &'static str;
    /// What may stand behind it.
    fn look(&self) -> &'static dyn Look;
    /// What holds where it is not written.
    fn absent(&self) -> Absent;
    /// The range of a sensitivity analysis; `None` for what is known, or for what is no figure.
    fn tries(&self) -> Option<Tries> {
        None
    }
    /// How it is written, where that is worth showing.
    fn example(&self) -> &'static str {
        ""
    }
    /// The table in which it is written where this one leaves it out.
    fn inherits(&self) -> Option<&'static str> {
        None
    }

    /// For editors.
    fn schema(&self) -> Schema {
        let schema = self.look().schema().about(self.about());
        match self.absent() {
            Absent::Required(_) => schema,
            Absent::Default(text, origin) => schema.defaults_to(schema::json_of(text), &origin.words()),
            Absent::Otherwise(words) => schema.fallback(words),
        }
    }
}

impl<T> Key<T> {
    /// A key that may be left out; `about` is what it means.
    pub const fn new(name: &'static str, value: &'static dyn Kind<T>, about: &'static str) -> Self {
        Self { name, value, about, absent: Absent::Otherwise(""), tries: None }
    }

    /// It must be written, for instance as in `example`.
    pub const fn required(mut self, example: &'static str) -> Self {
        self.absent = Absent::Required(example);
        self
    }

    /// What holds where it is not written, as it would be written after `--set KEY=`.
    pub const fn defaults(mut self, text: &'static str) -> Self {
        self.absent = Absent::Default(text, Origin::Plain);
        self
    }

    /// Nobody measured the default; `words` have what is known nevertheless.
    pub const fn assumed(self, words: &'static str) -> Self {
        self.from(Origin::Assumed(words))
    }

    /// Somebody measured the default: what, and who.
    pub const fn measured(self, words: &'static str) -> Self {
        self.from(Origin::Measured(words))
    }

    /// Somebody documents the default, or does it so.
    pub const fn documented(self, words: &'static str) -> Self {
        self.from(Origin::Documented(words))
    }

    const fn from(mut self, origin: Origin) -> Self {
        if let Absent::Default(text, _) = self.absent {
            self.absent = Absent::Default(text, origin);
        }
        self
    }

    /// What holds where it is not written, in words.
    pub const fn otherwise(mut self, words: &'static str) -> Self {
        self.absent = Absent::Otherwise(words);
        self
    }

    /// The range within which it may well lie where nobody measured it. The ranges are ours, and wide.
    pub const fn tries(mut self, low: &'static str, high: &'static str) -> Self {
        self.tries = Some(Tries { low, high });
        self
    }
}

impl<T> Described for Key<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn look(&self) -> &'static dyn Look {
        self.value
    }

    fn absent(&self) -> Absent {
        self.absent
    }

    fn tries(&self) -> Option<Tries> {
        self.tries
    }
}

/// A key of one table that another may write too: what that one leaves out is as in the first, which is named.
pub(crate) struct Inherits(pub &'static dyn Described, pub &'static str);

impl Described for Inherits {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn about(&self) -> &'static str {
        self.0.about()
    }

    fn look(&self) -> &'static dyn Look {
        self.0.look()
    }

    fn absent(&self) -> Absent {
        Absent::Otherwise("")
    }

    fn inherits(&self) -> Option<&'static str> {
        Some(self.1)
    }

    fn schema(&self) -> Schema {
        self.0.schema().inherits(self.1)
    }
}

/// A key whose own keys the page has told before.
pub(crate) struct Elsewhere(pub &'static dyn Described);

const ABOVE: Form<()> = kind::fitting("table, as above", Schema::default);

impl Described for Elsewhere {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn about(&self) -> &'static str {
        self.0.about()
    }

    fn look(&self) -> &'static dyn Look {
        &ABOVE
    }

    fn absent(&self) -> Absent {
        self.0.absent()
    }

    fn schema(&self) -> Schema {
        self.0.schema()
    }
}

impl Origin {
    /// In brackets, behind the default; nothing for what has no origin.
    pub fn words(self) -> String {
        match self {
            Self::Plain => String::new(),
            Self::Assumed("") => "(assumed)".to_owned(),
            Self::Assumed(words) => format!("(assumed: {words})"),
            Self::Measured(words) => format!("(measured: {words})"),
            Self::Documented(words) => format!("({words})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::Law;
    use crate::text::diagnostic::Text;
    use crate::text::document;
    use crate::text::kind::{self, Whole};
    use crate::text::log::Log;
    use crate::text::reader::Table;
    use crate::time::Span;
    use serde_json::{Value, json};

    const LAG: Key<Law> =
        Key::new("lag", &kind::LAW, "A lag.").defaults("{ uniform = [\"0s\", \"10s\"] }").assumed("try others");
    const NODES: Key<u32> = Key::new("nodes", &Whole(1, 9), "Nodes.").required("nodes = 3");

    /// Both keys as they are read, and what is wrong.
    fn read(content: &str) -> (Option<Law>, Option<u32>, Vec<String>) {
        let text = Text::new("a.toml", content);
        let document = document::parse(&text);
        let log = Log::new(document.faults, document.damage);
        let mut table = Table::root(&text, &document.root, &log);
        let (lag, nodes) = (table.read(&LAG), table.read(&NODES));
        table.finish();
        let wrong = log.close().err().unwrap_or_default();
        (lag.ok(), nodes.ok(), wrong.iter().map(|wrong| format!("{}; {}", wrong.reason(), wrong.cure())).collect())
    }

    #[test]
    fn a_default_is_read_as_if_it_were_written() {
        let ten = Law::Uniform { low: Span::ZERO, high: Span::from_s(10) };
        assert_eq!(read("nodes = 3"), (Some(ten), Some(3), Vec::new()));
        let one = Law::Constant(Span::from_s(1));
        assert_eq!(read("nodes = 3\nlag = { constant = \"1s\" }"), (Some(one), Some(3), Vec::new()));
        assert_eq!(read("").2, ["`nodes` is missing; write nodes = 3"]);
    }

    #[test]
    fn an_editor_is_told_the_same() {
        let lag = Value::from(LAG.schema());
        assert_eq!(lag["default"], json!({ "uniform": ["0s", "10s"] }));
        let words = "A lag.\n\nDefault: `{ uniform = [\"0s\", \"10s\"] }` (assumed: try others).";
        assert_eq!(lag["description"], words);
        let table = Value::from(schema::of_keys(&[&LAG, &NODES]));
        assert_eq!((&table["required"], &table["properties"]["nodes"]["maximum"]), (&json!(["nodes"]), &json!(9)));
    }
}
