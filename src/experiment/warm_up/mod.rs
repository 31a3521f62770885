//! Whether the warm-up is long enough, and how long it must be.
//!
//! A warm-up is long enough once the number of instances at t = 0 no longer depends on how it began. Pilot runs, with
//! nothing deployed, ask just that: one begins with the warm-up, the other long before it, and both face the same
//! requests and the same draws. Where they have become the same run by t = 0, the beginning is forgotten (coupled runs
//! that have met stay together: Propp and Wilson, "Exact sampling with coupled Markov chains", Random Structures and
//! Algorithms 9, 1996). That holds for traffic that changes over the day just as for steady traffic, which rules that
//! look for a level place in one series (MSER-5: White, Cobb and Spratt, Winter Simulation Conference 2000) cannot
//! tell from a transient. `docs/warm-up.md` has the rule, what it cannot see, and how often it is right.

mod check;
mod compare;
mod find;
mod memory;
mod pilot;

pub use check::check;
pub use find::{FindError, find};
