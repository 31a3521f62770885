//! Questions that take more than one look: which strategy is best, how figures respond, what a verdict hangs on.

pub mod compare;
pub mod explain;
pub mod select;
pub mod sensitivity;
pub mod sweep;
mod told;
pub mod trace;
pub mod what_if;
