//! `[alarm.NAME]`, and the settings by which a strategy obeys alarms and runs hooks.

use super::{Above, Alarm, AtStart, AtTimeout, Guard, Hook, Hooks, Missing, Then, Timeout, Watched};
use crate::dist::Law;
use crate::text::diagnostic::{Place, quote};
use crate::text::document::Value;
use crate::text::key::Key;
use crate::text::kind::{self, Choice, Form, Keys, Like, Named, Settings, Whole};
use crate::text::log::{self, Checked};
use crate::text::reader::{Item, Table};
use crate::text::schema::{self, Schema};
use crate::text::suggestion::suggestion;
use crate::text::{name, pattern, quantity};
use crate::time::Span;
use crate::units::Share;
use serde_json::json;

/// How many alarms a scenario may have.
const MOST_ALARMS: usize = 100;
/// How many periods an alarm may look back.
const MOST_PERIODS: u32 = 1_000;

/// The shortest period: the least that CloudWatch has, and a bound on how often an alarm is looked at.
const SHORTEST: Span = Span::from_s(1);

/// `[alarm]`, by name.
pub(crate) const ALARMS: Key<()> = Key::new(
    "alarm",
    &Named {
        pattern: name::PATTERN,
        stands: "NAME",
        each: &Keys(&[&METRIC, &ABOVE, &WATCHES, &PERIOD, &PERIODS, &MISSING, &DELAY, &POLL, &PHASE]),
        about: "An alarm, as CloudWatch, Prometheus and most systems define one.",
        least: 0,
    },
    "What is watched. A strategy obeys the alarms that it names in `rollback_on`.",
);

/// What an alarm measures, by name, and the unit of its bound.
#[derive(Clone, Copy)]
pub(super) enum Measure {
    Share(fn(Share) -> Above),
    Count(fn(u64) -> Above),
    Span(fn(Span) -> Above),
}

pub(super) const MEASURES: [(&str, Measure); 7] = [
    ("error_share", Measure::Share(Above::ErrorShare)),
    ("error_count", Measure::Count(Above::ErrorCount)),
    ("throttled_share", Measure::Share(Above::ThrottledShare)),
    ("incompatible_share", Measure::Share(Above::IncompatibleShare)),
    ("lost_share", Measure::Share(Above::LostShare)),
    ("latency_p99", Measure::Span(Above::LatencyP99)),
    ("latency_mean", Measure::Span(Above::LatencyMean)),
];

const METRIC: Key<Measure> = Key::new(
    "metric",
    &Choice(&MEASURES),
    "What is measured of a period's attempts. An error: the code failed or could not read the event, or the caller gave up. Shares are \
     of all attempts, those turned away included; of `lost_share`, of requests, each by its final attempt.",
)
.required("metric = \"error_share\"");

const ABOVE: Key<()> = Key::new(
    "above",
    &kind::fitting("share, span or number, by metric", above_schema),
    "A period with more than this is bad.",
)
.required("above = \"1%\"");

const WATCHES: Key<Watched> = Key::new(
    "watches",
    &Choice(&[("new", Watched::New), ("all", Watched::All)]),
    "Whose attempts count: those sent to the new version, or all.",
)
.defaults("new");

const PERIOD: Key<Span> = Key::new(
    "period",
    &kind::SPAN_ABOVE_ZERO,
    "How long a period is, at least \"1s\". It holds the attempts that ended in it.",
)
.defaults("1m")
.documented("as CloudWatch's standard metrics");

const PERIODS: Key<(u32, u32)> = Key::new(
    "periods",
    &PERIODS_FORM,
    "How many periods in succession must be bad; or { breach = 2, of = 3 }: so many of the last.",
)
.defaults("1");

const PERIODS_FORM: Form<(u32, u32)> =
    Form { words: "number or table", schema: periods_schema, keys: &[&BREACH, &OF], read: periods };

const BREACH: Key<u32> = Key::new("breach", &Whole(1, MOST_PERIODS), "How many of them must be bad.").required(SOME);
const OF: Key<u32> = Key::new("of", &Whole(1, MOST_PERIODS), "How many periods are looked at.").required(SOME);
const SOME: &str = "{ breach = 2, of = 3 }";

const MISSING: Key<Missing> = Key::new(
    "missing",
    &Choice(&[("ok", Missing::Ok), ("bad", Missing::Bad), ("ignore", Missing::Ignore)]),
    "What a period without attempts is: good, bad, or left out.",
)
.defaults("ok");

const DELAY: Key<Span> = Key::new("delay", &kind::SPAN, "How late a closed period is seen.").defaults("0s");

const POLL: Key<Span> = Key::new(
    "poll",
    &kind::SPAN,
    "The deployment looks at the alarm at multiples of this from t = 0; \"0s\": as soon as there is something to see.",
)
.defaults("0s");

const PHASE: Key<Span> =
    Key::new("phase", &kind::SPAN, "How far t = 0 lies behind the beginning of a period; below `period`.")
        .otherwise("drawn once a rollout, evenly.");

/// Which alarms stop a strategy.
pub(in crate::strategy) const ROLLBACK_ON: Key<()> = Key::new(
    "rollback_on",
    &kind::fitting("list of alarms", || {
        schema::distinct(Schema::default().with("type", json!("string")).about("The name of an alarm."))
    }),
    "The alarms of which any stops the rollout, such as [\"errors\"]: what was changed is taken back in reverse order, the first call \
     at once.",
)
.otherwise("none.");

pub(in crate::strategy) const AT_START: Key<AtStart> = Key::new(
    "at_start",
    &Choice(&[("stop", AtStart::Stop), ("ignore", AtStart::Ignore)]),
    "What an alarm does that is on before the start: nothing is deployed (CodeDeploy), or it is not looked at (ECS).",
)
.defaults("stop");

pub(in crate::strategy) const WATCH: Key<Span> = Key::new(
    "watch",
    &kind::SPAN,
    "How long alarms are watched after the last change; the next item of a plan waits for it.",
)
.otherwise("to the end of the window; in a plan, to the next deployment.");

pub(in crate::strategy) const TIMEOUT: Key<Span> = Key::new(
    "timeout",
    &kind::SPAN_ABOVE_ZERO,
    "The deployment is given up so long after it began, unless its last change has been made: a pipeline's limit.",
)
.otherwise("never.");

pub(in crate::strategy) const ON_TIMEOUT: Key<AtTimeout> = Key::new(
    "on_timeout",
    &Choice(&[("rollback", AtTimeout::RollBack), ("stop", AtTimeout::Stop)]),
    "What happens then: what was changed is taken back, or stays half-way as it is.",
)
.defaults("rollback");

/// What is run on the way.
pub(in crate::strategy) const HOOKS: Key<Hooks> = Key::new(
    "hooks",
    &Settings { keys: &[&BEFORE, &BETWEEN, &AFTER], example: "{ before = { takes = \"2m\", fails = \"5%\" } }", read: hooks },
    "What is run on the way and may fail: tests before and after the traffic moves, gates and approvals between the stages.",
)
.otherwise("none.");

const BEFORE: Key<Hook> = Key::new("before", &HOOK, "Before anything is changed.");
const BETWEEN: Key<Hook> = Key::new("between", &AS_BEFORE, "Before each stage of a shift but the first.");
const AFTER: Key<Hook> = Key::new("after", &AS_BEFORE, "After the last change.");
const HOOK: Settings<Hook> =
    Settings { keys: &[&TAKES, &FAILS, &THEN], example: "{ takes = \"2m\", fails = \"5%\" }", read: hook };
const AS_BEFORE: Like<Hook> = Like(&HOOK, "table, as `before`");
const TAKES: Key<Law> = Key::new("takes", &kind::LAW_OR_SPAN, "How long it takes; a law where a person must approve.")
    .required("takes = \"2m\"");
const FAILS: Key<Share> = Key::new("fails", &kind::SHARE, "How likely it fails, each time it is run.").defaults("0%");
const THEN: Key<Then> = Key::new(
    "then",
    &Choice(&[("rollback", Then::RollBack), ("go-on", Then::GoOn)]),
    "What happens if it fails: the rollout is taken back, or goes on.",
)
.defaults("rollback");

fn hooks(table: &mut Table) -> Checked<Hooks> {
    let (before, between, after) = (table.written(&BEFORE), table.written(&BETWEEN), table.written(&AFTER));
    Ok(Hooks { before: before?, between: between?, after: after? })
}

fn hook(table: &mut Table) -> Checked<Hook> {
    let (takes, fails, then) = (table.read(&TAKES), table.read(&FAILS), table.read(&THEN));
    Ok(Hook { takes: takes?, fails: fails?, then: then? })
}

/// What is too much, by the metric that is measured.
pub(super) fn above(table: &mut Table, metric: &Key<Measure>, bound: &Key<()>) -> Checked<Above> {
    let metric = table.read(metric);
    table.must(bound, |item| match metric? {
        Measure::Share(above) => quantity::share(item).map(above),
        Measure::Span(above) => quantity::span(item).map(above),
        Measure::Count(above) => item.whole(0..=u32::MAX).map(|count| above(count.into())),
    })
}

pub(super) fn above_schema() -> Schema {
    let number =
        Schema::default().with("type", json!("integer")).with("minimum", json!(0)).about("A number of errors.");
    schema::any([pattern::share().about("A share."), pattern::span().about("A span of time."), number])
        .units("those of the metric: \"1%\" for a share, \"250ms\" for a latency, 10 for a count.")
}

fn periods_schema() -> Schema {
    schema::any([
        schema::whole(1..=MOST_PERIODS).about("So many in succession."),
        schema::of_keys(&[&BREACH, &OF]).about("So many of the last."),
    ])
}

fn periods(item: &Item) -> Checked<(u32, u32)> {
    if matches!(item.node.value, Value::Integer(_)) {
        let periods = item.whole(1..=MOST_PERIODS)?;
        return Ok((periods, periods));
    }
    let mut table = item.table("a number of periods, or { breach = 2, of = 3 }")?;
    let (breach, of) = (table.read(&BREACH), table.read(&OF));
    table.finish();
    let (breach, of) = (breach?, of?);
    if breach > of {
        return Err(
            item.refuse(format!("{breach} of {of} periods can never be bad"), "write a `breach` of at most `of`")
        );
    }
    Ok((breach, of))
}

/// Reads the alarms under `[alarm]`, in the order of the document.
pub(crate) fn alarms(table: &Table) -> Checked<Vec<Alarm>> {
    let read = |(place, (key, at, item)): (usize, (&str, &Place, Item<'_>))| {
        if place == MOST_ALARMS {
            return Err(item.refuse(format!("a scenario has at most {MOST_ALARMS} alarms"), "drop some"));
        }
        let name = name::name(key, at, table.log());
        let alarm = alarm(&item);
        Ok(Alarm { name: name?, ..alarm? })
    };
    log::all(table.all().take(MOST_ALARMS + 1).enumerate().map(read))
}

fn alarm(item: &Item) -> Checked<Alarm> {
    let mut table = item.table("{ metric = \"error_share\", above = \"1%\" }")?;
    let above = above(&mut table, &METRIC, &ABOVE);
    let (watches, periods) = (table.read(&WATCHES), table.read(&PERIODS));
    let period = table.placed(&PERIOD).and_then(|(at, period)| match period < SHORTEST {
        true => Err(item.log.refuse(&at, "a period shorter than 1 s", "write one of at least \"1s\"")),
        false => Ok(period),
    });
    let (missing, delay, poll) = (table.read(&MISSING), table.read(&DELAY), table.read(&POLL));
    let phase = table.with(&PHASE, |item| {
        let phase = quantity::span(item)?;
        match period {
            Ok(period) if phase >= period => Err(item.refuse("`phase` is not below `period`", "write a shorter one")),
            _ => Ok(phase),
        }
    });
    table.finish();
    let (breach, of) = periods?;
    Ok(Alarm {
        name: String::new(),
        above: above?,
        watches: watches?,
        period: period?,
        breach,
        of,
        missing: missing?,
        delay: delay?,
        poll: poll?,
        phase: phase?,
    })
}

/// Reads what may stop the strategy with these settings: some of the `alarms`, and hooks. `staged`: whether it moves in stages.
pub(in crate::strategy) fn guard(
    settings: &mut Table,
    alarms: Checked<&[Alarm]>,
    staged: bool,
) -> Checked<Option<Guard>> {
    let hooks = settings.written_at(&HOOKS).and_then(|hooks| match hooks {
        Some((at, hooks)) if hooks.between.is_some() && !staged => {
            Err(settings.log().refuse(&at, "there are no stages here to run a hook between", "drop `between`"))
        }
        hooks => Ok(hooks.map(|(_, hooks)| hooks).unwrap_or_default()),
    });
    let named = settings.with(&ROLLBACK_ON, |item| named(item, alarms?));
    let at_start = settings.written_at(&AT_START);
    let watch = settings.written_at(&WATCH);
    let standard = settings.standard(&AT_START);
    let timeout = timeout(settings);
    let (named, at_start, watch, hooks) = (named?.unwrap_or_default(), at_start?, watch?, hooks?);
    let timeout = timeout?;
    if named.is_empty() {
        let ignored = at_start.as_ref().filter(|(_, at_start)| *at_start == AtStart::Ignore);
        if let Some(at) = ignored.map(|(at, _)| at).or(watch.as_ref().map(|(at, _)| at)) {
            let cure = "name alarms in `rollback_on`, or drop it";
            return Err(settings.log().refuse(at, "no alarm is looked at here", cure));
        }
        if hooks.is_empty() && timeout.is_none() {
            return Ok(None);
        }
    }
    let at_start = at_start.map_or(standard, |(_, at_start)| Ok(at_start))?;
    Ok(Some(Guard { alarms: named, at_start, watch: watch.map(|(_, watch)| watch), hooks, timeout }))
}

/// When the strategy with these settings is given up.
fn timeout(settings: &mut Table) -> Checked<Option<Timeout>> {
    let (after, then) = (settings.written(&TIMEOUT), settings.written_at(&ON_TIMEOUT));
    let standard = settings.standard(&ON_TIMEOUT);
    match (after?, then?) {
        (Some(after), then) => Ok(Some(Timeout { after, then: then.map_or(standard, |(_, then)| Ok(then))? })),
        (None, Some((at, AtTimeout::Stop))) => {
            Err(settings.log().refuse(&at, "nothing ends this deployment early", "write a `timeout`, or drop it"))
        }
        (None, _) => Ok(None),
    }
}

/// The alarms in a list.
fn named(item: &Item, alarms: &[Alarm]) -> Checked<Vec<Alarm>> {
    let names: Vec<_> = alarms.iter().map(|alarm| alarm.name.as_str()).collect();
    let mut listed: Vec<Alarm> = Vec::new();
    for item in item.list("a list of alarms, such as [\"errors\"]")? {
        let name = item.text("errors")?;
        let Some(alarm) = alarms.iter().find(|alarm| alarm.name == name) else {
            let cure = match names.is_empty() {
                true => format!("declare it: [alarm.{}]", if name::is_name(name) { name } else { "errors" }),
                false => suggestion(name, "the alarms are", &names),
            };
            return Err(item.dangling(format!("no alarm is called {}", quote(name)), cure));
        };
        if listed.iter().any(|other| other.name == name) {
            return Err(item.refuse(format!("{} is listed twice", quote(name)), "drop one"));
        }
        listed.push(alarm.clone());
    }
    Ok(listed)
}
