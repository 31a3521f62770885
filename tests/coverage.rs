//! Do intervals keep their promise? A thousand independent experiments whose true answer is known exactly: 95 %
//! intervals must cover it in 93 % to 97 % of them. The figures stand in `docs/validation.md`.

mod common;
#[path = "../examples/validate/coverage.rs"]
mod coverage;

const EXPERIMENTS: u64 = 1_000;

fn print(rows: &[coverage::Row]) {
    for row in rows {
        println!("{}, {:.0} replications: {:.1} %", row.what, row.replications, row.covered * 100.0);
    }
}

#[test]
fn student_s_intervals_cover_the_mismatch_integral() {
    let rows = coverage::student(EXPERIMENTS);
    print(&rows);
    assert!((0.93..=0.97).contains(&rows[0].covered));
}

#[test]
fn so_does_the_sequential_rule() {
    let rows = coverage::sequential(EXPERIMENTS);
    print(&rows);
    assert!(rows[0].replications > 25.0, "it does not stop at the first look as a rule");
    assert!((0.93..=0.97).contains(&rows[0].covered));
    // And the half-width wanted is an upper bound of the true relative error as often.
    assert!(rows[1].covered >= 0.93);
}

#[test]
fn rare_counts_are_covered_where_student_t_would_not_do() {
    let rows = coverage::rare(EXPERIMENTS);
    print(&rows);
    assert!(rows[0].covered >= 0.93);
    assert!(rows[1].covered >= 0.93);
    assert!(rows[2].covered < 0.93, "Student's t would have done");
}

#[test]
fn pairing_cuts_the_variance_of_close_strategies_tenfold() {
    let gain = coverage::pairing();
    println!("canary 10 % against 12 %, mismatched requests: pairing cuts the variance {gain:.0} times");
    assert!(gain >= 10.0, "{gain}");
}
