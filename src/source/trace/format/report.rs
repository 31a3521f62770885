//! REPORT lines of AWS Lambda: as `aws logs tail`, `sam logs` and exports write them, as events in JSON, as tables of the
//! console. Only they are requests; what an application logs besides is passed over.

use super::table::{CSV, Header, Rows};
use super::{Found, Sample, Stamp, Wanted};
use crate::source::trace::TraceError;
use crate::source::trace::file::{Line, Lines};
use crate::source::trace::recording::{Intake, Kind, Request};
use crate::source::trace::row::{At, Form, UNITS, decimal_ns, malformed, too_long};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;

const REPORT: &str = "REPORT RequestId:";
const MS: u64 = UNITS[2].ns;

/// What is known of a line or an event.
enum Event {
    /// A report: its time, and how long the code took, in nanoseconds.
    Report(At, u64),
    /// Something else.
    Other,
    /// A report that is not whole, and what it lacks.
    Damaged(&'static str),
}

/// Reads every report: its end, and how long the code took.
pub(super) fn read(wanted: &Wanted, lines: &mut Lines, intake: &mut Intake) -> Result<Found, TraceError> {
    if !wanted.only.is_empty() {
        return Err(TraceError::Unfit {
            reason: "reports have no columns that `where` could ask for".to_owned(),
            cure: "drop `where`; ask CloudWatch for the lines that you want".to_owned(),
        });
    }
    let durations = wanted.duration != Some(None);
    intake.begin(Kind::Requests { durations, whole: false });
    let taker = Taker { durations, start: wanted.stamp == Some(Stamp::Start) };
    let sample = Sample::of(lines.head()?);
    let first = sample.lines.first().map_or(&b""[..], |(_, line)| line);
    if sample.is_json() && serde_json::from_slice::<Object>(first).is_err() || is_list_of_events(first) {
        let result = {
            let reader = std::io::BufReader::new(lines.document());
            let mut json = serde_json::Deserializer::from_reader(reader);
            Document { taker: &taker, intake }.deserialize(&mut json)
        };
        match result {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(error),
            Err(error) if error.is_io() => return Err(lines.failed(error.into(), 0)),
            Err(error) => {
                return Err(TraceError::Unfit {
                    reason: format!("this JSON is not whole, or not that of CloudWatch: {error}"),
                    cure: "save it again: aws logs filter-log-events ... > events.json".to_owned(),
                });
            }
        }
    } else if sample.is_json() {
        while let Some(line) = lines.next()? {
            if line.bytes.trim_ascii().is_empty() {
                continue;
            }
            if line.cut {
                intake.bad(line, too_long(line))?;
                continue;
            }
            match serde_json::from_slice::<Object>(line.bytes) {
                Ok(object) => taker.take(event(&object), line, intake)?,
                Err(error) => {
                    let at = error.column().saturating_sub(1).min(line.bytes.len());
                    let error = malformed(
                        line,
                        at..line.bytes.len(),
                        format!("this line is no JSON: {error}"),
                        "mend or drop the line",
                    );
                    intake.bad(line, error)?;
                }
            }
        }
    } else if let Some(table) = Messages::of(&sample) {
        table.read(lines, intake, &taker)?;
    } else {
        while let Some(line) = lines.next()? {
            if line.cut {
                intake.other();
                continue;
            }
            let text = String::from_utf8_lossy(line.bytes).into_owned();
            taker.take(text_event(&text), line, intake)?;
        }
    }
    let what = if durations { "replayed as the code's service times" } else { "not replayed" };
    Ok(Found {
        format: "lambda-report",
        times: "the events' own, of the end; less the duration, the start".to_owned(),
        durations: Some(format!("`Duration` in ms, {what}; cold starts are simulated, and theirs left out")),
        ..Found::default()
    })
}

type Object = serde_json::Map<String, Value>;

struct Taker {
    durations: bool,
    start: bool,
}

impl Taker {
    fn take(&self, event: Event, line: Line, intake: &mut Intake) -> Result<(), TraceError> {
        match event {
            Event::Other => {
                intake.other();
                Ok(())
            }
            Event::Damaged(lacks) => {
                let at = memchr::memmem::find(line.bytes, REPORT.as_bytes()).unwrap_or(0);
                let reason = format!("this report {lacks}");
                intake.bad(line, malformed(line, at..line.bytes.len(), reason, "export the lines with their times"))
            }
            Event::Report(stamp, duration) => {
                let before = if self.start { 0 } else { duration };
                intake.request(Request { stamp, before, service: self.durations.then_some(duration) })
            }
        }
    }
}

/// A line of text: a time, perhaps the name of a stream, and a report.
pub(super) fn text(line: &str) -> Option<At> {
    let (before, _) = line.split_once(REPORT)?;
    // Without the colours of a terminal.
    let mut plain = String::with_capacity(before.len());
    let mut rest = before;
    while let Some((text, code)) = rest.split_once('\u{1b}') {
        plain += text;
        rest = code.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain += rest;
    let words: Vec<&str> = plain.split_whitespace().collect();
    let joined = |pair: &[&str]| Form::Iso.read(pair.join(" ").as_bytes());
    // An application may speak of a report.
    let is_short = words.len() <= 4;
    let time = || words.iter().find_map(|word| Form::Iso.read(word.as_bytes()).filter(|_| word.contains(':')));
    is_short.then(|| time().or_else(|| words.windows(2).find_map(joined))).flatten()
}

fn text_event(line: &str) -> Event {
    if let Some((_, json)) = line.split_once('{').filter(|(_, json)| json.contains("\"platform.report\"")) {
        let object = serde_json::from_str::<Object>(&format!("{{{json}"));
        return object.map_or(Event::Damaged("is no whole JSON"), |object| event(&object));
    }
    if !line.contains(REPORT) {
        return Event::Other;
    }
    match (text(line), duration(line)) {
        (Some(stamp), Some(ns)) => Event::Report(stamp, ns),
        (Some(_), None) => Event::Damaged("has no duration"),
        (None, _) if line.trim_start().starts_with(REPORT) => {
            Event::Damaged("has no time: only when it is logged is it known")
        }
        (None, _) => Event::Other,
    }
}

/// The duration that a report tells, in nanoseconds.
fn duration(report: &str) -> Option<u64> {
    let mut rest = &report[report.find(REPORT)? + REPORT.len()..];
    // Not those of billing, initialising and restoring, which have a word before.
    while let Some(found) = rest.find("Duration:") {
        let word = rest[..found].trim_end_matches(' ').rsplit([' ', '\t']).next().unwrap_or("");
        let after = rest[found + "Duration:".len()..].trim_start();
        if !["Billed", "Init", "Restore"].contains(&word) {
            let number = after.split_whitespace().next()?;
            return u64::try_from(decimal_ns(number.as_bytes(), MS)?).ok();
        }
        rest = &rest[found + "Duration:".len()..];
    }
    None
}

/// An event in JSON: with a time and a message, or with the platform's own fields.
fn event(object: &Object) -> Event {
    let field = |names: &[&str]| names.iter().find_map(|name| object.get(*name));
    let stamp = field(&["timestamp", "@timestamp", "time"]).and_then(|value| match value {
        Value::Number(ms) => Some((i64::try_from((ms.as_f64()? * 1e6) as i128).ok()?, false)),
        Value::String(text) => Form::Iso.read(text.as_bytes()).or_else(|| Form::Number(UNITS[2]).read(text.as_bytes())),
        _ => None,
    });
    if object.get("type").and_then(Value::as_str) == Some("platform.report") {
        let ms = object.get("record").and_then(|record| record.get("metrics")?.get("durationMs")?.as_f64());
        return match (stamp, ms) {
            (Some(stamp), Some(ms)) if (0.0..1e12).contains(&ms) => Event::Report(stamp, (ms * 1e6).round() as u64),
            (Some(_), _) => Event::Damaged("has no duration"),
            (None, _) => Event::Damaged("has no time"),
        };
    }
    let Some(message) = field(&["message", "@message", "line", "msg", "log"]).and_then(Value::as_str) else {
        return Event::Other;
    };
    message_event(message, stamp)
}

/// What an event's message says, which is a line or JSON itself; its time is the event's.
fn message_event(message: &str, stamp: Option<At>) -> Event {
    let message = message.trim();
    if message.starts_with('{') {
        let Ok(Value::Object(inner)) = serde_json::from_str(message) else { return Event::Other };
        let is_report = inner.get("type").and_then(Value::as_str) == Some("platform.report");
        return if is_report { event(&inner) } else { Event::Other };
    }
    if !message.starts_with(REPORT) {
        return text_event(message);
    }
    match (stamp, duration(message)) {
        (Some(stamp), Some(ns)) => Event::Report(stamp, ns),
        (Some(_), None) => Event::Damaged("has no duration"),
        (None, _) => Event::Damaged("has no time"),
    }
}

fn is_list_of_events(line: &[u8]) -> bool {
    serde_json::from_slice::<Object>(line).is_ok_and(|object| object.get("events").is_some_and(Value::is_array))
        || line.trim_ascii_start().starts_with(b"[")
}

/// A table of the console: times and messages.
struct Messages {
    header: Header,
    time: usize,
    message: usize,
}

impl Messages {
    fn of(sample: &Sample) -> Option<Self> {
        let header = Header::of(&CSV, sample).ok()?;
        let time = ["timestamp", "@timestamp", "time"].iter().find_map(|name| header.index(name));
        let message = ["message", "@message"].iter().find_map(|name| header.index(name));
        time.zip(message).map(|(time, message)| Self { header, time, message })
    }

    fn read(&self, lines: &mut Lines, intake: &mut Intake, taker: &Taker) -> Result<(), TraceError> {
        let mut rows = Rows::new(self.header.dialect);
        while let Some((line, torn)) = rows.next(lines)? {
            if line.number <= self.header.line().0 || line.bytes.trim_ascii().is_empty() {
                continue;
            }
            if let Some(torn) = torn {
                intake.bad(line, malformed(line, torn.span, torn.reason, torn.cure))?;
                continue;
            }
            let fields = &rows.fields;
            let time = fields.bytes(line.bytes, self.time);
            let stamp = Form::Iso.read(time).or_else(|| Form::Number(UNITS[2]).read(time));
            let message = fields.text(line.bytes, self.message).into_owned();
            taker.take(message_event(&message, stamp), line, intake)?;
        }
        Ok(())
    }
}

/// A document of events: a list, or an object that has one; however long, an event at a time.
struct Document<'a> {
    taker: &'a Taker,
    intake: &'a mut Intake,
}

impl Document<'_> {
    fn one(&mut self, object: &Object) -> Result<(), TraceError> {
        // Where in the document it stands is not known: what it says must do.
        let text = serde_json::to_string(object).unwrap_or_default();
        self.taker.take(event(object), Line { bytes: text.as_bytes(), number: 1, ended: true, cut: false }, self.intake)
    }
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = Result<(), TraceError>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = Result<(), TraceError>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of events, or an object with `events`")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Self::Value, A::Error> {
        while let Some(object) = seq.next_element::<Object>()? {
            if let Err(error) = self.one(&object) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Document { taker, intake } = self;
        while let Some(key) = map.next_key::<String>()? {
            if key == "events" {
                if let Err(error) = map.next_value_seed(Document { taker, intake })? {
                    return Ok(Err(error));
                }
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_duration_is_that_of_the_code_alone() {
        for (report, ms) in [
            ("REPORT RequestId: 55bc\tDuration: 469.40 ms\tBilled Duration: 500 ms\tInit Duration: 100.99 ms", 469.40),
            ("REPORT RequestId: 55bc\tInit Duration: 0.12 ms\tDuration: 3.55 ms\tBilled Duration: 100 ms", 3.55),
            ("2026-01-31T10:00:00.123Z REPORT RequestId: 55bc  Duration: 0.62 ms  Billed Duration: 100 ms", 0.62),
            ("REPORT RequestId: 5\tRestore Duration: 474.16 ms\tBilled Restore Duration: 75 ms\tDuration: 7 ms", 7.0),
        ] {
            assert_eq!(duration(report), Some((ms * 1e6_f64).round() as u64), "{report}");
        }
        assert_eq!(duration("REPORT RequestId: 5\tBilled Duration: 3 ms"), None);
    }

    #[test]
    fn times_stand_before_the_report_among_little_else() {
        let ten = 1_769_853_600_000_000_000;
        for line in [
            "2026-01-31T10:00:00Z REPORT RequestId: 5",
            "2026-01-31T10:00:00.000000+00:00 2026/01/31/[$LATEST]4f REPORT RequestId: 5",
            "2026/01/31/[7]4f 2026-01-31T10:00:00 REPORT RequestId: 5",
            "2026-01-31 10:00:00.000 REPORT RequestId: 5",
            "\u{1b}[32m2026-01-31T10:00:00\u{1b}[0m \u{1b}[36m2026/01/31/[$LATEST]4f\u{1b}[0m REPORT RequestId: 5",
        ] {
            assert_eq!(text(line).map(|(ns, _)| ns), Some(ten), "{line}");
        }
        assert_eq!(text("2026-01-31T10:00:00Z my app has seen the line REPORT RequestId: 5"), None);
        assert_eq!(text("REPORT RequestId: 5"), None);
    }
}
