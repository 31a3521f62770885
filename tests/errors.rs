//! Every kind of mistake in a scenario: the place, the underlined text, the reason and the cure.

use cutover::random::Seed;
use cutover::scenario::{self, Diagnostic, Diagnostics, Options, Override, Scenario};
use std::path::PathBuf;
use tempfile::TempDir;

const GOOD: &str = r#"title = "Orders"
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
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn load(&self, name: &str, options: &Options) -> Result<Vec<Scenario>, Diagnostics> {
        scenario::load(&[self.path(name)], options)
    }
}

fn mistakes(content: &str, options: &Options) -> Vec<Diagnostic> {
    let folder = Folder::new().with("lesson.toml", content);
    match folder.load("lesson.toml", options) {
        Ok(_) => Vec::new(),
        Err(diagnostics) => diagnostics.iter().cloned().collect(),
    }
}

fn set(overrides: &[&str]) -> Options {
    Options { overrides: overrides.iter().map(|text| Override::new(text)).collect(), replications: None }
}

/// Takes the marks `«` and `»` out of a text: the text, the marked piece, and its line and column.
fn unmark(marked: &str) -> (String, String, (usize, usize)) {
    let (before, rest) = marked.split_once('«').expect("a mark");
    let (inside, after) = rest.split_once('»').expect("a closing mark");
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
    (format!("{before}{inside}{after}"), inside.to_owned(), (line, column))
}

/// An edit of the good file, in which marks show what must be underlined; then pieces of the reason and the cure.
type Case = (&'static str, &'static str, &'static str, &'static str);

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
    ("[strategy]", "[«hosts»]\nreplicas = 12\n[strategy]", "unknown key `hosts`", "`strategy`"),
    ("[strategy]", "[«objective».no-breakage]\n[strategy]", "unknown key `objective`", "the keys here are"),
    ("nodes = 32", "nodes = «\"32\"»", "`gateway.nodes` is a whole number, but here stands a text", "from 1 to 100000"),
    ("nodes = 32", "nodes = «0»", "`gateway.nodes` lies outside 1 to 100000", "from 1 to 100000"),
    ("nodes = 32", "nodes = «99999999999999999999999999»", "lies outside", "from 1 to 100000"),
    ("nodes = 32", "nodes = «1.5»", "here stands a decimal number", "a whole number"),
    ("title = \"Orders\"", "title = «2026-01-01»", "`title` is a text, but here stands a date", "in quotes"),
    ("title = \"Orders\"", "title = «\"\"»", "a title is one line", "or drop `title`"),
    ("title =", "replications = «0»\ntitle =", "`replications` lies outside 1 to 100000", "from 1 to 100000"),
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
        "arrivals = { «diurnal» = {} }",
        "unknown kind",
        "`constant`, `poisson`, `trace`",
    ),
    ("arrivals = { poisson = \"200/s\" }", "arrivals = «{}»", "names no kind of arrivals", "{ poisson = \"200/s\" }"),
    (
        "arrivals = { poisson = \"200/s\" }",
        "arrivals = «\"200/s\"»",
        "written with its kind",
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
    ("{ poisson = \"200/s\" }", "{ trace = { file = «\"none.csv\"», time = \"t_s\" } }", "cannot read", "relative to"),
    ("{ poisson = \"200/s\" }", "{ trace = «{ file = \"x.csv\" }» }", "trace.time` is missing", "time = \"t_s\""),
    ("[gateway]", "clients = «{ old = \"50%\" }»\n[gateway]", "half_life` is missing", "half_life = \"300s\""),
    ("[gateway]", "clients = { old = \"50%\", half_life = «\"0s\"» }\n[gateway]", "half_life` is zero", "above zero"),
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
        "`gateway.lag` is written with its kind",
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
    ("front_ends = 8", "choose = «\"recent\"»", "cannot be `recent`", "write one of `most-recent`"),
    ("front_ends = 8", "choose = «\"newst\"»", "cannot be `newst`", "did you mean `newest`?"),
    ("front_ends = 8", "warm = «1000001»", "lies outside 0 to 1000000", "from 0 to 1000000"),
    ("code.errors = \"0.1%\"", "function.«warm» = 3", "all versions share this setting", "move it to [function]"),
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
        "latest = { «rolling» = {} }",
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
    ("pinned = {} }", "pinned = { forgotten = [«\"wep\"»] } }", "there is no source `wep`", "did you mean `web`?"),
    ("pinned = {} }", "pinned = { forgotten = [\"web\", «\"web\"»] } }", "stands twice", "once"),
    ("pinned = {} }", "pinned = { forgotten = «\"web\"» } }", "is a list, but here stands a text", "[\"web\"]"),
    (
        "alias = {} }",
        "alias = { shift = «\"Canary10Percent5Minute\"» } }",
        "unknown shift",
        "did you mean `Canary10Percent5Minutes`?",
    ),
    ("alias = {} }", "alias = { shift = { «canry» = {} } } }", "unknown kind of shift", "did you mean `canary`?"),
    ("alias = {} }", "alias = { shift = { canary = «{ weight = \"5%\" }» } } }", "bake` is missing", "bake = \"5m\""),
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

#[test]
fn every_mistake_is_underlined_with_its_reason_and_cure() {
    assert_eq!(mistakes(GOOD, &Options::default()), []);
    let cases = [QUANTITIES, KEYS, SOURCES, LAWS, CODE, STRATEGIES].concat();
    for (old, new, reason, cure) in cases {
        assert!(GOOD.contains(old), "{old}");
        let (content, underlined, position) = unmark(&GOOD.replacen(old, new, 1));
        let found = mistakes(&content, &Options::default());
        assert_eq!(found.len(), 1, "{new}: {found:#?}");
        assert_eq!((found[0].underlined(), found[0].position()), (underlined.as_str(), Some(position)), "{new}");
        assert!(found[0].reason().contains(reason), "{new}: {}", found[0].reason());
        assert!(found[0].cure().contains(cure), "{new}: {}", found[0].cure());
    }
}

#[test]
fn syntax_errors_say_what_to_write() {
    for (old, new, reason, cure) in [
        ("\"10m\"", "«10m»", "stand in quotes", "write \"10m\""),
        ("\"own\"", "«own»", "stand in quotes", "write \"own\""),
        ("to = 2", "order = «function-first»", "stand in quotes", "write \"function-first\""),
        ("to = 2", "to =«»", "a value is missing", "after `=`"),
        ("to = 2", "to = 2\n«to» = 2", "duplicate key", "keep one"),
        ("[gateway]", "[source]\n[«source»]\n[gateway]", "duplicate key", "join the tables"),
        ("[strategy]", "[strategy«»\n#", "unclosed table", "close the heading"),
        ("\"Orders\"", "\"Orders«»", "invalid basic string", "close the text"),
        ("to = 2", "to «»2", "key with no value", "KEY = VALUE"),
        ("to = 2", "to = «0»2", "leading zero", "drop the leading zero"),
        ("alias = { alias = {} }\n", "alias = { alias = {}«»", "unclosed inline table", "close the table"),
        ("to = 2", "[[source.«web»]]", "duplicate key", "keep one"),
    ] {
        assert!(GOOD.contains(old), "{old}");
        let (content, underlined, position) = unmark(&GOOD.replacen(old, new, 1));
        let found = mistakes(&content, &Options::default());
        let first = found.first().unwrap_or_else(|| panic!("{new}"));
        assert_eq!((first.underlined(), first.position()), (underlined.as_str(), Some(position)), "{new}: {found:#?}");
        assert!(first.reason().contains(reason) && first.cure().contains(cure), "{new}: {first:#?}");
        assert_eq!(found.len(), 1, "{new}: {found:#?}");
    }
}

#[test]
fn all_mistakes_of_a_file_come_out_in_one_go_and_in_order() {
    let content = GOOD
        .replacen("\"10m\"", "10m", 1)
        .replacen("nodes = 32", "nodes = 0\nnods = 1", 1)
        .replacen("lag =", "leg =", 1)
        .replacen("pinned = {} }", "pined = {} }", 1)
        .replacen("alias = {} }", "alias = { shift = { canary = { weight = 5 } } } }", 1);
    let found = mistakes(&content, &Options::default());
    let underlined: Vec<_> = found.iter().map(Diagnostic::underlined).collect();
    // `bake` is not called missing: it might have stood where the syntax is broken.
    assert_eq!(underlined, ["10m", "0", "nods", "leg", "pined", "5"]);
}

#[test]
fn a_syntax_error_does_not_make_other_things_missing() {
    let found = mistakes(&GOOD.replacen("arrivals =", "arrivals", 1), &Options::default());
    assert_eq!(found.len(), 1, "{found:#?}");
    let found = mistakes("[source.web\n[code]\n[strategy]\nlatest = {}\n", &Options::default());
    assert_eq!(found.len(), 1, "{found:#?}");
}

#[test]
fn what_a_file_lacks_is_said_of_the_file() {
    let found = mistakes("", &Options::default());
    let reasons: Vec<_> = found.iter().map(|d| (d.position(), d.reason())).collect();
    assert_eq!(reasons, [(None, "the scenario has no source of requests"), (None, "the scenario has no strategy")]);
    assert!(found[1].cure().contains("latest = { latest = {} }"));
}

#[test]
fn overrides_are_checked_where_they_stand() {
    for (text, reason, cure) in [
        ("«gateway.nodes»", "without `=`", "gateway.nodes=16"),
        ("«gateway..nodes»=3", "`gateway..nodes` is not a key", "joined by dots"),
        ("gateway.nodes=«0»", "lies outside", "from 1 to 100000"),
        ("gateway.«nods»=3", "unknown key `nods`", "did you mean `nodes`?"),
        ("gateway.lag=«10s»", "written with its kind", "{ constant = \"10s\" }"),
        ("gateway.lag={ constant = «10» }", "bare number", "\"10s\""),
        ("gateway.lag={ constant = «10s» }", "stand in quotes", "write \"10s\""),
        ("source.web.arrivals.«possion»=1/s", "unknown kind of arrivals", "did you mean `poisson`?"),
        ("«source.web.arrivals.poisson»", "without `=`", "KEY=VALUE"),
        ("title=«»", "a title is one line", "drop `title`"),
    ] {
        let (text, underlined, position) = unmark(text);
        let found = mistakes(GOOD, &set(&[&text]));
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        assert_eq!((found[0].path(), found[0].underlined()), ("--set", underlined.as_str()), "{text}");
        assert_eq!(found[0].position(), Some(position), "{text}");
        assert!(found[0].reason().contains(reason) && found[0].cure().contains(cure), "{text}: {found:#?}");
    }
    let options = Options { overrides: Vec::new(), replications: Some(0) };
    let found = mistakes(GOOD, &options);
    assert_eq!((found[0].path(), found[0].underlined()), ("--replications", "0"));
}

#[test]
fn more_adoptions_than_fit_into_memory_are_refused() {
    let shift = "strategy.alias.alias.shift={ linear = { weight = \"0.01%\", every = \"1s\" } }";
    let found = mistakes(GOOD, &set(&[shift, "function.front_ends=1001"]));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].underlined(), "{ linear = { weight = \"0.01%\", every = \"1s\" } }");
    assert_eq!(found[0].reason(), "10000 stages, each adopted by 1001 front-ends, do not fit into memory");
    assert_eq!(found[0].cure(), "take a larger weight, or at most 1000 front-ends");
    assert_eq!(mistakes(GOOD, &set(&[shift, "function.front_ends=1000"])), []);
}

#[test]
fn an_override_that_fits_no_file_is_one_mistake() {
    let folder = Folder::new().with("a.toml", GOOD).with("b.toml", GOOD);
    let refused = folder.load("", &set(&["gateway.nodes=0", "x"])).unwrap_err();
    assert_eq!(refused.iter().count(), 2);
    assert!(refused.render(false).ends_with("2 errors; nothing was run\n"), "{refused}");
}

#[test]
fn paths_and_names_are_checked() {
    let folder = Folder::new()
        .with("bad/Big.toml", GOOD)
        .with("bad/sub/ok.toml", GOOD)
        .with("bad/sub-ok.toml", GOOD)
        .with("empty/notes.txt", "")
        .with("empty/.hidden.toml", "broken")
        .with("empty/.hidden/x.toml", "broken")
        .with("latin.toml", b"title = \"ok\"\n# caf\xe9\n")
        .with("large.toml", vec![b'#'; (1 << 20) + 1])
        .with("twice.toml", GOOD);
    let paths = ["bad", "empty", "latin.toml", "large.toml", "missing.toml", "twice.toml", "twice.toml"];
    let paths: Vec<_> = paths.iter().map(|path| folder.path(path)).collect();
    let refused = scenario::load(&paths, &Options::default()).unwrap_err();
    let expected = [
        ("bad/Big.toml", "`Big` is not a name", "rename it"),
        ("empty", "holds no scenario", "NAME.toml"),
        ("bad/sub-ok.toml", "both become `sub-ok`", "rename one"),
        ("twice.toml", "a second scenario of the name `twice`", "rename one"),
        ("latin.toml", "line 2 is not UTF-8", "save the file as UTF-8"),
        ("large.toml", "larger than 1 MiB", "trace file"),
        ("missing.toml", "cannot be read", "check that it exists"),
    ];
    let found: Vec<_> = refused.iter().collect();
    assert_eq!(found.len(), expected.len(), "{refused}");
    for (diagnostic, (path, reason, cure)) in found.into_iter().zip(expected) {
        assert!(diagnostic.path().ends_with(path), "{path}: {diagnostic:?}");
        assert!(diagnostic.position().is_none());
        assert!(diagnostic.reason().contains(reason), "{path}: {}", diagnostic.reason());
        assert!(diagnostic.cure().contains(cure), "{path}: {}", diagnostic.cure());
    }
}

#[test]
fn a_trace_shows_its_own_line() {
    let content = GOOD.replacen("{ poisson = \"200/s\" }", "{ trace = { file = \"x.csv\", time = \"t_s\" } }", 1);
    for (csv, position, underlined, reason) in [
        ("t_s\n1\n2\nx\n", (4, 1), "x", "not a plain decimal number"),
        ("a,t_s\n0,1\n0,0.5\n", (3, 3), "0.5", "earlier than the row before"),
        ("time\n1\n", (1, 1), "time", "no column `t_s`"),
    ] {
        let folder = Folder::new().with("lesson.toml", &content).with("x.csv", csv);
        let refused = folder.load("lesson.toml", &Options::default()).unwrap_err();
        let found = refused.iter().next().unwrap();
        assert!(found.path().ends_with("x.csv"));
        assert_eq!((found.position(), found.underlined()), (Some(position), underlined), "{refused}");
        assert!(found.reason().contains(reason), "{refused}");
        assert!(refused.render(false).contains(&format!("x.csv:{}:{}", position.0, position.1)), "{refused}");
    }
    let folder = Folder::new().with("lesson.toml", &content).with("x.csv", "t_s\n");
    let refused = folder.load("lesson.toml", &Options::default()).unwrap_err();
    let found = refused.iter().next().unwrap();
    assert_eq!((found.underlined(), found.reason()), ("\"x.csv\"", "this trace has no rows"));
    let outside = content.replacen("time = \"t_s\"", "time = \"t_s\", first = \"20m\"", 1);
    let folder = Folder::new().with("lesson.toml", outside).with("x.csv", "t_s\n1\n2\n");
    let refused = folder.load("lesson.toml", &Options::default()).unwrap_err();
    assert!(refused.iter().next().unwrap().reason().contains("none of the 2 rows"), "{refused}");
}

/// Deletes, doubles and replaces a few characters.
fn mutated(text: &str, times: usize, below: &mut impl FnMut(usize) -> usize) -> String {
    const SCRAPS: &str = "{}[]\"'=.\n 0-%é\u{0}\r#a\\/,";
    let scraps: Vec<char> = SCRAPS.chars().collect();
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..times {
        let at = below(chars.len());
        match below(3) {
            0 => drop(chars.remove(at)),
            1 => chars.insert(at, chars[at]),
            _ => chars[at] = scraps[below(scraps.len())],
        }
    }
    chars.into_iter().collect()
}

/// Whatever a file or an override holds, it is understood or refused with a report; nothing panics.
#[test]
fn damaged_input_is_refused_and_never_a_panic() {
    let stream = Seed { seed: 1, replication: 0 }.stream("test", "mutations");
    let mut draws = (0..).map(|i| stream.bits(i, 0));
    let mut below = move |n: usize| (draws.next().unwrap() % n as u64) as usize;
    let folder = Folder::new();
    let path = folder.path("lesson.toml");
    let mut refused = 0;
    for round in 0..2_000 {
        let content = mutated(GOOD, 1 + round % 4, &mut below);
        let change = mutated("source.web.arrivals={ constant = \"1/s\" }", round % 3, &mut below);
        let options = if round % 5 == 0 { set(&[&change]) } else { Options::default() };
        std::fs::write(&path, &content).unwrap();
        if let Err(diagnostics) = scenario::load(std::slice::from_ref(&path), &options) {
            refused += 1;
            assert!(diagnostics.iter().count() > 0, "{content}");
            assert!(diagnostics.render(round % 2 == 0).contains("nothing was run"), "{content}");
        }
    }
    assert!((500..2_000).contains(&refused), "{refused}");
}
