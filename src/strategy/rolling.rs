//! `rolling`: a Deployment of Kubernetes replaces its replicas some by some.

use super::deployment::{OWN_FROM, OWN_STEP, OWN_TO};
use super::fleet::{self, Fleet, Replacing};
use super::guard::keys::{AT_START, HOOKS, ON_TIMEOUT, ROLLBACK_ON, TIMEOUT, WATCH};
use super::keys::{Around, SETTINGS};
use super::lever::Levers;
use super::{Deployment, GatewayMove, Planned, Rollout, Script, alias, recreate};
use crate::controller::Setting;
use crate::ids::Qualifier;
use crate::text::document::Value;
use crate::text::key::Key;
use crate::text::kind;
use crate::text::kind::{Form, Keys};
use crate::text::log::Checked;
use crate::text::reader::Item;
use crate::text::schema::{self, Schema};
use crate::text::shelf::Variant;
use crate::time::Span;
use serde_json::json;

/// A rolling update.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rolling {
    /// How many replicas more than wanted there may be.
    pub surge: Setting,
    /// How many of those wanted may be unavailable.
    pub unavailable: Setting,
    /// Within what it should always have got on.
    pub deadline: Span,
    /// When the gateway is redeployed.
    pub gateway: GatewayMove,
}

pub(super) const KIND: Variant<Around, Planned> = Variant {
    name: "rolling",
    about: "On hosts: replicas are replaced some by some, as a Kubernetes Deployment does it.",
    example: "{ rolling = { max_surge = \"25%\", max_unavailable = \"25%\" } }",
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
        &MAX_SURGE,
        &MAX_UNAVAILABLE,
        &PROGRESS_DEADLINE,
        &alias::GATEWAY,
    ]),
    read,
};

/// A number of replicas, or a share of those wanted.
const SETTING: Form<Setting> = Form::new("whole number or percentage", setting_schema, setting);

pub(super) const MAX_SURGE: Key<Setting> = Key::new(
    "max_surge",
    &SETTING,
    "How many replicas more than wanted there may be: a number, or a percentage of them, rounded up.",
)
.defaults("25%")
.documented("Kubernetes");

pub(super) const MAX_UNAVAILABLE: Key<Setting> = Key::new(
    "max_unavailable",
    &SETTING,
    "How many of the replicas wanted may be unavailable: a number, or a percentage of them, rounded down. Where both come to 0, 1 may.",
)
.defaults("25%")
.documented("Kubernetes");

pub(super) const PROGRESS_DEADLINE: Key<Span> = Key::new(
    "progress_deadline",
    &kind::SPAN_ABOVE_ZERO,
    "Within what the rollout should always have got on. Past it `kubectl rollout status` fails and the rollout goes on: see `overdue`.",
)
.defaults("10m")
.documented("Kubernetes");

/// How many replicas, or hundredths of them, a setting may be.
const MOST: u32 = 100_000;

pub(super) fn setting_schema() -> Schema {
    let percentage = Schema::default().with("type", json!("string")).with("pattern", json!("^[0-9]{1,5}%$"));
    schema::any([
        schema::whole(0..=MOST).about("So many replicas."),
        percentage.about("So many hundredths of the replicas, a whole number of them."),
    ])
}

pub(super) fn setting(item: &Item) -> Checked<Setting> {
    let Value::Text(text) = &item.node.value else {
        return item.whole(0..=MOST).map(|number| Setting::Number(number as i32));
    };
    let percent = text.strip_suffix('%').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    match percent.and_then(|digits| digits.parse().ok()).filter(|&percent| percent <= MOST as i32) {
        Some(percent) => Ok(Setting::Percent(percent)),
        None => Err(item.refuse("neither a number of replicas nor a percentage", "write one such as 2 or \"25%\"")),
    }
}

fn read(item: &Item, around: &Around) -> Checked<Planned> {
    let mut settings = item.table(SETTINGS)?;
    let deployment = around.inherited.within(&mut settings);
    let guard = around.guard(&mut settings, false);
    let (surge, unavailable) = (settings.read(&MAX_SURGE), settings.read(&MAX_UNAVAILABLE));
    let (deadline, gateway) = (settings.read(&PROGRESS_DEADLINE), alias::gateway_move(&mut settings, around));
    around.on_hosts(item, KIND.name);
    settings.finish();
    let (surge, unavailable, deadline, gateway) = (surge?, unavailable?, deadline?, gateway?);
    let rolling = Rolling { surge, unavailable, deadline, gateway };
    Ok((deployment?, guard?, Rollout::Rolling(rolling)))
}

impl Rolling {
    pub(super) fn levers(self) -> Levers {
        recreate::levers(self.gateway)
    }

    pub(super) fn script(self, deployment: &Deployment) -> Script {
        recreate::script(self.gateway, Qualifier::Any, deployment)
    }

    pub(super) fn fleet(self, replicas: u32, deployment: &Deployment) -> Fleet {
        let Self { surge, unavailable, deadline, .. } = self;
        let replacing = Replacing::Rolling { surge, unavailable };
        Fleet::Deployment(fleet::Deployment::new(replicas, replacing, deployment.from, Some(deadline)))
    }
}
