//! Any bytes as a scenario file: refused with a reason and a cure, or simulated without loss and written without panic.
#![no_main]

use cutover::report::text::look::{Look, Notes};
use cutover::report::files::{csv, json};
use cutover::report::text::table;
use cutover::scenario::{self, Diagnostics, Options};
use cutover_fuzz::{conserves, file, is_small, results};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|content: &[u8]| {
    // What scenarios may refer to.
    let _trace = file("t.csv", b"t_s,n\n0,1\n1.5,2\n20,3\n");
    match scenario::load(&[file("fuzzed.toml", content)], &Options::default()) {
        Err(mistakes) => said(&mistakes),
        Ok(scenarios) => {
            for scenario in scenarios.iter().filter(|scenario| is_small(scenario)) {
                conserves(scenario);
                let Some(results) = results(scenario) else { continue };
                csv::FILES.iter().for_each(|(_, write)| assert!(!write(&results).is_empty()));
                let of = &results.scenarios[0];
                let look = Look { width: 40, notes: Notes::All, ..Look::default() };
                assert!(!table::text(of, results.seed, results.confidence, None, &look).is_empty());
                assert!(!table::markdown(of, results.seed, results.confidence, None, &look).is_empty());
                assert!(!json::text(&json::figures(&results)).is_empty());
            }
        }
    }
});

/// A refusal must say something.
fn said(mistakes: &Diagnostics) {
    for styled in [false, true] {
        assert!(mistakes.render(styled).lines().count() > 1, "a mistake without reason and cure");
    }
}
