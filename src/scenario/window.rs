//! The window of virtual time, and the bins of its timeline.

use super::WarmUp;
use super::diagnostic::quote;
use super::document::Value;
use super::log::Checked;
use super::quantity;
use super::reader::{Item, Table};
use crate::platform::Window;
use crate::time::Span;

/// How many bins a timeline has at most where the scenario does not write their width.
const BINS: u64 = 600;
/// How many bins a scenario may ask for.
const MOST_BINS: u64 = 100_000;

/// What is written for a warm-up whose length is to be found.
pub(super) const AUTO: &str = "auto";

/// The warm-up where none is written; also what stands in for one that is not found yet.
const WARM_UP: Span = Span::from_s(600);

/// `window = { warm_up, after }`; `found` is the length to be taken for `auto`.
pub(super) fn window(root: &mut Table, found: Option<Span>) -> (Checked<Window>, WarmUp) {
    let mut table = root.section("window");
    let written = table.or("warm_up", Some(WARM_UP), warm_up);
    let after = table.or("after", Span::from_s(1_200), quantity::span_above_zero);
    table.finish();
    let origin = match (written, found) {
        (Ok(None), None) => WarmUp::Open,
        (Ok(None), Some(_)) => WarmUp::Found,
        _ => WarmUp::Written,
    };
    let length = written.map(|written| written.or(found).unwrap_or(WARM_UP));
    let window = length.and_then(|warm_up| Ok(Window { warm_up, after: after? }));
    (window, origin)
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

/// `timeline = { bin }`.
pub(super) fn bin(root: &mut Table, window: Checked<Window>) -> Checked<Span> {
    let mut table = root.section("timeline");
    let bin = table.optional("bin", |item| explicit(item, window?));
    table.finish();
    match bin? {
        Some(bin) => Ok(bin),
        None => Ok(round_bin(length(window?))),
    }
}

fn length(window: Window) -> Span {
    window.warm_up + window.after
}

fn explicit(item: &Item, window: Window) -> Checked<Span> {
    let bin = quantity::span_above_zero(item)?;
    let bins = length(window).ns().div_ceil(bin.ns());
    if bins > MOST_BINS {
        let widest = round_bin(length(window));
        let reason = format!("this gives {bins} bins over the window; {MOST_BINS} is the most");
        return Err(item.refuse(reason, format!("write a wider bin; the default here is {widest}")));
    }
    Ok(bin)
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
