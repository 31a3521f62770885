//! `[code]` and `[version.N]`: the releases of the code. A version inherits every setting and overrides what it writes.

use super::diagnostic::{Place, quote};
use super::document::Value;
use super::law;
use super::log::{self, Checked};
use super::platform;
use super::quantity;
use super::reader::{Item, Table};
use crate::dist::{Law, Lognormal};
use crate::idle::Idle;
use crate::ids::Contract;
use crate::platform::{ColdStart, Release};
use crate::time::Span;
use crate::units::Share;

/// The highest release that a scenario may declare.
pub(super) const HIGHEST: u16 = 999;
/// What the number of a release looks like, as a pattern.
pub(super) const NUMBER_PATTERN: &str = "^[1-9][0-9]{0,2}$";
/// The highest contract that a version may speak.
pub(super) const HIGHEST_CONTRACT: u16 = u16::MAX;

/// The settings of one release, or of all where no release says otherwise.
#[derive(Clone, Default)]
struct Settings {
    accepts: Option<(Accepts, Place)>,
    replies: Option<Replies>,
    contract: Option<Contract>,
    service: Option<Law>,
    cold: Option<ColdStart>,
    errors: Option<Share>,
    crashes: Option<Share>,
    failure_time: Option<Law>,
    idle: Option<Idle>,
    max_age: Option<Option<Law>>,
    timeout: Option<Option<Span>>,
}

#[derive(Clone)]
enum Accepts {
    Own,
    These(Vec<Contract>),
}

/// The clients that can read a version's replies.
#[derive(Clone)]
enum Replies {
    OwnAndOlder,
    Own,
    These(Vec<Contract>),
}

impl Replies {
    /// Those of a version that speaks `own`, among the contracts that exist.
    fn readers(&self, own: Contract, all: &[Contract]) -> Vec<Contract> {
        match self {
            Self::OwnAndOlder => all.iter().copied().filter(|contract| *contract <= own).collect(),
            Self::Own => vec![own],
            Self::These(contracts) => contracts.clone(),
        }
    }
}

/// The highest release that exists: the one declared, and at least 2.
pub(super) fn highest(versions: &Table) -> u16 {
    versions.all().filter_map(|(key, ..)| number(key)).max().unwrap_or(2).max(2)
}

/// The releases, version n at place n - 1. `replay_durations`: whether every request brings its own service time.
pub(super) fn releases(
    code: &mut Table,
    function: &mut Table,
    versions: &Table,
    replay_durations: Checked<bool>,
) -> Checked<Vec<Release>> {
    let base = settings(code, function);
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
            .ok_or_else(|| code.missing("`code.service` is missing: how long does a request take?", SERVICE));
        let accepts = settings.accepts(n, code);
        let (service, accepts) = (service?, accepts?);
        Ok(Release {
            contract: settings.contract_of(n),
            accepts,
            replies: {
                let replies = settings.replies.as_ref().unwrap_or(&Replies::OwnAndOlder);
                replies.readers(settings.contract_of(n), &contracts)
            },
            service,
            cold: settings.cold.unwrap_or_else(default_cold_start),
            errors: settings.errors.unwrap_or(Share::ZERO),
            crashes: settings.crashes.unwrap_or(Share::ZERO),
            failure_time: settings.failure_time,
            idle: settings.idle.unwrap_or(DEFAULT_IDLE),
            max_age: settings.max_age.flatten(),
            timeout: settings.timeout.flatten(),
        })
    }))
}

const SERVICE: &str = "write `service = { lognormal = { p50 = \"38ms\", p99 = \"210ms\" } }` under [code]";

const DEFAULT_IDLE: Idle = Idle::After(Law::Uniform { low: Span::from_s(300), high: Span::from_s(420) });

/// The initialisation of a small Node.js function, as measured by lambda-perf.
fn default_cold_start() -> ColdStart {
    let (p50, p99) = (Span::from_ns(134_000_000), Span::from_ns(180_000_000));
    ColdStart::Init(Lognormal::new(p50, p99).map_or(Law::Constant(p50), Law::Lognormal))
}

/// A release's number: plain digits, without leading zeros.
fn number(key: &str) -> Option<u16> {
    let plain = key.bytes().all(|b| b.is_ascii_digit()) && !key.starts_with('0');
    key.parse().ok().filter(|n| plain && (1..=HIGHEST).contains(n))
}

fn version(key: &str, at: &Place, item: &Item, versions: &Table) -> Checked<(u16, Settings)> {
    let number = number(key).ok_or_else(|| {
        let reason = format!("{} is not the number of a version", quote(key));
        item.log.refuse(at, reason, format!("write a whole number from 1 to {HIGHEST}, as in [version.2]"))
    });
    let mut table = item.table("a table, as in `[version.2]` with `code.errors = \"0.1%\"`")?;
    let (mut code, mut function) = (table.section("code"), table.section("function"));
    platform::forbid_shared(&mut function);
    let settings = settings(&mut code, &mut function);
    for table in [code, function, table] {
        table.finish();
    }
    let number = number?;
    let declared = |n: u16| versions.all().any(|(key, ..)| self::number(key) == Some(n));
    if number > 2 && !declared(number - 1) {
        let reason = format!("version {number} is declared, but version {} is not", number - 1);
        return Err(item.log.missing(at, reason, format!("add [version.{}], if only as an empty table", number - 1)));
    }
    Ok((number, settings?))
}

fn settings(code: &mut Table, function: &mut Table) -> Checked<Settings> {
    let accepts = code.optional("accepts", |item| Ok((accepts(item)?, item.node.at.clone())));
    let replies = code.optional("replies", replies);
    let contract = code.optional("contract", contract);
    let service = code.optional("service", law::law);
    let cold_service = code.optional("cold_service", |item| Ok((item.clone(), law::law(item)?)));
    let errors = code.optional("errors", quantity::share);
    let crashes = code.optional("crashes", quantity::share);
    let failure_time = code.optional("failure_time", law::law_or_span);
    let init = function.optional("init", law::law);
    let idle = function.optional("idle", law::idle);
    let max_age = function.optional("max_age", |item| law::or_never(item, law::law_or_span));
    let timeout = function.optional("timeout", |item| law::or_never(item, quantity::span_above_zero));
    let cold = match (cold_service?, init?) {
        (Some((item, _)), Some(_)) => Err(item.refuse(
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
            errors: self.errors.or(base.errors),
            crashes: self.crashes.or(base.crashes),
            failure_time: self.failure_time.or(base.failure_time),
            idle: self.idle.or_else(|| base.idle.clone()),
            max_age: self.max_age.or(base.max_age),
            timeout: self.timeout.or(base.timeout),
        }
    }

    fn contract_of(&self, version: u16) -> Contract {
        self.contract.unwrap_or(Contract(version))
    }

    fn accepts(&self, version: u16, code: &Table) -> Checked<Vec<Contract>> {
        let own = self.contract_of(version);
        match &self.accepts {
            Some((Accepts::These(contracts), at)) if !contracts.contains(&own) => Err(code.log().refuse(
                at,
                format!("version {version} speaks contract {}, which this list lacks", own.0),
                format!("add {} to the list, or give version {version} an `accepts` of its own", own.0),
            )),
            Some((Accepts::These(contracts), _)) => Ok(contracts.clone()),
            Some((Accepts::Own, _)) | None => Ok(vec![own]),
        }
    }
}

fn accepts(item: &Item) -> Checked<Accepts> {
    const EXAMPLE: &str = "\"own\", or a list of contracts such as [1, 2]";
    match &item.node.value {
        Value::Text(text) if text == "own" => Ok(Accepts::Own),
        Value::Array(_) => contracts(item, EXAMPLE).map(Accepts::These),
        _ => Err(item.mistyped("\"own\" or a list of contracts", format!("write {EXAMPLE}"))),
    }
}

fn replies(item: &Item) -> Checked<Replies> {
    const EXAMPLE: &str = "\"own-and-older\", \"own\", or a list of contracts such as [1, 2]";
    match &item.node.value {
        Value::Text(text) if text == "own-and-older" => Ok(Replies::OwnAndOlder),
        Value::Text(text) if text == "own" => Ok(Replies::Own),
        Value::Array(_) => contracts(item, EXAMPLE).map(Replies::These),
        _ => Err(item.mistyped("\"own-and-older\", \"own\" or a list of contracts", format!("write {EXAMPLE}"))),
    }
}

/// A list of contracts, each once.
fn contracts(item: &Item, example: &str) -> Checked<Vec<Contract>> {
    let contracts = log::all(item.list(example)?.iter().map(contract))?;
    let repeated = contracts.iter().enumerate().find(|&(i, contract)| contracts.iter().take(i).any(|c| c == contract));
    match repeated {
        Some((_, contract)) => {
            let reason = format!("contract {} stands twice in this list", contract.0);
            Err(item.refuse(reason, "write each contract once"))
        }
        None => Ok(contracts),
    }
}

fn contract(item: &Item) -> Checked<Contract> {
    // Within u16 by its range.
    item.whole(1..=u32::from(HIGHEST_CONTRACT)).map(|n| Contract(n as u16))
}
