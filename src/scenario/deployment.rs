//! `[deployment]`: what is deployed, unless a strategy says otherwise.

use super::diagnostic::Place;
use super::law;
use super::log::Checked;
use super::reader::{Item, Table};
use crate::dist::Law;
use crate::ids::Version;
use crate::strategy::{Deployment, Order};
use crate::time::Span;

/// What may go first where code and gateway both change.
pub(super) const ORDERS: [(&str, Order); 2] =
    [("function-first", Order::FunctionFirst), ("gateway-first", Order::GatewayFirst)];

/// The settings that strategies inherit.
pub(super) struct Inherited {
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

/// `[deployment]`; `highest` is the highest release that exists.
pub(super) fn deployment(root: &mut Table, highest: u16) -> Inherited {
    let mut table = root.section("deployment");
    let default = |n| End { version: Version(n), at: None };
    let inherited = Inherited {
        from: table.or("from", default(1), |item| end(item, highest)),
        to: table.or("to", default(2), |item| end(item, highest)),
        step: table.or("step", Law::Constant(Span::from_s(5)), law::law_or_span),
        order: table.or("order", Order::FunctionFirst, order),
        highest,
    };
    table.finish();
    inherited
}

/// Which of function and gateway goes first.
pub(super) fn order(item: &Item) -> Checked<Order> {
    item.choice(&ORDERS)
}

impl Inherited {
    /// The order that `latest` inherits.
    pub const fn order(&self) -> Checked<Order> {
        self.order
    }

    /// The deployment of a strategy with these `settings`.
    pub fn within(&self, settings: &mut Table) -> Checked<Deployment> {
        let from = settings.optional("from", |item| end(item, self.highest));
        let to = settings.optional("to", |item| end(item, self.highest));
        let step = settings.optional("step", law::law_or_span);
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
        Ok(Deployment { from: from.version, to: to.version, step: step.map_or(self.step, Ok)? })
    }

    /// The deployment of `none`, which leaves `from` in place.
    pub fn in_place(&self, settings: &mut Table) -> Checked<Deployment> {
        let own = settings.optional("from", |item| end(item, self.highest))?;
        let from = own.map_or_else(|| self.from.clone(), Ok)?.version;
        Ok(Deployment { from, to: from, step: self.step? })
    }
}

fn end(item: &Item, highest: u16) -> Checked<End> {
    let number = item.whole(1..=u32::from(u16::MAX))?;
    match u16::try_from(number) {
        Ok(n) if n <= highest => Ok(End { version: Version(n), at: Some(item.node.at.clone()) }),
        _ => {
            let reason = format!("version {number} does not exist");
            Err(item.dangling(reason, format!("declare [version.{number}], or choose one of 1 to {highest}")))
        }
    }
}
