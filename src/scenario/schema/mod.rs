//! The JSON Schema of the scenario file (draft-07), from which an editor completes keys and explains them.
//!
//! It says what the readers accept, as far as a schema can: units, limits, choices and patterns come from the readers'
//! own constants, and `tests/schema.rs` proves for the rest that both know the same keys, kinds and defaults, and refuse
//! the same mistakes. What relates two values to each other, or to a file, only `cutover check` sees.
//!
//! Nothing is shared by `$ref`: editors show the description of the key at hand only if it stands at that key.

mod deployment;
mod law;
mod node;
mod objective;
mod platform;
mod quantity;
mod release;
mod source;
mod strategy;
mod window;

use super::check::{DEFAULT_REPLICATIONS, LONGEST_TITLE, MOST_REPLICATIONS};
use node::{Schema, table, text, whole};
use serde_json::{Value, json};

/// The JSON Schema of a scenario file.
#[must_use]
pub fn schema() -> Value {
    let code = release::code().about("What the code does, in every version that does not say otherwise.");
    let function = platform::function().about("The function platform: front-ends, versioned instances, cold starts.");
    table([
        ("title", title()),
        ("replications", replications()),
        ("window", window::window()),
        ("timeline", window::timeline()),
        ("source", source::sources()),
        ("gateway", platform::gateway()),
        ("deployment", deployment::deployment()),
        ("code", code),
        ("function", function),
        ("version", release::versions()),
        ("strategy", strategy::strategies()),
        ("objective", objective::objectives()),
    ])
    .required(&["source", "strategy"])
    .merge(release::one_cold_start())
    .with("$schema", json!("http://json-schema.org/draft-07/schema#"))
    .with("title", json!("cutover scenario"))
    .about("A deployment to be simulated: traffic, platform, code, and the strategies to compare.")
    .into()
}

fn title() -> Schema {
    // One line that is not blank.
    const CONTROLS: &str = "\u{0}-\u{1f}\u{7f}-\u{9f}";
    text(&format!("^[^{CONTROLS}]*[^{CONTROLS}\\s][^{CONTROLS}]*$"))
        .with("maxLength", json!(LONGEST_TITLE))
        .about("What the scenario is about: one line of prose, shown above the results.")
        .fallback("the name of the file.")
}

fn replications() -> Schema {
    whole(1..=MOST_REPLICATIONS)
        .about("How many independent rollouts of each strategy are simulated. More of them narrow the intervals.")
        .defaults_to(DEFAULT_REPLICATIONS, "")
}
