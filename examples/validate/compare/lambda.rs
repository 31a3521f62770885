//! Three recorded runs against the real AWS Lambda: replayed request by request, and as Poisson traffic of their rate.

use super::{estimate, load, project, replicate, student_t, values, written};
use cutover::dist::Law;
use cutover::experiment::Replication;
use cutover::idle::Idle;
use cutover::platform::Choice;
use cutover::random::Seed;
use cutover::scenario::Scenario;
use cutover::time::Span;
use serde::Deserialize;
use std::collections::BTreeMap;

const FOLDER: &str = "docs/validation/aws-lambda-2020";

/// Between the longest idle gap that an instance survived and the shortest that it did not, as probed by the authors.
pub const KEEP_ALIVE_S: u64 = 640;

/// The age at which instances go, in whole hours: in three runs none began a request beyond 2 h 2 min 8 s.
pub const MAX_AGE_S: u64 = 7_200;

#[derive(Clone, Deserialize)]
pub struct Request {
    pub t_s: f64,
    latency_ms: f64,
    lambda_ms: f64,
    pub cold: u8,
    pub instance: u32,
}

impl Request {
    pub fn end_s(&self) -> f64 {
        self.t_s + self.lambda_ms / 1e3
    }
}

/// A recorded run.
pub struct Run {
    pub name: &'static str,
    file: &'static str,
    pub requests: Vec<Request>,
}

/// A model of the platform.
#[derive(Clone, Copy)]
pub struct Setting {
    pub keep_alive_s: u64,
    pub choose: Choice,
    pub max_age_s: Option<u64>,
}

/// The measured keep-alive, nothing fitted.
pub const MEASURED: Setting = Setting { keep_alive_s: KEEP_ALIVE_S, choose: Choice::MostRecent, max_age_s: None };

/// The same with the greatest age that the recordings show.
pub const AGED: Setting = Setting { max_age_s: Some(MAX_AGE_S), ..MEASURED };

/// A recorded run, ready to be replayed under any setting.
pub struct Replay {
    scenario: Scenario,
    recorded: Vec<bool>,
}

/// When a request is taken to have reached the function.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// When the client sent it.
    Sent,
    /// When the client sent it, and all the latency beyond the function's own time later. Which part of that is the
    /// way back is not recorded.
    Late,
}

/// A replay beside its recording: how many requests were cold in neither, and so on.
#[derive(Default)]
pub struct Confusion {
    pub both: u32,
    pub only_recorded: u32,
    pub only_simulated: u32,
    pub neither: u32,
}

impl Confusion {
    pub fn requests(&self) -> u32 {
        self.both + self.only_recorded + self.only_simulated + self.neither
    }

    pub fn recorded(&self) -> u32 {
        self.both + self.only_recorded
    }

    pub fn simulated(&self) -> u32 {
        self.both + self.only_simulated
    }

    /// The share of requests with the right cold flag.
    pub fn right(&self) -> f64 {
        f64::from(self.both + self.neither) / f64::from(self.requests())
    }

    /// What a model that never starts anything would reach.
    pub fn always_warm(&self) -> f64 {
        1.0 - f64::from(self.recorded()) / f64::from(self.requests())
    }
}

/// Why recording and replay differ, as far as the recording tells.
#[derive(Default)]
pub struct Reasons {
    /// Recorded cold, though an instance had been idle for less than the keep-alive and nothing else was in progress.
    pub recycled_early: u32,
    /// Recorded warm, on an instance that had been idle for longer than the keep-alive.
    pub kept_longer: u32,
    /// Recorded warm, on an instance that was still busy when the request was sent.
    pub arrived_later: u32,
    /// The others: close to another request, or after-effects of the above.
    pub others: u32,
}

pub fn runs() -> Vec<Run> {
    [
        ("26 May", "lambda-2020-05-26_01-31-35.csv"),
        ("6 June", "lambda-2020-06-06_22-39-19.csv"),
        ("18 June", "lambda-2020-06-18_23-36-37.csv"),
    ]
    .into_iter()
    .map(|(name, file)| {
        let mut reader = csv::Reader::from_path(project(FOLDER).join(file)).unwrap();
        Run { name, file, requests: reader.deserialize().map(Result::unwrap).collect() }
    })
    .collect()
}

impl Run {
    /// The recorded requests in the order in which they arrive.
    fn arriving(&self, arrival: Arrival) -> Vec<Request> {
        let mut requests = self.requests.clone();
        if arrival == Arrival::Late {
            for request in &mut requests {
                request.t_s += (request.latency_ms - request.lambda_ms) / 1e3;
            }
            requests.sort_by(|a, b| a.t_s.total_cmp(&b.t_s));
        }
        requests
    }

    /// The shipped replay of this run.
    pub fn replay(&self, arrival: Arrival) -> Replay {
        let rows = self.arriving(arrival);
        let late = tempfile::NamedTempFile::new().unwrap();
        let file = match arrival {
            Arrival::Sent => self.file,
            Arrival::Late => {
                let rows = rows.iter().map(|request| format!("{:.6},{}\n", request.t_s, request.lambda_ms));
                std::fs::write(&late, format!("t_s,lambda_ms\n{}", rows.collect::<String>())).unwrap();
                late.path().to_str().unwrap()
            }
        };
        let trace = format!("source.recorded.arrivals.trace.file={file:?}");
        let scenario = load(&project(FOLDER).join("replay.toml"), &[&trace]);
        let left_out = scenario.notes.iter().any(|note| note.contains("lie outside") || note.contains("passed over"));
        assert!(!left_out, "every request is replayed: {:?}", scenario.notes);
        Replay { scenario, recorded: rows.iter().map(|request| request.cold == 1).collect() }
    }

    pub fn compare(&self, setting: Setting, arrival: Arrival) -> Confusion {
        self.replay(arrival).compare(setting)
    }

    pub fn reasons(&self) -> Reasons {
        let mut reasons = Reasons::default();
        // When each recorded instance was last free, and when the last of all requests so far ended.
        let (mut free_s, mut all_free_s) = (BTreeMap::new(), 0.0_f64);
        for (request, simulated) in self.requests.iter().zip(self.replay(Arrival::Sent).flags(MEASURED)) {
            if simulated != (request.cold == 1) {
                let idle_s = free_s.get(&request.instance).map(|free_s| request.t_s - free_s);
                *match idle_s {
                    None if request.t_s > all_free_s => &mut reasons.recycled_early,
                    Some(idle_s) if idle_s > KEEP_ALIVE_S as f64 => &mut reasons.kept_longer,
                    Some(idle_s) if idle_s <= 0.0 => &mut reasons.arrived_later,
                    _ => &mut reasons.others,
                } += 1;
            }
            free_s.insert(request.instance, request.end_s());
            all_free_s = all_free_s.max(request.end_s());
        }
        reasons
    }

    /// The run as its authors model it: Poisson traffic of the run's rate, the mean warm and cold durations.
    pub fn as_poisson(&self, number: u64, max_age_s: Option<u64>) -> AsPoisson {
        let span_s = self.requests.last().unwrap().t_s;
        let mean_ms = |cold: u8| {
            let of: Vec<_> = self.requests.iter().filter(|request| request.cold == cold).collect();
            of.iter().map(|request| request.lambda_ms).sum::<f64>() / of.len() as f64
        };
        let rate = self.requests.len() as f64 / span_s;
        let max_age = max_age_s.map_or("\"never\"".to_owned(), |age_s| format!("\"{age_s}s\""));
        let scenario = written(&format!(
            r#"
            title = "AWS Lambda as Poisson traffic"
            window = {{ warm_up = "6h", after = "{span_s}s" }}
            source.web.arrivals = {{ poisson = "{rate:.9}/s" }}
            code = {{ service = {{ constant = "{:.3}ms" }}, cold_service = {{ constant = "{:.3}ms" }} }}
            function = {{ idle = {{ constant = "{KEEP_ALIVE_S}s" }}, max_age = {max_age} }}
            strategy.none.none = {{}}
            "#,
            mean_ms(0),
            mean_ms(1)
        ));
        let figures = replicate(&scenario, 0, 700 + number, 100);
        let cold = self.requests.iter().filter(|request| request.cold == 1).count();
        AsPoisson {
            rate,
            cold: Measured::new(cold as f64 / self.requests.len() as f64, &values(&figures, "cold_start_share")),
            instances: Measured::new(self.instances(span_s), &values(&figures, "instances_mean")),
        }
    }

    /// The recorded instances alive on average, each from its first request until the keep-alive after its last.
    fn instances(&self, span_s: f64) -> f64 {
        let mut alive: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
        for request in &self.requests {
            let end_s = (request.end_s() + KEEP_ALIVE_S as f64).min(span_s);
            alive.entry(request.instance).or_insert((request.t_s, end_s)).1 = end_s;
        }
        alive.values().map(|(from_s, to_s)| to_s - from_s).sum::<f64>() / span_s
    }
}

impl Replay {
    /// The simulated cold flags, in the order of arrival.
    pub fn flags(&self, setting: Setting) -> Vec<bool> {
        let mut scenario = self.scenario.clone();
        scenario.service.function.choose = setting.choose;
        let constant = |s| Law::Constant(Span::from_s(s));
        for release in &mut scenario.service.releases {
            release.idle = Idle::After(constant(setting.keep_alive_s));
            release.max_age = setting.max_age_s.map(constant);
        }
        let seed = Seed { seed: 1, replication: 0 };
        let (_, mut attempts) = Replication::watched(&scenario, &scenario.strategies[0], seed, Vec::new()).unwrap();
        attempts.sort_by_key(|attempt| attempt.index);
        attempts.iter().map(|attempt| attempt.cold).collect()
    }

    pub fn compare(&self, setting: Setting) -> Confusion {
        let mut confusion = Confusion::default();
        for (&recorded, simulated) in self.recorded.iter().zip(self.flags(setting)) {
            *match (recorded, simulated) {
                (true, true) => &mut confusion.both,
                (true, false) => &mut confusion.only_recorded,
                (false, true) => &mut confusion.only_simulated,
                (false, false) => &mut confusion.neither,
            } += 1;
        }
        confusion
    }
}

/// A recorded run as Poisson traffic.
pub struct AsPoisson {
    pub rate: f64,
    pub cold: Measured,
    pub instances: Measured,
}

/// A measured figure beside the mean of our replications, and by how much one more replication may differ from it.
pub struct Measured {
    pub measured: f64,
    pub cutover: f64,
    pub one_run: f64,
}

impl Measured {
    fn new(measured: f64, values: &[f64]) -> Self {
        let (cutover, error) = estimate(values);
        let one_run = student_t(values.len()) * error * libm::sqrt(values.len() as f64 + 1.0);
        Self { measured, cutover, one_run }
    }

    /// The difference in parts of the measured figure.
    pub fn error(&self) -> f64 {
        self.cutover / self.measured - 1.0
    }
}
