//! `pinned`: every gateway revision carries the number of the version it asks for.
//!
//! A node moves its contract and its target together, so new requests never meet the wrong version — unless a route,
//! re-pointed by hand, was forgotten.

use super::deployment::{OWN_FROM, OWN_STEP, OWN_TO};
use super::guard::keys::{AT_START, HOOKS, ON_TIMEOUT, ROLLBACK_ON, TIMEOUT, WATCH};
use super::keys::{Around, SETTINGS};
use super::lever::{Lever, Levers};
use super::{Action, Deployment, Planned, Rollout, Script, Step};
use crate::ids::Qualifier;
use crate::text::diagnostic::{Place, quote};
use crate::text::key::Key;
use crate::text::kind::{self, Choice, Keys, Together};
use crate::text::log::{self, Checked, Log, Refused};
use crate::text::pattern;
use crate::text::reader::Item;
use crate::text::schema::{self, Schema};
use crate::text::shelf::Variant;
use crate::text::suggestion::suggestion;
use crate::units::Share;
use serde_json::json;

/// One redeployment of the gateway, at 0, whose routes carry the new number.
#[derive(Clone, PartialEq, Debug)]
pub struct Pinned {
    /// Who writes the number into the routes.
    pub wiring: Wiring,
}

/// How routes get their new number.
#[derive(Clone, PartialEq, Debug)]
pub enum Wiring {
    /// A person re-points every source's route, and may forget one.
    ByHand(Forgetting),
    /// A template writes them all: no operator step, nothing forgotten.
    Template,
}

/// Which routes are forgotten.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Forgetting {
    /// Each source's route with this probability, once a replication.
    Chance(Share),
    /// Always these sources' (by their place in the scenario).
    Sources(Vec<usize>),
}

pub(super) const KIND: Variant<Around, Planned> = Variant {
    name: "pinned",
    about: "Published versions: every gateway revision carries the number it asks for.",
    example: "{ pinned = { forget = \"5%\" } }",
    look: &Together(
        &Keys(&[
            &OWN_FROM,
            &OWN_TO,
            &OWN_STEP,
            &ROLLBACK_ON,
            &AT_START,
            &WATCH,
            &HOOKS,
            &TIMEOUT,
            &ON_TIMEOUT,
            &WIRING,
            &FORGET,
            &FORGOTTEN,
        ]),
        forgets_once,
    ),
    read,
};

/// Who wires a pinned version to its sources, and whether by hand.
const WIRINGS: [(&str, bool); 2] = [("by-hand", true), ("template", false)];

const WIRING: Key<bool> = Key::new(
    "wiring",
    &Choice(&WIRINGS),
    "Who writes the version's number at every source: a person, who may forget one, or a template.",
)
.defaults("by-hand");

const FORGET: Key<Share> =
    Key::new("forget", &kind::SHARE, "The chance that a route is forgotten and keeps its old number, for each source.")
        .defaults("0%")
        .tries("0%", "5%");

const FORGOTTEN: Key<()> = Key::new(
    "forgotten",
    &kind::fitting("list of sources", || {
        schema::distinct(Schema::default().with("type", json!("string")).about("The name of a source."))
    }),
    "The sources whose routes always are forgotten, such as [\"web\"]; in place of `forget`.",
)
.otherwise("none; `forget` decides.");

/// A chance or a list, and neither where a template forgets no route.
fn forgets_once(schema: Schema) -> Schema {
    let chance = json!({ "pattern": pattern::no_share() });
    schema
        .with("dependencies", json!({ "forget": { "properties": { "forgotten": false } } }))
        .with("if", json!({ "required": ["wiring"], "properties": { "wiring": { "const": "template" } } }))
        .with("then", json!({ "properties": { "forgotten": false, "forget": chance } }))
}

fn read(item: &Item, around: &Around) -> Checked<Planned> {
    let mut settings = item.table(SETTINGS)?;
    let deployment = around.inherited.within(&mut settings);
    let guard = around.guard(&mut settings, false);
    let by_hand = settings.read(&WIRING);
    let forget = settings.written_at(&FORGET);
    let forgotten = settings.with(&FORGOTTEN, |item| Ok((item.node.at.clone(), forgotten(item, &around.sources)?)));
    let chance = settings.standard(&FORGET);
    let cure = "drop it: a pinned revision moves its contract and its target together";
    settings.forbid("order", "`order` is a setting of `latest`", cure);
    settings.finish();
    let (by_hand, forget, forgotten) = (by_hand?, forget?, forgotten?);
    let wiring = match (by_hand, forget, forgotten) {
        (_, Some(_), Some((at, _))) => {
            let reason = "`forget` and `forgotten` exclude each other";
            return Err(item.log.refuse(
                &at,
                reason,
                "keep `forget` for a chance, `forgotten` for sources that always are",
            ));
        }
        (false, Some((at, share)), None) if !share.is_zero() => return Err(template_forgets(item.log, &at)),
        (false, None, Some((at, _))) => return Err(template_forgets(item.log, &at)),
        (false, _, None) => Wiring::Template,
        (true, forget, None) => Wiring::ByHand(Forgetting::Chance(forget.map_or(chance, |(_, share)| Ok(share))?)),
        (true, None, Some((_, sources))) => Wiring::ByHand(Forgetting::Sources(sources)),
    };
    Ok((deployment?, guard?, Rollout::Pinned(Pinned { wiring })))
}

fn template_forgets(log: &Log, at: &Place) -> Refused {
    log.refuse(at, "a template forgets no route", "drop this setting, or write `wiring = \"by-hand\"`")
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

impl Pinned {
    /// A node changes its format and its target together, so that nothing but a forgotten route lets old and new meet.
    pub(super) fn levers(&self) -> Levers {
        let decisive = match self.wiring {
            Wiring::ByHand(Forgetting::Chance(share)) => {
                vec![Lever::of_its_own(KIND.name, &FORGET, "the share of forgotten routes", share)]
            }
            _ => Vec::new(),
        };
        Levers { decisive, further: vec![Lever::GatewayLag, Lever::GatewayNodes] }
    }

    pub(super) fn script(deployment: &Deployment) -> Script {
        let redeploy = Action::RedeployGateway { shape: deployment.to, qualifier: Qualifier::Number(deployment.to) };
        Script::new(vec![Step::Do(redeploy)])
    }
}
