//! cutover: a discrete-event simulator of rolling deployments.
//!
//! While a new version goes live, a distributed system is briefly two systems. cutover simulates event sources, a
//! gateway, versioned instance pools and a deployment strategy over virtual time, and measures what users would see:
//! requests that reach the wrong version, cold starts, reclaimed instances, latency, duration.
//!
//! The command line is documented in the README. As a library: load a scenario with [`scenario::load`], simulate it
//! with [`experiment::run`], and write the results with [`report`].

pub mod cli;
pub mod controller;
pub mod cure;
pub mod dist;
pub mod engine;
pub mod experiment;
pub mod faults;
pub mod idle;
pub mod ids;
pub mod math;
pub mod metrics;
pub mod platform;
pub mod random;
pub mod report;
pub mod results;
pub mod scenario;
pub mod shown;
pub mod source;
pub mod stats;
pub mod strategy;
pub mod text;
pub mod time;
pub mod units;
