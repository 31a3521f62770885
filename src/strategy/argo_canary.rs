//! `argo-canary`: Argo Rollouts takes a canary through steps, with a router of the traffic or without one.

use super::deployment::{OWN_FROM, OWN_STEP, OWN_TO};
use super::fleet::{Argo, ArgoItem, ArgoSettings, Fleet};
use super::guard::Analysis;
use super::guard::keys::{AT_START, HOOKS, ON_TIMEOUT, ROLLBACK_ON, TIMEOUT, WATCH};
use super::keys::{Around, SETTINGS};
use super::lever::Levers;
use super::{Deployment, GatewayMove, Planned, Rollout, Script, alias, recreate, rolling};
use crate::controller::Setting;
use crate::controller::argo::{Scale, Threshold};
use crate::ids::Qualifier;
use crate::text::diagnostic::quote;
use crate::text::document::Value;
use crate::text::key::{Described, Key};
use crate::text::kind::{self, Form, Keys, Listed, Look, Text, Together, Whole};
use crate::text::log::Checked;
use crate::text::reader::Item;
use crate::text::schema::{self, Schema};
use crate::text::shelf::Variant;
use crate::text::suggestion::suggestion;
use crate::text::{name, quantity};
use crate::time::Span;
use crate::units::Share;
use serde_json::json;

/// A canary.
#[derive(Clone, PartialEq, Debug)]
pub struct ArgoCanary {
    /// How it goes through its steps.
    pub settings: ArgoSettings,
    /// The analyses of which its steps name some, by their place.
    pub analyses: Vec<Analysis>,
    /// When the gateway is redeployed.
    pub gateway: GatewayMove,
}

pub(super) const KIND: Variant<Around, Planned> = Variant {
    name: "argo-canary",
    about: "On hosts: Argo Rollouts takes a canary through steps of weights and pauses. Without a router its weight is its share of the \
            replicas.",
    example: "{ argo-canary = { steps = [{ weight = \"20%\" }, { pause = \"10m\" }] } }",
    look: &Keys(&[
        &OWN_FROM,
        &OWN_TO,
        &OWN_STEP,
        &ROLLBACK_ON,
        &AT_START,
        &WATCH,
        &HOOKS,
        &TIMEOUT,
        &ON_TIMEOUT,
        &ROUTER,
        &STEPS,
        &rolling::MAX_SURGE,
        &rolling::MAX_UNAVAILABLE,
        &DYNAMIC_STABLE,
        &MIN_PODS,
        &PROGRESS_THRESHOLD,
        &SCALE_DOWN_DELAY,
        &ABORT_DELAY,
        &alias::GATEWAY,
    ]),
    read,
};

/// How many steps there may be.
const MOST_STEPS: usize = 100;
/// How many replicas a setting may name.
const MOST_PODS: u32 = 100_000;

const ROUTER: Key<bool> = Key::new(
    "router",
    &kind::TRUTH,
    "Whether a router splits the traffic by weight. Without one every replica gets the same, and a weight is what the counts of \
     replicas can come to.",
)
.defaults("false");

const STEPS: Key<()> = Key::new(
    "steps",
    &Form { words: "list of steps", schema: steps_schema, keys: STEP, read: |_| Ok(()) },
    "What is gone through before all replicas are new.",
)
.otherwise("none.");

const WEIGHT: Key<u32> =
    Key::new("weight", &PERCENT, "The canary is to get this share of the traffic: a whole number of hundredths.");
const PAUSE: Key<Span> = Key::new("pause", &kind::SPAN, "How long nothing is done.");
const SCALE: Key<Scale> = Key::new(
    "scale",
    &Form::new("`\"match\"`, `{ replicas = 3 }` or `{ weight = \"25%\" }`", scale_schema, scale),
    "How many replicas the canary is to have, with a router: a number, those for a weight, or again those for the weight of the traffic.",
);
const ANALYSIS: Key<String> = Key::new(
    "analysis",
    &Text("errors"),
    "The step waits until this `[analysis.NAME]` has succeeded. Where it fails, the canary is taken back; where it is neither, it stays.",
);
const PERCENT: Form<u32> = Form::new("whole percentage", percent_schema, percent);
const REPLICAS: Key<u32> = Key::new("replicas", &Whole(0, MOST_PODS), "So many replicas, whatever the weight.");
const OWN_WEIGHT: Key<u32> = Key::new("weight", &PERCENT, "Those for this weight.");

const DYNAMIC_STABLE: Key<bool> =
    Key::new("dynamic_stable", &kind::TRUTH, "Whether old replicas go as the canary grows; with a router only.")
        .defaults("false");

const MIN_PODS: Key<u32> = Key::new(
    "min_pods",
    &Whole(0, MOST_PODS),
    "With a router: how many replicas a version has at least, if it has any.",
)
.defaults("0");

const PROGRESS_THRESHOLD: Key<Threshold> = Key::new(
    "progress_threshold",
    &Form::new("whole number or percentage", rolling::setting_schema, threshold),
    "How many replicas of the canary must be available before it goes on: a number, or a percentage of them.",
)
.otherwise("all of them.");

const SCALE_DOWN_DELAY: Key<Span> =
    Key::new("scale_down_delay", &kind::SPAN, "With a router: how long the old replicas are kept in the end.")
        .defaults("30s")
        .documented("Argo Rollouts");

const ABORT_DELAY: Key<Span> = Key::new(
    "abort_delay",
    &kind::SPAN,
    "With a router: how long the canary is kept after it was taken back; \"0s\" for ever.",
)
.defaults("30s")
.documented("Argo Rollouts");

const EXAMPLE: &str = "[{ weight = \"20%\" }, { pause = \"10m\" }]";
const STEP: &[&dyn Described] = &[&WEIGHT, &PAUSE, &SCALE, &ANALYSIS];

fn steps_schema() -> Schema {
    const ALL: Listed = Listed { each: &Together(&Keys(STEP), one_thing), most: MOST_STEPS };
    Look::schema(&ALL)
}

fn one_thing(schema: Schema) -> Schema {
    schema.with("oneOf", json!(["weight", "pause", "scale", "analysis"].map(|key| json!({ "required": [key] }))))
}

fn percent_schema() -> Schema {
    schema::text("^(100|[0-9]{1,2})%$").about("A whole number of hundredths, such as \"20%\".")
}

fn percent(item: &Item) -> Checked<u32> {
    let share = quantity::share(item)?;
    let percent = (0..=100).find(|&percent| Share::percent(u64::from(percent)) == share);
    percent.ok_or_else(|| item.refuse("a weight of Argo Rollouts is a whole percentage", "write one such as \"20%\""))
}

fn scale_schema() -> Schema {
    let one_thing = json!(["replicas", "weight"].map(|key| json!({ "required": [key] })));
    let of_size = schema::of_keys(&[&REPLICAS, &OWN_WEIGHT]).with("oneOf", one_thing);
    schema::any([
        Schema::default().with("const", json!("match")).about("Those for the weight of the traffic."),
        of_size.about("So many replicas, or those for a weight."),
    ])
}

fn scale(item: &Item) -> Checked<Scale> {
    const EXAMPLE: &str = "\"match\", { replicas = 3 } or { weight = \"25%\" }";
    if matches!(&item.node.value, Value::Text(text) if text == "match") {
        return Ok(Scale::MatchTraffic);
    }
    let mut table = item.table(EXAMPLE)?;
    let (replicas, weight) = (table.written(&REPLICAS), table.written(&OWN_WEIGHT));
    table.finish();
    match (replicas?, weight?) {
        (Some(replicas), None) => Ok(Scale::Pods(replicas)),
        (None, Some(weight)) => Ok(Scale::Weight(weight)),
        _ => Err(item.refuse("a size is either a number or a weight", format!("write {EXAMPLE}"))),
    }
}

fn threshold(item: &Item) -> Checked<Threshold> {
    rolling::setting(item).map(|setting| match setting {
        Setting::Number(pods) => Threshold::Pods(pods),
        Setting::Percent(percent) => Threshold::Percent(percent),
    })
}

fn steps(item: &Item, analyses: Checked<&[Analysis]>) -> Checked<Vec<ArgoItem>> {
    let listed = item.list(EXAMPLE)?;
    if listed.len() > MOST_STEPS {
        return Err(item.refuse(format!("{} steps; {MOST_STEPS} is the most", listed.len()), "drop some"));
    }
    crate::text::log::all(listed.iter().map(|item| step(item, analyses)))
}

fn step(item: &Item, analyses: Checked<&[Analysis]>) -> Checked<ArgoItem> {
    let mut table = item.table("{ weight = \"20%\" }, { pause = \"10m\" } or { scale = { replicas = 3 } }")?;
    let things = [
        table.written(&WEIGHT).transpose().map(|weight| weight.map(ArgoItem::SetWeight)),
        table.written(&PAUSE).transpose().map(|pause| pause.map(|pause| ArgoItem::Pause(Some(pause)))),
        table.written(&SCALE).transpose().map(|scale| scale.map(ArgoItem::Scale)),
        table.with(&ANALYSIS, |item| named(item, analyses?)).transpose().map(|place| place.map(ArgoItem::Analysis)),
    ];
    table.finish();
    let mut things = things.into_iter().flatten();
    match (things.next(), things.next()) {
        (Some(thing), None) => thing,
        _ => Err(item.refuse("a step does exactly one thing", "write one of `weight`, `pause`, `scale`, `analysis`")),
    }
}

/// The place of the analysis with this name.
fn named(item: &Item, analyses: &[Analysis]) -> Checked<usize> {
    let name = item.text("errors")?;
    let names: Vec<_> = analyses.iter().map(|analysis| analysis.name.as_str()).collect();
    names.iter().position(|known| *known == name).ok_or_else(|| {
        let cure = match names.is_empty() {
            true => format!("declare it: [analysis.{}]", if name::is_name(name) { name } else { "errors" }),
            false => suggestion(name, "the analyses are", &names),
        };
        item.dangling(format!("no analysis is called {}", quote(name)), cure)
    })
}

fn read(item: &Item, around: &Around) -> Checked<Planned> {
    let mut settings = item.table(SETTINGS)?;
    let deployment = around.inherited.within(&mut settings);
    let guard = around.guard(&mut settings, false);
    let analyses = around.analyses.as_deref().map_err(|&refused| refused);
    let router = settings.read(&ROUTER);
    let steps = settings.with(&STEPS, |item| steps(item, analyses)).map(Option::unwrap_or_default);
    let (surge, unavailable) = (settings.read(&rolling::MAX_SURGE), settings.read(&rolling::MAX_UNAVAILABLE));
    let dynamic = settings.placed(&DYNAMIC_STABLE).and_then(|(at, dynamic)| match (dynamic, router) {
        (true, Ok(false)) => Err(item.log.refuse(&at, "there is no router here", "write `router = true`, or drop it")),
        _ => Ok(dynamic),
    });
    if let Ok(false) = router {
        for key in [MIN_PODS.name, SCALE_DOWN_DELAY.name, ABORT_DELAY.name] {
            settings.forbid(key, "there is no router here", "write `router = true`, or drop it");
        }
        if steps.as_ref().is_ok_and(|steps| steps.iter().any(|step| matches!(step, ArgoItem::Scale(_)))) {
            let cure = "write `router = true`, or drop the step";
            return Err(item.refuse("without a router a canary has no size of its own", cure));
        }
    }
    let (min_pods, threshold) = (settings.read(&MIN_PODS), settings.written(&PROGRESS_THRESHOLD));
    let (scale_down, abort) = (settings.read(&SCALE_DOWN_DELAY), settings.read(&ABORT_DELAY));
    let gateway = alias::gateway_move(&mut settings, around);
    around.on_hosts(item, KIND.name);
    settings.finish();
    let settings = ArgoSettings {
        router: router?,
        steps: steps?,
        max_surge: surge?,
        max_unavailable: unavailable?,
        dynamic_stable: dynamic?,
        min_pods: min_pods?,
        progress_threshold: threshold?,
        scale_down_delay: scale_down?,
        abort_delay: abort?,
    };
    // Those that no step waits for measure nothing.
    let analyses = if settings.has_analysis() { analyses?.to_vec() } else { Vec::new() };
    Ok((deployment?, guard?, Rollout::ArgoCanary(ArgoCanary { settings, analyses, gateway: gateway? })))
}

impl ArgoCanary {
    pub(super) fn levers(&self) -> Levers {
        recreate::levers(self.gateway)
    }

    /// What every route asks for.
    pub(super) const fn qualifier(&self) -> Qualifier {
        if self.settings.router { Qualifier::Alias } else { Qualifier::Any }
    }

    pub(super) fn script(&self, deployment: &Deployment) -> Script {
        recreate::script(self.gateway, self.qualifier(), deployment)
    }

    pub(super) fn fleet(&self, replicas: u32, deployment: &Deployment) -> Fleet {
        Fleet::Argo(Box::new(Argo::new(self.settings.clone(), replicas, deployment.from)))
    }
}
