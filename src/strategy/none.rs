//! `none`: nothing is deployed; the version that serves goes on serving.

use super::deployment::OWN_FROM;
use super::keys::{Around, SETTINGS};
use super::{On, Planned, Rollout};
use crate::text::key::Key;
use crate::text::kind::{Choice, Keys};
use crate::text::log::Checked;
use crate::text::reader::Item;
use crate::text::shelf::Variant;

pub(super) const KIND: Variant<Around, Planned> = Variant {
    name: "none",
    about: "No deployment: what happens anyway, and what others are compared with.",
    example: "{ none = {} }",
    look: &Keys(&[&OWN_FROM, &ON]),
    read,
};

const ON: Key<On> = Key::new("on", &Choice(&[("function", On::Function), ("hosts", On::Hosts)]), "What runs the code.")
    .otherwise("hosts, where there is [hosts] and no [function]; else the function.");

fn read(item: &Item, around: &Around) -> Checked<Planned> {
    let mut settings = item.table(SETTINGS)?;
    let deployment = around.inherited.in_place(&mut settings);
    let on = settings.written(&ON);
    for key in ["to", "step", "order"] {
        settings.forbid(key, &format!("`{key}` makes no sense here: `none` deploys nothing"), "drop it");
    }
    let on = on.map(|on| on.unwrap_or(around.usual));
    if matches!(on, Ok(On::Hosts)) {
        around.on_hosts(item, KIND.name);
    }
    settings.finish();
    Ok((deployment?, None, Rollout::None(on?)))
}
