//! Where requests go: the way of each, and the odds of every way.

pub mod expected;
mod odds;
pub mod router;
pub(in crate::platform) mod ways;
