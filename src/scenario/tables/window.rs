//! The window of virtual time, and the bins of its timeline.

use crate::platform::Window;
use crate::scenario::WarmUp;
use crate::text::diagnostic::quote;
use crate::text::document::Value;
use crate::text::key::Key;
use crate::text::kind::{self, Form, Keys};
use crate::text::log::Checked;
use crate::text::reader::{Item, Table};
use crate::text::schema::{self, Schema};
use crate::text::{pattern, quantity};
use crate::time::Span;

/// How many bins a timeline has at most where the scenario does not write their width.
const BINS: u64 = 600;
/// How many bins a scenario may ask for.
const MOST_BINS: u64 = 100_000;

/// What is written for a warm-up whose length is to be found.
const AUTO: &str = "auto";

/// `window = { warm_up, after }`.
pub(crate) const WINDOW: Key<()> = Key::new(
    "window",
    &Keys(&[&WARM_UP, &AFTER]),
    "What is simulated around t = 0, the first action of the deployment that traffic can notice.",
);

const WARM_UP: Key<Option<Span>> = Key::new(
    "warm_up",
    &Form::new("span or `\"auto\"`", warm_up_schema, warm_up),
    "Simulated before t = 0 and not counted: time to fill the pools. \"auto\": as long as pilot runs need.",
)
.defaults("10m");

const AFTER: Key<Span> =
    Key::new("after", &kind::SPAN_ABOVE_ZERO, "Simulated and counted from t = 0 on. Above zero.").defaults("20m");

/// `timeline = { bin }`.
pub(crate) const TIMELINE: Key<()> = Key::new("timeline", &Keys(&[&BIN]), "How finely the timeline is written.");

const BIN: Key<Span> = Key::new(
    "bin",
    &kind::SPAN_ABOVE_ZERO,
    "The width of a bin of timeline.csv, such as \"5s\". At most 100000 bins fit into the window.",
)
.otherwise("the smallest 1, 2 or 5 times a power of ten that gives at most 600 bins.");

/// Reads `window`; `found` is the length to be taken for `auto`.
pub(crate) fn window(root: &mut Table, found: Option<Span>) -> (Checked<Window>, WarmUp) {
    let mut table = root.section(&WINDOW);
    let written = table.read(&WARM_UP);
    let after = table.read(&AFTER);
    let origin = match (written, found) {
        (Ok(None), None) => WarmUp::Open,
        (Ok(None), Some(_)) => WarmUp::Found,
        _ => WarmUp::Written,
    };
    // The default stands in for what is not found yet.
    let length = written.and_then(|written| match written.or(found) {
        Some(length) => Ok(length),
        None => Ok(table.standard(&WARM_UP)?.unwrap_or(Span::ZERO)),
    });
    table.finish();
    let window = length.and_then(|warm_up| Ok(Window { warm_up, after: after? }));
    (window, origin)
}

fn warm_up_schema() -> Schema {
    let auto = schema::text(&format!("^{AUTO}$")).about("As long as pilot runs need to forget how they began.");
    schema::any([pattern::span(), auto])
}

/// A length; `None` for one that is to be found.
fn warm_up(item: &Item) -> Checked<Option<Span>> {
    match &item.node.value {
        Value::Text(text) if text == AUTO => Ok(None),
        // Of a misspelt word one would be told that it does not begin with a number.
        Value::Text(text) if resembles_auto(text) => {
            let reason = format!("{} is neither a span nor `{AUTO}`", quote(text));
            Err(item.refuse(reason, format!("write \"{AUTO}\", or a span such as \"10m\"")))
        }
        _ => quantity::span(item).map(Some),
    }
}

fn resembles_auto(text: &str) -> bool {
    let word = text.trim().to_lowercase();
    word.starts_with(AUTO) || strsim::osa_distance(&word, AUTO) <= 2
}

/// Reads `timeline`.
pub(crate) fn bin(root: &mut Table, window: Checked<Window>) -> Checked<Span> {
    let mut table = root.section(&TIMELINE);
    let bin = table.written_at(&BIN);
    let log = table.log();
    table.finish();
    let (bin, window) = (bin?, window?);
    let Some((at, bin)) = bin else { return Ok(round_bin(length(window))) };
    let bins = length(window).ns().div_ceil(bin.ns());
    if bins > MOST_BINS {
        let widest = round_bin(length(window));
        let reason = format!("this gives {bins} bins over the window; {MOST_BINS} is the most");
        return Err(log.refuse(&at, reason, format!("write a wider bin; the default here is {widest}")));
    }
    Ok(bin)
}

fn length(window: Window) -> Span {
    window.warm_up + window.after
}

/// The smallest 1, 2 or 5 times a power of ten, down to 1 ns, that cuts `length` into at most [`BINS`].
fn round_bin(length: Span) -> Span {
    let powers = std::iter::successors(Some(1_u64), |power| power.checked_mul(10));
    let mut rounds = powers.flat_map(|power| [1, 2, 5].map(|digit| power.saturating_mul(digit)));
    let bin = rounds.find(|&bin| length.ns().div_ceil(bin) <= BINS);
    bin.map_or(Span::LONGEST, Span::from_ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_bins_are_round_and_few() {
        for (length, bin) in [
            (1_800_000_000_000, 5_000_000_000),
            (600_000_000_000, 1_000_000_000),
            (600_000_000_001, 2_000_000_000),
            (1, 1),
            (2 * Span::LONGEST.ns(), 20_000_000_000_000_000),
        ] {
            assert_eq!(round_bin(Span::from_ns(length)), Span::from_ns(bin), "{length}");
        }
    }
}
