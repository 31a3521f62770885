//! Sessions of several requests while an alias gives the new version a weight: who sees both versions, and who sees
//! the new one and then the old one again.

use super::{Case, Comparison, Size, against, binomial, project, replicate, total, values, written};
use cutover::math;
use cutover::scenario::Scenario;
use cutover::strategy::Shift;
use serde::Deserialize;

/// People whose sessions of `session` requests are over in an instant, and who pause for 50 s in between: no session
/// lies across an edge of the window to speak of, and all see one weight.
fn people(session: u32, sticky: &str, shift: &str, sessions: u64) -> Scenario {
    const USERS: u64 = 500;
    written(&format!(
        r#"
        title = "Sessions"
        window = {{ warm_up = "100s", after = "{}s" }}
        code = {{ accepts = [1, 2], replies = [1, 2], service = {{ constant = "0s" }} }}
        function.alias_lag = {{ constant = "0s" }}
        function.init = {{ constant = "0s" }}
        [strategy]
        alias = {{ alias = {{ shift = {shift}, gateway = "none" }} }}
        [source.web.arrivals.users]
        count = {USERS}
        session = {session}
        think = "0s"
        pause = {{ uniform = ["1s", "99s"] }}
        sticky = {sticky}
        "#,
        sessions * 50 / USERS
    ))
}

fn held(weight: f64) -> String {
    format!(r#"{{ canary = {{ weight = "{:.9}%", bake = "30d" }} }}"#, weight * 100.0)
}

#[derive(Deserialize)]
struct Row {
    new_version_weight: f64,
    requests_per_session: u32,
    probability_session_sees_both_versions: f64,
    probability_first_new_second_old: Option<f64>,
}

/// New, then old: all sequences but those that turn new once, at request j, and stay.
fn flips(weight: f64, session: u32) -> f64 {
    let power = |base: f64, times: u32| (0..times).fold(1.0, |product, _| product * base);
    1.0 - (0..=session).map(|j| power(1.0 - weight, session - j) * power(weight, j)).sum::<f64>()
}

/// Sessions of k requests that are routed independently, at a weight w: 1 - w^k - (1 - w)^k see both versions.
pub fn mixed(size: Size) -> Comparison {
    let mut reader = csv::Reader::from_path(project("tests/data/version_mismatch_independent_requests.csv")).unwrap();
    let rows: Vec<Row> = reader.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 64);
    // A shift begins above 0 % and a canary stays below 100 %.
    let between = |row: &&Row| (0.001..0.999).contains(&row.new_version_weight);
    let (every, sessions, replications) = size.pick((1, 4_000, 10), (9, 1_000, 4));
    let cases = rows.iter().filter(between).step_by(every).enumerate().map(|(number, row)| {
        let (weight, session) = (row.new_version_weight, row.requests_per_session);
        let flipped = flips(weight, session);
        if let Some(printed) = row.probability_first_new_second_old {
            assert!((printed - flipped).abs() < 1e-9);
        }
        let scenario = people(session, "\"0s\"", &held(weight), sessions);
        let figures = replicate(&scenario, 0, 2_000 + number as u64, replications);
        let n = total(&figures, "sessions");
        Case {
            labels: vec![weight.to_string(), session.to_string()],
            figures: vec![
                binomial(total(&figures, "sessions_mixed"), n, row.probability_session_sees_both_versions),
                binomial(total(&figures, "sessions_flipped"), n, flipped),
            ],
        }
    });
    Comparison {
        labels: &["weight", "requests a session"],
        reference: "theory",
        figures: &["see both", "new, then old"],
        cases: cases.collect(),
    }
}

/// With a cookie on both sides the first request decides; with one for the new version only, a session turns new once
/// and stays: (1 - w) - (1 - w)^k see both.
pub fn sticky(size: Size) -> Comparison {
    // Long enough for a session, and forgotten by the next.
    const BOTH: &str = "\"500ms\"";
    const NEW: &str = r#"{ new = "500ms" }"#;
    let weights: &[f64] = size.pick(&[0.01, 0.1, 0.5, 0.9], &[0.3]);
    let (sessions, replications) = size.pick((4_000, 10), (1_000, 4));
    let mut cases = Vec::new();
    for (name, cookie) in [("both versions", BOTH), ("the new version", NEW)] {
        for &weight in weights {
            let session = 5;
            let scenario = people(session, cookie, &held(weight), sessions);
            let figures = replicate(&scenario, 0, 2_100 + cases.len() as u64, replications);
            let n = total(&figures, "sessions");
            let all_old = math::exp(f64::from(session) * math::ln(1.0 - weight));
            let both = if cookie == NEW { 1.0 - weight - all_old } else { 0.0 };
            let share = |key: &str, p| binomial(total(&figures, key), n, p);
            cases.push(Case {
                labels: vec![name.to_owned(), weight.to_string()],
                figures: vec![share("sessions_mixed", both), share("sessions_flipped", 0.0)],
            });
        }
    }
    Comparison {
        labels: &["cookie for", "weight"],
        reference: "theory",
        figures: &["see both", "new, then old"],
        cases,
    }
}

/// Seconds of pages whose page is answered by the one version and whose call, `delay_s` later, by the other: old then
/// new, and new then old. The weight is constant between stages, so the integrals are sums.
fn pairs(shift: Shift, delay_s: f64) -> (f64, f64) {
    let stages: Vec<_> = shift.stages().map(|(at, weight)| (at.seconds(), weight.as_f64())).collect();
    let weight = |t: f64| stages.iter().rev().find(|(at, _)| *at <= t).map_or(0.0, |&(_, weight)| weight);
    let mut edges: Vec<_> = stages.iter().flat_map(|&(at, _)| [at, at - delay_s]).collect();
    edges.sort_by(f64::total_cmp);
    let (mut old_new, mut new_old) = (0.0, 0.0);
    for edge in edges.windows(2) {
        let middle = (edge[0] + edge[1]) / 2.0;
        let (page, call) = (weight(middle), weight(middle + delay_s));
        old_new += (edge[1] - edge[0]) * (1.0 - page) * call;
        new_old += (edge[1] - edge[0]) * page * (1.0 - call);
    }
    (old_new, new_old)
}

/// A page and its call some seconds later, throughout a shift: expected pairs that are answered by two versions.
pub fn page_then_call(size: Size) -> Comparison {
    // By hand: 300 s x 0.1 x 0.9, and so on.
    for (name, delay_s, by_hand) in [
        ("Canary10Percent5Minutes", 0.0, (27.0, 27.0)),
        ("Canary10Percent5Minutes", 1.0, (27.91, 26.91)),
        ("Linear10PercentEvery1Minute", 0.0, (99.0, 99.0)),
    ] {
        let (old_new, new_old) = pairs(Shift::by_name(name).unwrap(), delay_s);
        assert!((old_new - by_hand.0).abs() + (new_old - by_hand.1).abs() < 1e-9, "{name}: {old_new} {new_old}");
    }
    let names = size.pick(
        &["AllAtOnce", "Canary10Percent5Minutes", "Canary10Percent15Minutes", "Linear10PercentEvery1Minute"][..],
        &["Canary10Percent5Minutes"],
    );
    let delays: &[u32] = size.pick(&[0, 1, 10, 60], &[10]);
    let mut cases = Vec::new();
    for &name in names {
        for &delay_s in delays {
            const USERS: f64 = 3_000.0;
            const PAUSE_S: f64 = 300.0;
            let scenario = written(&format!(
                r#"
                title = "Page, then call"
                window = {{ warm_up = "1200s", after = "1200s" }}
                code = {{ accepts = [1, 2], replies = [1, 2], service = {{ constant = "0s" }} }}
                function.alias_lag = {{ constant = "0s" }}
                function.init = {{ constant = "0s" }}
                [strategy]
                alias = {{ alias = {{ shift = "{name}", gateway = "none" }} }}
                [source.web.arrivals.users]
                count = {USERS}
                session = 2
                think = "{delay_s}s"
                pause = {{ exponential = {{ mean = "{PAUSE_S}s" }} }}
                "#,
            ));
            let figures = replicate(&scenario, 0, 2_200 + cases.len() as u64, size.pick(40, 10));
            let pages_per_s = USERS / (PAUSE_S + f64::from(delay_s));
            let (old_new, new_old) = pairs(Shift::by_name(name).unwrap(), delay_s.into());
            let per_page_rate = |key| -> Vec<f64> { per(&values(&figures, key), pages_per_s) };
            cases.push(Case {
                labels: vec![name.to_owned(), format!("{delay_s} s")],
                figures: vec![
                    against(&per_page_rate("sessions_mixed"), old_new + new_old),
                    against(&per_page_rate("sessions_flipped"), new_old),
                ],
            });
        }
    }
    Comparison {
        labels: &["shift", "call after"],
        reference: "theory",
        figures: &["both versions, s", "new, then old, s"],
        cases,
    }
}

fn per(values: &[f64], rate: f64) -> Vec<f64> {
    values.iter().map(|value| value / rate).collect()
}
