//! `[deployment]`: what is deployed, unless a strategy says otherwise.

use super::{Deployment, Order};
use crate::dist::Law;
use crate::ids::Version;
use crate::text::diagnostic::Place;
use crate::text::key::{Inherits, Key};
use crate::text::kind::{self, Choice, Form, Keys};
use crate::text::log::Checked;
use crate::text::reader::Table;
use crate::text::schema;

/// `[deployment]`.
pub(crate) const DEPLOYMENT: Key<()> = Key::new(
    "deployment",
    &Keys(&[&FROM, &TO, &STEP, &ORDER]),
    "What is deployed. Strategies share it; each may override what concerns it.",
);

const VERSION: Form<u32> = Form::new(
    "version",
    || schema::whole(1..=Version::HIGHEST.into()),
    // A higher number gets the same answer as any other version that is not declared.
    |item| item.whole(1..=u32::from(u16::MAX)),
);

const FROM: Key<u32> = Key::new("from", &VERSION, "The version that serves before the deployment.").defaults("1");
const TO: Key<u32> = Key::new("to", &VERSION, "The version that is deployed.").defaults("2");

pub(crate) const STEP: Key<Law> =
    Key::new("step", &kind::LAW_OR_SPAN, "How long one call of the control plane takes: a span, or a law.")
        .defaults("5s")
        .assumed("2 to 30 s are plausible")
        .tries("1s", "30s");

/// What may go first where code and gateway both change.
const ORDERS: [(&str, Order); 2] = [("function-first", Order::FunctionFirst), ("gateway-first", Order::GatewayFirst)];

pub(super) const ORDER: Key<Order> =
    Key::new("order", &Choice(&ORDERS), "For `latest`: whether the function's code or the gateway changes first.")
        .defaults("function-first")
        .documented("as AWS CloudFormation orders the two by their dependency");

/// The same settings in a strategy, each of which has all of them but the order.
pub(super) const OWN_FROM: Inherits = Inherits(&FROM, "[deployment]");
pub(super) const OWN_TO: Inherits = Inherits(&TO, "[deployment]");
pub(super) const OWN_STEP: Inherits = Inherits(&STEP, "[deployment]");
pub(super) const OWN_ORDER: Inherits = Inherits(&ORDER, "[deployment]");

/// The settings that strategies inherit.
#[derive(Clone)]
pub(crate) struct Inherited {
    from: Checked<End>,
    to: Checked<End>,
    step: Checked<Law>,
    order: Checked<Order>,
    highest: u16,
}

/// One end of a deployment, and where it is written, if it is.
#[derive(Clone)]
struct End {
    version: Version,
    at: Option<Place>,
}

/// Reads `[deployment]`; `highest` is the highest release that exists.
pub(crate) fn deployment(root: &mut Table, highest: u16) -> Inherited {
    let mut table = root.section(&DEPLOYMENT);
    let mut end_or_standard = |key| match end(&mut table, key, highest)? {
        Some(end) => Ok(end),
        // Both defaults exist in every scenario.
        None => Ok(End { version: Version(table.standard(key)? as u16), at: None }),
    };
    let (from, to) = (end_or_standard(&FROM), end_or_standard(&TO));
    let (step, order) = (table.read(&STEP), table.read(&ORDER));
    table.finish();
    Inherited { from, to, step, order, highest }
}

impl Inherited {
    /// The highest release that exists.
    pub const fn highest(&self) -> u16 {
        self.highest
    }

    /// The order that `latest` inherits.
    pub const fn order(&self) -> Checked<Order> {
        self.order
    }

    /// The same where `version` serves before.
    pub fn over(&self, version: Version) -> Self {
        Self { from: Ok(End { version, at: None }), ..self.clone() }
    }

    /// The version that serves before.
    pub fn serving(&self) -> Checked<Version> {
        self.from.as_ref().map(|end| end.version).map_err(|&refused| refused)
    }

    /// The same with the version that a table says is deployed.
    pub fn towards(&self, table: &mut Table) -> Checked<Self> {
        let to = end(table, &TO, self.highest)?;
        Ok(Self { to: to.map_or_else(|| self.to.clone(), Ok), ..self.clone() })
    }

    /// The deployment of a strategy with these `settings`.
    pub fn within(&self, settings: &mut Table) -> Checked<Deployment> {
        let from = end(settings, &FROM, self.highest);
        let to = end(settings, &TO, self.highest);
        let step = settings.written(&STEP);
        let (own_from, own_to, step) = (from?, to?, step?);
        let own = own_to.as_ref().or(own_from.as_ref()).and_then(|end| end.at.clone());
        let (from, to) = (own_from.map_or_else(|| self.from.clone(), Ok)?, own_to.map_or_else(|| self.to.clone(), Ok)?);
        if from.version == to.version
            && let Some(at) = own.or(to.at).or(from.at)
        {
            return Err(settings.log().refuse(
                &at,
                format!("version {} would be deployed over itself", to.version.0),
                "write two different versions as `from` and `to`; unless written they are 1 and 2",
            ));
        }
        Ok(Deployment { from: from.version, to: to.version, step: step.map_or(self.step, Ok)?, provisioned: None })
    }

    /// The deployment of `none`, which leaves `from` in place.
    pub fn in_place(&self, settings: &mut Table) -> Checked<Deployment> {
        let own = end(settings, &FROM, self.highest)?;
        let from = own.map_or_else(|| self.from.clone(), Ok)?.version;
        Ok(Deployment { from, to: from, step: self.step?, provisioned: None })
    }
}

/// An end of a deployment, if it is written.
fn end(table: &mut Table, key: &Key<u32>, highest: u16) -> Checked<Option<End>> {
    table.with(key, |item| {
        let number = key.value.read(item)?;
        match u16::try_from(number) {
            Ok(n) if n <= highest => Ok(End { version: Version(n), at: Some(item.node.at.clone()) }),
            _ => {
                let reason = format!("version {number} does not exist");
                Err(item.dangling(reason, format!("declare [version.{number}], or choose one of 1 to {highest}")))
            }
        }
    })
}
