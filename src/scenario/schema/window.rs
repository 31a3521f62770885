//! `window` and `timeline`.

use super::super::window::AUTO;
use super::node::{Schema, any, table, text};
use super::quantity::{span, span_above_zero};

/// `window = { warm_up, after }`.
pub(super) fn window() -> Schema {
    table([
        (
            "warm_up",
            any([span(), text(&format!("^{AUTO}$")).about("As long as pilot runs need to forget how they began.")])
                .about("Simulated before t = 0 and not counted: time to fill the pools. \"auto\": as long as pilot runs need.")
                .defaults_to("10m", ""),
        ),
        ("after", span_above_zero().about("Simulated and counted from t = 0 on. Above zero.").defaults_to("20m", "")),
    ])
    .about("What is simulated around t = 0, the first action of the deployment that traffic can notice.")
}

/// `timeline = { bin }`.
pub(super) fn timeline() -> Schema {
    let bin = span_above_zero()
        .about("The width of a bin of timeline.csv, such as \"5s\". At most 100000 bins fit into the window.")
        .fallback("the smallest 1, 2 or 5 times a power of ten that gives at most 600 bins.");
    table([("bin", bin)]).about("How finely the timeline is written.")
}
