//! The window of virtual time, and the bins of its timeline.

use super::log::Checked;
use super::quantity;
use super::reader::{Item, Table};
use crate::platform::Window;
use crate::time::Span;

/// How many bins a timeline has at most where the scenario does not write their width.
const BINS: u64 = 600;
/// How many bins a scenario may ask for.
const MOST_BINS: u64 = 100_000;

/// `window = { warm_up, after }`.
pub(super) fn window(root: &mut Table) -> Checked<Window> {
    let mut table = root.section("window");
    let warm_up = table.or("warm_up", Span::from_s(600), quantity::span);
    let after = table.or("after", Span::from_s(1_200), quantity::span_above_zero);
    table.finish();
    Ok(Window { warm_up: warm_up?, after: after? })
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
