//! Two seeds a run: one that is always the same, so that a run can be trusted to test what the last one did, and one
//! that nobody has tried, so that the tests do not grow blind. Where a test fails, its seed is said:
//! `CUTOVER_TEST_SEED=N cargo test ...` tries that one alone.

use std::hash::{BuildHasher, Hasher, RandomState};

const VARIABLE: &str = "CUTOVER_TEST_SEED";

/// Runs a test with `fixed` and with a fresh seed, or with the one that is asked for.
pub fn each(fixed: u64, test: impl Fn(u64)) {
    let seeds = match std::env::var(VARIABLE) {
        Ok(asked) => vec![asked.parse().unwrap_or_else(|_| panic!("{VARIABLE}={asked} is no whole number"))],
        Err(_) => vec![fixed, fresh()],
    };
    for seed in seeds {
        let _said = Said(seed);
        test(seed);
    }
}

/// What the system gives a process to hash by: as good as any number nobody has chosen.
fn fresh() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Says on failure how to repeat it.
struct Said(u64);

impl Drop for Said {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let thread = std::thread::current();
            let (file, test) = (env!("CARGO_CRATE_NAME"), thread.name().unwrap_or_default());
            eprintln!("to repeat: {VARIABLE}={} cargo test --test {file} {test}", self.0);
        }
    }
}
