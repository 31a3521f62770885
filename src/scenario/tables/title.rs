//! What a scenario is about, and how often it is simulated.

use crate::text::key::Key;
use crate::text::kind::{Form, Whole};
use crate::text::log::Checked;
use crate::text::reader::Item;
use crate::text::schema::{self, Schema};
use serde_json::json;

/// How many replications a scenario may ask for.
pub(crate) const MOST_REPLICATIONS: u32 = 100_000;
/// How long a title may be: a line of a report.
const LONGEST_TITLE: usize = 200;

pub(crate) const TITLE: Key<String> = Key::new(
    "title",
    &Form::new("text", title_schema, title),
    "What the scenario is about: one line of prose, shown above the results.",
)
.otherwise("the name of the file.");

pub(crate) const REPLICATIONS: Key<u32> = Key::new(
    "replications",
    &Whole(1, MOST_REPLICATIONS),
    "How many independent rollouts of each strategy are simulated. More of them narrow the intervals.",
)
.defaults("40");

fn title_schema() -> Schema {
    // One line that is not blank.
    const CONTROLS: &str = "\u{0}-\u{1f}\u{7f}-\u{9f}";
    schema::text(&format!("^[^{CONTROLS}]*[^{CONTROLS}\\s][^{CONTROLS}]*$")).with("maxLength", json!(LONGEST_TITLE))
}

fn title(item: &Item) -> Checked<String> {
    let title = item.text("Orders API v1 -> v2")?;
    if title.trim().is_empty() || title.contains(char::is_control) || title.chars().count() > LONGEST_TITLE {
        let cure = format!("write one line of at most {LONGEST_TITLE} characters, or drop `title`");
        return Err(item.refuse("a title is one line of text and not empty", cure));
    }
    Ok(title.to_owned())
}
