//! `[objective.NAME]`: what a strategy must reach, so that a run can be a gate.

use crate::metrics::{Bound, Kind, Metric, Unit};
use crate::strategy::Strategy;
use crate::text::diagnostic::{Place, quote};
use crate::text::document::Value;
use crate::text::key::Key;
use crate::text::kind::{self, Form, Keys, Named, Together};
use crate::text::log::{self, Checked};
use crate::text::reader::{Item, Table};
use crate::text::schema::{self, Schema};
use crate::text::{name, pattern, quantity, suggestion};
use crate::time::NS_PER_S;
use crate::units::Share;
use serde_json::json;
use std::collections::BTreeSet;

/// How many objectives a scenario may have.
const MOST: usize = 100;

/// `[objective]`, by name.
pub(crate) const OBJECTIVES: Key<()> = Key::new(
    "objective",
    &Named {
        pattern: name::PATTERN,
        stands: "NAME",
        each: &Together(&Keys(&[&STRATEGIES, &METRIC, &AT_MOST, &AT_LEAST, &IN]), |schema| {
            schema.with("oneOf", json!([{ "required": ["at_most"] }, { "required": ["at_least"] }]))
        }),
        about: "A bound on one metric: met or missed where the whole interval lies on one side of it, else undecided.",
        least: 0,
    },
    "What strategies must reach. A run whose objective is missed, at the confidence of its intervals, exits with 1.",
);

const STRATEGIES: Key<()> = Key::new(
    "strategies",
    &kind::fitting("list of names", || {
        schema::distinct(Schema::default().with("type", json!("string")).about("The name of a strategy."))
            .with("minItems", json!(1))
    }),
    "The strategies that must reach it, such as [\"pinned\"].",
)
.otherwise("all that deploy something; all if none does.");

const METRIC: Key<()> = Key::new(
    "metric",
    &kind::fitting("[metric](metrics.md)", metric_schema),
    "A column of replications.csv, such as \"incompatible_share\" or \"cold_starts.v2\".",
)
.required("metric = \"incompatible_share\"");

/// Which of the four forms a bound must have follows from the metric.
const BOUND: Form<()> = kind::fitting("share, span, sum of money or number", bound_schema);
const AT_MOST: Key<()> = Key::new("at_most", &BOUND, "The mean must not exceed this; or else write `at_least`.");
const AT_LEAST: Key<()> = Key::new("at_least", &BOUND, "The mean must reach this.");

const IN: Key<Share> = Key::new(
    "in",
    &kind::SHARE_ABOVE_ZERO,
    "In which share of the rollouts it must hold, such as \"99%\", in place of the mean. A rollout in which the metric is absent fails, \
     and one in which it is cut short where it must be at most.",
)
.otherwise("the mean must.");

fn metric_schema() -> Schema {
    let totals: Vec<_> = Kind::ALL.iter().map(|kind| kind.key()).collect();
    let by_version: Vec<_> = Kind::ALL.iter().filter(|kind| kind.by_version()).map(|kind| kind.key()).collect();
    let total = Schema::default().with("type", json!("string")).with("enum", json!(totals));
    let one = schema::text(&format!("^({})\\.v[1-9][0-9]*$", by_version.join("|")));
    schema::any([total.about("A metric of the results."), one.about("A metric of one version.")])
}

fn bound_schema() -> Schema {
    let number = Schema::default().with("type", json!("number")).with("minimum", json!(0)).about("A plain number.");
    schema::any([
        pattern::share().about("A share of requests."),
        pattern::span().about("A span of time."),
        pattern::money(),
        number,
    ])
    .units("those of the metric: \"0.1%\" for a share, \"250ms\" for a duration, \"0.50 usd\" for a cost, 100 for a count.")
}

/// What some strategies must reach in one metric.
#[derive(Clone, PartialEq, Debug)]
pub struct Objective {
    /// Its name.
    pub name: String,
    /// The names of the strategies it is about, in the order written; at least one.
    pub strategies: Vec<String>,
    /// What is measured.
    pub metric: Metric,
    /// What its mean must not exceed, or must reach.
    pub bound: Bound,
    /// In which share of the rollouts each must, in place of the mean.
    pub within: Option<Share>,
}

/// Reads the objectives under `[objective]`, in the order of the document.
pub(crate) fn objectives(table: &Table, strategies: Checked<&[Strategy]>) -> Checked<Vec<Objective>> {
    let read = |(place, (key, at, item)): (usize, (&str, &Place, Item<'_>))| {
        if place == MOST {
            return Err(item.refuse(format!("a scenario has at most {MOST} objectives"), "drop some"));
        }
        let name = name::name(key, at, table.log());
        let objective = objective(&item, strategies);
        Ok(Objective { name: name?, ..objective? })
    };
    log::all(table.all().take(MOST + 1).enumerate().map(read))
}

fn objective(item: &Item, strategies: Checked<&[Strategy]>) -> Checked<Objective> {
    let mut table = item.table("{ metric = \"incompatible_share\", at_most = \"0.1%\" }")?;
    let known = strategies.unwrap_or_default();
    let written = table.with(&STRATEGIES, |item| named(item, strategies?));
    let metric = table.must(&METRIC, |item| metric(item, known));
    let unit = metric.as_ref().ok().map(Metric::unit);
    let within = table.written(&IN);
    let most = table.with(&AT_MOST, |item| Ok((item.clone(), bound(item, unit)?)));
    let least = table.with(&AT_LEAST, |item| Ok((item.clone(), bound(item, unit)?)));
    let bound = match (most?, least?) {
        (Some((_, most)), None) => Ok(Bound::AtMost(most)),
        (None, Some((_, least))) => Ok(Bound::AtLeast(least)),
        (Some(_), Some((item, _))) => {
            Err(item.refuse("`at_most` and `at_least` exclude each other", "keep one here; write a second objective"))
        }
        (None, None) => Err(table.missing("an objective without a bound", "write `at_most` or `at_least`")),
    };
    table.finish();
    // An objective that names no strategy is about every one that deploys something, or about all if none does.
    let deploying = known.iter().filter(|strategy| strategy.rollout.deploys());
    let mut all: Vec<_> = deploying.map(|strategy| strategy.name.clone()).collect();
    if all.is_empty() {
        all = known.iter().map(|strategy| strategy.name.clone()).collect();
    }
    Ok(Objective {
        name: String::new(),
        strategies: written?.unwrap_or(all),
        metric: metric?,
        bound: bound?,
        within: within?,
    })
}

/// The strategies in a list.
fn named(item: &Item, strategies: &[Strategy]) -> Checked<Vec<String>> {
    const EXAMPLE: &str = "a list of strategies, such as [\"pinned\"]";
    let names: Vec<_> = strategies.iter().map(|strategy| strategy.name.as_str()).collect();
    let mut listed = BTreeSet::new();
    let read = |item: &Item| {
        let name = item.text("pinned")?;
        if !names.contains(&name) {
            let cure = suggestion::suggestion(name, "the strategies are", &names);
            return Err(item.dangling(format!("there is no strategy {}", quote(name)), cure));
        }
        if !listed.insert(name.to_owned()) {
            return Err(item.refuse(format!("strategy {} stands twice in this list", quote(name)), "name it once"));
        }
        Ok(name.to_owned())
    };
    let items = item.list(EXAMPLE)?;
    if items.is_empty() {
        return Err(item.refuse("an objective for no strategy", "name one, or drop `strategies` for all that deploy"));
    }
    log::all(items.iter().map(read))
}

/// A metric by its key.
fn metric(item: &Item, strategies: &[Strategy]) -> Checked<Metric> {
    let key = item.text("incompatible_share")?;
    let (total, version) = key.split_once('.').map_or((key, None), |(total, version)| (total, Some(version)));
    let Some(&kind) = Kind::ALL.iter().find(|kind| kind.key() == total) else {
        return Err(item.refuse(format!("there is no metric {}", quote(key)), suggestion::metric(key)));
    };
    let Some(version) = version else { return Ok(Metric { kind, version: None }) };
    if !kind.by_version() {
        let reason = format!("`{total}` is not counted by version");
        return Err(item.refuse(reason, format!("write \"{total}\"")));
    }
    let deployed: BTreeSet<_> = strategies.iter().flat_map(Strategy::versions).collect();
    match deployed.iter().find(|known| known.to_string() == version) {
        Some(&version) => Ok(Metric { kind, version: Some(version) }),
        None => {
            let names: Vec<_> = deployed.iter().map(|version| format!("`{total}.{version}`")).collect();
            let reason = format!("no strategy runs a version {}", quote(version));
            Err(item.dangling(reason, format!("write one of {}", names.join(", "))))
        }
    }
}

/// A bound in the unit of its metric; where that is unknown, anything goes, because the metric is refused already.
fn bound(item: &Item, unit: Option<Unit>) -> Checked<f64> {
    match unit {
        Some(Unit::Share) => Ok(quantity::share(item)?.as_f64()),
        Some(Unit::Milliseconds) => Ok(quantity::span(item)?.ns() as f64 / 1e6),
        Some(Unit::Seconds) => Ok(quantity::span(item)?.ns() as f64 / NS_PER_S as f64),
        Some(Unit::Dollars) => quantity::money::money(item),
        Some(Unit::Number) => number(item),
        None => Ok(0.0),
    }
}

/// An amount of a metric, in its unit, from a text such as `2ms`, `0.1%` or `10`.
///
/// # Errors
/// The reason and the cure, in one sentence.
pub fn amount(metric: &Metric, text: &str) -> Result<f64, String> {
    let amount = match metric.unit() {
        Unit::Share => quantity::share_of(text).map(Share::as_f64),
        Unit::Milliseconds if text.parse::<f64>().is_ok() => {
            Err((format!("{} has no unit", quote(text)), format!("write \"{text}ms\"")))
        }
        Unit::Milliseconds => quantity::span_of(text).map(|span| span.ns() as f64 / 1e6),
        Unit::Seconds => quantity::span_of(text).map(|span| span.ns() as f64 / NS_PER_S as f64),
        Unit::Dollars => quantity::money::dollars_of(text),
        Unit::Number => match text.parse::<f64>() {
            Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
            _ => Err((format!("{} is not a plain number from 0 up", quote(text)), "write one such as 10".to_owned())),
        },
    };
    amount.map_err(|(reason, cure)| format!("{reason}; {cure}"))
}

fn number(item: &Item) -> Checked<f64> {
    let cure = "write a number without a unit, such as 100";
    if !matches!(item.node.value, Value::Integer(_) | Value::Decimal) {
        return Err(item.mistyped("a number", cure));
    }
    match item.node.at.snippet().replace('_', "").parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
        _ => Err(item.refuse(format!("`{}` is not a plain number from 0 up", item.path), cure)),
    }
}
