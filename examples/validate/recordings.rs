//! The tables of the page's sections on AWS Lambda.

use crate::compare::lambda::{AGED, Arrival, Confusion, KEEP_ALIVE_S, MAX_AGE_S, MEASURED, Run, Setting};
use crate::compare::rates::{MODELS, Measured, mean_errors as errors_of, measurement_error};
use crate::compare::reach;
use crate::page::{number, percent, table};
use cutover::platform::Choice;

fn keeping(keep_alive_s: u64) -> Setting {
    Setting { keep_alive_s, ..MEASURED }
}

/// Confusion tables. The rule itself stands first.
pub fn replays(runs: &[Run]) -> String {
    let newest = Setting { choose: Choice::Newest, ..MEASURED };
    let least_recent = Setting { choose: Choice::LeastRecent, ..MEASURED };
    let tried = [
        ("**640 s**", MEASURED, Arrival::Sent),
        ("540 s", keeping(540), Arrival::Sent),
        ("900 s", keeping(900), Arrival::Sent),
        ("640 s, newest first", newest, Arrival::Sent),
        ("640 s, least recent first", least_recent, Arrival::Sent),
        ("640 s, late", MEASURED, Arrival::Late),
        ("640 s, at most 2 h old", AGED, Arrival::Sent),
        ("640 s, at most 2 h old, late", AGED, Arrival::Late),
    ];
    let mut rows = Vec::new();
    for run in runs {
        for (name, setting, arrival) in tried {
            let found = run.compare(setting, arrival);
            rows.push(vec![
                run.name.to_owned(),
                name.to_owned(),
                found.both.to_string(),
                found.only_recorded.to_string(),
                found.only_simulated.to_string(),
                found.neither.to_string(),
                format!("{} / {}", found.simulated(), found.recorded()),
                percent(found.right()),
                percent(found.always_warm()),
                if reach::is_good(&found) { "yes" } else { "no" }.to_owned(),
            ]);
        }
    }
    let header = [
        "run",
        "keep-alive",
        "cold in both",
        "recorded only",
        "simulated only",
        "warm in both",
        "cold starts: simulated / recorded",
        "right",
        "always warm",
        "as asked",
    ];
    table(&header, &rows)
}

pub fn reasons(runs: &[Run]) -> String {
    let rows: Vec<_> = runs
        .iter()
        .map(|run| {
            let reasons = run.reasons();
            let counts = [reasons.recycled_early, reasons.kept_longer, reasons.arrived_later, reasons.others];
            [run.name.to_owned()].into_iter().chain(counts.map(|count| count.to_string())).collect()
        })
        .collect();
    table(&["run", "recycled early", "kept longer", "arrived later", "others"], &rows)
}

/// The best of every keep-alive, by hindsight, and which of them do what is asked.
pub fn best(runs: &[Run]) -> String {
    let mut rows = Vec::new();
    for run in runs {
        for (name, choose) in
            [("most recent", Choice::MostRecent), ("newest", Choice::Newest), ("least recent", Choice::LeastRecent)]
        {
            let tried = reach::every_keep_alive(run, choose);
            let (keep_alive_s, found) = reach::best(&tried);
            let good: Vec<_> = tried.iter().filter(|(_, found)| reach::is_good(found)).map(|&(s, _)| s).collect();
            rows.push(vec![
                run.name.to_owned(),
                name.to_owned(),
                format!("{keep_alive_s} s"),
                percent(found.right()),
                format!("{} of {}", found.both, found.recorded()),
                format!("{} / {}", found.simulated(), found.recorded()),
                ranges(&good),
            ]);
        }
    }
    let header = [
        "run",
        "idle instance taken",
        "best keep-alive",
        "right",
        "cold starts found",
        "simulated / recorded",
        "keep-alives that do what was asked",
    ];
    table(&header, &rows)
}

/// Rising numbers as ranges of neighbours.
fn ranges(rising: &[u64]) -> String {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for &s in rising {
        match ranges.last_mut() {
            Some(last) if last.1 + 1 == s => last.1 = s,
            _ => ranges.push((s, s)),
        }
    }
    let text = |(from, to): (u64, u64)| if from == to { format!("{from} s") } else { format!("{from}-{to} s") };
    let ranges: Vec<_> = ranges.into_iter().map(text).collect();
    if ranges.is_empty() { "none".to_owned() } else { ranges.join(", ") }
}

/// Wrong flags that no threshold avoids, with the recorded past given.
pub fn bounds(runs: &[Run]) -> String {
    let rows: Vec<_> = runs
        .iter()
        .map(|run| {
            let bound = reach::bound(run);
            let wrong = f64::from(bound.missed + bound.invented);
            vec![
                run.name.to_owned(),
                format!("{} s", number(bound.keep_alive_s, 4)),
                bound.missed.to_string(),
                bound.invented.to_string(),
                percent(1.0 - wrong / run.requests.len() as f64),
                percent(run.compare(MEASURED, Arrival::Sent).right()),
            ]
        })
        .collect();
    let header =
        ["run", "best threshold", "cold starts missed", "cold starts invented", "right at most", "replay at 640 s"];
    table(&header, &rows)
}

/// What the recordings say about the age of instances.
pub fn ages(runs: &[Run]) -> String {
    let rows: Vec<_> = runs
        .iter()
        .map(|run| {
            let ages = reach::ages(run);
            let old: Vec<_> = ages.recycled_s.iter().map(|age_s| format!("{age_s:.0}")).collect();
            let old = if old.is_empty() { "-".to_owned() } else { old.join(", ") };
            vec![run.name.to_owned(), format!("{:.0} s", ages.oldest_s), old, ages.unknown.to_string()]
        })
        .collect();
    table(&["run", "oldest instance that served", "recycled early, at the age of s", "at an unknown age"], &rows)
}

/// The runs as Poisson traffic, without and with an age.
pub fn poisson(runs: &[Run]) -> String {
    let mut rows = Vec::new();
    for (place, run) in (0..).zip(runs) {
        for (name, max_age_s) in [("640 s", None), ("640 s, at most 2 h old", Some(MAX_AGE_S))] {
            let run_as = run.as_poisson(place, max_age_s);
            let figures = [&run_as.cold, &run_as.instances].into_iter().flat_map(|figure| {
                [
                    number(figure.measured, 4),
                    format!("{} ± {}", number(figure.cutover, 4), number(figure.one_run, 2)),
                    format!("{:+.1} %", figure.error() * 100.0),
                ]
            });
            let labels = [run.name.to_owned(), number(run_as.rate, 4), name.to_owned()];
            rows.push(labels.into_iter().chain(figures).collect());
        }
    }
    let header = [
        "run",
        "requests/s",
        "keep-alive",
        "cold share: AWS",
        "cutover",
        "error",
        "instances: AWS",
        "cutover",
        "error",
    ];
    table(&header, &rows)
}

/// The table of 20 rates.
pub fn rates(rows: &[Measured]) -> String {
    let error = |found: f64, measured: f64| format!("{:+.1} %", (found / measured - 1.0) * 100.0);
    let cells = |measured: &Measured| {
        let row = &measured.row;
        let mut cells = vec![
            number(row.rate_per_s, 4),
            format!("{} ± {}", number(row.cold_share, 4), number(row.cold_share_se, 2)),
            number(measured.found[0].cold_share, 4),
        ];
        cells.extend(measured.found.iter().map(|found| error(found.cold_share, row.cold_share)));
        cells.extend([number(row.instances, 4), number(measured.found[0].instances, 4)]);
        cells.extend(measured.found.iter().map(|found| error(found.instances, row.instances)));
        cells
    };
    let header = [
        "requests/s",
        "cold share: AWS",
        "cutover, 600 s",
        "error, 600 s",
        "640 s",
        "640 s, 2 h",
        "instances: AWS",
        "cutover, 600 s",
        "error, 600 s",
        "640 s",
        "640 s, 2 h",
    ];
    table(&header, &rows.iter().map(cells).collect::<Vec<_>>())
}

/// The mean errors over the 20 rates, beside those of SimFaaS and of the measurement.
pub fn mean_errors(rows: &[Measured]) -> String {
    let one_decimal = |share: f64| format!("{:.1} %", share * 100.0);
    let all: Vec<_> = rows.iter().collect();
    let others: Vec<_> = rows.iter().filter(|row| !row.is_replayed()).collect();
    assert_eq!((all.len(), others.len()), (20, 17));
    let mut lines = vec![["SimFaaS, by its authors", "12.2 %", "3.1 %", "", ""].map(str::to_owned).to_vec()];
    for (place, model) in MODELS.iter().enumerate() {
        let figures = [&all, &others].map(|rows| errors_of(rows, place));
        let figures = figures.into_iter().flat_map(|(cold, instances)| [one_decimal(cold), one_decimal(instances)]);
        lines.push([format!("cutover, {}", model.name)].into_iter().chain(figures).collect());
    }
    let measured = one_decimal(measurement_error(rows));
    lines.push(vec![
        "the measurement's standard error".to_owned(),
        measured,
        String::new(),
        String::new(),
        String::new(),
    ]);
    let header = [
        "model",
        "cold share: mean error",
        "instances: mean error",
        "cold share, without the 3 runs replayed above",
        "instances, without them",
    ];
    table(&header, &lines)
}

/// Lines of the README's table.
pub fn summary(runs: &[Run], rates: &[Measured]) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> =
        runs.iter().map(|run| replayed(run.name, &run.compare(MEASURED, Arrival::Sent))).collect();
    let good = runs.iter().filter(|run| reach::is_good(&run.compare(AGED, Arrival::Late))).count();
    let aged = runs.iter().map(|run| run.compare(AGED, Arrival::Late));
    let aged: Vec<_> = aged.map(|found| format!("{} of {}", found.both, found.recorded())).collect();
    rows.push(vec![
        "the same, instances at most 2 h old, arrivals late".to_owned(),
        "AWS Lambda, the three runs".to_owned(),
        runs.iter().map(|run| run.requests.len()).sum::<usize>().to_string(),
        format!("{} cold starts found", aged.join(", ")),
        format!("{good} of {} do what was asked; chosen with hindsight", runs.len()),
    ]);
    let all: Vec<_> = rates.iter().collect();
    let of = |place| {
        let (cold, instances) = errors_of(&all, place);
        format!("{:.1} % and {:.1} %", cold * 100.0, instances * 100.0)
    };
    rows.push(vec![
        "cold share, instances at 20 rates".to_owned(),
        "AWS Lambda, measured by SimFaaS's authors".to_owned(),
        (2 * rates.len()).to_string(),
        format!("off by {} on average; with instances at most 2 h old by {}", of(0), of(2)),
        format!(
            "like SimFaaS (12.2 % and 3.1 %); the measurement's own error is {:.1} %",
            measurement_error(rates) * 100.0
        ),
    ]);
    rows
}

fn replayed(name: &str, found: &Confusion) -> Vec<String> {
    let verdict = if reach::is_good(found) {
        "does what was asked".to_owned()
    } else {
        let apart = found.simulated().abs_diff(found.recorded());
        format!("**misses**: the cold count is {apart} off, 6 was asked")
    };
    vec![
        format!("cold flags, keep-alive {KEEP_ALIVE_S} s"),
        format!("AWS Lambda, {name} 2020, replayed"),
        found.requests().to_string(),
        format!(
            "{} of {} cold starts found, {} invented; {} right (always warm: {})",
            found.both,
            found.recorded(),
            found.only_simulated,
            percent(found.right()),
            percent(found.always_warm())
        ),
        verdict,
    ]
}
