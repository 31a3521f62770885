//! Intervals at a stop that the values themselves decided: `--precision`.

use super::laws::{self, Chance, Law};
use super::{CONFIDENCE, LIMIT, REPLICATIONS, Row, case, covers, settings};
use cutover::experiment::infer::estimate::estimate;
use cutover::experiment::settings::{Goal, Width};
use cutover::experiment::{self, Precision, Sample, Settings};
use cutover::metrics::{Kind, Metric};
use cutover::results::{Estimate, Method};
use rand_xoshiro::rand_core::SeedableRng;

/// What `--max-replications` is where it is not given.
const MOST: u32 = 1_000;

fn precision(kind: Kind, width: Width) -> Precision {
    Precision { goals: vec![Goal { metric: Metric { kind, version: None }, width }], most: MOST }
}

/// The estimate of a metric at the stop; whether load feeds back, so that rollouts may go wrong as a whole.
fn stopped(law: Law, width: Width, feeds_back: bool, seed: u64) -> Estimate {
    let (metrics, precision) = (laws::metrics(law.kind), precision(law.kind, width));
    let mut chance = Chance::seed_from_u64(seed);
    let (mut rows, mut wanted) = (Vec::new(), precision.first());
    loop {
        rows.extend((rows.len()..wanted as usize).map(|_| law.row(&mut chance)));
        let sample = Sample::new(&rows, &[1.0], &metrics).stopped(true).fed_back(feeds_back);
        match precision.next(&[sample], CONFIDENCE) {
            Some(more) => wanted = more,
            None => return estimate(sample, laws::PLACE, CONFIDENCE),
        }
    }
}

/// A row of what was found at the stops.
fn row(what: &'static str, asked: f64, truth: f64, found: impl Iterator<Item = Estimate>) -> Row {
    let found: Vec<Estimate> = found.collect();
    let stopped = found.iter().map(|found| f64::from(found.replications)).sum::<f64>() / found.len() as f64;
    let right = found.iter().map(|found| covers(found, truth));
    Row { replications: Some(stopped), ..super::row(what, asked, right) }
}

/// Sample paths of laws, and bursts at a limit.
pub fn all(count: u64, unserved: f64) -> Vec<Row> {
    use Width::{Absolute, Relative};
    let path = |what, asked, law: Law, width| {
        let found = (0..count).map(|seed| stopped(law, width, false, seed));
        row(what, asked, law.mean, found.filter(|found| found.method != Method::NoneSeen))
    };
    let whole = (0..count).map(|seed| stopped(laws::FIFTIETH, Absolute(0.05), true, seed));
    let scenario = case(LIMIT, REPLICATIONS);
    let asked = precision(Kind::UnservedShare, Relative(0.5));
    let bursts = (1..=count / 5).map(|seed| {
        let settings = Settings { precision: Some(asked.clone()), ..settings(seed) };
        let results = experiment::run(std::slice::from_ref(&scenario), &settings, None, &|_| ()).unwrap();
        results.scenarios[0].estimate(0, "unserved_share")
    });
    vec![
        path("a stop at ± 10 % of a lognormal mean, sigma 0.5", 0.93, laws::HALF, Relative(0.1)),
        path("a stop at ± 50 % of a lognormal mean, sigma 1.5", 0.9, laws::HEAVY, Relative(0.5)),
        path("a stop at ± 2 of the same (3.08)", 0.9, laws::HEAVY, Absolute(2.0)),
        path("a stop at ± 1 of the same", 0.9, laws::HEAVY, Absolute(1.0)),
        path("a stop at ± 50 %: a rollout in 10 loses a part", 0.93, laws::TENTH, Relative(0.5)),
        path("a stop at ± 5 % of requests: the same, where any was seen", 0.93, laws::TENTH, Absolute(0.05)),
        path(
            "a stop at ± 2 %: a rollout in 50 loses everything, where any was seen",
            0.93,
            laws::FIFTIETH,
            Absolute(0.02),
        ),
        row("a stop at ± 5 %: the same, where load feeds back, any seen or none", 0.95, laws::FIFTIETH.mean, whole),
        row("a stop at ± 50 %: the share unserved of bursts at a limit", 0.9, unserved, bursts),
    ]
}
