//! `[strategy]`: the ways of going live that are compared, one line each.

use super::deployment::{self, Inherited};
use super::diagnostic::{Place, quote};
use super::log::{self, Checked, Refused};
use super::name;
use super::quantity;
use super::reader::{Item, Shelf, Table};
use super::shift;
use super::suggestion::suggestion;
use crate::strategy::{Alias, Deployment, Forgetting, GatewayMove, Latest, Pinned, Rollout, Shift, Strategy, Wiring};
use crate::time::Span;
use crate::units::Share;
use std::collections::BTreeSet;

/// Who wires a pinned version to its sources, and whether by hand.
pub(super) const WIRINGS: [(&str, bool); 2] = [("by-hand", true), ("template", false)];
/// When the gateway is redeployed around a shift.
pub(super) const MOVES: [(&str, GatewayMove); 3] =
    [("after", GatewayMove::After), ("before", GatewayMove::Before), ("none", GatewayMove::None)];

/// What a strategy must fit.
pub(super) struct Around {
    /// The deployment that strategies inherit.
    pub inherited: Inherited,
    /// The names of the sources, in order.
    pub sources: Vec<String>,
    /// How many front-ends follow an alias.
    pub front_ends: u32,
}

/// How many adoptions, of every stage by every front-end, a replication may have to remember.
const MOST_ADOPTIONS: u64 = 10_000_000;

/// How many strategies a scenario may compare, and over how many versions: every pair of strategies is compared in
/// every metric, and every contract counted against every version.
const MOST_STRATEGIES: usize = 64;
const MOST_VERSIONS: usize = 16;

const EXAMPLE: &str = "{ latest = {} }";
const SETTINGS: &str = "a table of settings; `{}` for none";

/// The strategies under `[strategy]`, in the order of the document.
pub(super) fn strategies(table: &Table, around: &Around) -> Checked<Vec<Strategy>> {
    if table.all().next().is_none() {
        let cure =
            "add `[strategy]` with a line such as `latest = { latest = {} }`; `none = { none = {} }` deploys nothing";
        return Err(table.missing("the scenario has no strategy", cure));
    }
    let shelf = Shelf {
        noun: "strategy",
        example: EXAMPLE,
        kinds: &[("none", none), ("latest", latest), ("pinned", pinned), ("alias", alias)],
    };
    let mut versions = BTreeSet::new();
    let read = |(place, (key, at, item)): (usize, (&str, &Place, Item<'_>))| {
        let name = name::name(key, at, table.log());
        if place == MOST_STRATEGIES {
            let reason = format!("a scenario compares at most {MOST_STRATEGIES} strategies");
            return Err(item.refuse(reason, "drop some, or spread them over several scenarios"));
        }
        let kind = item.by_kind(&shelf, around);
        let (name, (deployment, rollout)) = (name?, kind?);
        versions.extend([deployment.from, deployment.to]);
        if versions.len() > MOST_VERSIONS {
            let reason = format!("the strategies of a scenario deploy at most {MOST_VERSIONS} versions between them");
            return Err(item.refuse(reason, "spread the strategies over several scenarios"));
        }
        Ok(Strategy { name, deployment, rollout, guard: None })
    };
    log::all(table.all().take(MOST_STRATEGIES + 1).enumerate().map(read))
}

fn none(item: &Item, around: &Around) -> Checked<(Deployment, Rollout)> {
    let mut settings = item.table(SETTINGS)?;
    let deployment = around.inherited.in_place(&mut settings);
    for key in ["to", "step", "order"] {
        settings.forbid(key, &format!("`{key}` makes no sense here: `none` deploys nothing"), "drop it");
    }
    settings.finish();
    Ok((deployment?, Rollout::None))
}

fn latest(item: &Item, around: &Around) -> Checked<(Deployment, Rollout)> {
    let mut settings = item.table(SETTINGS)?;
    let deployment = around.inherited.within(&mut settings);
    let order = settings.optional("order", deployment::order);
    settings.finish();
    let order = order?.map_or(around.inherited.order(), Ok);
    Ok((deployment?, Rollout::Latest(Latest { order: order? })))
}

fn pinned(item: &Item, around: &Around) -> Checked<(Deployment, Rollout)> {
    let mut settings = item.table(SETTINGS)?;
    let deployment = around.inherited.within(&mut settings);
    let by_hand = settings.or("wiring", true, |item| item.choice(&WIRINGS));
    let forget = settings.optional("forget", |item| Ok((item.clone(), quantity::share(item)?)));
    let forgotten = settings.optional("forgotten", |item| Ok((item.clone(), forgotten(item, &around.sources)?)));
    let cure = "drop it: a pinned revision moves its contract and its target together";
    settings.forbid("order", "`order` is a setting of `latest`", cure);
    settings.finish();
    let (by_hand, forget, forgotten) = (by_hand?, forget?, forgotten?);
    let wiring = match (by_hand, forget, forgotten) {
        (_, Some(_), Some((item, _))) => {
            let reason = "`forget` and `forgotten` exclude each other";
            return Err(item.refuse(reason, "keep `forget` for a chance, `forgotten` for sources that always are"));
        }
        (false, Some((item, share)), None) if !share.is_zero() => return Err(template_forgets(&item)),
        (false, None, Some((item, _))) => return Err(template_forgets(&item)),
        (false, _, None) => Wiring::Template,
        (true, forget, None) => Wiring::ByHand(Forgetting::Chance(forget.map_or(Share::ZERO, |(_, share)| share))),
        (true, None, Some((_, sources))) => Wiring::ByHand(Forgetting::Sources(sources)),
    };
    Ok((deployment?, Rollout::Pinned(Pinned { wiring })))
}

fn template_forgets(item: &Item) -> Refused {
    item.refuse("a template forgets no route", "drop this setting, or write `wiring = \"by-hand\"`")
}

/// The sources named in a list, by their place in the scenario.
fn forgotten(item: &Item, sources: &[String]) -> Checked<Vec<usize>> {
    let names: Vec<_> = sources.iter().map(String::as_str).collect();
    let mut listed = Vec::new();
    let read = |item: &Item| {
        let name = item.text("web")?;
        let Some(index) = names.iter().position(|known| *known == name) else {
            let cure = suggestion(name, "the sources are", &names);
            return Err(item.dangling(format!("there is no source {}", quote(name)), cure));
        };
        if listed.contains(&index) {
            return Err(item.refuse(format!("source {} stands twice in this list", quote(name)), "name it once"));
        }
        listed.push(index);
        Ok(index)
    };
    log::all(item.list("a list of sources, such as [\"web\"]")?.iter().map(read))
}

fn alias(item: &Item, around: &Around) -> Checked<(Deployment, Rollout)> {
    let mut settings = item.table(SETTINGS)?;
    let deployment = around.inherited.within(&mut settings);
    let shift = settings.or("shift", Shift::AllAtOnce, |item| shift_of(item, around.front_ends));
    let gateway = settings.or("gateway", GatewayMove::After, |item| item.choice(&MOVES));
    let trailing = settings.or("trailing", Span::ZERO, quantity::span);
    let cure = "write `gateway = \"after\"`, \"before\" or \"none\" instead";
    settings.forbid("order", "`order` is a setting of `latest`", cure);
    settings.finish();
    Ok((deployment?, Rollout::Alias(Alias { shift: shift?, gateway: gateway?, trailing: trailing? })))
}

/// A shift whose stages all front-ends can be followed through.
fn shift_of(item: &Item, front_ends: u32) -> Checked<Shift> {
    let shift = shift::shift(item)?;
    let stages = shift.stages().count() as u64;
    if stages * u64::from(front_ends) > MOST_ADOPTIONS {
        let reason = format!("{stages} stages, each adopted by {front_ends} front-ends, do not fit into memory");
        let cure = format!("take a larger weight, or at most {} front-ends", MOST_ADOPTIONS / stages);
        return Err(item.refuse(reason, cure));
    }
    Ok(shift)
}
