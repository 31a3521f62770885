//! Mistakes in `arrivals`, beyond those of every table.

use super::Case;

const OLD: &str = "{ poisson = \"200/s\" }";

/// The good file's source, and the same without a gateway.
const WEB: &str = "[source.web]\narrivals = { poisson = \"200/s\" }";

/// The window and the source of the good file.
const AROUND: &str = "\"10m\", after = \"20m\" }\n\n[source.web]\narrivals = { poisson = \"200/s\" }";

pub const ARRIVALS: &[Case] = &[
    (
        WEB,
        "[source.web]\narrivals = { poisson = \"200/s\" }\nproducer = «{ at = \"1m\" }»",
        "the gateway shapes the events of this source",
        "via = \"direct\"",
    ),
    (
        WEB,
        "[source.web]\nvia = \"direct\"\narrivals = { poisson = \"200/s\" }\n\
         clients = «{ old = \"50%\", half_life = \"1m\" }»",
        "the producer of a direct source shapes its events",
        "write `producer`",
    ),
    (
        WEB,
        "[source.web]\nvia = «\"queue\"»\narrivals = { poisson = \"200/s\" }",
        "no source can go via `queue`",
        "`gateway`",
    ),
    (
        WEB,
        "[source.web]\nvia = «\"queue.jobs\"»\narrivals = { poisson = \"200/s\" }",
        "no source can go via `queue.jobs`",
        "`[queue.jobs]` with `message = {}` or `invocation = {}`",
    ),
    (
        WEB,
        "[queue.jobs]\ninvocation = {}\n[source.web]\nvia = «\"queue.jop\"»\narrivals = { poisson = \"200/s\" }",
        "no source can go via `queue.jop`",
        "did you mean `queue.jobs`?",
    ),
    (
        WEB,
        "[queue.jobs]\ninvocation = {}\n[source.web]\nvia = \"queue.jobs\"\ntimeout = «\"3s\"»\n\
         arrivals = { poisson = \"200/s\" }",
        "nobody waits for what a queue has taken over",
        "how its events are tried again",
    ),
    (
        WEB,
        "[queue.jobs]\ninvocation = {}\n«[source.web]»\nvia = \"queue.jobs\"\n\
         arrivals = { users = { count = 5, think = \"3s\" } }",
        "users wait for replies",
        "another kind of `arrivals`",
    ),
    (
        WEB,
        "queue.jobs = «{}»\n[source.web]\narrivals = { poisson = \"200/s\" }",
        "a queue without `message` or `invocation`",
        "write `message = {}` or `invocation = {}`",
    ),
    (
        WEB,
        "queue.jobs = «{ message = {}, invocation = {} }»\n[source.web]\narrivals = { poisson = \"200/s\" }",
        "a queue is one of messages or of invocations",
        "drop `message` or `invocation`",
    ),
    (
        WEB,
        "queue.jobs = { message = { pollers = { start = 5, most = «2» } } }\n[source.web]\narrivals = { poisson = \"200/s\" }",
        "there are more pollers at first than at most",
        "write a higher `most`",
    ),
    (
        WEB,
        "stream.clicks = «{}»\n[source.web]\narrivals = { poisson = \"200/s\" }",
        "`stream.clicks.shards` is missing",
        "shards = 4",
    ),
    (
        WEB,
        "stream.clicks = { shards = 1, retries = «\"often\"» }\n[source.web]\narrivals = { poisson = \"200/s\" }",
        "no end is called `often`",
        "write 3, or \"forever\"",
    ),
    (
        WEB,
        "stream.clicks = { shards = 1, poll = «\"9ms\"» }\n[source.web]\narrivals = { poisson = \"200/s\" }",
        "more often than every 10 ms",
        "write \"10ms\" or more",
    ),
    (
        WEB,
        "[source.web]\nvia = «\"stream.clicks\"»\narrivals = { poisson = \"200/s\" }",
        "no source can go via `stream.clicks`",
        "`[stream.clicks]` with `shards = 4`",
    ),
    (
        WEB,
        "queue.jobs = { message = {} }\n[source.import]\nvia = \"queue.jobs\"\narrivals = { poisson = \"1/s\" }\n\
         [source.web]\nvia = «\"queue.jobs\"»\narrivals = { poisson = \"200/s\" }",
        "another source goes via `queue.jobs` already",
        "a queue of its own",
    ),
    (
        WEB,
        "queue.jobs = { invocation = { backoff = «[\"9s\", \"1s\"]» } }\n[source.web]\narrivals = { poisson = \"200/s\" }",
        "the first wait is zero or above the longest",
        "[\"1s\", \"5m\"]",
    ),
    (
        WEB,
        "queue.jobs = { invocation = { backoff = «[\"1s\", \"1s\"]» } }\n[source.web]\narrivals = { poisson = \"200/s\" }",
        "tried more than 200 times",
        "a shorter `max_age`",
    ),
    (
        WEB,
        "queue.jobs = { invocation = { after = «[\"9s\"]» } }\n[source.web]\narrivals = { poisson = \"200/s\" }",
        "not two spans",
        "[\"1m\", \"2m\"]",
    ),
    (
        AROUND,
        "\"auto\", after = \"20m\" }\n\n[source.web]\narrivals = { trace = { file = «\"x.csv\"», time = \"t_s\", loop = true } }",
        "nothing says where this trace begins",
        "write `first` beside it",
    ),
    (
        AROUND,
        "\"auto\", after = \"20m\" }\n\n[source.web]\narrivals = { trace = { file = «\"y.csv\"», time = \"t_s\", first = \"0s\" } }",
        "cannot look beyond the beginning of a trace",
        "write a length for `window.warm_up`",
    ),
    (
        AROUND,
        "\"auto\", after = \"20m\" }\n\n[source.web]\narrivals = { schedule = { every = «\"1h\"», batch = 5 } }",
        "nothing says when this schedule first fires",
        "write `first` beside it",
    ),
    (OLD, "{ diurnal = «{ mean = \"200/s\" }» }", "diurnal.peak` is missing", "peak = \"340/s\""),
    (OLD, "{ diurnal = { mean = \"200/s\", peak = «\"100/s\"» } }", "the peak is below the mean", "twice the mean"),
    (OLD, "{ diurnal = { mean = \"200/s\", peak = «\"401/s\"» } }", "more than twice the mean", "`profile`"),
    (OLD, "{ diurnal = { mean = \"2/s\", peak = \"3/s\", period = «\"0s\"» } }", "period` is zero", "above zero"),
    (
        "[source.web]\narrivals = { poisson = \"200/s\" }",
        "[source.«web»]\narrivals = { bursty = { quiet_for = \"1ns\", burst = \"1/d\", burst_for = \"1ns\" } }",
        "changes about 1.8e12 times",
        "longer spans",
    ),
    (OLD, "{ profile = «{}» }", "profile.points` is missing", "points = { 0h = \"20/s\""),
    (OLD, "{ profile = { points = «{}» } }", "one point or more", "8h = \"300/s\""),
    (OLD, "{ profile = { points = «[\"20/s\"]» } }", "is a table", "0h = \"20/s\""),
    (OLD, "{ profile = { points = { «8oclock» = \"20/s\" } } }", "unknown unit `oclock`", "`h`"),
    (OLD, "{ profile = { points = { 8h = «20» } } }", "bare number", "\"20/s\""),
    (OLD, "{ profile = { points = «{ 0h = \"0/s\" }» } }", "no request would ever arrive", "above zero"),
    (OLD, "{ profile = { points = { 60m = \"1/s\", «1h» = \"2/s\" } } }", "second point at the same time", "1ms apart"),
    (
        OLD,
        "{ profile = { points = { 0h = \"1/s\", 24h = \"2/s\" }, period = «\"24h\"» } }",
        "not less than a period",
        "longer period",
    ),
    (OLD, "{ profile = { points = { 0h = \"1/s\" }, clock = «\"4000d\"» } }", "more than 10 years", "\"3652d\""),
    (OLD, "{ bursty = «{ burst = \"9/s\", burst_for = \"1s\" }» }", "quiet_for` is missing", "quiet_for = \"60s\""),
    (OLD, "{ schedule = «{ batch = 5 }» }", "nothing says when this schedule fires", "`every` or `at`"),
    (OLD, "{ schedule = { every = \"1h\", at = «[\"0s\"]» } }", "`every` and `at` exclude each other", "keep `every`"),
    (OLD, "{ schedule = { at = «[]» } }", "fires once or more", "[\"0s\", \"5m\"]"),
    (OLD, "{ schedule = { at = «[\"1m\", \"60s\"]» } }", "an instant stands twice", "`batch`"),
    (OLD, "{ schedule = { at = [\"1m\"], first = «\"0s\"» } }", "`first` belongs to `every`", "drop it"),
    (OLD, "{ schedule = { every = \"1h\", batch = «0» } }", "lies outside 1 to", "whole number"),
    (
        OLD,
        "{ schedule = { every = \"10s\", jitter = «\"11s\"» } }",
        "longer than the gap between two firings, 10 s",
        "shorter one",
    ),
    (OLD, "{ trace = «{ file = \"x.csv\", columns = [\"a\", \"b\"] }» }", "`bin` is missing", "bin = \"1m\""),
    (OLD, "{ trace = { file = \"x.csv\", format = «\"apache\"» } }", "cannot be `apache`", "`combined`"),
    (
        OLD,
        "{ trace = { file = \"x.csv\", count = \"n\", bin = \"1m\", duration = «\"d_s\"» } }",
        "no duration of its own",
        "`code.service`",
    ),
    (
        OLD,
        "{ trace = { file = \"x.csv\", count = \"n\", bin = \"1m\", columns = «[\"a\", \"b\"]» } }",
        "`count` and `columns` exclude",
        "where a row is a bin",
    ),
    (
        OLD,
        "{ trace = { file = \"x.csv\", time = \"t_s\", bin = \"1m\", columns = «[\"a\", \"b\"]» } }",
        "`time` and `columns` exclude",
        "every column is a bin",
    ),
    (
        OLD,
        "{ trace = { file = \"x.csv\", bin = \"1m\", columns = «[\"a\"]» } }",
        "names 1 columns",
        "the first and the last",
    ),
    (
        OLD,
        "{ trace = { file = \"x.csv\", time = \"t_s\", from = \"5m\", until = «\"5m\"» } }",
        "not later than `from`",
        "first row",
    ),
    (
        OLD,
        "{ trace = { file = \"x.csv\", time = \"t_s\", loop = «\"true\"» } }",
        "is true or false, but here stands a text",
        "without quotes",
    ),
    (
        OLD,
        "{ trace = { file = \"x.csv\", time = \"t_s\", scale = «2.5» } }",
        "is a factor, but here stands a bare number",
        "write \"2.5x\"",
    ),
    (
        OLD,
        "{ trace = { file = \"x.csv\", time = \"t_s\", speed = «\"0x\"» } }",
        "a factor is above zero",
        "\"1000000x\"",
    ),
    (
        OLD,
        "{ trace = { file = \"x.csv\", time = \"t_s\", speed = «\"2000000x\"» } }",
        "more than a million times",
        "\"1000000x\"",
    ),
    (
        OLD,
        "{ trace = { file = \"x.csv\", time = \"t_s\", where = { app = «3» } } }",
        "is a text, but here stands a whole number",
        "in quotes",
    ),
];
