//! What stands in one row: its fields, and the numbers and times that they are.

mod fields;
mod moment;
mod number;

pub(super) use fields::{COMMAS, Dialect, Fields, LOG, Quotes, Torn, malformed, too_long};
pub(super) use moment::{At, Form, best, digits, forms};
pub use number::Unit;
pub(super) use number::{UNITS, amount, decimal_ns, is_empty, rate_in, said_of_count, said_of_time, unit_of};
