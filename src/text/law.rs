//! Laws: distributions of spans, in the form `{ KIND = ... }`.

use super::document::Value;
use super::key::Key;
use super::kind::{self, Form, Keys};
use super::log::Checked;
use super::reader::Item;
use super::schema::{self, Schema};
use super::shelf::{Reader, Shelf, Variant};
use super::{pattern, quantity};
use crate::dist::{Law, Lognormal};
use crate::time::Span;
use serde_json::json;

pub(crate) const EXAMPLE: &str = "{ constant = \"10s\" }";

/// The laws.
pub(crate) const SHELF: Shelf<(), Law> = Shelf {
    noun: "law",
    example: EXAMPLE,
    kinds: &[constant(read_constant), uniform(read_uniform), exponential(read_exponential), lognormal(read_lognormal)],
};

/// A law.
pub(crate) fn law(item: &Item) -> Checked<Law> {
    SHELF.read(item, &())
}

/// A law, or a span that is always the same.
pub(crate) fn law_or_span(item: &Item) -> Checked<Law> {
    match item.node.value {
        Value::Text(_) | Value::Integer(_) | Value::Decimal => read_constant(item, &()),
        _ => law(item),
    }
}

/// A law, for editors.
pub(crate) fn schema() -> Schema {
    kind::Look::schema(&SHELF).about("A law of spans, of one kind.")
}

/// A law or a span, for editors.
pub(crate) fn schema_or_span() -> Schema {
    schema::any([pattern::span(), schema()]).about("A law, or a span that is always the same.")
}

/// The kind of law that is always the same, for a shelf that has more than laws. So are the other three.
pub(crate) const fn constant<T>(read: Reader<(), T>) -> Variant<(), T> {
    Variant {
        name: "constant",
        about: "Always the same span, such as \"10s\".",
        example: EXAMPLE,
        look: &kind::SPAN,
        read,
    }
}

pub(crate) fn read_constant(item: &Item, (): &()) -> Checked<Law> {
    quantity::span(item).map(Law::Constant)
}

const BOUNDS: Form<()> = kind::fitting("two spans", || {
    Schema::default()
        .with("type", json!("array"))
        .with("items", pattern::span().into())
        .with("minItems", json!(2))
        .with("maxItems", json!(2))
});

pub(crate) const fn uniform<T>(read: Reader<(), T>) -> Variant<(), T> {
    Variant {
        name: "uniform",
        about: "Evenly spread between two spans, such as [\"0s\", \"10s\"]; the smaller first.",
        example: "{ uniform = [\"0s\", \"10s\"] }",
        look: &BOUNDS,
        read,
    }
}

pub(crate) fn read_uniform(item: &Item, (): &()) -> Checked<Law> {
    const PAIR: &str = "two spans, such as [\"0s\", \"10s\"]";
    let items = item.list(PAIR)?;
    let [low, high] = items.as_slice() else {
        return Err(item.refuse(format!("`{}` has {} bounds", item.path, items.len()), format!("write {PAIR}")));
    };
    let (low, high) = (quantity::span(low), quantity::span(high));
    let (low, high) = (low?, high?);
    if low > high {
        return Err(item.refuse("the lower bound is above the upper one", "write the smaller span first"));
    }
    Ok(Law::Uniform { low, high })
}

const MEAN_ALONE: &str = "{ exponential = { mean = \"2s\" } }";
const MEAN: Key<Span> = Key::new("mean", &kind::SPAN, "The mean span.").required(MEAN_ALONE);

pub(crate) const fn exponential<T>(read: Reader<(), T>) -> Variant<(), T> {
    Variant {
        name: "exponential",
        about: "Exponential: most spans are short, some are long; { mean = \"2s\" }.",
        example: MEAN_ALONE,
        look: &Keys(&[&MEAN]),
        read,
    }
}

pub(crate) fn read_exponential(item: &Item, (): &()) -> Checked<Law> {
    let mut settings = item.table(MEAN_ALONE)?;
    let mean = settings.read(&MEAN);
    settings.finish();
    Ok(Law::Exponential { mean: mean? })
}

const PERCENTILES: &str = "{ lognormal = { p50 = \"38ms\", p99 = \"210ms\" } }";
/// Its reader has words of its own for a median of zero.
const MEDIAN: Form<Span> = Form::new("span above zero", pattern::span_above_zero, quantity::span);
const P50: Key<Span> =
    Key::new("p50", &MEDIAN, "The median: half of the spans are shorter. Above zero.").required(PERCENTILES);
const P99: Key<Span> =
    Key::new("p99", &kind::SPAN, "The 99th percentile: one span in a hundred is longer. At least the median.")
        .required(PERCENTILES);

pub(crate) const fn lognormal<T>(read: Reader<(), T>) -> Variant<(), T> {
    Variant {
        name: "lognormal",
        about: "Lognormal, as service and start times mostly are; { p50 = \"38ms\", p99 = \"210ms\" }.",
        example: PERCENTILES,
        look: &Keys(&[&P50, &P99]),
        read,
    }
}

pub(crate) fn read_lognormal(item: &Item, (): &()) -> Checked<Law> {
    let mut settings = item.table(PERCENTILES)?;
    let (p50, p99) = (settings.read(&P50), settings.read(&P99));
    settings.finish();
    let (p50, p99) = (p50?, p99?);
    match Lognormal::new(p50, p99) {
        Some(law) => Ok(Law::Lognormal(law)),
        None if p50 == Span::ZERO => {
            Err(item.refuse("a lognormal law has a median above zero", "write `p50` above zero, or a constant law"))
        }
        None => Err(item.refuse("`p99` is below `p50`", "write the median as `p50`, the larger span as `p99`")),
    }
}
