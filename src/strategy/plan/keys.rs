//! How a plan is written: a list of items.

use super::{Item, Plan, Stage, Task};
use crate::dist::Law;
use crate::strategy::keys::Around;
use crate::strategy::{ByHand, Deployment, MOST_VERSIONS, Planned, Rollout, alias, deployment, latest, pinned};
use crate::strategy::{argo_canary, blue_green, recreate, rolling};
use crate::text::key::{Described, Elsewhere, Key};
use crate::text::kind::{self, Keys, Listed, Together};
use crate::text::log::Checked;
use crate::text::reader::Item as Written;
use crate::text::schema::Schema;
use crate::text::shelf::Variant;
use crate::time::Instant;
use serde_json::json;
use std::collections::BTreeSet;
use std::mem::discriminant;

/// How many items a plan may have.
const MOST_ITEMS: usize = 100;

const EXAMPLE: &str = "{ plan = [{ to = 2, alias = {} }, { wait = \"15m\" }, { to = 3, alias = {} }] }";

pub(in crate::strategy) const KIND: Variant<Around, Planned> = Variant {
    name: "plan",
    about: "Several deployments, one after the other: each item begins when everybody has learnt of the last change before it.",
    example: EXAMPLE,
    look: &Listed { each: &Together(&Keys(ITEM), one_thing), most: MOST_ITEMS },
    read,
};

const ITEM: &[&dyn Described] = &[
    &AT,
    &deployment::OWN_TO,
    &Elsewhere(&latest::KIND),
    &Elsewhere(&pinned::KIND),
    &Elsewhere(&alias::KIND),
    &Elsewhere(&rolling::KIND),
    &Elsewhere(&recreate::KIND),
    &Elsewhere(&blue_green::KIND),
    &Elsewhere(&argo_canary::KIND),
    &WAIT,
    &ROLLBACK,
];

const AT: Key<Instant> = Key::new(
    "at",
    &kind::INSTANT,
    "The item begins no sooner, counted from t = 0. A rollback begins then whatever is still going on, and so do `rolling`, `recreate` \
     and `argo-canary`.",
)
.otherwise("as soon as the item before has settled.");
const WAIT: Key<Law> = Key::new(
    "wait",
    &kind::LAW_OR_SPAN,
    "How long nothing is done, such as \"15m\"; a law where a person must approve.",
);
const ROLLBACK: Key<()> = Key::new(
    "rollback",
    &Keys(&[]),
    "Takes back the last deployment, which none has been taken back since: { at = \"40m\", rollback = {} }.",
);

/// The kinds of deployment that an item may be.
const KINDS: [&Variant<Around, Planned>; 7] = [
    &latest::KIND,
    &pinned::KIND,
    &alias::KIND,
    &rolling::KIND,
    &recreate::KIND,
    &blue_green::KIND,
    &argo_canary::KIND,
];

/// What an item may do, of which it does one.
fn all_tasks() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.name).chain([WAIT.name, ROLLBACK.name])
}

fn one_thing(schema: Schema) -> Schema {
    schema.with("oneOf", json!(all_tasks().map(|key| json!({ "required": [key] })).collect::<Vec<_>>()))
}

fn read(item: &Written, around: &Around) -> Checked<Planned> {
    let items = item.list(EXAMPLE)?;
    if items.len() > MOST_ITEMS {
        return Err(item.refuse(format!("a plan has at most {MOST_ITEMS} items"), "drop some"));
    }
    let mut plan = Plan { items: Vec::new() };
    let mut around = around.clone();
    // The deployment that a rollback would take back.
    let mut last: Option<Deployment> = None;
    let mut sound = Ok(());
    for written in &items {
        let latest = plan.items.iter().filter_map(|item: &Item| item.at).max();
        let before = plan.stages().last().map(|stage| &stage.rollout);
        match one(written, &around, (before, last.is_some(), latest)) {
            Ok(item) => {
                match &item.task {
                    Task::Deploy(stage) => {
                        around.inherited = around.inherited.over(stage.deployment.to);
                        last = Some(stage.deployment);
                    }
                    Task::RollBack => {
                        let back = last.take().map(|deployment| deployment.from);
                        around.inherited = back.map_or(around.inherited.clone(), |back| around.inherited.over(back));
                    }
                    Task::Wait(_) => {}
                }
                plan.items.push(item);
            }
            Err(refused) => sound = Err(refused),
        }
    }
    sound?;
    let versions: BTreeSet<_> = plan.stages().flat_map(|stage| [stage.deployment.from, stage.deployment.to]).collect();
    if versions.len() > MOST_VERSIONS {
        return Err(item.refuse(format!("a plan runs at most {MOST_VERSIONS} versions"), "split it"));
    }
    let (Some(first), Some(last)) = (plan.stages().next(), plan.stages().last()) else {
        return Err(item.refuse("a plan without a deployment", format!("write {EXAMPLE}")));
    };
    let deployment = Deployment { from: first.deployment.from, ..last.deployment };
    Ok((deployment, None, Rollout::Plan(plan)))
}

/// An item; `before`: how the last deployment before it is made; `deployed`: whether there is something that could be taken back;
/// `latest`: the latest `at` before it.
fn one(
    item: &Written,
    around: &Around,
    (before, deployed, latest): (Option<&Rollout>, bool, Option<Instant>),
) -> Checked<Item> {
    let mut table = item.table("{ to = 2, alias = {} }")?;
    let at = table.written_at(&AT).and_then(|at| match at {
        Some((place, at)) if at < Instant::ZERO => {
            Err(item.log.refuse(&place, "an item begins before t = 0", "write \"0s\" or later"))
        }
        Some((place, at)) if latest.is_some_and(|latest| at < latest) => {
            Err(item.log.refuse(&place, "an item begins before one above it", "write the items in the order of time"))
        }
        at => Ok(at.map(|(_, at)| at)),
    });
    let around = Around { inherited: around.inherited.towards(&mut table)?, ..around.clone() };
    let mut tasks: Vec<Checked<Task>> = Vec::new();
    for kind in KINDS {
        let read = |item: &Written| stage(&(kind.read)(item, &around)?, item, before.map(|before| (&around, before)));
        tasks.extend(table.with(kind, read).transpose());
    }
    let idle_to = table.with(&deployment::OWN_TO, |item| Ok(item.node.at.clone()))?;
    tasks.extend(table.written(&WAIT).transpose().map(|law| law.map(Task::Wait)));
    let rollback = table.with(&ROLLBACK, |item| {
        item.table("{}")?.finish();
        match deployed {
            true => Ok(Task::RollBack),
            false => Err(item.refuse("nothing has been deployed since that could be taken back", "drop it")),
        }
    });
    tasks.extend(rollback.transpose());
    table.finish();
    match <[Checked<Task>; 1]>::try_from(tasks) {
        Ok([task]) => match (task?, idle_to) {
            (Task::Wait(_) | Task::RollBack, Some(at)) => {
                Err(item.log.refuse(&at, "nothing is deployed here", "drop `to`"))
            }
            (task, _) => Ok(Item { at: at?, task }),
        },
        Err(_) => {
            let all: Vec<String> = all_tasks().map(|task| format!("`{task}`")).collect();
            Err(item.refuse("an item of a plan does exactly one thing", format!("write one of {}", all.join(", "))))
        }
    }
}

/// A deployment as an item of a plan, `before` it others.
fn stage((deployment, guard, rollout): &Planned, item: &Written, before: Option<(&Around, &Rollout)>) -> Checked<Task> {
    let serving = before.map_or(Ok(deployment.from), |(around, _)| around.inherited.serving())?;
    if deployment.from != serving {
        let reason = format!("version {} serves by then, and not version {}", serving.0, deployment.from.0);
        return Err(item.refuse(reason, "drop `from`; write it with the first deployment of a plan"));
    }
    if before.is_some_and(|(_, before)| !rollout.continues(before)) {
        let cure = "on hosts, write the same kind with the same settings in all items; only `gateway` may differ";
        return Err(item.refuse("another controller has carried out the items above", cure));
    }
    if let Some((around, before)) = before
        && !around.wired.direct.is_empty()
        && discriminant(&rollout.qualifier(deployment)) != discriminant(&before.qualifier(deployment))
    {
        let cure = "write the same kind in all items, or `via = \"gateway\"` at every source";
        return Err(item.refuse("a direct source would go on asking for what the items above had it ask for", cure));
    }
    if rollout.by_hand().is_some_and(ByHand::may_slip) {
        let cure = "drop `forget`, `forgotten` and `wrong`";
        return Err(item.refuse("no route is forgotten or mistaken in a plan", cure));
    }
    let stage = Stage { deployment: *deployment, rollout: rollout.clone(), guard: guard.clone() };
    Ok(Task::Deploy(Box::new(stage)))
}
