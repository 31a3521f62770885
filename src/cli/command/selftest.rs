//! `cutover selftest`: does this build, on this machine, draw the pinned numbers?

use crate::cli::{Failure, say};
use crate::dist::{Law, Lognormal};
use crate::random::Seed;
use crate::time::Span;
use clap::Args;
use rand_distr::Distribution;

const EXAMPLE: &str = "\
Before figures of this build are compared with another's:

  cutover selftest

Exit codes: 0 as pinned; 3 this build draws other numbers.";

/// Check that this build draws the same numbers as every other on this machine.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Selftest;

/// How many draws of each law are hashed.
const DRAWS: u64 = 3_000_000;

impl Selftest {
    pub fn run(&self) -> Result<(), Failure> {
        let mut wrong = Vec::new();
        for (name, law, pinned) in pinned() {
            let drawn = hash(&law);
            let verdict = if drawn == pinned { "as pinned" } else { "NOT AS PINNED" };
            say(&format!("{name}: {DRAWS} draws, hash {drawn}: {verdict}\n"))?;
            if drawn != pinned {
                wrong.push(name);
            }
        }
        if wrong.is_empty() {
            return Ok(());
        }
        Err(Failure::Unfinished(format!(
            "{} drew other numbers than everywhere else; results of this build cannot be compared with others'",
            wrong.join(", ")
        )))
    }
}

/// Every law and the hash of its draws. A change here is a value-breaking change and belongs into the changelog.
fn pinned() -> Vec<(&'static str, Law, &'static str)> {
    let s = Span::from_s;
    let mut laws = vec![
        ("constant", Law::Constant(s(2)), "6c86349bc9ad7ac5"),
        ("uniform", Law::Uniform { low: s(5), high: s(7) }, "d94f13a3c5cd8556"),
        ("exponential", Law::Exponential { mean: s(2) }, "689794d17ae3aa42"),
    ];
    if let Some(law) = Lognormal::new(s(38), s(210)) {
        laws.push(("lognormal", Law::Lognormal(law), "6b206368e6a69ea1"));
    }
    laws
}

/// The beginning of the BLAKE3 hash of the draws, in nanoseconds, little-endian.
fn hash(law: &Law) -> String {
    let stream = Seed { seed: 20_230_801, replication: 0 }.stream("selftest", "law");
    let mut hasher = blake3::Hasher::new();
    for index in 0..DRAWS {
        hasher.update(&law.sample(&mut stream.at(index, 0)).ns().to_le_bytes());
    }
    hasher.finalize().to_hex()[..16].to_owned()
}
