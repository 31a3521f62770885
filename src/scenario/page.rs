//! The page `docs/scenario.md`, which has every key: made of the descriptions that the readers follow.

use super::tables::ROOT;
use crate::text::key::{Absent, Described};
use crate::text::kind::Look;
use crate::text::law;
use crate::text::measure::{FACTOR, MEMORY, MONEY, Measure, PRICE_BY_GBS, PRICE_BY_MILLION, RATE, SHARE, SPAN};
use crate::text::schema;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The page, in Markdown.
#[must_use]
pub fn page() -> String {
    let mut page = format!("{HEAD}{}", values());
    page.push_str(REST);
    let (alone, tables): (Vec<_>, Vec<_>) = ROOT.keys().into_iter().partition(|key| key.look().keys().is_empty());
    page.push_str("\n## The scenario itself\n");
    keys(&mut page, &alone, Kinds::Below);
    for table in tables {
        let path = match table.look().stands() {
            "" if table.look().words() == "list of tables" => format!("[[{}]]", table.name()),
            "" => format!("[{}]", table.name()),
            name => format!("[{}.{name}]", table.name()),
        };
        let _ = write!(page, "\n## `{path}`\n\n{}\n", told(table.about()));
        keys(&mut page, &table.look().keys(), Kinds::Below);
    }
    page
}

/// The kinds of value that have units, and laws.
fn values() -> String {
    let units = |measure: &Measure| {
        let units: Vec<_> = measure.units.iter().map(|(unit, _)| format!("`{}`", unit.trim_start())).collect();
        units.join(" ")
    };
    let laws: Vec<_> = law::SHELF.keys().iter().map(|kind| format!("`{}`", kind.example())).collect();
    format!(
        "| value | units | for instance |\n|---|---|---|\n\
         | span | {0} | `\"10s\"`, `\"250ms\"`; at most 100 years, at the finest 1 ns |\n\
         | time | {0} | `\"5m\"`, or `\"-10s\"` before t = 0 |\n\
         | rate | {1} | `\"200/s\"`, `\"1/h\"` |\n\
         | share | {2} | `\"5%\"`, `\"0.01%\"` |\n\
         | factor | {3} | `\"2.5x\"` |\n\
         | price | {4} | `\"0.20 usd/M\"` for a million, `\"0.0000166667 usd/GBs\"` for a GB (1,024 MiB) held for a second |\n\
         | sum of money | {5} | `\"0.50 usd\"` |\n\
         | memory | {6} | `\"512MiB\"`; whole MiB |\n\
         | law | of spans | {7} |\n",
        units(&SPAN),
        units(&RATE),
        units(&SHARE),
        units(&FACTOR),
        [units(&PRICE_BY_MILLION), units(&PRICE_BY_GBS)].join(" "),
        units(&MONEY),
        units(&MEMORY),
        laws.join(", ")
    )
}

/// Where the kinds of a thing are told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kinds {
    /// Each under a heading of its own, below the table.
    Below,
    /// As rows of the table.
    Within,
}

/// A table of keys, what they inherit, and the kinds of things that stand behind them.
fn keys(page: &mut String, keys: &[&'static dyn Described], kinds: Kinds) {
    let mut found = Found::default();
    for key in keys {
        found.key("", *key, kinds);
    }
    if !found.rows.is_empty() {
        let _ = write!(page, "\n| key | value | default | meaning |\n|---|---|---|---|\n{}", found.rows);
    }
    for (place, names) in found.inherited {
        let _ = write!(page, "\nAlso, as in `{place}` unless written: {}.\n", names.join(", "));
    }
    for (path, kind) in found.kinds {
        let _ = write!(page, "\n### `{path}`\n\n{} For instance `{}`.\n", told(kind.about()), kind.example());
        self::keys(page, &kind.look().keys(), Kinds::Within);
    }
}

/// What is found among the keys of a table.
#[derive(Default)]
struct Found {
    rows: String,
    /// The keys that are as in another table, by that table.
    inherited: BTreeMap<&'static str, Vec<String>>,
    kinds: Vec<(String, &'static dyn Described)>,
}

impl Found {
    fn key(&mut self, prefix: &str, key: &'static dyn Described, kinds: Kinds) {
        let path = format!("{prefix}{}", key.name());
        if let Some(place) = key.inherits() {
            self.inherited.entry(place).or_default().push(format!("`{path}`"));
            return;
        }
        if !key.example().is_empty() && kinds == Kinds::Below {
            self.kinds.push((path, key));
            return;
        }
        let _ = writeln!(
            self.rows,
            "| `{path}` | {} | {} | {} |",
            key.look().words(),
            told(&absent(key.absent())),
            told(key.about())
        );
        for inner in key.look().keys() {
            self.key(&format!("{path}."), inner, kinds);
        }
    }
}

fn absent(absent: Absent) -> String {
    match absent {
        Absent::Required(_) => "required".to_owned(),
        Absent::Default(text, origin) => {
            format!("`{}` {}", schema::in_toml(&schema::json_of(text)), origin.words()).trim_end().to_owned()
        }
        Absent::Otherwise(words) => words.trim_end_matches('.').to_owned(),
    }
}

/// Words as Markdown has them: two of these names in a line would be taken for a formula.
fn told(words: &str) -> String {
    words.replace("$LATEST", "`$LATEST`").replace("``$LATEST``", "`$LATEST`")
}

const HEAD: &str = "\
# The scenario file, key by key

`cutover keys` prints this page; it is made of the descriptions that the reader follows. `cutover schema` gives the same to an
editor; `cutover check` explains every mistake.

A scenario is TOML. One rule everywhere: **the key is the kind** (`poisson = ...`, `alias = {...}`), and what is not
written has the default below. Units are always written. `--set`, `--vary` and their like name a key by its path, an item of a
list by its number from 0: `gateway.nodes=64`, `event.0.chance=50%`, `strategy.fix.plan.1.wait=30m`.

";

const REST: &str = "
Figures marked \"(assumed)\" were measured by nobody; vary them (`cutover sweep FILE --sensitivity`) before you trust a
verdict that hangs on them.

With `warm_up = \"auto\"` the warm-up is as long as [pilot runs](warm-up.md) need to forget how they began. What happens when
must not hang on that length: a trace must be repeated (`loop = true`) and, like a schedule with `every`, say its `first`;
`constant` without `first` begins with the warm-up, as ever; a default `timeline.bin` follows the length. `cutover check`
looks for mistakes and not for the length.
";

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// What every strategy has stands on the page of all keys only.
    const OF_ALL: [&str; 6] = ["rollback_on", "at_start", "watch", "hooks", "timeout", "on_timeout"];

    /// The rows of the table under a heading of the page, of these keys and what is below them; of all its own if none is named.
    fn table(heading: &str, wanted: &[&str]) -> String {
        let page = page();
        let start = page.find(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no {heading}"));
        let section = &page[start + 1 + heading.len()..];
        let section = &section[..section.find("\n#").unwrap_or(section.len())];
        let is_of = |row: &&str| {
            let Some(key) = row.strip_prefix("| `").and_then(|row| row.split('`').next()) else {
                return row.starts_with("| key") || row.starts_with("|---");
            };
            let top = key.split('.').next().unwrap_or(key);
            if wanted.is_empty() { !OF_ALL.contains(&top) } else { wanted.contains(&top) }
        };
        section.lines().filter(|row| row.starts_with('|')).filter(is_of).map(|row| format!("{row}\n")).collect()
    }

    /// A page with the tables between its marks made anew.
    fn with_tables(text: &str) -> String {
        let (mut made, mut rest) = (String::new(), text);
        while let Some(start) = rest.find("<!-- keys ") {
            let end = start + rest[start..].find("-->").unwrap();
            let close = end + rest[end..].find("<!-- end -->").unwrap();
            let (heading, wanted) = rest[start + 10..end].split_once('|').unwrap_or((&rest[start + 10..end], ""));
            let table = table(heading.trim(), &wanted.split_whitespace().collect::<Vec<_>>());
            made.push_str(&format!("{}-->\n{table}", &rest[..end]));
            rest = &rest[close..];
        }
        made + rest
    }

    #[test]
    fn every_strategy_and_every_way_of_a_source_has_a_page_with_its_keys() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        let mut pages = 0;
        for folder in ["strategies", "sources"] {
            for file in std::fs::read_dir(docs.join(folder)).unwrap() {
                let path = file.unwrap().path();
                let text = std::fs::read_to_string(&path).unwrap();
                let made = with_tables(&text);
                if std::env::var_os("CUTOVER_BLESS").is_some_and(|value| value == "1") {
                    std::fs::write(&path, &made).unwrap();
                } else {
                    assert!(text == made, "{} is stale: CUTOVER_BLESS=1 cargo test --lib", path.display());
                }
                pages += usize::from(text.contains("<!-- keys "));
            }
        }
        let kinds = page().lines().filter(|line| line.starts_with("### `") && !line.contains("arrivals.")).count();
        // And the five ways of a source, and what is kept ready.
        assert_eq!(pages, kinds + 6);
    }

    #[test]
    fn the_page_in_the_docs_is_this_one() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenario.md");
        if std::env::var_os("CUTOVER_BLESS").is_some_and(|value| value == "1") {
            std::fs::write(&path, page()).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == page(),
            "docs/scenario.md is stale: write it anew with cargo run -- keys > docs/scenario.md"
        );
    }
}
