//! The formats of files with recorded traffic: how each is known, and how it is read.

mod json;
mod prometheus;
mod report;
mod table;

pub(super) use table::Table;

use super::TraceError;
use super::file::Lines;
use super::recording::Intake;
use super::row::{UNITS, Unit};
use crate::time::Span;
use std::path::PathBuf;

/// What a file is, which says where its times stand and what they are of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Format {
    /// A table with any delimiter, a row a request or a row a bin.
    Csv,
    /// Access logs of AWS's Application Load Balancers.
    Alb,
    /// Access logs of nginx and Apache, combined or common.
    Combined,
    /// CloudFront's standard logs, and others in W3C's extended format.
    Cloudfront,
    /// Results of k6, as CSV or as JSON.
    K6,
    /// JMeter's results as CSV.
    Jmeter,
    /// Locust's statistics over time.
    Locust,
    /// Results of hey as CSV.
    Hey,
    /// A panel's data, exported from Grafana as CSV.
    GrafanaCsv,
    /// The answer to a range query of Prometheus.
    PrometheusRange,
    /// REPORT lines of AWS Lambda, from CloudWatch in any of its forms.
    LambdaReport,
    /// Microsoft's traces of Azure Functions, of 2019 and of 2021.
    AzureFunctions,
    /// Microsoft's traces of language models.
    AzureLlm,
}

impl Format {
    /// All of them, by the names that scenarios use.
    pub(super) const ALL: [(&str, Self); 13] = [
        ("csv", Self::Csv),
        ("alb", Self::Alb),
        ("combined", Self::Combined),
        ("cloudfront", Self::Cloudfront),
        ("k6", Self::K6),
        ("jmeter", Self::Jmeter),
        ("locust", Self::Locust),
        ("hey", Self::Hey),
        ("grafana-csv", Self::GrafanaCsv),
        ("prometheus-range", Self::PrometheusRange),
        ("lambda-report", Self::LambdaReport),
        ("azure-functions", Self::AzureFunctions),
        ("azure-llm", Self::AzureLlm),
    ];

    /// As scenarios write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }
}

/// A file with recorded traffic, and what is known about it; what is not is guessed from the file.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Wanted {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub format: Option<Format>,
    /// The column of times.
    pub time: Option<String>,
    /// How times are written.
    pub unit: Option<Notation>,
    /// What the times are of.
    pub stamp: Option<Stamp>,
    /// The column of durations; within, `None` for none at all.
    pub duration: Option<Option<String>>,
    /// The column of numbers of requests; within, `None` where every row is a request.
    pub count: Option<Option<String>>,
    /// What these numbers are.
    pub value: Option<Value>,
    /// What an empty field of them means.
    pub empty: Empty,
    /// The columns of the first and of the last bin, where every column is a bin.
    pub columns: Option<(String, String)>,
    /// How long a bin is.
    pub bin: Option<Span>,
    /// Whether requests that are stamped with whole seconds stay on them.
    pub on_the_second: bool,
    /// Columns and what must stand in them for a row to be read; `*` for anything.
    pub only: Vec<(String, String)>,
}

impl Wanted {
    /// A file of which nothing is known.
    #[must_use]
    pub fn of(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            format: None,
            time: None,
            unit: None,
            stamp: None,
            duration: None,
            count: None,
            value: None,
            empty: Empty::Skip,
            columns: None,
            bin: None,
            on_the_second: false,
            only: Vec::new(),
        }
    }
}

/// How times are written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Notation {
    /// As numbers of a unit.
    Number(Unit),
    /// As dates whose day comes before the month, where either might.
    DayFirst,
    /// As dates whose month comes first.
    MonthFirst,
}

/// The ways to write times, by name.
pub(super) const NOTATIONS: [(&str, Notation); 8] = [
    ("ns", Notation::Number(UNITS[0])),
    ("us", Notation::Number(UNITS[1])),
    ("ms", Notation::Number(UNITS[2])),
    ("s", Notation::Number(UNITS[3])),
    ("min", Notation::Number(UNITS[4])),
    ("h", Notation::Number(UNITS[5])),
    ("day-first", Notation::DayFirst),
    ("month-first", Notation::MonthFirst),
];

/// What the times of requests are of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Stamp {
    /// Their arrival.
    Start,
    /// Their end; they arrived a duration before.
    End,
}

/// What numbers of requests are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Value {
    /// So many requests in the bin.
    Count,
    /// So many a second on average over the bin.
    Rate,
    /// All requests so far: the differences are those of the bins.
    Total,
}

/// What an empty field means where a number of requests should stand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Empty {
    /// No request.
    Zero,
    /// Nothing is known: the row is passed over.
    Skip,
    /// It is a mistake.
    Refuse,
}

/// What was found out about a file, for whoever has it in front of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// What the file is.
    pub format: &'static str,
    /// Where its times are from and how they are written.
    pub times: String,
    /// Where its numbers of requests are from, and what they are.
    pub counts: Option<String>,
    /// What is made of durations, if there are any.
    pub durations: Option<String>,
    /// What else has been decided.
    pub besides: Vec<String>,
}

/// Reads a whole file into `intake`.
pub(super) fn read(wanted: &Wanted, lines: &mut Lines, intake: &mut Intake) -> Result<Found, TraceError> {
    let head = lines.head()?;
    if head.iter().all(u8::is_ascii_whitespace) {
        return Err(TraceError::Empty);
    }
    let sample = Sample::of(head);
    match wanted.format.or_else(|| sample.guess()) {
        Some(Format::PrometheusRange) => prometheus::read(wanted, lines, intake),
        Some(Format::LambdaReport) => report::read(wanted, lines, intake),
        Some(Format::K6) if sample.is_json() => json::k6(wanted, lines, intake),
        format if sample.is_json() && format.is_none_or(|format| format == Format::Csv) => Err(TraceError::Unfit {
            reason: "this JSON is of no kind that is read".to_owned(),
            cure:
                "results of k6, range queries of Prometheus and events of CloudWatch are; export others as CSV with a \
                   header"
                    .to_owned(),
        }),
        format => Table::of(wanted, format, &sample)?.read(lines, intake),
    }
}

/// The first lines of a file.
pub(super) struct Sample {
    /// With their numbers, empty ones left out.
    pub lines: Vec<(u64, Vec<u8>)>,
}

impl Sample {
    /// How many lines are looked at.
    const MOST: usize = 1_000;

    fn of(head: &[u8]) -> Self {
        let mark = if head.contains(&b'\n') { b'\n' } else { b'\r' };
        let mut lines: Vec<_> = (1..)
            .zip(head.split(|&byte| byte == mark))
            .map(|(number, line)| (number, line.strip_suffix(b"\r").unwrap_or(line).to_vec()))
            .take(Self::MOST)
            .collect();
        // Of a longer text the last line is not whole.
        if head.len() >= 1 << 16 && lines.len() > 1 && lines.len() < Self::MOST {
            lines.pop();
        }
        lines.retain(|(_, line)| !line.iter().all(u8::is_ascii_whitespace));
        Self { lines }
    }

    fn is_json(&self) -> bool {
        let first = self.lines.first().map_or(&b""[..], |(_, line)| line.trim_ascii_start());
        first.starts_with(b"{") || first.starts_with(b"[{") || first.starts_with(b"[[") || first == b"["
    }

    fn any(&self, test: impl Fn(&str) -> bool) -> bool {
        self.lines.iter().any(|(_, line)| test(&String::from_utf8_lossy(line)))
    }

    /// What the file is, as far as its first lines tell.
    fn guess(&self) -> Option<Format> {
        if self.is_json() {
            let has = |word: &str| self.any(|line| line.contains(word));
            return match () {
                () if has("\"resultType\"") || has("\"errorType\"") => Some(Format::PrometheusRange),
                () if has("REPORT RequestId:") || has("platform.report") || has("\"events\"") => {
                    Some(Format::LambdaReport)
                }
                () if has("\"metric\"") && has("\"data\"") => Some(Format::K6),
                () if has("START RequestId:") || has("INIT_START") || has("platform.") => Some(Format::LambdaReport),
                () => None,
            };
        }
        let report = |line: &str| line.contains("platform.report") && line.contains("durationMs");
        if self.any(|line| line.contains("REPORT RequestId:") || report(line)) {
            return Some(Format::LambdaReport);
        }
        if self.lines.iter().any(|(_, line)| line.starts_with(b"#Fields:")) {
            return Some(Format::Cloudfront);
        }
        let log = table::KNOWN.iter().find(|known| known.looks.is_some_and(|looks| self.is_log(looks)));
        log.map(|log| log.format)
    }

    /// Whether lines look like those of a log: there may be much dirt among them.
    fn is_log(&self, looks: fn(&str) -> bool) -> bool {
        let like = self.lines.iter().filter(|(_, line)| looks(&String::from_utf8_lossy(line))).count();
        like * 5 > self.lines.len()
    }
}
