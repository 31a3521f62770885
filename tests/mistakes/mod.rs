//! Broken scenarios: edits of a good one, each with one mistake, and what must be said of it.
#![allow(dead_code, reason = "each test file uses its own part of this")]

mod alarms;
mod faults;
mod hosts;
mod prices;
mod sources;

use cutover::scenario::{self, Diagnostic, Diagnostics, Options, Override, Scenario};
use std::path::PathBuf;
use tempfile::TempDir;

/// A scenario without mistakes.
pub const GOOD: &str = r#"title = "Orders"
window = { warm_up = "10m", after = "20m" }

[source.web]
arrivals = { poisson = "200/s" }

[gateway]
nodes = 32
lag = { uniform = ["0s", "10s"] }

[deployment]
to = 2

[code]
accepts = "own"
service = { constant = "40ms" }

[function]
front_ends = 8

[version.2]
code.errors = "0.1%"

[strategy]
latest = { latest = {} }
pinned = { pinned = {} }
alias = { alias = {} }
"#;

/// A folder with one scenario file, and what lies beside it.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn load(&self, name: &str, options: &Options) -> Result<Vec<Scenario>, Diagnostics> {
        scenario::load(&[self.path(name)], options)
    }
}

pub fn mistakes(content: &str, options: &Options) -> Vec<Diagnostic> {
    let folder = Folder::new().with("lesson.toml", content);
    match folder.load("lesson.toml", options) {
        Ok(_) => Vec::new(),
        Err(diagnostics) => diagnostics.iter().cloned().collect(),
    }
}

pub fn set(overrides: &[&str]) -> Options {
    Options {
        overrides: overrides.iter().map(|text| Override::new(text)).collect(),
        replications: None,
        ..Options::default()
    }
}

/// Takes the marks `«` and `»` out of a text: the text, the marked piece, and its line and column.
pub fn unmark(marked: &str) -> (String, String, (usize, usize)) {
    let (before, rest) = marked.split_once('«').expect("a mark");
    let (inside, after) = rest.split_once('»').expect("a closing mark");
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
    (format!("{before}{inside}{after}"), inside.to_owned(), (line, column))
}

/// An edit of the good file, in which marks show what must be underlined; then pieces of the reason and the cure.
pub type Case = (&'static str, &'static str, &'static str, &'static str);

const QUANTITIES: &[Case] = &[
    ("\"10m\"", "«10»", "`window.warm_up` is a span, but here stands a bare number", "write \"10s\""),
    ("\"10m\"", "«1.5»", "bare number", "write \"1.5s\""),
    ("\"10m\"", "«10m»", "stand in quotes", "write \"10m\""),
    ("\"10m\"", "«\"10\"»", "`10` has no unit", "write \"10s\""),
    ("\"10m\"", "«\"10 m\"»", "has a blank", "write \"10m\""),
    ("\"10m\"", "«\"\"»", "the text is empty", "\"10s\""),
    ("\"10m\"", "«\"-10m\"»", "never negative", "without the minus sign"),
    ("\"10m\"", "«\"nan\"»", "not a finite number", "\"10s\""),
    ("\"10m\"", "«\"1e3s\"»", "has an exponent", "all the digits"),
    ("\"10m\"", "«\"1,5s\"»", "not a plain decimal number", "a point"),
    ("\"10m\"", "«\"10min\"»", "unknown unit `min`", "write \"10m\""),
    ("\"10m\"", "«\"10/s\"»", "`/s` is the unit of a rate, but here belongs a span", "`ns`, `us`, `ms`"),
    ("\"10m\"", "«\"0.1ns\"»", "finer than 1 ns", "round it"),
    ("\"10m\"", "«\"101y\"»", "unknown unit `y`", "`h`, `d`"),
    ("\"10m\"", "«\"40000d\"»", "longer than 100 years", "36525d"),
    ("\"10m\"", "«\"0000000000000000000000000000001s\"»", "more than 24 digits", "at most 24 digits"),
    ("\"10m\"", "«true»", "`window.warm_up` is a span, but here stands true or false", "\"10s\""),
    ("\"10m\"", "«\"auto \"»", "`auto ` is neither a span nor `auto`", "write \"auto\", or a span"),
    ("\"10m\"", "«\"automatic\"»", "`automatic` is neither a span nor `auto`", "write \"auto\", or a span"),
    ("\"20m\"", "«\"auto\"»", "`auto` does not begin with a number", "\"10s\""),
    ("\"20m\"", "«\"0s\"»", "`window.after` is zero", "above zero"),
    ("\"200/s\"", "«200»", "is a rate, but here stands a bare number", "write \"200/s\""),
    ("\"200/s\"", "«\"200s\"»", "`s` is the unit of a span", "`/s`, `/m`"),
    ("\"200/s\"", "«\"200 req/s\"»", "blank", "\"200/s\""),
    ("\"200/s\"", "«\"0/s\"»", "a rate is above zero", "\"1/h\""),
    ("\"200/s\"", "«\"2000000000/s\"»", "more than 1e9 requests a second", "1000000000/s"),
    ("\"200/s\"", "«\"0.1234567890123/s\"»", "more decimals than can be kept", "fewer decimals"),
    ("\"0.1%\"", "«0.1»", "is a share, but here stands a bare number", "\"10%\""),
    ("\"0.1%\"", "«\"101%\"»", "more than the whole", "from \"0%\" to \"100%\""),
];

const KEYS: &[Case] = &[
    ("title =", "«titel» =", "unknown key `titel`", "did you mean `title`?"),
    ("[gateway]\n", "[gateway]\n«nods» = 3\n", "unknown key `nods`", "did you mean `nodes`?"),
    ("[gateway]\n", "[gateway]\n«weather» = 3\n", "unknown key `weather`", "the keys here are `nodes`, `lag`"),
    ("[gateway]", "[«gatway»]", "unknown key `gatway`", "did you mean `gateway`?"),
    ("[strategy]", "[«machines»]\nreplicas = 12\n[strategy]", "unknown key `machines`", "`strategy`"),
    ("[strategy]", "[«objectives».no-breakage]\n[strategy]", "unknown key `objectives`", "did you mean `objective`?"),
    ("nodes = 32", "nodes = «\"32\"»", "`gateway.nodes` is a whole number, but here stands a text", "from 1 to 100000"),
    ("nodes = 32", "nodes = «0»", "`gateway.nodes` lies outside 1 to 100000", "from 1 to 100000"),
    ("nodes = 32", "nodes = «99999999999999999999999999»", "lies outside", "from 1 to 100000"),
    ("nodes = 32", "nodes = «1.5»", "here stands a decimal number", "a whole number"),
    ("title = \"Orders\"", "title = «2026-01-01»", "`title` is a text, but here stands a date", "in quotes"),
    ("title = \"Orders\"", "title = «\"\"»", "a title is one line", "or drop `title`"),
    ("title =", "replications = «0»\ntitle =", "`replications` lies outside 1 to 100000", "from 1 to 100000"),
    ("nodes = 32", "nodes = «32.0»", "here stands a decimal number", "a whole number"),
    ("title =", "timeline = { bin = «\"1ms\"» }\ntitle =", "1800000 bins", "the default here is 5 s"),
    ("title =", "timeline = { bin = «\"0s\"» }\ntitle =", "`timeline.bin` is zero", "above zero"),
];

const SOURCES: &[Case] = &[
    ("[source.web]", "[source.«Web»]", "`Web` is not a name", "1 to 40 of a-z"),
    (
        "arrivals = { poisson = \"200/s\" }",
        "arrivals = { «poison» = \"200/s\" }",
        "unknown kind of arrivals",
        "`poisson`?",
    ),
    (
        "arrivals = { poisson = \"200/s\" }",
        "arrivals = { «weekly» = {} }",
        "unknown kind",
        "`constant`, `poisson`, `diurnal`, `profile`, `bursty`, `schedule`, `trace`, `users`",
    ),
    ("arrivals = { poisson = \"200/s\" }", "arrivals = «{}»", "names no kind of arrivals", "{ poisson = \"200/s\" }"),
    (
        "arrivals = { poisson = \"200/s\" }",
        "arrivals = «\"200/s\"»",
        "is a table whose key is the kind of arrivals",
        "{ poisson = \"200/s\" }",
    ),
    ("{ poisson = \"200/s\" }", "{ poisson = \"200/s\", «constant» = \"1/s\" }", "second kind", "keep one of the two"),
    ("[source.web]\narrivals", "«[source.web]»\n#", "`source.web.arrivals` is missing", "{ poisson = \"200/s\" }"),
    (
        "{ poisson = \"200/s\" }",
        "{ constant = «{ first = \"0s\" }» }",
        "`source.web.arrivals.constant.rate` is missing",
        "rate =",
    ),
    (
        "{ poisson = \"200/s\" }",
        "{ trace = { file = «\"none.csv\"», time = \"t_s\" } }",
        "there is no file",
        "relative to",
    ),
    ("[gateway]", "clients = «{ old = \"50%\" }»\n[gateway]", "half_life` is missing", "half_life = \"300s\""),
    ("[gateway]", "clients = { old = \"50%\", half_life = «\"0s\"» }\n[gateway]", "half_life` is zero", "above zero"),
    ("{ poisson = \"200/s\" }", "{ users = { count = 5, think = «\"0s\"» } }", "neither think nor pause", "above zero"),
    ("{ poisson = \"200/s\" }", "{ users = «{ think = \"1s\" }» }", "users.count` is missing", "count = 500"),
    (
        "{ poisson = \"200/s\" }",
        "{ users = { count = 5, think = \"1s\", sticky = { «both» = \"1d\" } } }",
        "unknown key `both`",
        "`old`",
    ),
    ("[gateway]", "timeout = «\"0s\"»\n[gateway]", "timeout` is zero", "above zero"),
    ("[gateway]", "retries = «3»\n[gateway]", "`source.web.retries` is a table", "attempts = 3"),
    ("[gateway]", "retries = { attempts = «1» }\n[gateway]", "outside 2 to 100", "from 2 to 100"),
    (
        "[gateway]",
        "retries = { backoff = «\"9s\"», most = \"5s\" }\n[gateway]",
        "the first backoff of 9 s is longer than the longest, 5 s",
        "the smaller span as `backoff`",
    ),
    ("[gateway]", "retries = { after = «[]» }\n[gateway]", "no end of an attempt", "leave `retries` out"),
    ("[gateway]", "retries = { after = «\"failed\"» }\n[gateway]", "is a list of ends", "[\"throttled\""),
    ("[gateway]", "retries = { after = [«\"fails\"»] }\n[gateway]", "cannot be `fails`", "did you mean `failed`?"),
    ("[gateway]", "retries = { jitter = «\"ful\"» }\n[gateway]", "cannot be `ful`", "did you mean `full`?"),
    (
        "[source.web]\narrivals = { poisson = \"200/s\" }",
        "[source.«web»]\narrivals = { poisson = \"1000000000/s\" }",
        "about 1.8e12 requests",
        "a lower rate or a shorter window",
    ),
];

const LAWS: &[Case] = &[
    (
        "lag = { uniform = [\"0s\", \"10s\"] }",
        "lag = «\"10s\"»",
        "`gateway.lag` is a table whose key is the kind of law",
        "{ constant = \"10s\" }",
    ),
    (
        "{ uniform = [\"0s\", \"10s\"] }",
        "{ uniform = «[\"10s\", \"0s\"]» }",
        "lower bound is above",
        "smaller span first",
    ),
    ("{ uniform = [\"0s\", \"10s\"] }", "{ uniform = «[\"10s\"]» }", "has 1 bounds", "[\"0s\", \"10s\"]"),
    ("{ uniform = [\"0s\", \"10s\"] }", "{ uniform = [\"0s\", «10»] }", "bare number", "\"10s\""),
    (
        "{ uniform = [\"0s\", \"10s\"] }",
        "{ «normal» = {} }",
        "unknown kind of law `normal`",
        "did you mean `lognormal`?",
    ),
    ("{ uniform = [\"0s\", \"10s\"] }", "{ exponential = «\"2s\"» }", "is a table", "{ mean = \"2s\" }"),
    ("{ uniform = [\"0s\", \"10s\"] }", "{ exponential = «{}» }", "mean` is missing", "{ mean = \"2s\" }"),
    (
        "{ uniform = [\"0s\", \"10s\"] }",
        "{ lognormal = «{ p50 = \"2s\", p99 = \"1s\" }» }",
        "`p99` is below",
        "the larger span",
    ),
    (
        "{ uniform = [\"0s\", \"10s\"] }",
        "{ lognormal = «{ p50 = \"0s\", p99 = \"1s\" }» }",
        "median above zero",
        "constant law",
    ),
    (
        "{ uniform = [\"0s\", \"10s\"] }",
        "{ lognormal = { p50 = \"1s\", p99 = \"2s\", «p90» = \"2s\" } }",
        "unknown key `p90`",
        "`p50`",
    ),
];

const CODE: &[Case] = &[
    (
        "[code]\naccepts = \"own\"\nservice",
        "«[code]»\naccepts = \"own\"\n#",
        "how long does a request take",
        "service = {",
    ),
    ("accepts = \"own\"", "accepts = «[1]»", "version 2 speaks contract 2, which this list lacks", "add 2 to the list"),
    ("accepts = \"own\"", "accepts = «[1, 2, 1]»", "contract 1 stands twice", "each contract once"),
    ("accepts = \"own\"", "accepts = [1, 2, «0»]", "lies outside", "whole number"),
    ("accepts = \"own\"", "accepts = «\"all\"»", "\"own\" or a list of contracts", "[1, 2]"),
    (
        "[function]",
        "cold_service = «{ constant = \"1s\" }»\n[function]\ninit = { constant = \"1s\" }",
        "two models of one cold start",
        "keep `init`",
    ),
    ("front_ends = 8", "idle = «\"forever\"»", "is a law or \"never\"", "\"never\""),
    ("front_ends = 8", "idle = { curve = «[]» }", "at least one point", "from short spans to long ones"),
    (
        "front_ends = 8",
        "idle = { curve = [[\"5m\", \"0%\"], «[\"4m\", \"100%\"]»] }",
        "spans of an idle curve rise",
        "from short spans to long ones",
    ),
    ("front_ends = 8", "idle = { curve = [«[\"5m\"]»] }", "this point has 1 parts", "[\"5m\", \"50%\"]"),
    ("front_ends = 8", "idle = { «curv» = [] }", "unknown kind of law `curv`", "did you mean `curve`?"),
    ("front_ends = 8", "concurrency = «0»", "outside 1 to", "from 1 to"),
    ("front_ends = 8", "scale_out = «{ instances = 10 }»", "scale_out.per` is missing", "per = \"10s\""),
    ("front_ends = 8", "scale_out = { instances = 10, per = «\"0s\"» }", "per` is zero", "above zero"),
    ("front_ends = 8", "max_age = «\"nevr\"»", "does not begin with a number", "\"10s\""),
    ("front_ends = 8", "timeout = «\"0s\"»", "timeout` is zero", "above zero"),
    ("accepts = \"own\"", "replies = «\"all\"»", "\"own-and-older\", \"own\" or a list", "[1, 2]"),
    ("accepts = \"own\"", "replies = «[1, 1]»", "contract 1 stands twice", "each contract once"),
    ("front_ends = 8", "choose = «\"recent\"»", "cannot be `recent`", "write one of `most-recent`"),
    ("front_ends = 8", "choose = «\"newst\"»", "cannot be `newst`", "did you mean `newest`?"),
    ("front_ends = 8", "warm = «1000001»", "lies outside 0 to 1000000", "from 0 to 1000000"),
    (
        "front_ends = 8",
        "provisioned = «{}»",
        "`function.provisioned.environments` is missing",
        "provisioned = { environments = 50 }",
    ),
    ("front_ends = 8", "provisioned = { environments = «0» }", "lies outside 1 to 1000000", "from 1 to 1000000"),
    (
        "front_ends = 8",
        "provisioned = { environments = 5, on = «\"alais\"» }",
        "cannot be `alais`",
        "did you mean `alias`?",
    ),
    ("front_ends = 8", "provisioned = { environments = 5, move = «\"after\"» }", "cannot be `after`", "`before`"),
    (
        "front_ends = 8",
        "concurrency = 80\nprovisioned = «{ environments = 50 }»",
        "100 environments are kept ready, 50 of each version, and `concurrency` is 80",
        "keep at most 40 ready, or raise `concurrency`",
    ),
    (
        "front_ends = 8",
        "concurrency = 40\nprovisioned = «{ environments = 50, move = \"late\" }»",
        "50 environments are kept ready, and `concurrency` is 40",
        "keep at most 40 ready",
    ),
    (
        "code.errors = \"0.1%\"",
        "function.«provisioned» = {}",
        "all versions share this setting",
        "move it to [function]",
    ),
    ("code.errors = \"0.1%\"", "function.warm = «1000001»", "lies outside 0 to 1000000", "from 0 to 1000000"),
    (
        "code.errors = \"0.1%\"",
        "function.«concurrency» = 3",
        "all versions share this setting",
        "move it to [function]",
    ),
    ("code.errors = \"0.1%\"", "«codes».errors = \"0.1%\"", "unknown key `codes`", "did you mean `code`?"),
    ("[version.2]", "[version.«two»]", "`two` is not the number of a version", "[version.2]"),
    ("[version.2]", "[version.«02»]", "`02` is not the number", "whole number from 1 to 999"),
    ("[version.2]", "[version.«1000»]", "`1000` is not the number", "whole number from 1 to 999"),
    ("[version.2]", "[version.2]\n[version.«4»]", "version 3 is not", "add [version.3]"),
];

const STRATEGIES: &[Case] = &[
    ("to = 2", "to = «9»", "version 9 does not exist", "declare [version.9], or choose one of 1 to 2"),
    ("to = 2", "to = «1»", "version 1 would be deployed over itself", "two different versions"),
    ("to = 2", "order = «\"gateway\"»", "cannot be `gateway`", "did you mean `gateway-first`?"),
    ("alias = { alias = {} }", "alias = { alias = { from = «2» } }", "deployed over itself", "two different versions"),
    ("latest = { latest = {} }", "«Latest» = { latest = {} }", "`Latest` is not a name", "a-z"),
    (
        "latest = { latest = {} }",
        "latest = { «shadow» = {} }",
        "unknown kind of strategy",
        "`none`, `latest`, `pinned`, `alias`",
    ),
    ("latest = { latest = {} }", "latest = { latest = «true» }", "is a table", "`{}` for none"),
    ("latest = { latest = {} }", "none = { none = { «step» = \"5s\" } }", "`none` deploys nothing", "drop it"),
    (
        "alias = { alias = {} }",
        "alias = { alias = { «order» = \"gateway-first\" } }",
        "setting of `latest`",
        "`gateway = \"after\"`",
    ),
    (
        "pinned = { pinned = {} }",
        "pinned = { pinned = { «order» = \"gateway-first\" } }",
        "setting of `latest`",
        "moves its contract",
    ),
    (
        "pinned = {} }",
        "pinned = { forget = \"5%\", forgotten = «[\"web\"]» } }",
        "exclude each other",
        "keep `forget` for a chance",
    ),
    (
        "pinned = {} }",
        "pinned = { wiring = \"template\", forget = «\"5%\"» } }",
        "a template forgets no route",
        "by-hand",
    ),
    (
        "pinned = {} }",
        "pinned = { wiring = \"template\", forgotten = «[\"web\"]» } }",
        "a template forgets no route",
        "by-hand",
    ),
    (
        "pinned = {} }",
        "pinned = { wiring = \"template\", wrong = «\"1%\"» } }",
        "a template mistakes no version",
        "by-hand",
    ),
    (
        "pinned = {} }",
        "pinned = { wiring = \"template\", each = «\"3m\"» } }",
        "a template re-points all sources at once",
        "by-hand",
    ),
    ("pinned = {} }", "pinned = { forgotten = [«\"wep\"»] } }", "there is no source `wep`", "did you mean `web`?"),
    ("pinned = {} }", "pinned = { forgotten = [\"web\", «\"web\"»] } }", "stands twice", "once"),
    ("pinned = {} }", "pinned = { forgotten = «\"web\"» } }", "is a list, but here stands a text", "[\"web\"]"),
    (
        "alias = {} }",
        "alias = { shift = «\"Canary10Percent5Minute\"» } }",
        "unknown shift",
        "did you mean `Canary10Percent5Minutes`?",
    ),
    (
        "alias = {} }",
        "alias = { shift = «\"Canary20Percent5Minutes\"» } }",
        "unknown shift",
        "write shift = { canary = { weight = \"20%\", bake = \"5m\" } }",
    ),
    (
        "alias = {} }",
        "alias = { shift = «\"CodeDeployDefault.LambdaLinear20PercentEvery3Minute\"» } }",
        "unknown shift",
        "write shift = { linear = { weight = \"20%\", every = \"3m\" } }",
    ),
    ("alias = {} }", "alias = { shift = { «canry» = {} } } }", "unknown kind of shift", "did you mean `canary`?"),
    ("alias = {} }", "alias = { shift = { canary = «{ weight = \"5%\" }» } } }", "bake` is missing", "bake = \"5m\""),
    (
        "alias = {} }",
        "alias = { shift = { steps = [{ weight = \"5%\" }, «{ weight = \"5%\", pause = \"1m\" }»] } } }",
        "either a weight or a pause",
        "{ pause = \"5m\" }",
    ),
    (
        "alias = {} }",
        "alias = { shift = { steps = [{ weight = \"5%\", «wait» = \"5m\" }] } } }",
        "unknown key `wait`",
        "weight",
    ),
    (
        "alias = {} }",
        "alias = { shift = { canary = { weight = «\"0%\"», bake = \"5m\" } } } }",
        "0 % never moves",
        "above \"0%\"",
    ),
    (
        "alias = {} }",
        "alias = { shift = { linear = { weight = «\"110%\"», every = \"5m\" } } } }",
        "more than the whole",
        "100%",
    ),
    (
        "alias = {} }",
        "alias = { shift = { linear = { weight = «\"0.001%\"», every = \"5m\" } } } }",
        "100000 steps",
        "larger weight",
    ),
];

/// Every case.
const OBJECTIVES: &[Case] = &[
    (
        "[strategy]",
        "[objective.a]\nmetric = «\"incompatible_shares\"»\nat_most = \"1%\"\n[strategy]",
        "there is no metric `incompatible_shares`",
        "did you mean `incompatible_share`?",
    ),
    (
        "[strategy]",
        "[objective.a]\nmetric = «\"weather\"»\nat_most = 3\n[strategy]",
        "there is no metric `weather`",
        "a column of replications.csv",
    ),
    (
        "[strategy]",
        "[objective.a]\nmetric = «\"cold_starts.v7\"»\nat_most = 3\n[strategy]",
        "no strategy runs a version `v7`",
        "write one of `cold_starts.v1`, `cold_starts.v2`",
    ),
    (
        "[strategy]",
        "[objective.a]\nmetric = «\"served.v1\"»\nat_least = 3\n[strategy]",
        "`served` is not counted by version",
        "write \"served\"",
    ),
    (
        "[strategy]",
        "«[objective.a]»\nmetric = \"served\"\n[strategy]",
        "an objective without a bound",
        "`at_most` or `at_least`",
    ),
    (
        "[strategy]",
        "[objective.a]\nmetric = \"served\"\nat_most = 3\nat_least = «2»\n[strategy]",
        "exclude each other",
        "second objective",
    ),
    (
        "[strategy]",
        "[objective.a]\nmetric = \"incompatible_share\"\nat_most = «0.1»\n[strategy]",
        "`objective.a.at_most` is a share, but here stands a bare number",
        "per cent in quotes",
    ),
    (
        "[strategy]",
        "[objective.a]\nmetric = \"latency_p99_ms\"\nat_most = «\"5%\"»\n[strategy]",
        "`%` is the unit of a share, but here belongs a span",
        "`ns`, `us`",
    ),
    (
        "[strategy]",
        "[objective.a]\nmetric = \"served\"\nat_least = «\"9s\"»\n[strategy]",
        "`objective.a.at_least` is a number, but here stands a text",
        "without a unit",
    ),
    (
        "[strategy]",
        "[objective.a]\nmetric = \"served\"\nat_least = «-9»\n[strategy]",
        "not a plain number from 0 up",
        "without a unit",
    ),
    (
        "[strategy]",
        "[objective.a]\nstrategies = [«\"pined\"»]\nmetric = \"served\"\nat_least = 9\n[strategy]",
        "there is no strategy `pined`",
        "did you mean `pinned`?",
    ),
    (
        "[strategy]",
        "[objective.a]\nstrategies = [\"alias\", «\"alias\"»]\nmetric = \"served\"\nat_least = 9\n[strategy]",
        "stands twice",
        "once",
    ),
    (
        "[strategy]",
        "[objective.a]\nstrategies = «[]»\nmetric = \"served\"\nat_least = 9\n[strategy]",
        "for no strategy",
        "name one",
    ),
];

pub fn cases() -> impl Iterator<Item = &'static Case> {
    [
        QUANTITIES,
        KEYS,
        SOURCES,
        sources::ARRIVALS,
        LAWS,
        CODE,
        STRATEGIES,
        OBJECTIVES,
        alarms::ALARMS,
        faults::FAULTS,
        faults::PLANS,
        faults::HOOKS,
        prices::PRICES,
        hosts::HOSTS,
    ]
    .into_iter()
    .flatten()
}
