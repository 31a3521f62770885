//! One replication of one strategy: simulated, and told as a row of figures.

pub(super) mod begun;
#[cfg(test)]
mod broken;
pub(super) mod causes;
pub(super) mod replication;
pub(super) mod undisturbed;

pub use replication::Replication;
