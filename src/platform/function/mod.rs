//! The function platform: instances, the pools of the versions, and how much capacity there is.

pub mod allowance;
pub mod instance;
pub mod kept;
mod line;
pub mod pool;
