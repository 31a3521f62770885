//! Laws: distributions of spans, in the form `{ KIND = ... }`.

use super::document::Value;
use super::log::{self, Checked};
use super::quantity;
use super::reader::{Item, Shelf};
use crate::dist::{Law, Lognormal};
use crate::idle::{Curve, CurveError, Idle};
use crate::time::Span;

const EXAMPLE: &str = "{ constant = \"10s\" }";

/// A law.
pub(super) fn law(item: &Item) -> Checked<Law> {
    let shelf = Shelf {
        noun: "law",
        example: EXAMPLE,
        kinds: &[("constant", constant), ("uniform", uniform), ("exponential", exponential), ("lognormal", lognormal)],
    };
    item.by_kind(&shelf, &())
}

/// A law, or a span that is always the same.
pub(super) fn law_or_span(item: &Item) -> Checked<Law> {
    match item.node.value {
        Value::Text(_) | Value::Integer(_) | Value::Decimal => constant(item, &()),
        _ => law(item),
    }
}

/// What `read` reads, or `"never"`.
pub(super) fn or_never<T>(item: &Item, read: impl FnOnce(&Item) -> Checked<T>) -> Checked<Option<T>> {
    match &item.node.value {
        Value::Text(text) if text == "never" => Ok(None),
        _ => read(item).map(Some),
    }
}

/// When idle instances are reclaimed: a law, a measured curve, or `"never"`.
pub(super) fn idle(item: &Item) -> Checked<Idle> {
    if let Value::Text(text) = &item.node.value {
        if text == "never" {
            return Ok(Idle::Never);
        }
        let reason = format!("`{}` is a law or \"never\", but here stands another text", item.path);
        return Err(item.refuse(reason, format!("write {EXAMPLE} or \"never\"")));
    }
    let shelf = Shelf {
        noun: "law",
        example: EXAMPLE,
        kinds: &[
            ("constant", |item, all| constant(item, all).map(Idle::After)),
            ("uniform", |item, all| uniform(item, all).map(Idle::After)),
            ("exponential", |item, all| exponential(item, all).map(Idle::After)),
            ("lognormal", |item, all| lognormal(item, all).map(Idle::After)),
            ("curve", |item, ()| curve(item).map(Idle::Curve)),
        ],
    };
    item.by_kind(&shelf, &())
}

const CURVE: &str = "{ curve = [[\"5m\", \"0%\"], [\"7m\", \"100%\"]] }";

fn curve(item: &Item) -> Checked<Curve> {
    let points = item.list(CURVE)?;
    let point = |item: &Item| {
        const PAIR: &str = "a span and the share reclaimed by then, such as [\"5m\", \"50%\"]";
        let pair = item.list(PAIR)?;
        let [span, share] = pair.as_slice() else {
            return Err(item.refuse(format!("this point has {} parts", pair.len()), format!("write {PAIR}")));
        };
        let (span, share) = (quantity::span(span), quantity::share(share));
        Ok((span?, share?))
    };
    let read = log::all(points.iter().map(point))?;
    Curve::new(&read).map_err(|error| {
        let at = match error {
            CurveError::SpansFall(place) | CurveError::SharesFall(place) => points.get(place),
            CurveError::Empty | CurveError::Flat => None,
        };
        let cure = "write points from short spans to long ones, such as [[\"5m\", \"0%\"], [\"7m\", \"100%\"]]";
        at.unwrap_or(item).refuse(error.to_string(), cure)
    })
}

fn constant(item: &Item, (): &()) -> Checked<Law> {
    quantity::span(item).map(Law::Constant)
}

fn uniform(item: &Item, (): &()) -> Checked<Law> {
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

fn exponential(item: &Item, (): &()) -> Checked<Law> {
    let mut settings = item.table("{ exponential = { mean = \"2s\" } }")?;
    let mean = settings.required("mean", "{ exponential = { mean = \"2s\" } }", quantity::span);
    settings.finish();
    Ok(Law::Exponential { mean: mean? })
}

fn lognormal(item: &Item, (): &()) -> Checked<Law> {
    const EXAMPLE: &str = "{ lognormal = { p50 = \"38ms\", p99 = \"210ms\" } }";
    let mut settings = item.table(EXAMPLE)?;
    let p50 = settings.required("p50", EXAMPLE, quantity::span);
    let p99 = settings.required("p99", EXAMPLE, quantity::span);
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
