//! `none`: nothing is deployed; the version that serves goes on serving.

use super::deployment::OWN_FROM;
use super::keys::{Around, SETTINGS};
use super::{Planned, Rollout};
use crate::text::kind::Keys;
use crate::text::log::Checked;
use crate::text::reader::Item;
use crate::text::shelf::Variant;

pub(super) const KIND: Variant<Around, Planned> = Variant {
    name: "none",
    about: "No deployment: cold starts and reclamation alone.",
    example: "{ none = {} }",
    look: &Keys(&[&OWN_FROM]),
    read,
};

fn read(item: &Item, around: &Around) -> Checked<Planned> {
    let mut settings = item.table(SETTINGS)?;
    let deployment = around.inherited.in_place(&mut settings);
    for key in ["to", "step", "order"] {
        settings.forbid(key, &format!("`{key}` makes no sense here: `none` deploys nothing"), "drop it");
    }
    settings.finish();
    Ok((deployment?, None, Rollout::None))
}
