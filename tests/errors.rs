//! Every kind of mistake in a scenario: the place, the underlined text, the reason and the cure.

mod mistakes;

use cutover::random::Seed;
use cutover::scenario::{self, Diagnostic, Options};
use mistakes::{Folder, GOOD, cases, mistakes, set, unmark};

#[test]
fn every_mistake_is_underlined_with_its_reason_and_cure() {
    assert_eq!(mistakes(GOOD, &Options::default()), []);
    for &(old, new, reason, cure) in cases() {
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
        ("\"Orders\"", "\"Orders«»", "this text is not closed", "close the text"),
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
        ("gateway.lag=«10s»", "whose key is the kind of law", "{ constant = \"10s\" }"),
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
    let options = Options { overrides: Vec::new(), replications: Some(0), ..Options::default() };
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
        .with("bad/My Big.toml", GOOD)
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
        ("bad/My Big.toml", "`My Big` is not a name", "rename it"),
        ("empty", "holds no scenario", "NAME.toml"),
        ("bad/sub-ok.toml", "both become `sub-ok`", "rename one"),
        ("twice.toml", "a second scenario of the name `twice`", "rename one"),
        ("latin.toml", "line 2 is not UTF-8", "save the file as UTF-8"),
        ("large.toml", "larger than 1 MiB", "trace file"),
        ("missing.toml", "there is no such file", "check the path"),
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

#[test]
fn a_scenario_compares_a_bounded_number_of_strategies_and_versions() {
    let scenario = |strategies: String, versions: String| {
        format!(
            "[source.web]\narrivals = {{ poisson = \"1/s\" }}\n[code]\nservice = {{ constant = \"1s\" }}\n\
             {versions}[strategy]\n{strategies}"
        )
    };
    let alike = |n| scenario((0..n).map(|i| format!("a{i} = {{ latest = {{}} }}\n")).collect(), String::new());
    assert!(mistakes(&alike(64), &Options::default()).is_empty());
    let found = mistakes(&alike(65), &Options::default());
    assert!(found[0].reason().contains("at most 64 strategies"), "{}", found[0].reason());

    let apart = |n: u32| {
        let step = |i| format!("a{i} = {{ latest = {{ from = {i}, to = {} }} }}\n", i + 1);
        let version = |i| format!("[version.{i}]\ncode.errors = \"0%\"\n");
        scenario((1..n).map(step).collect(), (2..=n).map(version).collect())
    };
    assert!(mistakes(&apart(16), &Options::default()).is_empty());
    let found = mistakes(&apart(17), &Options::default());
    assert!(found[0].reason().contains("at most 16 versions"), "{}", found[0].reason());
}
