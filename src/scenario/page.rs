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
