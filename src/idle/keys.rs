//! How an idle policy is written: a law, a measured curve, or `"never"`.

use super::{Curve, CurveError, Idle};
use crate::text::document::Value;
use crate::text::kind::{self, Form, Look};
use crate::text::law;
use crate::text::log::{self, Checked};
use crate::text::reader::Item;
use crate::text::schema::{self, Schema};
use crate::text::shelf::{Shelf, Variant};
use crate::text::{pattern, quantity};
use serde_json::{Value as Json, json};

/// An idle policy.
pub(crate) const IDLE: Form<Idle> = Form::new("law, `{ curve = … }` or `\"never\"`", schema, idle);

const SHELF: Shelf<(), Idle> = Shelf {
    noun: "law",
    example: law::EXAMPLE,
    kinds: &[
        law::constant(|item, all| law::read_constant(item, all).map(Idle::After)),
        law::uniform(|item, all| law::read_uniform(item, all).map(Idle::After)),
        law::exponential(|item, all| law::read_exponential(item, all).map(Idle::After)),
        law::lognormal(|item, all| law::read_lognormal(item, all).map(Idle::After)),
        Variant {
            name: "curve",
            about: "A measured curve: by which span of idleness which share is reclaimed, such as [[\"5m\", \"0%\"], \
                    [\"7m\", \"100%\"]].",
            example: CURVE,
            look: &POINTS,
            read: |item, ()| curve(item).map(Idle::Curve),
        },
    ],
};

const CURVE: &str = "{ curve = [[\"5m\", \"0%\"], [\"7m\", \"100%\"]] }";
const POINTS: Form<()> = kind::fitting("points", points);

fn schema() -> Schema {
    schema::any([
        schema::never().about("Idle instances stay for ever."),
        Look::schema(&SHELF).about("A law, or a curve."),
    ])
}

fn points() -> Schema {
    let list = || Schema::default().with("type", json!("array"));
    let point = list()
        .with("minItems", json!(2))
        .with("maxItems", json!(2))
        .with("items", json!([Json::from(pattern::span()), Json::from(pattern::share())]))
        .about("A span of idleness, and the share reclaimed by then.");
    list().with("items", point.into()).with("minItems", json!(1))
}

fn idle(item: &Item) -> Checked<Idle> {
    if let Value::Text(_) = &item.node.value {
        if item.is_never() {
            return Ok(Idle::Never);
        }
        let reason = format!("`{}` is a law or \"never\", but here stands another text", item.path);
        return Err(item.refuse(reason, format!("write {} or \"never\"", law::EXAMPLE)));
    }
    SHELF.read(item, &())
}

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
