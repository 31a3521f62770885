//! `arrivals = { schedule = ... }`

use super::super::WarmUp;
use super::super::log::{self, Checked};
use super::super::quantity;
use super::super::reader::Item;
use super::Around;
use crate::source::{Arrivals, Firings, Schedule};
use crate::time::Span;

/// How many requests a firing may send.
pub(in super::super) const LARGEST_BATCH: u32 = 1_000_000_000;

const EXAMPLE: &str = "{ schedule = { every = \"1h\", first = \"-30m\", batch = 100 } }";

pub(super) fn read(item: &Item, around: &Around) -> Checked<(Arrivals, bool)> {
    let mut table = item.table(EXAMPLE)?;
    let every = table.optional("every", |item| Ok((item.clone(), quantity::span_above_zero(item)?)));
    let first = table.optional("first", |item| Ok((item.clone(), quantity::instant(item)?)));
    let at = table.optional("at", |item| {
        let instants = log::all(item.list("[\"0s\", \"5m\"]")?.iter().map(quantity::instant))?;
        Ok((item.clone(), instants))
    });
    let batch = table.or("batch", 1, |item| item.whole(1..=LARGEST_BATCH));
    let jitter = table.optional("jitter", |item| Ok((item.clone(), quantity::span(item)?)));
    table.finish();
    let firings = match (every?, at?) {
        (Some((at, every)), None) => {
            let first = first?.map(|(_, first)| first);
            if first.is_none() && around.warm_up != WarmUp::Written {
                let reason = "with `warm_up = \"auto\"` nothing says when this schedule first fires";
                return Err(at.refuse(reason, "write `first` beside it, such as first = \"0s\"; it goes on from there"));
            }
            Firings::Every { every, first: first.unwrap_or(around.window?.start()) }
        }
        (None, Some((at, mut instants))) => {
            if let Some((first, _)) = first? {
                return Err(first.refuse("`first` belongs to `every`; a list has its own first", "drop it"));
            }
            instants.sort_unstable();
            if instants.is_empty() {
                return Err(at.refuse("a schedule fires once or more", "write [\"0s\", \"5m\"]"));
            }
            if instants.windows(2).any(|pair| pair[0] == pair[1]) {
                return Err(
                    at.refuse("an instant stands twice", "write each once; `batch` is how many requests it sends")
                );
            }
            Firings::At(instants)
        }
        (Some(_), Some((at, _))) => {
            return Err(at.refuse("`every` and `at` exclude each other", "keep `every` for a rhythm, `at` for a list"));
        }
        (None, None) => return Err(table_of(item, EXAMPLE)),
    };
    let jitter = match jitter? {
        Some((at, jitter)) => {
            if let Some(gap) = firings.shortest_gap().filter(|&gap| jitter > gap) {
                let reason = format!("the jitter is longer than the gap between two firings, {gap}");
                return Err(at.refuse(reason, "write a shorter one; a rate without rhythm is `poisson`"));
            }
            jitter
        }
        None => Span::ZERO,
    };
    Ok((Arrivals::Schedule(Schedule { firings, batch: batch?, jitter }), false))
}

fn table_of(item: &Item, example: &str) -> super::super::log::Refused {
    item.refuse("nothing says when this schedule fires", format!("write `every` or `at`, as {example}"))
}
