//! `[analysis.NAME]`: what a step of Argo Rollouts waits for. Measurements are taken one after the other, and come to what Argo counts
//! them to ([`Metric`]).

use super::keys::{MEASURES, Measure, above, above_schema};
use super::{Above, Watched};
use crate::controller::argo::{Measurement, Metric};
use crate::text::diagnostic::Place;
use crate::text::key::Key;
use crate::text::kind::{self, Choice, Keys, Named, Whole};
use crate::text::log::{self, Checked};
use crate::text::name;
use crate::text::reader::{Item, Table};
use crate::time::Span;

/// What is measured, how often, and what it comes to.
#[derive(Clone, PartialEq, Debug)]
pub struct Analysis {
    /// Its name in the scenario.
    pub name: String,
    /// What of a window is too much.
    pub above: Above,
    /// Whose attempts count.
    pub watches: Watched,
    /// How far a measurement looks back; above zero.
    pub window: Span,
    /// How long after its beginning the first one is taken.
    pub initial_delay: Span,
    /// How long after one the next is taken, where there are several.
    pub interval: Option<Span>,
    /// What a measurement of nothing is.
    pub missing: Measurement,
    /// How measurements are counted.
    pub metric: Metric,
}

impl Analysis {
    /// The same, which always succeeds.
    pub(in crate::strategy) fn succeeding(&self) -> Self {
        let metric = Metric { failure_limit: -1, ..self.metric };
        Self { above: Above::ErrorCount(u64::MAX), missing: Measurement::Successful, metric, ..self.clone() }
    }
}

/// How many analyses a scenario may have, and how many measurements one may take.
const MOST: usize = 100;
const MOST_MEASUREMENTS: u32 = 10_000;
/// The longest window: what ends in it is kept.
const LONGEST: Span = Span::from_s(3_600);

/// `[analysis]`, by name.
pub(crate) const ANALYSES: Key<()> = Key::new(
    "analysis",
    &Named {
        pattern: name::PATTERN,
        stands: "NAME",
        each: &Keys(&[
            &METRIC,
            &ABOVE,
            &WATCHES,
            &WINDOW,
            &INITIAL_DELAY,
            &INTERVAL,
            &COUNT,
            &FAILURE_LIMIT,
            &SUCCESS_LIMIT,
            &ERROR_LIMIT,
            &MISSING,
        ]),
        about: "An analysis, as a metric of Argo Rollouts' AnalysisTemplate.",
        least: 0,
    },
    "What a step `{ analysis = \"NAME\" }` of `argo-canary` waits for: it goes on, or the canary is taken back.",
);

const METRIC: Key<Measure> = Key::new(
    "metric",
    &Choice(&MEASURES),
    "What is measured: as for an alarm, of the attempts that ended in the window.",
)
.required("metric = \"error_share\"");

const ABOVE: Key<()> = Key::new(
    "above",
    &kind::fitting("share, span or number, by metric", above_schema),
    "A measurement of more than this has failed.",
)
.required("above = \"1%\"");

const WATCHES: Key<Watched> = Key::new(
    "watches",
    &Choice(&[("new", Watched::New), ("all", Watched::All)]),
    "Whose attempts count, from t = 0 on: those sent to the new version, or all.",
)
.defaults("new");

const WINDOW: Key<Span> =
    Key::new("window", &kind::SPAN_ABOVE_ZERO, "How far a measurement looks back, at most \"1h\".").defaults("1m");

const INITIAL_DELAY: Key<Span> =
    Key::new("initial_delay", &kind::SPAN, "How long after the beginning of the step the first measurement is taken.")
        .defaults("0s")
        .documented("Argo Rollouts");

const INTERVAL: Key<Span> = Key::new(
    "interval",
    &kind::SPAN_ABOVE_ZERO,
    "How long after one measurement the next is taken, where there are several.",
)
.otherwise("none: there is one.");

const COUNT: Key<u32> =
    Key::new("count", &Whole(1, MOST_MEASUREMENTS), "How many measurements are taken, errors apart.")
        .defaults("1")
        .documented("Argo Rollouts");

const FAILURE_LIMIT: Key<u32> =
    Key::new("failure_limit", &Whole(0, MOST_MEASUREMENTS), "More failed measurements take the canary back.")
        .defaults("0")
        .documented("Argo Rollouts");

const SUCCESS_LIMIT: Key<u32> = Key::new(
    "consecutive_success_limit",
    &Whole(0, MOST_MEASUREMENTS),
    "So many good measurements in succession are enough; with 0 all are taken.",
)
.defaults("0")
.documented("Argo Rollouts");

const ERROR_LIMIT: Key<u32> = Key::new(
    "consecutive_error_limit",
    &Whole(0, MOST_MEASUREMENTS),
    "More errors in succession take the canary back; after one it is measured again 10 s later.",
)
.defaults("4")
.documented("Argo Rollouts");

const MISSING: Key<Measurement> = Key::new(
    "missing",
    &Choice(&[("ok", Measurement::Successful), ("bad", Measurement::Failed), ("error", Measurement::Error)]),
    "What a measurement is where no attempt ended in the window: good, failed or an error.",
)
.defaults("error")
.assumed("what a query of nothing comes to hangs on how it is written");

/// Reads the analyses under `[analysis]`, in the order of the document.
pub(crate) fn analyses(table: &Table) -> Checked<Vec<Analysis>> {
    let read = |(place, (key, at, item)): (usize, (&str, &Place, Item<'_>))| {
        if place == MOST {
            return Err(item.refuse(format!("a scenario has at most {MOST} analyses"), "drop some"));
        }
        let name = name::name(key, at, table.log());
        let analysis = analysis(&item);
        Ok(Analysis { name: name?, ..analysis? })
    };
    log::all(table.all().take(MOST + 1).enumerate().map(read))
}

fn analysis(item: &Item) -> Checked<Analysis> {
    let mut table = item.table("{ metric = \"error_share\", above = \"1%\" }")?;
    let above = above(&mut table, &METRIC, &ABOVE);
    let (watches, missing) = (table.read(&WATCHES), table.read(&MISSING));
    let window = table.placed(&WINDOW).and_then(|(at, window)| match window > LONGEST {
        true => Err(item.log.refuse(&at, "a window longer than 1 h", "write one of at most \"1h\"")),
        false => Ok(window),
    });
    let (initial_delay, interval) = (table.read(&INITIAL_DELAY), table.written(&INTERVAL));
    let count = table.placed(&COUNT).and_then(|(at, count)| match (count, interval) {
        (2.., Ok(None)) => Err(item.log.refuse(&at, "several measurements need an interval", "add interval = \"1m\"")),
        _ => Ok(count),
    });
    let failures = table.read(&FAILURE_LIMIT);
    let (successes, errors) = (table.read(&SUCCESS_LIMIT), table.read(&ERROR_LIMIT));
    table.finish();
    let interval = interval?;
    let metric = Metric {
        count: Some(count?),
        has_interval: interval.is_some(),
        failure_limit: failures?.cast_signed(),
        inconclusive_limit: 0,
        consecutive_error_limit: errors?,
        consecutive_success_limit: successes?,
    };
    Ok(Analysis {
        name: String::new(),
        above: above?,
        watches: watches?,
        window: window?,
        initial_delay: initial_delay?,
        interval,
        missing: missing?,
        metric,
    })
}
