//! `function.provisioned`: environments that are kept ready.

use crate::dist::Law;
use crate::strategy::{Holder, Moves, Provisioned};
use crate::text::diagnostic::Place;
use crate::text::key::Key;
use crate::text::kind::{self, Choice, Settings, Whole};
use crate::text::log::Checked;
use crate::text::reader::Table;
use crate::units::Rate;

/// How many environments may be kept ready.
const MOST: u32 = 1_000_000;
const EXAMPLE: &str = "provisioned = { environments = 50 }";
const HOLDERS: [(&str, Holder); 2] = [("alias", Holder::Alias), ("version", Holder::Version)];
const MOVES: [(&str, Moves); 2] = [("before", Moves::Before), ("late", Moves::Late)];

pub(super) const PROVISIONED: Key<Provisioned> = Key::new(
    "provisioned",
    &Settings {
        keys: &[&ENVIRONMENTS, &ON, &PREPARE, &RATE, &MOVE],
        example: EXAMPLE,
        read: |table| {
            let (environments, on) = (table.read(&ENVIRONMENTS), table.read(&ON));
            let (prepare, rate, moves) = (table.read(&PREPARE), table.read(&RATE), table.read(&MOVE));
            Ok(Provisioned { environments: environments?, on: on?, prepare: prepare?, rate: rate?, moves: moves? })
        },
    },
    "Provisioned concurrency: environments that are kept ready, and serve before all others. They count against `concurrency` also when \
     idle; what exceeds them spills over to other instances.",
)
.otherwise("none.");

const ENVIRONMENTS: Key<u32> =
    Key::new("environments", &Whole(1, MOST), "How many environments the version that serves has.").required(EXAMPLE);

const ON: Key<Holder> = Key::new(
    "on",
    &Choice(&HOLDERS),
    "What they are configured on: a published version, so that two versions hold all of them while one goes live; or the alias, whose \
     versions share them by its weights. `latest` has none, and `pinned` none on the alias.",
)
.defaults("version")
.documented("AWS Lambda: on a version or an alias, not on $LATEST");

const PREPARE: Key<Law> =
    Key::new("prepare", &kind::LAW_OR_SPAN, "How long it takes before the first environment is allocated.")
        .defaults("{ uniform = [\"1m\", \"2m\"] }")
        .documented("AWS Lambda's guide: a minute or two");

const RATE: Key<Rate> = Key::new(
    "rate",
    &kind::RATE,
    "How quickly environments are then allocated; none can be used until all are there and initialised.",
)
.defaults("6000/m")
.documented("AWS Lambda, for each function");

const MOVE: Key<Moves> = Key::new(
    "move",
    &Choice(&MOVES),
    "When they move to the version that goes live: before requests do, which wait for it; or late, by another deployment, as with \
     templates that keep them one version behind.",
)
.defaults("before");

/// Reads it; `concurrency`: how much there is.
pub(super) fn provisioned(table: &mut Table, concurrency: Option<u32>) -> Checked<Option<Provisioned>> {
    let Some((at, provisioned)) = table.written_at(&PROVISIONED)? else { return Ok(None) };
    if let Some(most) = concurrency.filter(|&most| provisioned.most() > most.into()) {
        return Err(too_many(table, &at, &provisioned, most));
    }
    Ok(Some(provisioned))
}

fn too_many(table: &Table, at: &Place, provisioned: &Provisioned, most: u32) -> crate::text::log::Refused {
    let (all, each) = (provisioned.most(), provisioned.environments);
    let reason = if all == u64::from(each) {
        format!("{all} environments are kept ready, and `concurrency` is {most}")
    } else {
        format!(
            "while a version goes live, {all} environments are kept ready, {each} of each version, and `concurrency` is {most}"
        )
    };
    let most = if all == u64::from(each) { most } else { most / 2 };
    table.log().refuse(at, reason, format!("keep at most {most} ready, or raise `concurrency`"))
}
