//! The pieces that the JSON Schema is built of.

use super::diagnostic::Text;
use super::document::{self, Node};
use super::key::{Absent, Described};
use super::overrides;
use serde_json::{Map, Value, json};
use std::ops::RangeInclusive;

/// A part of the schema, with what an editor says of it.
#[derive(Clone, Default)]
pub(crate) struct Schema {
    body: Map<String, Value>,
    about: String,
    /// The units that it is written in.
    units: String,
    /// What holds where nothing is written.
    fallback: String,
}

impl Schema {
    /// Adds a keyword.
    pub fn with(mut self, keyword: &str, value: Value) -> Self {
        self.body.insert(keyword.to_owned(), value);
        self
    }

    /// What it means, in place of what was said before.
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }

    /// The units that it is written in, whatever it means.
    pub fn units(mut self, units: impl Into<String>) -> Self {
        self.units = units.into();
        self
    }

    /// What holds where nothing is written, and where that value comes from. Editors that complete a key write it.
    pub fn defaults_to(self, value: impl Into<Value>, source: &str) -> Self {
        let value = value.into();
        let written = in_toml(&value);
        let gap = if source.is_empty() { "" } else { " " };
        self.with("default", value).fallback(format!("`{written}`{gap}{source}."))
    }

    /// What holds where nothing is written, in words.
    pub fn fallback(mut self, words: impl Into<String>) -> Self {
        self.fallback = words.into();
        self
    }

    /// What is not written here holds as it is written in `place`.
    pub fn inherits(mut self, place: &str) -> Self {
        self.body.remove("default");
        self.fallback(format!("as in {place}."))
    }

    /// Which keys of a table must be written.
    pub fn required(self, keys: &[&str]) -> Self {
        self.with("required", json!(keys))
    }

    /// Refuses values that match `pattern`.
    pub fn never(self, pattern: &str) -> Self {
        self.with("not", json!({ "pattern": pattern }))
    }
}

impl From<Schema> for Value {
    fn from(schema: Schema) -> Self {
        let Schema { mut body, about, units, fallback } = schema;
        let line = |label, words: String| if words.is_empty() { words } else { format!("{label}{words}") };
        let lines = [about, line("Units: ", units), line("Default: ", fallback)];
        let description: Vec<_> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        if !description.is_empty() {
            body.insert("description".to_owned(), Self::String(description.join("\n\n")));
        }
        Self::Object(body)
    }
}

/// A table of these keys and no others.
pub(crate) fn table<'k>(keys: impl IntoIterator<Item = (&'k str, Schema)>) -> Schema {
    let properties: Map<_, _> = keys.into_iter().map(|(key, schema)| (key.to_owned(), schema.into())).collect();
    Schema::default()
        .with("type", json!("object"))
        .with("properties", Value::Object(properties))
        .with("additionalProperties", json!(false))
}

/// A table of described keys.
pub(crate) fn of_keys(keys: &[&dyn Described]) -> Schema {
    let required: Vec<_> =
        keys.iter().filter(|key| matches!(key.absent(), Absent::Required(_))).map(|key| key.name()).collect();
    let schema = table(keys.iter().map(|key| (key.name(), key.schema())));
    if required.is_empty() { schema } else { schema.required(&required) }
}

/// A table of exactly one entry, whose key is the kind of the thing.
pub(crate) fn kinds<'k>(kinds: impl IntoIterator<Item = (&'k str, Schema)>) -> Schema {
    table(kinds).with("minProperties", json!(1)).with("maxProperties", json!(1))
}

/// A table whose keys, the user's own, match `pattern`.
pub(crate) fn keyed(pattern: &str, each: Schema) -> Schema {
    Schema::default()
        .with("type", json!("object"))
        .with("patternProperties", json!({ pattern: Value::from(each) }))
        .with("additionalProperties", json!(false))
}

/// A text that matches `pattern`.
pub(crate) fn text(pattern: &str) -> Schema {
    Schema::default().with("type", json!("string")).with("pattern", json!(pattern))
}

/// A whole number within `range`.
pub(crate) fn whole(range: RangeInclusive<u32>) -> Schema {
    Schema::default()
        .with("type", json!("integer"))
        .with("minimum", json!(range.start()))
        .with("maximum", json!(range.end()))
}

/// One of the names in a reader's list of choices.
pub(crate) fn choice<T>(choices: &[(&str, T)]) -> Schema {
    let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
    Schema::default().with("type", json!("string")).with("enum", json!(names))
}

/// A list whose values differ.
pub(crate) fn distinct(each: Schema) -> Schema {
    Schema::default().with("type", json!("array")).with("items", each.into()).with("uniqueItems", json!(true))
}

/// Any of several forms.
pub(crate) fn any(forms: impl IntoIterator<Item = Schema>) -> Schema {
    let forms: Vec<Value> = forms.into_iter().map(Value::from).collect();
    Schema::default().with("anyOf", json!(forms))
}

/// The word for what never happens.
pub(crate) fn never() -> Schema {
    Schema::default().with("const", json!("never"))
}

/// A value that is written as after `--set KEY=`.
pub(crate) fn json_of(text: &str) -> Value {
    fn convert(node: &Node) -> Value {
        match &node.value {
            document::Value::Text(text) => json!(text),
            document::Value::Integer(n) => json!(i64::try_from(*n).unwrap_or(i64::MAX)),
            document::Value::Truth(truth) => json!(truth),
            document::Value::Array(nodes) => nodes.iter().map(convert).collect(),
            document::Value::Table(entries) => {
                Value::Object(entries.iter().map(|entry| (entry.key.clone(), convert(&entry.node))).collect())
            }
            document::Value::Decimal | document::Value::Date => json!(node.at.snippet()),
        }
    }
    overrides::value(&Text::new("", text), 0).map_or(Value::Null, |node| convert(&node))
}

/// A value as it is written in a scenario.
pub(crate) fn in_toml(value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        Value::Object(entries) => {
            let pairs = entries.iter().map(|(key, value)| format!("{key} = {}", in_toml(value)));
            format!("{{ {} }}", joined(pairs.collect()))
        }
        Value::Array(values) => format!("[{}]", joined(values.iter().map(in_toml).collect())),
        simple => simple.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_tells_the_default_as_it_would_be_written() {
        let law = json!({ "uniform": ["0s", "10s"] });
        let value = Value::from(Schema::default().about("A lag.").defaults_to(law.clone(), "(assumed)"));
        let description = "A lag.\n\nDefault: `{ uniform = [\"0s\", \"10s\"] }` (assumed).";
        assert_eq!(value, json!({ "default": law, "description": description }));
    }

    #[test]
    fn what_inherits_has_no_default_of_its_own() {
        let value = Value::from(whole(1..=9).defaults_to(3, "").about("A number.").inherits("[code]"));
        let expected = json!({
            "type": "integer", "minimum": 1, "maximum": 9, "description": "A number.\n\nDefault: as in [code]."
        });
        assert_eq!(value, expected);
    }
}
