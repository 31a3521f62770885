//! Results of k6 as JSON: a line a sample.

use super::{Found, Stamp, Wanted};
use crate::source::trace::TraceError;
use crate::source::trace::file::Lines;
use crate::source::trace::recording::{Intake, Kind, Request};
use crate::source::trace::row::{Form, malformed, too_long};
use serde::Deserialize;
use serde_json::Value;

/// A sample, or what its metric is.
#[derive(Deserialize)]
struct Sample<'a> {
    r#type: &'a str,
    metric: &'a str,
    data: Data,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Data {
    time: Option<String>,
    value: Option<f64>,
    tags: Option<serde_json::Map<String, Value>>,
}

/// Reads every request: its end, and how long its client waited for it.
pub(super) fn k6(wanted: &Wanted, lines: &mut Lines, intake: &mut Intake) -> Result<Found, TraceError> {
    intake.begin(Kind::Requests { durations: false, whole: false });
    while let Some(line) = lines.next()? {
        if line.bytes.trim_ascii().is_empty() {
            continue;
        }
        if line.cut {
            intake.bad(line, too_long(line))?;
            continue;
        }
        let sample: Sample = match serde_json::from_slice(line.bytes) {
            Ok(sample) => sample,
            Err(error) => {
                let at = error.column().saturating_sub(1).min(line.bytes.len());
                let reason = format!("this line is no JSON of k6: {error}");
                intake
                    .bad(line, malformed(line, at..(at + 1).min(line.bytes.len()), reason, "mend or drop the line"))?;
                continue;
            }
        };
        if sample.r#type != "Point" || sample.metric != "http_req_duration" {
            intake.other();
            continue;
        }
        let tags = sample.data.tags.unwrap_or_default();
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let has = |(key, wanted): &(String, String)| {
            tags.get(key).is_some_and(|value| super::table::matches(wanted, text(value).into()))
        };
        if !wanted.only.iter().all(has) {
            intake.unasked();
            continue;
        }
        let time = sample.data.time.unwrap_or_default();
        let Some(stamp) = Form::Iso.read(time.as_bytes()) else {
            let reason = format!("`{time}` is no time of a sample");
            intake.bad(line, malformed(line, 0..line.bytes.len(), reason, "mend or drop the line"))?;
            continue;
        };
        let ms = sample.data.value.unwrap_or(0.0);
        let before = if ms.is_finite() && (0.0..1e12).contains(&ms) { (ms * 1e6).round() as u64 } else { 0 };
        let before = if wanted.stamp == Some(Stamp::Start) { 0 } else { before };
        intake.request(Request { stamp, before, service: None })?;
    }
    Ok(Found {
        format: "k6",
        times: "`time` of http_req_duration, the end; less its value, the start".to_owned(),
        durations: Some("the clients': not replayed, `code.service` says how long the code takes".to_owned()),
        ..Found::default()
    })
}
