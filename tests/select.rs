//! `cutover select`: the promise of a selection, and the command as a script sees it.
//!
//! `CUTOVER_EXPERIMENTS=1000 cargo test --release --test select promise -- --nocapture` prints the figures that stand in
//! `docs/statistics.md`.

mod common;
#[path = "../examples/validate/selection.rs"]
mod selection;

#[test]
fn selections_keep_their_promise_in_the_hardest_configurations() {
    let count = std::env::var("CUTOVER_EXPERIMENTS").map_or(60, |count| count.parse().unwrap());
    for measure in selection::ALL {
        let row = measure(count);
        println!(
            "{}: {:.1} % right, {:.1} % undecided of {}; {:.0} runs, {:.0} with as many for each",
            row.what,
            row.right * 100.0,
            row.undecided * 100.0,
            row.experiments,
            row.spent,
            row.equal
        );
        // At 0.95 a right rule falls below this less than once in a thousand times.
        let slack = 3.1 * (0.05_f64 * 0.95 / row.experiments as f64).sqrt();
        assert!(row.right >= selection::CONFIDENCE - slack, "{row:?}");
        assert!(row.spent < row.equal, "{row:?}");
    }
}
