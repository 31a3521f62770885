//! The table of SimFaaS's authors: AWS Lambda measured at 20 rates, and what a model makes of the same rates.

use super::{Size, estimate, project, replicate, values, written};
use serde::Deserialize;

#[derive(Clone, Deserialize)]
pub struct Row {
    pub rate_per_s: f64,
    warm_ms: f64,
    cold_ms: f64,
    pub instances: f64,
    pub cold_share: f64,
    pub cold_share_se: f64,
}

/// A model of the platform: in words, and what `[function]` says of it.
pub struct Model {
    pub name: &'static str,
    function: &'static str,
}

/// The authors' own setting, what was measured since, and with the age that the recordings show.
pub const MODELS: [Model; 3] = [
    Model { name: "600 s, as the authors", function: r#"idle = { constant = "600s" }"# },
    Model { name: "640 s, as measured", function: r#"idle = { constant = "640s" }"# },
    Model { name: "640 s, at most 2 h old", function: r#"idle = { constant = "640s" }, max_age = "2h""# },
];

/// A model's figures at one rate.
#[derive(Clone, Copy)]
pub struct Found {
    pub cold_share: f64,
    pub instances: f64,
}

/// A measured row with what each of [`MODELS`] makes of it.
pub struct Measured {
    pub row: Row,
    pub found: Vec<Found>,
}

/// All rows, lowest rate first.
pub fn rates(size: Size) -> Vec<Measured> {
    let mut reader = csv::Reader::from_path(project("docs/validation/aws-lambda-rates.csv")).unwrap();
    let rows: Vec<Row> = reader.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 20);
    let every = size.pick(1, 4);
    let measured = rows.into_iter().enumerate().step_by(every).map(|(number, row)| {
        let find = |(place, model): (usize, &Model)| find(&row, model, size, 800 + 3 * number as u64 + place as u64);
        let found = MODELS.iter().enumerate().map(find).collect();
        Measured { row, found }
    });
    measured.collect()
}

/// Exponential durations and the newest idle instance first, as in SimFaaS; long runs, so that the error that is left
/// is the model's.
fn find(row: &Row, model: &Model, size: Size, seed: u64) -> Found {
    let (requests, replications) = size.pick((100_000.0, 6), (25_000.0, 2));
    let scenario = written(&format!(
        r#"
        title = "AWS Lambda at a rate"
        window = {{ warm_up = "4h", after = "{}s" }}
        source.web.arrivals = {{ poisson = "{:.9}/s" }}
        function = {{ {}, choose = "newest" }}
        [code]
        service = {{ exponential = {{ mean = "{:.3}ms" }} }}
        cold_service = {{ exponential = {{ mean = "{:.3}ms" }} }}
        [strategy]
        none = {{ none = {{}} }}
        "#,
        (requests / row.rate_per_s) as u64,
        row.rate_per_s,
        model.function,
        row.warm_ms,
        row.cold_ms
    ));
    let figures = replicate(&scenario, 0, seed, replications);
    let mean = |key| estimate(&values(&figures, key)).0;
    Found { cold_share: mean("cold_start_share"), instances: mean("instances_mean") }
}

impl Measured {
    /// Whether the row is one of the three runs that are also replayed.
    pub fn is_replayed(&self) -> bool {
        [0.016_384, 0.002_882, 0.007_851].iter().any(|rate| (self.row.rate_per_s - rate).abs() < 1e-6)
    }
}

/// How far a model is off on average over the rows, in parts of what was measured: in cold share, and in instances.
pub fn mean_errors(rows: &[&Measured], model: usize) -> (f64, f64) {
    let mean = |error: &dyn Fn(&Measured) -> f64| rows.iter().map(|row| error(row)).sum::<f64>() / rows.len() as f64;
    (
        mean(&|row| (row.found[model].cold_share / row.row.cold_share - 1.0).abs()),
        mean(&|row| (row.found[model].instances / row.row.instances - 1.0).abs()),
    )
}

/// The measurement's own standard error of the cold share, on average, in parts of it.
pub fn measurement_error(rows: &[Measured]) -> f64 {
    rows.iter().map(|row| row.row.cold_share_se / row.row.cold_share).sum::<f64>() / rows.len() as f64
}
