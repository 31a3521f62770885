//! `pinned`: every gateway revision carries the number of the version it asks for.
//!
//! A node moves its contract and its target together, so new requests never meet the wrong version — unless a route,
//! re-pointed by hand, was forgotten.

use super::deployment::{OWN_FROM, OWN_STEP, OWN_TO};
use super::guard::keys::{AT_START, HOOKS, ON_TIMEOUT, ROLLBACK_ON, TIMEOUT, WATCH};
use super::keys::{Around, SETTINGS};
use super::lever::{Lever, Levers};
use super::{Action, Deployment, MOST_VERSIONS, Planned, Rollout, Script, Step};
use crate::ids::{Qualifier, Version};
use crate::text::diagnostic::{Place, quote};
use crate::text::key::Key;
use crate::text::kind::{self, Choice, Keys, Together};
use crate::text::log::{self, Checked, Log, Refused};
use crate::text::pattern;
use crate::text::reader::{Item, Table};
use crate::text::schema::{self, Schema};
use crate::text::shelf::Variant;
use crate::text::suggestion::suggestion;
use crate::time::Span;
use crate::units::Share;
use serde_json::json;

/// One redeployment of the gateway, at 0, whose routes carry the new number, and an update of every other source's mapping.
#[derive(Clone, PartialEq, Debug)]
pub struct Pinned {
    /// Who writes the number into the routes.
    pub wiring: Wiring,
    /// How the sources are wired.
    pub wired: Wired,
}

/// How the sources of a scenario are wired.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wired {
    /// Whether any passes the gateway.
    pub gateway: bool,
    /// Those that have mappings of their own, by their place in the scenario.
    pub direct: Vec<usize>,
}

impl Default for Wired {
    /// All pass the gateway.
    fn default() -> Self {
        Self { gateway: true, direct: Vec::new() }
    }
}

/// How routes get their new number.
#[derive(Clone, PartialEq, Debug)]
pub enum Wiring {
    /// A person re-points every source's route, and may forget one.
    ByHand(ByHand),
    /// A template writes them all: no operator step, nothing forgotten.
    Template,
}

/// How a person re-points routes: those of the gateway go live together, the mappings of other sources one after the other.
#[derive(Clone, PartialEq, Debug)]
pub struct ByHand {
    /// Which are forgotten.
    pub forgetting: Forgetting,
    /// Which are mistaken.
    pub wrong: Wrong,
    /// How long each takes.
    pub each: Span,
}

/// Routes that are pointed at another version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong {
    /// The probability that a source's is, once a replication, if it is not forgotten.
    pub chance: Share,
    /// The versions that it may then be pointed at, each as likely.
    pub others: Vec<Version>,
}

/// What becomes of one route that is re-pointed by hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Slip {
    /// Nothing.
    None,
    /// It is forgotten.
    Forgotten,
    /// It is pointed at another version.
    Wrong,
}

impl Default for Wrong {
    /// None is.
    fn default() -> Self {
        Self { chance: Share::ZERO, others: Vec::new() }
    }
}

impl ByHand {
    /// The versions that a route may be pointed at by mistake.
    pub(super) fn mistaken(&self) -> impl Iterator<Item = Version> {
        self.wrong.others.iter().copied().filter(|_| !self.wrong.chance.is_zero())
    }

    /// Whether anything may go wrong.
    pub(super) fn may_slip(&self) -> bool {
        let forgets = match &self.forgetting {
            Forgetting::Chance(chance) => !chance.is_zero(),
            Forgetting::Sources(sources) => !sources.is_empty(),
        };
        forgets || !self.wrong.chance.is_zero()
    }
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
            &WRONG,
            &EACH,
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

const WRONG: Key<Share> = Key::new(
    "wrong",
    &kind::SHARE,
    "The chance that a route which is not forgotten is pointed at another version, any as likely, for each source.",
)
.defaults("0%")
.tries("0%", "5%");

const EACH: Key<Span> = Key::new(
    "each",
    &kind::SPAN,
    "How long a person takes for each source. Direct ones change one after the other, in the order of the scenario; routes of the \
     gateway go live together.",
)
.defaults("0s");

/// A chance or a list, and neither where a template forgets no route.
fn forgets_once(schema: Schema) -> Schema {
    let chance = json!({ "pattern": pattern::no_share() });
    schema
        .with("dependencies", json!({ "forget": { "properties": { "forgotten": false } } }))
        .with("if", json!({ "required": ["wiring"], "properties": { "wiring": { "const": "template" } } }))
        .with("then", json!({ "properties": { "forgotten": false, "forget": chance, "wrong": chance } }))
}

fn read(item: &Item, around: &Around) -> Checked<Planned> {
    let mut settings = item.table(SETTINGS)?;
    let deployment = around.inherited.within(&mut settings);
    let guard = around.guard(&mut settings, false);
    let by_hand = settings.read(&WIRING);
    let forget = settings.written_at(&FORGET);
    let forgotten = settings.with(&FORGOTTEN, |item| Ok((item.node.at.clone(), forgotten(item, &around.sources)?)));
    let chance = settings.standard(&FORGET);
    let (wrong, each) = (wrong(&mut settings, around, &deployment), settings.written_at(&EACH));
    let cure = "drop it: a pinned revision moves its contract and its target together";
    settings.forbid("order", "`order` is a setting of `latest`", cure);
    settings.finish();
    let (by_hand, forget, forgotten) = (by_hand?, forget?, forgotten?);
    let (wrong, each) = (wrong?, each?);
    let forgetting = match (by_hand, forget, forgotten) {
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
        (false, _, None) => None,
        (true, forget, None) => Some(Forgetting::Chance(forget.map_or(chance, |(_, share)| Ok(share))?)),
        (true, None, Some((_, sources))) => Some(Forgetting::Sources(sources)),
    };
    let wiring = match (forgetting, &wrong, &each) {
        (None, Some((at, wrong)), _) if !wrong.chance.is_zero() => {
            return Err(item.log.refuse(at, "a template mistakes no version", TEMPLATE_CURE));
        }
        (None, _, Some((at, each))) if *each > Span::ZERO => {
            return Err(item.log.refuse(at, "a template re-points all sources at once", TEMPLATE_CURE));
        }
        (None, ..) => Wiring::Template,
        (Some(forgetting), ..) => Wiring::ByHand(ByHand {
            forgetting,
            wrong: wrong.map(|(_, wrong)| wrong).unwrap_or_default(),
            each: each.map_or(Span::ZERO, |(_, each)| each),
        }),
    };
    Ok((deployment?, guard?, Rollout::Pinned(Pinned { wiring, wired: around.wired.clone() })))
}

fn template_forgets(log: &Log, at: &Place) -> Refused {
    log.refuse(at, "a template forgets no route", TEMPLATE_CURE)
}

const TEMPLATE_CURE: &str = "drop this setting, or write `wiring = \"by-hand\"`";

/// Which routes are mistaken, and where that is written.
fn wrong(settings: &mut Table, around: &Around, deployment: &Checked<Deployment>) -> Checked<Option<(Place, Wrong)>> {
    let Some((at, chance)) = settings.written_at(&WRONG)? else { return Ok(None) };
    let to = deployment.as_ref().map_err(|&refused| refused)?.to;
    let others: Vec<Version> = (1..=around.inherited.highest()).map(Version).filter(|&other| other != to).collect();
    if chance.is_zero() {
        return Ok(Some((at, Wrong::default())));
    }
    if others.len() >= MOST_VERSIONS {
        let reason =
            format!("a route may be pointed at {} other versions, and a strategy runs {MOST_VERSIONS}", others.len());
        return Err(settings.log().refuse(&at, reason, "drop `wrong`, or declare fewer versions"));
    }
    Ok(Some((at, Wrong { chance, others })))
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
        let mut decisive = Vec::new();
        if let Wiring::ByHand(ByHand { forgetting: Forgetting::Chance(share), .. }) = &self.wiring {
            decisive.push(Lever::of_its_own(KIND.name, &FORGET, "the share of forgotten routes", *share));
        }
        if let Wiring::ByHand(ByHand { wrong, .. }) = &self.wiring
            && !wrong.chance.is_zero()
        {
            decisive.push(Lever::of_its_own(KIND.name, &WRONG, "the share of mistaken routes", wrong.chance));
        }
        let mapping = (!self.wired.direct.is_empty()).then_some(Lever::MappingLag);
        let gateway = [Lever::GatewayLag, Lever::GatewayNodes].into_iter().filter(|_| self.wired.gateway);
        Levers { decisive: decisive.into_iter().chain(mapping).collect(), further: gateway.collect() }
    }

    pub(super) fn script(&self, deployment: &Deployment) -> Script {
        let qualifier = Qualifier::Number(deployment.to);
        let redeploy = Action::RedeployGateway { shape: deployment.to, qualifier };
        let mut steps: Vec<_> = self.wired.gateway.then_some(Step::Do(redeploy)).into_iter().collect();
        let each = match &self.wiring {
            Wiring::ByHand(by_hand) => by_hand.each,
            Wiring::Template => Span::ZERO,
        };
        for (place, &source) in self.wired.direct.iter().enumerate() {
            steps.extend((place > 0 && each > Span::ZERO).then_some(Step::Wait(each)));
            steps.push(Step::Do(Action::Rewire { source, qualifier }));
        }
        Script::new(steps)
    }
}
