//! `overflow`, of the function and of hosts: whether what there is no room for is turned away, or waits.

use crate::text::document::Value;
use crate::text::key::Key;
use crate::text::kind::{self, Form};
use crate::text::log::Checked;
use crate::text::reader::Item;
use crate::text::schema::{self, Schema};
use crate::time::Span;
use serde_json::json;

/// How long it may wait, if it does.
pub(super) const OVERFLOW: Form<Option<Span>> =
    Form { words: "`\"refuse\"` or `{ wait = \"10s\" }`", schema, keys: &[&WAIT], read };

const WAIT: Key<Span> = Key::new("wait", &kind::SPAN_ABOVE_ZERO, "How long it waits at most.").required(WAITING);
const WAITING: &str = "{ wait = \"10s\" }";

fn schema() -> Schema {
    let refuse = Schema::default().with("const", json!("refuse")).about("It is throttled.");
    schema::any([refuse, schema::of_keys(&[&WAIT]).about("It waits until there is room.")])
}

fn read(item: &Item) -> Checked<Option<Span>> {
    if matches!(&item.node.value, Value::Text(text) if text == "refuse") {
        return Ok(None);
    }
    let mut table = item.table(&format!("\"refuse\", or {WAITING}"))?;
    let wait = table.read(&WAIT);
    table.finish();
    wait.map(Some)
}
