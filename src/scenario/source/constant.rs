//! `arrivals = { constant = ... }`

use super::super::document::Value;
use super::super::log::Checked;
use super::super::quantity;
use super::super::reader::Item;
use super::Around;
use crate::source::{Arrivals, Constant};

pub(super) fn read(item: &Item, around: &Around) -> Checked<(Arrivals, bool)> {
    let (rate, first) = match item.node.value {
        Value::Table(_) => {
            let mut table = item.table("{ constant = { rate = \"1/s\" } }")?;
            let rate = table.required("rate", "rate = \"1/s\"", quantity::rate);
            let first = table.optional("first", quantity::instant);
            table.finish();
            (rate?, first?)
        }
        _ => (quantity::rate(item)?, None),
    };
    let first = first.unwrap_or(around.window?.start());
    Ok((Arrivals::Constant(Constant { rate, first }), false))
}
