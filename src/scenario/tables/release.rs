//! `[code]` and `[version.N]`: the releases of the code. A version inherits every setting and overrides what it writes.

use super::contracts::{ACCEPTS, Accepts, CONTRACT, REPLIES, Replies};
use super::hosts::{self, STARTUP};
use super::platform::{self, IDLE_TIME, INIT, MAX_AGE, MEMORY, OWN_WARM, TIMEOUT};
use super::settle::SETTLE;
use crate::dist::Law;
use crate::faults::{Errors, keys as faults};
use crate::idle::Idle;
use crate::ids::{Contract, Version};
use crate::platform::{ColdStart, Release, Settle};
use crate::text::diagnostic::{Place, quote};
use crate::text::key::{Inherits, Key};
use crate::text::kind::{self, Keys, Named, Together};
use crate::text::log::{self, Checked};
use crate::text::reader::{Item, Table};
use crate::text::schema::Schema;
use crate::time::Span;
use crate::units::{Bytes, Share};
use serde_json::json;

/// What the number of a release looks like, as a pattern.
const NUMBER_PATTERN: &str = "^[1-9][0-9]{0,2}$";

/// `[code]`.
pub(crate) const CODE: Key<()> = Key::new(
    "code",
    &Keys(&[&ACCEPTS, &REPLIES, &CONTRACT, &SERVICE, &COLD_SERVICE, &SETTLE, &ERRORS, &CRASHES, &FAILURE_TIME]),
    "What the code does, in every version that does not say otherwise.",
);

const SERVICE: Key<Law> = Key::new(
    "service",
    &kind::LAW,
    "How long a request takes. Required, unless every source replays durations or every version writes it.",
);

const COLD_SERVICE: Key<Law> = Key::new(
    "cold_service",
    &kind::LAW,
    "In place of `function.init`: a cold request waits for nothing, but takes this long.",
)
.otherwise("none; a cold request waits for `function.init`.");

const ERRORS: Key<Errors> = Key::new(
    "errors",
    &faults::ERRORS,
    "The share of requests that fail for reasons of their own: always the same, or { over_time = { 5m = \"0%\", 6m = \"20%\" } } \
     since t = 0, or { by_instance_age = { 0s = \"0%\", 10m = \"5%\" } } since the instance was last initialised. Between points \
     straight lines.",
)
.defaults("0%");

const CRASHES: Key<Share> = Key::new(
    "crashes",
    &kind::SHARE,
    "The share of requests that crash their instance: they fail, and it must be initialised again.",
)
.defaults("0%");

const FAILURE_TIME: Key<Law> =
    Key::new("failure_time", &kind::LAW_OR_SPAN, "How long an incompatible request takes to fail.")
        .otherwise("as long as it would have taken to serve.");

/// `[version]`, by number.
pub(crate) const VERSIONS: Key<()> = Key::new(
    "version",
    &Named {
        pattern: NUMBER_PATTERN,
        stands: "N",
        each: &Together(&Keys(&[&OWN_CODE, &OWN_FUNCTION, &OWN_HOSTS]), one_cold_start),
        about: "What this release does differently; everything else it inherits.",
        least: 0,
    },
    "The releases, by number from 1 to 999 without gaps: [version.2]. 1 and 2 always exist.",
);

const OWN_CODE: Key<()> = Key::new(
    "code",
    &Keys(&[
        &Inherits(&ACCEPTS, "[code]"),
        &Inherits(&REPLIES, "[code]"),
        &Inherits(&CONTRACT, "[code]"),
        &Inherits(&SERVICE, "[code]"),
        &Inherits(&COLD_SERVICE, "[code]"),
        &Inherits(&SETTLE, "[code]"),
        &Inherits(&ERRORS, "[code]"),
        &Inherits(&CRASHES, "[code]"),
        &Inherits(&FAILURE_TIME, "[code]"),
    ]),
    "What the code of this version does.",
);

const OWN_FUNCTION: Key<()> = Key::new(
    "function",
    &Keys(&[
        &Inherits(&INIT, "[function]"),
        &Inherits(&IDLE_TIME, "[function]"),
        &Inherits(&MAX_AGE, "[function]"),
        &Inherits(&TIMEOUT, "[function]"),
        &Inherits(&MEMORY, "[function]"),
        &OWN_WARM,
    ]),
    "What the platform does differently for this version.",
);

const OWN_HOSTS: Key<()> =
    Key::new("hosts", &Keys(&[&Inherits(&STARTUP, "[hosts]")]), "What hosts do differently for this version.");

/// `cold_service` and `init` are two models of one cold start.
pub(crate) fn one_cold_start(schema: Schema) -> Schema {
    schema
        .with("if", json!({ "required": ["code"], "properties": { "code": { "required": ["cold_service"] } } }))
        .with("then", json!({ "properties": { "function": { "properties": { "init": false } } } }))
}

/// The settings of one release, or of all where no release says otherwise.
#[derive(Clone, Default)]
struct Settings {
    accepts: Option<(Place, Accepts)>,
    replies: Option<Replies>,
    contract: Option<Contract>,
    service: Option<Law>,
    cold: Option<ColdStart>,
    errors: Option<Errors>,
    crashes: Option<Share>,
    failure_time: Option<Law>,
    idle: Option<Idle>,
    max_age: Option<Option<Law>>,
    timeout: Option<Option<Span>>,
    memory: Option<Bytes>,
    startup: Option<Law>,
    settle: Option<Settle>,
    warm: Option<u32>,
}

/// The highest release that exists: the one declared, and at least 2.
pub(crate) fn highest(versions: &Table) -> u16 {
    versions.all().filter_map(|(key, ..)| number(key)).max().unwrap_or(2).max(2)
}

/// Reads the releases, version n at place n - 1. `replay_durations`: whether every request brings its own service time.
pub(crate) fn releases(
    code: &mut Table,
    (function, hosts): (&mut Table, &mut Table),
    versions: &Table,
    replay_durations: Checked<bool>,
) -> Checked<Vec<Release>> {
    let base = settings(code, function, hosts);
    let own = log::all(versions.all().map(|(key, at, item)| version(key, at, &item, versions)));
    let (base, own) = (base?, own?);
    let settings_of = |n: u16| {
        let own = own.iter().find(|(number, _)| *number == n).map(|(_, settings)| settings.clone());
        own.unwrap_or_default().over(&base)
    };
    let contracts: Vec<_> = (1..=highest(versions)).map(|n| settings_of(n).contract_of(n)).collect();
    let default_service = if replay_durations? { Some(Law::Constant(Span::ZERO)) } else { None };
    log::all((1..=highest(versions)).map(|n| {
        let settings = settings_of(n);
        let service = settings
            .service
            .or(default_service)
            .ok_or_else(|| code.missing("`code.service` is missing: how long does a request take?", WRITE_SERVICE));
        let accepts = settings.accepts(n, code);
        let (service, accepts) = (service?, accepts?);
        Ok(Release {
            contract: settings.contract_of(n),
            accepts,
            replies: code.settle(&REPLIES, settings.replies.clone())?.readers(settings.contract_of(n), &contracts),
            service,
            cold: match settings.cold {
                Some(cold) => cold,
                None => ColdStart::Init(function.standard(&INIT)?),
            },
            errors: code.settle(&ERRORS, settings.errors.clone())?,
            crashes: code.settle(&CRASHES, settings.crashes)?,
            failure_time: settings.failure_time,
            idle: function.settle(&IDLE_TIME, settings.idle)?,
            max_age: function.settle(&MAX_AGE, settings.max_age)?,
            timeout: function.settle(&TIMEOUT, settings.timeout)?,
            memory: settings.memory,
            startup: hosts.settle(&STARTUP, settings.startup)?,
            settle: settings.settle,
            warm: settings.warm,
        })
    }))
}

const WRITE_SERVICE: &str = "write `service = { lognormal = { p50 = \"38ms\", p99 = \"210ms\" } }` under [code]";

/// A release's number: plain digits, without leading zeros.
fn number(key: &str) -> Option<u16> {
    let plain = key.bytes().all(|b| b.is_ascii_digit()) && !key.starts_with('0');
    key.parse().ok().filter(|n| plain && (1..=Version::HIGHEST).contains(n))
}

fn version(key: &str, at: &Place, item: &Item, versions: &Table) -> Checked<(u16, Settings)> {
    let number = number(key).ok_or_else(|| {
        let reason = format!("{} is not the number of a version", quote(key));
        item.log.refuse(at, reason, format!("write a whole number from 1 to {}, as in [version.2]", Version::HIGHEST))
    });
    let mut table = item.table("a table, as in `[version.2]` with `code.errors = \"0.1%\"`")?;
    let (mut code, mut function) = (table.section(&OWN_CODE), table.section(&OWN_FUNCTION));
    let mut hosts = table.section(&OWN_HOSTS);
    platform::forbid_shared(&mut function);
    hosts::forbid_shared(&mut hosts);
    let warm = function.written(&OWN_WARM);
    let settings = settings(&mut code, &mut function, &mut hosts);
    for table in [code, function, hosts, table] {
        table.finish();
    }
    let number = number?;
    let declared = |n: u16| versions.all().any(|(key, ..)| self::number(key) == Some(n));
    // 1 and 2 always exist.
    if number > 3 && !declared(number - 1) {
        let reason = format!("version {number} is declared, but version {} is not", number - 1);
        return Err(item.log.missing(at, reason, format!("add [version.{}], if only as an empty table", number - 1)));
    }
    Ok((number, Settings { warm: warm?, ..settings? }))
}

fn settings(code: &mut Table, function: &mut Table, hosts: &mut Table) -> Checked<Settings> {
    let accepts = code.written_at(&ACCEPTS);
    let replies = code.written(&REPLIES);
    let contract = code.written(&CONTRACT);
    let service = code.written(&SERVICE);
    let cold_service = code.written_at(&COLD_SERVICE);
    let errors = code.written(&ERRORS);
    let crashes = code.written(&CRASHES);
    let failure_time = code.written(&FAILURE_TIME);
    let init = function.written(&INIT);
    let idle = function.written(&IDLE_TIME);
    let max_age = function.written(&MAX_AGE);
    let timeout = function.written(&TIMEOUT);
    let memory = function.written(&MEMORY);
    let startup = hosts.written(&STARTUP);
    let settle = code.written(&SETTLE);
    let cold = match (cold_service?, init?) {
        (Some((at, _)), Some(_)) => Err(code.log().refuse(
            &at,
            "`cold_service` and `init` are two models of one cold start",
            "keep `init` if a cold request waits, `cold_service` if it only runs longer",
        )),
        (Some((_, law)), None) => Ok(Some(ColdStart::Service(law))),
        (None, init) => Ok(init.map(ColdStart::Init)),
    };
    Ok(Settings {
        accepts: accepts?,
        replies: replies?,
        contract: contract?,
        service: service?,
        cold: cold?,
        errors: errors?,
        crashes: crashes?,
        failure_time: failure_time?,
        idle: idle?,
        max_age: max_age?,
        timeout: timeout?,
        memory: memory?,
        startup: startup?,
        settle: settle?,
        warm: None,
    })
}

impl Settings {
    /// These settings, and those of `base` where nothing is written.
    fn over(self, base: &Self) -> Self {
        Self {
            accepts: self.accepts.or_else(|| base.accepts.clone()),
            replies: self.replies.or_else(|| base.replies.clone()),
            contract: self.contract.or(base.contract),
            service: self.service.or(base.service),
            cold: self.cold.or(base.cold),
            errors: self.errors.or_else(|| base.errors.clone()),
            crashes: self.crashes.or(base.crashes),
            failure_time: self.failure_time.or(base.failure_time),
            idle: self.idle.or_else(|| base.idle.clone()),
            max_age: self.max_age.or(base.max_age),
            timeout: self.timeout.or(base.timeout),
            memory: self.memory.or(base.memory),
            startup: self.startup.or(base.startup),
            settle: self.settle.or(base.settle),
            warm: self.warm,
        }
    }

    fn contract_of(&self, version: u16) -> Contract {
        self.contract.unwrap_or(Contract(version))
    }

    fn accepts(&self, version: u16, code: &Table) -> Checked<Vec<Contract>> {
        let own = self.contract_of(version);
        match &self.accepts {
            Some((at, Accepts::These(contracts))) if !contracts.contains(&own) => Err(code.log().refuse(
                at,
                format!("version {version} speaks contract {}, which this list lacks", own.0),
                format!("add {} to the list, or give version {version} an `accepts` of its own", own.0),
            )),
            Some((_, Accepts::These(contracts))) => Ok(contracts.clone()),
            Some((_, Accepts::Own)) | None => Ok(vec![own]),
        }
    }
}
