//! Tables that tools write: how each is known, and where in it the times, the durations and the numbers stand.
//!
//! Sources: docs.aws.amazon.com "Access logs for your Application Load Balancer" and "Standard logging (CloudFront)";
//! httpd.apache.org mod_log_config; nginx.org ngx_http_log_module; k6's `output/csv` and `httpext/tracer.go`; JMeter's
//! manual, "Listeners", and its jmeter.properties; Locust's `stats.py`; hey's `requester`; Grafana's `csv.ts`; the pages
//! of AzurePublicDataset.

use super::super::{Format, Stamp, Value};
use crate::source::trace::row::{Dialect, Form, LOG, Quotes, UNITS, Unit, forms};

const MS: Unit = UNITS[2];
const S: Unit = UNITS[3];

/// A table of a known kind.
pub(in crate::source::trace::format) struct Known {
    pub format: Format,
    /// Whether a line is one of a log of this kind, where it is known by its lines.
    pub looks: Option<fn(&str) -> bool>,
    /// Columns that its header has, where it is known by its header.
    pub signs: &'static [&'static str],
    pub dialect: Option<Dialect>,
    pub names: Names,
    /// The place of the field in brackets.
    pub anchor: Option<usize>,
    /// The columns of times, the first that there is; or of a date and a time of day.
    pub time: &'static [&'static [&'static str]],
    /// The unit of times that are numbers.
    pub unit: Option<Unit>,
    pub stamp: Stamp,
    /// The column of the whole duration, which a stamp of the end is less by, and its unit.
    pub duration: Option<(&'static str, Unit)>,
    /// Where a row lacks its time: the column of its end, and those of the pieces of its duration.
    pub instead: Option<(&'static str, &'static [&'static str])>,
    /// Whose durations they are.
    pub whose: Whose,
    /// The column of numbers of requests, and what they are.
    pub count: Option<(&'static str, Option<Value>)>,
    /// The first and the last column, where every column is a bin of one minute.
    pub minutes: Option<(&'static str, &'static str)>,
    /// The column of all requests so far, which is exact where rates are means over a while.
    pub so_far: Option<&'static str>,
    /// Whether all columns but that of times are numbers of requests.
    pub all_others: bool,
    /// The rows that are read: those with this in that column.
    pub only: Option<(&'static str, &'static str)>,
    /// Whether they are, even where none is among the first.
    pub only_surely: bool,
    /// The rows that are not read: those with this in that column.
    pub never: Option<(&'static str, &'static str)>,
    /// What `where` may call columns, besides their own names.
    pub alike: &'static [(&'static str, &'static str)],
    /// What people should know of it, unless they say what the times are of.
    pub say: Option<&'static str>,
}

/// Where the names of columns are from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::source::trace::format) enum Names {
    /// The first row.
    Header,
    /// Here; the rows have no header.
    These(&'static [&'static str]),
    /// The line that begins with `#Fields:`.
    Fields,
}

impl Names {
    /// Whether rows may have other numbers of fields than the header: logs grow by fields at their end.
    pub const fn may_grow(self) -> bool {
        !matches!(self, Self::Header)
    }
}

/// Who measured durations: only the code's own may be replayed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::source::trace::format) enum Whose {
    /// The code itself, or the last hop before it, in this column.
    Code(&'static str, Unit),
    /// The client.
    Client,
    /// A proxy, from the first byte in to the last byte out.
    Proxy,
    /// There are none.
    None,
}

const PLAIN: Known = Known {
    format: Format::Csv,
    looks: None,
    signs: &[],
    dialect: None,
    names: Names::Header,
    anchor: None,
    time: &[],
    unit: None,
    stamp: Stamp::Start,
    duration: None,
    instead: None,
    whose: Whose::None,
    count: None,
    minutes: None,
    so_far: None,
    all_others: false,
    only: None,
    only_surely: false,
    never: None,
    alike: &[],
    say: None,
};

/// All of them.
pub(in crate::source::trace::format) const KNOWN: [Known; 13] = [
    Known {
        format: Format::Alb,
        looks: Some(is_alb),
        dialect: Some(LOG),
        names: Names::These(&[
            "type",
            "time",
            "elb",
            "client:port",
            "target:port",
            "request_processing_time",
            "target_processing_time",
            "response_processing_time",
            "elb_status_code",
            "target_status_code",
            "received_bytes",
            "sent_bytes",
            "request",
            "user_agent",
            "ssl_cipher",
            "ssl_protocol",
            "target_group_arn",
            "trace_id",
            "domain_name",
            "chosen_cert_arn",
            "matched_rule_priority",
            "request_creation_time",
        ]),
        time: &[&["request_creation_time"]],
        instead: Some(("time", &["request_processing_time", "target_processing_time", "response_processing_time"])),
        whose: Whose::Code("target_processing_time", S),
        alike: &[("status", "elb_status_code")],
        ..PLAIN
    },
    Known {
        format: Format::Combined,
        looks: Some(is_combined),
        dialect: Some(LOG),
        names: Names::These(&["host", "ident", "user", "time", "request", "status", "bytes", "referer", "agent"]),
        anchor: Some(3),
        time: &[&["time"]],
        say: Some("stamps are taken for starts, as Apache's are; nginx stamps ends"),
        ..PLAIN
    },
    Known {
        format: Format::Cloudfront,
        looks: Some(|line| line.starts_with("#Fields:")),
        names: Names::Fields,
        time: &[&["date", "time"]],
        stamp: Stamp::End,
        duration: Some(("time-taken", S)),
        whose: Whose::Proxy,
        alike: &[("status", "sc-status"), ("method", "cs-method"), ("path", "cs-uri-stem")],
        ..PLAIN
    },
    Known {
        format: Format::K6,
        signs: &["metric_name", "timestamp", "metric_value"],
        time: &[&["timestamp"]],
        stamp: Stamp::End,
        duration: Some(("metric_value", MS)),
        whose: Whose::Client,
        only: Some(("metric_name", "http_req_duration")),
        only_surely: true,
        alike: &[("path", "url")],
        ..PLAIN
    },
    Known {
        format: Format::Jmeter,
        signs: &["timeStamp", "elapsed"],
        time: &[&["timeStamp"]],
        duration: Some(("elapsed", MS)),
        whose: Whose::Client,
        never: Some(("responseMessage", "Number of samples in transaction*")),
        alike: &[("status", "responseCode"), ("path", "label")],
        say: Some("stamps are taken for starts, as JMeter ships; `stamp = \"end\"` if yours are ends"),
        ..PLAIN
    },
    Known {
        format: Format::Locust,
        signs: &["Timestamp", "User Count", "Requests/s"],
        time: &[&["Timestamp"]],
        count: Some(("Requests/s", Some(Value::Rate))),
        so_far: Some("Total Request Count"),
        only: Some(("Name", "Aggregated")),
        ..PLAIN
    },
    Known {
        format: Format::Hey,
        signs: &["response-time", "offset"],
        time: &[&["offset"]],
        unit: Some(S),
        duration: Some(("response-time", S)),
        whose: Whose::Client,
        alike: &[("status", "status-code")],
        ..PLAIN
    },
    Known {
        format: Format::AzureFunctions,
        signs: &["HashFunction", "Trigger", "1", "1440"],
        minutes: Some(("1", "1440")),
        ..PLAIN
    },
    Known {
        format: Format::AzureFunctions,
        signs: &["app", "func", "end_timestamp", "duration"],
        time: &[&["end_timestamp"]],
        unit: Some(S),
        stamp: Stamp::End,
        duration: Some(("duration", S)),
        whose: Whose::Code("duration", S),
        ..PLAIN
    },
    Known {
        format: Format::AzureFunctions,
        signs: &["app", "function", "start_s", "duration_s"],
        time: &[&["start_s"]],
        unit: Some(S),
        whose: Whose::Code("duration_s", S),
        ..PLAIN
    },
    Known {
        format: Format::AzureLlm,
        signs: &["TIMESTAMP", "ContextTokens", "GeneratedTokens"],
        time: &[&["TIMESTAMP"]],
        ..PLAIN
    },
    Known {
        format: Format::GrafanaCsv,
        signs: &["Series", "Time", "Value"],
        time: &[&["Time"]],
        count: Some(("Value", None)),
        ..PLAIN
    },
    Known { format: Format::GrafanaCsv, signs: &["Time"], time: &[&["Time"]], all_others: true, ..PLAIN },
];

/// Tables that say nothing of when requests came: by which columns they are known, what they are, what to name instead.
pub(in crate::source::trace::format) const TIMELESS: [(&[&str], &str, &str); 6] = [
    (
        &["Label", "# Samples", "Average"],
        "JMeter's aggregate report: it has no times",
        "name the results themselves, as of `jmeter -l results.jtl`",
    ),
    (
        &["response-time", "DNS+dialup"],
        "results of a hey without `offset`: they have no times",
        "take a hey of 0.1.2 or later",
    ),
    (
        &["HashFunction", "Average", "Count", "percentile_Average_0"],
        "durations of a day: they have no times",
        "name the file of invocations, invocations_per_function_md.anon.dNN.csv",
    ),
    (
        &["HashApp", "SampleCount", "AverageAllocatedMb"],
        "memory of a day: it has no times",
        "name the file of invocations, invocations_per_function_md.anon.dNN.csv",
    ),
    (
        &["Type", "Name", "Request Count", "Failure Count"],
        "Locust's statistics at the end: they have no times",
        "name the file whose name ends in _stats_history.csv",
    ),
    (
        &["sampler_label", "aggregate_report_count"],
        "JMeter's aggregate report: it has no times",
        "name the results themselves, as of `jmeter -l results.jtl`",
    ),
];

/// A table of which nothing is known.
pub(in crate::source::trace::format) const CSV: Known = PLAIN;

fn is_alb(line: &str) -> bool {
    let mut words = line.split(' ');
    let kind = words.next().is_some_and(|word| ["http", "https", "h2", "grpcs", "ws", "wss"].contains(&word));
    kind && words.next().is_some_and(|time| Form::Iso.read(time.as_bytes()).is_some())
}

fn is_combined(line: &str) -> bool {
    let mut inside = line.split('[').skip(1).filter_map(|rest| rest.split_once(']'));
    inside.any(|(time, _)| !forms(&[time.into()]).is_empty())
}

/// The delimiters that are looked for, those that stand in ordinary text last.
pub(in crate::source::trace::format) const DELIMITERS: [Dialect; 5] = [
    Dialect { delimiter: b'\t', quotes: Quotes::Csv },
    Dialect { delimiter: b';', quotes: Quotes::Csv },
    Dialect { delimiter: b'|', quotes: Quotes::Csv },
    Dialect { delimiter: b',', quotes: Quotes::Csv },
    Dialect { delimiter: b' ', quotes: Quotes::Csv },
];
