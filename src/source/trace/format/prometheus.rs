//! The answer of Prometheus to a range query: series of samples at even times, in one JSON document.

use super::{Empty, Found, Value, Wanted};
use crate::source::trace::TraceError;
use crate::source::trace::file::Lines;
use crate::source::trace::recording::{Intake, Kind};
use crate::units::grouped;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;

/// How large an answer may be, in bytes. Prometheus itself gives 11,000 samples of a series at most.
const LARGEST: u64 = 64 << 20;

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(default, borrow)]
    status: Cow<'a, str>,
    #[serde(default, borrow)]
    error: Cow<'a, str>,
    data: Option<Data<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    #[serde(borrow)]
    result_type: Cow<'a, str>,
    #[serde(borrow)]
    result: Vec<Series<'a>>,
}

#[derive(Deserialize)]
struct Series<'a> {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    #[serde(default, borrow)]
    values: Vec<(f64, Cow<'a, str>)>,
}

impl Series<'_> {
    /// Whether it only ever grows, or begins anew from nothing: what a counter does.
    fn is_counter(&self) -> bool {
        let numbers: Vec<f64> = self.values.iter().filter_map(|(_, value)| value.parse().ok()).collect();
        let falls = numbers.windows(2).filter(|pair| pair[1] < pair[0]).count();
        let grows = numbers.windows(2).filter(|pair| pair[1] > pair[0]).count();
        let named =
            self.metric.get("__name__").is_some_and(|name| name.ends_with("_total") || name.ends_with("_count"));
        match named {
            true => numbers.len() > 1 && falls * 10 <= numbers.len(),
            false => numbers.len() >= 10 && falls == 0 && grows * 2 > numbers.len(),
        }
    }
}

/// Reads all samples of the series that are asked for; those of one time are summed.
pub(super) fn read(wanted: &Wanted, lines: &mut Lines, intake: &mut Intake) -> Result<Found, TraceError> {
    let mut text = Vec::new();
    let read = lines.document().take(LARGEST + 1).read_to_end(&mut text);
    read.map_err(|error| lines.failed(error, 0))?;
    if text.len() as u64 > LARGEST {
        return Err(unfit("this answer is larger than 64 MiB".to_owned(), "ask for one series: sum(rate(NAME[1m]))"));
    }
    let answer: Answer = serde_json::from_slice(&text).map_err(|error| {
        unfit(format!("this is no whole answer of Prometheus: {error}"), "ask again: curl .../api/v1/query_range?...")
    })?;
    let Some(Data { result_type, mut result }) = answer.data else {
        let said = if answer.error.is_empty() { answer.status } else { answer.error };
        return Err(unfit(format!("this answer of Prometheus has no data: {said}"), "mend the query, and ask again"));
    };
    if result_type != "matrix" {
        let reason = format!("this answer of Prometheus is a {result_type}, of one instant");
        return Err(unfit(reason, "ask for a range: /api/v1/query_range with start, end and step"));
    }
    let asked = |series: &Series| {
        let has = |(label, wanted): &(String, String)| {
            series.metric.get(label).is_some_and(|value| super::table::matches(wanted, Cow::Borrowed(value)))
        };
        wanted.only.iter().all(has)
    };
    let all: usize = result.iter().map(|series| series.values.len()).sum();
    result.retain(asked);
    let kept: usize = result.iter().map(|series| series.values.len()).sum();
    (kept..all).for_each(|_| intake.unasked());
    if result.iter().all(|series| series.values.is_empty()) {
        let cure = "mend the query, or its start and end; `where` asks for labels as they stand in the answer";
        return Err(unfit("this answer of Prometheus has no samples".to_owned(), cure));
    }
    let rate = rate(wanted, &result)?;
    intake.begin(Kind::Bins { bin: wanted.bin, rate, so_far: false });
    for (at, value) in result.iter().flat_map(|series| &series.values) {
        let time = ((at * 1e9).round() as i64, false);
        match (value.parse::<f64>().ok().filter(|number| number.is_finite()), wanted.empty) {
            (Some(number), _) if (0.0..=1e12).contains(&number) => intake.bin(Some(time), number)?,
            (Some(number), _) => {
                let reason = format!("the sample at {at} is {number}, no number of requests from 0 to 1e12");
                return Err(unfit(reason, "query what counts requests: sum(rate(NAME[1m]))"));
            }
            (None, Empty::Zero) => intake.bin(Some(time), 0.0)?,
            (None, Empty::Skip) => intake.empty(),
            (None, Empty::Refuse) => {
                let cure = "end the query in `or vector(0)`; or write `empty = \"zero\"`, or `empty = \"skip\"`";
                return Err(unfit(format!("the sample at {at} is {value}"), cure));
            }
        }
    }
    let series =
        if result.len() == 1 { "one series".to_owned() } else { format!("the sum of {} series", result.len()) };
    let what = if rate.is_some() { "rates a second" } else { "numbers of requests" };
    Ok(Found {
        format: "prometheus-range",
        times: "the samples' own, each the beginning of its bin".to_owned(),
        counts: Some(format!("{series}, {what}")),
        ..Found::default()
    })
}

/// For how many seconds the numbers are, where they are rates.
fn rate(wanted: &Wanted, result: &[Series]) -> Result<Option<f64>, TraceError> {
    let counter = result.iter().find(|series| series.is_counter());
    if let Some(series) = counter {
        let named = series.metric.get("__name__");
        if named.is_some() || wanted.value.is_none() {
            let name = named.map_or("NAME", String::as_str);
            let reason = "these samples only grow: they are a counter, neither requests in a bin nor a rate";
            let cure = format!("query its rate, `rate({name}[1m])`, and write `value = \"rate\"`");
            let or = "; or `value = \"count\"`, should requests have grown like that";
            return Err(unfit(reason.to_owned(), &(cure + if named.is_some() { "" } else { or })));
        }
    }
    match wanted.value {
        Some(Value::Rate) => Ok(Some(1.0)),
        Some(Value::Count) => Ok(None),
        Some(Value::Total) => Err(unfit(
            "counters of Prometheus begin anew, and lie in several series".to_owned(),
            "query their rate, `sum(rate(NAME[1m]))`, and write `value = \"rate\"`",
        )),
        None => {
            let numbers =
                result.iter().flat_map(|series| &series.values).filter_map(|(_, value)| value.parse::<f64>().ok());
            let sum: f64 = numbers.filter(|number| number.is_finite()).sum();
            let step = result.iter().find_map(|series| match series.values[..] {
                [(first, _), (second, _), ..] => Some(second - first),
                _ => None,
            });
            let counts = grouped(sum.round() + 0.0, 0);
            let rates = match step {
                Some(step) => grouped((sum * step).round() + 0.0, 0),
                None => format!("{counts} times the seconds of a step"),
            };
            Err(unfit(
                "these samples may be requests in a step, as of `increase`, or requests a second, as of `rate`"
                    .to_owned(),
                &format!(
                    "write `value = \"count\"`, and they are {counts} requests in all; or `value = \"rate\"`, and they are {rates}"
                ),
            ))
        }
    }
}

fn unfit(reason: String, cure: &str) -> TraceError {
    TraceError::Unfit { reason, cure: cure.to_owned() }
}
