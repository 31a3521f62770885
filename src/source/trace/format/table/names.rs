//! The names that people and tools give to columns.

use crate::source::trace::row::unit_of;

/// The names that columns of arrivals have, those that say most first; without marks and in small letters.
pub(super) const TIMES: [&str; 41] = [
    "arrival",
    "arrivaltime",
    "arrivedat",
    "requestcreationtime",
    "starttime",
    "startedat",
    "start",
    "starttimestamp",
    "timestart",
    "begin",
    "begintime",
    "timestamp",
    "timestamputc",
    "timestampms",
    "ts",
    "eventtime",
    "eventtimestamp",
    "requesttimestamp",
    "requesttimestart",
    "time",
    "timeutc",
    "timelocal",
    "timeiso8601",
    "datetime",
    "datetimeutc",
    "date",
    "when",
    "at",
    "t",
    "epoch",
    "epochms",
    "unixtime",
    "unixtimestamp",
    "createdat",
    "created",
    "receivedat",
    "offset",
    "elapsedsincestart",
    "elapsed",
    "seconds",
    "second",
];
/// The names of columns of ends.
pub(super) const ENDS: [&str; 8] =
    ["end", "endtime", "endtimestamp", "endedat", "finishedat", "finished", "completedat", "timeend"];

/// The names that columns of numbers of requests have.
pub(super) const COUNTS: [&str; 15] = [
    "requests",
    "requestcount",
    "requestscount",
    "numrequests",
    "numberofrequests",
    "totalrequests",
    "requestssum",
    "count",
    "counts",
    "hitcount",
    "countofrecords",
    "invocations",
    "invocationssum",
    "calls",
    "reqs",
];
/// Names that say so only where little else stands beside them.
pub(super) const VAGUE: [&str; 19] = [
    "n",
    "num",
    "number",
    "total",
    "sum",
    "volume",
    "events",
    "queries",
    "transactions",
    "messages",
    "arrivals",
    "req",
    "hits",
    "cnt",
    "records",
    "views",
    "pageviews",
    "sessions",
    "rows",
];
/// The names of columns of numbers that may be anything.
pub(super) const ANYTHING: [&str; 10] =
    ["value", "values", "avg", "average", "mean", "max", "series", "y", "rate", "throughput"];
/// The names of columns of numbers that are no numbers of requests.
pub(super) const OTHERS: [&str; 24] = [
    "status",
    "statuscode",
    "responsecode",
    "code",
    "bytes",
    "size",
    "length",
    "port",
    "duration",
    "latency",
    "elapsed",
    "took",
    "responsetime",
    "requesttime",
    "id",
    "pid",
    "tid",
    "thread",
    "user",
    "userid",
    "version",
    "shard",
    "cpu",
    "memory",
];

/// Whether a column has a name that says what its numbers are, as Grafana's series seldom have.
pub(super) fn is_plain_name(name: &str) -> bool {
    let name = plain(name);
    let known = |names: &[&str]| names.contains(&name.as_str());
    known(&COUNTS) || known(&VAGUE) || known(&TIMES) || name == "rps" || name.starts_with("requests")
}

/// A name in small letters without marks, and without its unit.
pub(super) fn plain(name: &str) -> String {
    let name = match name.rsplit_once(['_', '(', '[', ' ']) {
        Some((stem, _)) if unit_of(name).is_some() => stem,
        _ => name,
    };
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
