//! From rows to what may be said: estimates with their intervals, paired differences, and the decision.

pub mod compare;
pub mod decision;
pub(super) mod disaster;
pub mod estimate;
pub mod gate;
pub(super) mod impossible;
pub(super) mod known;
pub(super) mod sample;

pub use sample::Sample;
