//! What chance decides once a rollout, and how the ways it may go are gone through.

mod factors;
pub mod fate;
pub mod strata;
