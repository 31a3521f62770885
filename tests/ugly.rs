//! Do figures keep their promise where rollouts go wrong? A smaller run of what `docs/validation.md` has in full, whose thousand
//! experiments tell 90 % from 93 % surely.

#[path = "../examples/validate/ugly/mod.rs"]
mod ugly;

const EXPERIMENTS: u64 = 250;

#[test]
fn figures_keep_their_promise_where_rollouts_go_wrong() {
    let mut broken = Vec::new();
    for row in ugly::all(EXPERIMENTS) {
        println!("{}: {:.1} % of {} {:?}", row.what, row.right * 100.0, row.experiments, row.replications);
        // Two standard errors of so few experiments.
        let error = cutover::math::sqrt(row.asked * (1.0 - row.asked) / row.experiments as f64);
        if row.right < row.asked - 2.0 * error {
            broken.push(format!("{}: {} for {}", row.what, row.right, row.asked));
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
