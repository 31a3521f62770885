//! `[strategy]`: the ways of going live that are compared, one line each.

use super::deployment::Inherited;
use super::guard::{Alarm, Analysis, Guard, keys};
use super::{On, SHELF, Strategy, Wired};
use crate::text::diagnostic::Place;
use crate::text::key::Key;
use crate::text::kind::Named;
use crate::text::log::{self, Checked};
use crate::text::name;
use crate::text::reader::{Item, Table};
use std::collections::BTreeSet;

/// `[strategy]`, by name.
pub(crate) const STRATEGIES: Key<()> = Key::new(
    "strategy",
    &Named {
        pattern: name::PATTERN,
        stands: "NAME",
        each: &SHELF,
        about: "A way of going live, of one kind. Its name becomes a key of the results: 1 to 40 of a-z, 0-9 and -.",
        least: 1,
    },
    "The ways of going live to compare, at least one: NAME = { KIND = { settings } }.",
)
.required("[strategy]");

/// What a strategy must fit.
#[derive(Clone)]
pub(crate) struct Around {
    /// The deployment that strategies inherit.
    pub inherited: Inherited,
    /// The names of the sources, in order.
    pub sources: Vec<String>,
    /// How they are wired.
    pub wired: Wired,
    /// Whether any is taken over by a queue.
    pub queues: bool,
    /// How many front-ends follow an alias.
    pub front_ends: u32,
    /// Whether there are hosts.
    pub hosts: bool,
    /// What runs the code where a strategy does not say.
    pub usual: On,
    /// The alarms that there are.
    pub alarms: Checked<Vec<Alarm>>,
    /// The analyses that there are.
    pub analyses: Checked<Vec<Analysis>>,
}

impl Around {
    /// Refuses a strategy of this kind where there are no hosts.
    pub(super) fn on_hosts(&self, item: &Item, kind: &str) {
        if !self.hosts {
            let cure = "add a table such as `[hosts]` with `replicas = 6` and `concurrency = 20`";
            item.refuse(format!("`{kind}` is for hosts, and there are no hosts"), cure);
        }
        if self.queues {
            let cure = "write `via = \"direct\"` at every source, or a strategy of functions";
            item.refuse("a queue calls a function, and this runs on hosts", cure);
        }
    }

    /// The alarms that a strategy with these settings obeys, and its hooks; `staged`: whether it moves in stages.
    pub(super) fn guard(&self, settings: &mut Table, staged: bool) -> Checked<Option<Guard>> {
        keys::guard(settings, self.alarms.as_deref().map_err(|&refused| refused), staged)
    }
}

/// How many strategies a scenario may compare, and over how many versions: every pair of strategies is compared in
/// every metric, and every contract counted against every version.
const MOST_STRATEGIES: usize = 64;
const MOST_VERSIONS: usize = 16;

/// What the settings of a strategy are called where something else stands.
pub(super) const SETTINGS: &str = "a table of settings; `{}` for none";

/// Reads the strategies under `[strategy]`, in the order of the document.
pub(crate) fn strategies(table: &Table, around: &Around) -> Checked<Vec<Strategy>> {
    if table.all().next().is_none() {
        let cure =
            "add `[strategy]` with a line such as `latest = { latest = {} }`; `none = { none = {} }` deploys nothing";
        return Err(table.missing("the scenario has no strategy", cure));
    }
    let mut versions = BTreeSet::new();
    let read = |(place, (key, at, item)): (usize, (&str, &Place, Item<'_>))| {
        let name = name::name(key, at, table.log());
        if place == MOST_STRATEGIES {
            let reason = format!("a scenario compares at most {MOST_STRATEGIES} strategies");
            return Err(item.refuse(reason, "drop some, or spread them over several scenarios"));
        }
        let kind = SHELF.read(&item, around);
        let (name, (deployment, guard, rollout)) = (name?, kind?);
        let strategy = Strategy { name, deployment, rollout, guard };
        versions.extend(strategy.versions());
        if versions.len() > MOST_VERSIONS {
            let reason = format!("the strategies of a scenario deploy at most {MOST_VERSIONS} versions between them");
            return Err(item.refuse(reason, "spread the strategies over several scenarios"));
        }
        Ok(strategy)
    };
    log::all(table.all().take(MOST_STRATEGIES + 1).enumerate().map(read))
}
