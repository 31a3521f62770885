//! The JSON Schema of the scenario file (draft-07), from which an editor completes keys and explains them.
//!
//! It is made of the descriptions that the readers follow, and says what they accept as far as a schema can; `tests/schema.rs`
//! proves that both know the same keys, kinds and defaults, and refuse the same mistakes. What relates two values to each
//! other, or to a file, only `cutover check` sees.
//!
//! Nothing is shared by `$ref`: editors show the description of the key at hand only if it stands at that key.

use super::tables::{ROOT, release};
use crate::text::kind::Look;
use serde_json::{Value, json};

/// The JSON Schema of a scenario file.
#[must_use]
pub fn schema() -> Value {
    release::one_cold_start(Look::schema(&ROOT))
        .with("$schema", json!("http://json-schema.org/draft-07/schema#"))
        .with("title", json!("cutover scenario"))
        .about("A deployment to be simulated: traffic, platform, code, and the strategies to compare.")
        .into()
}
