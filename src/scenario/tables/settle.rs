//! `code.settle`: how much longer a young instance takes.

use crate::platform::Settle;
use crate::text::document::Value;
use crate::text::key::Key;
use crate::text::kind::{self, Form};
use crate::text::log::Checked;
use crate::text::reader::Item;
use crate::text::schema::{self, Schema};
use crate::text::{pattern, quantity};
use crate::time::Span;

pub(super) const SETTLE: Key<Settle> = Key::new(
    "settle",
    &kind::Settings {
        keys: &[&FACTOR, &OVER],
        example: YOUNG,
        read: |table| {
            let (factor, over) = (table.read(&FACTOR), table.read(&OVER));
            Ok(Settle { factor: factor?, over: over? })
        },
    },
    "How much longer requests take on a young instance or replica, as on a JVM: `factor` times as long when it has just become ready, down \
     to as long as usual after `over`, along a line.",
)
.otherwise("young ones are as fast as others.");

const YOUNG: &str = "{ factor = 3, over = \"60s\" }";
const FACTOR: Key<f64> =
    Key::new("factor", &SLOWER, "How many times as long, at first: 3, or \"2.5x\".").required(YOUNG);
const SLOWER: Form<f64> = Form::new("whole number or factor", slower_schema, slower);
const OVER: Key<Span> =
    Key::new("over", &kind::SPAN_ABOVE_ZERO, "After this span they take as long as usual.").required(YOUNG);
/// How many times as long an instance may take.
const MOST_TIMES: u32 = 1_000;

fn slower_schema() -> Schema {
    schema::any([schema::whole(1..=MOST_TIMES).about("So many times as long."), pattern::factor()])
}

fn slower(item: &Item) -> Checked<f64> {
    if matches!(item.node.value, Value::Integer(_)) {
        return item.whole(1..=MOST_TIMES).map(f64::from);
    }
    match quantity::factor(item)?.as_f64() {
        factor if (1.0..=f64::from(MOST_TIMES)).contains(&factor) => Ok(factor),
        _ => Err(item.refuse("young instances are not faster, nor a thousand times slower", "write 3, or \"2.5x\"")),
    }
}
