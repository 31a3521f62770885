//! What the settings of a Deployment come to, and what its status tells.

use crate::tables::table::{Case, Cells};
use cutover::controller::Setting;
use cutover::controller::kubernetes::{Fences, Status, Strategy, Target, progressing};
use serde::Deserialize;

/// A setting in a cell; absent where the cell is empty or says `nil`.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct Written(pub Option<Setting>);

/// The name of a strategy.
#[derive(Clone, Copy, PartialEq, Deserialize)]
pub enum Name {
    RollingUpdate,
    Recreate,
}

#[derive(Deserialize)]
pub struct Resolved {
    max_surge: String,
    max_unavailable: String,
    desired_replicas: u32,
}

#[derive(Deserialize)]
pub struct Grid {
    replicas: u32,
    max_surge: Written,
    max_unavailable: Written,
}

#[derive(Deserialize)]
pub struct Missing {
    strategy: Name,
    replicas: Option<u32>,
    #[serde(rename = "max_surge")]
    surge: Written,
    #[serde(rename = "max_unavailable")]
    unavailable: Written,
}

#[derive(Deserialize)]
pub struct Complete {
    desired: u32,
    current: u32,
    updated: u32,
    available: u32,
}

#[derive(Deserialize)]
pub struct Progressing {
    before_current: u32,
    before_updated: u32,
    before_ready: u32,
    before_available: u32,
    after_current: u32,
    after_updated: u32,
    after_ready: u32,
    after_available: u32,
}

impl TryFrom<String> for Written {
    type Error = String;

    fn try_from(cell: String) -> Result<Self, String> {
        match cell.as_str() {
            "" | "nil" => Ok(Self(None)),
            text => match Setting::parse(text) {
                None => Err(format!("{text} is neither a number of pods nor a percentage")),
                setting => Ok(Self(setting)),
            },
        }
    }
}

impl Name {
    pub fn target(self, replicas: u32, surge: Written, unavailable: Written) -> Target {
        let strategy = match self {
            Self::RollingUpdate => Strategy::RollingUpdate(Fences::resolve(surge.0, unavailable.0, replicas)),
            Self::Recreate => Strategy::Recreate,
        };
        Target { replicas, strategy }
    }
}

/// A yes or no, as the tables write it.
pub fn flag(yes: bool) -> String {
    u8::from(yes).to_string()
}

/// The fences of a rolling update, as tables of passes and rollouts repeat them.
pub fn resolved(target: Target) -> Cells {
    match target.strategy {
        Strategy::RollingUpdate(fences) => {
            vec![("resolved_surge", fences.surge.to_string()), ("resolved_unavailable", fences.unavailable.to_string())]
        }
        Strategy::Recreate => Cells::new(),
    }
}

impl Case for Resolved {
    const HEADER: &str =
        "case,max_surge,max_unavailable,desired_replicas,expected_surge,expected_unavailable,expect_error";

    fn found(&self) -> Cells {
        let [surge, unavailable] = [&self.max_surge, &self.max_unavailable].map(|cell| Written::try_from(cell.clone()));
        let (fences, error) = match (surge, unavailable) {
            (Ok(surge), Ok(unavailable)) => (Fences::resolve(surge.0, unavailable.0, self.desired_replicas), false),
            _ => (Fences { surge: 0, unavailable: 0 }, true),
        };
        vec![
            ("expected_surge", fences.surge.to_string()),
            ("expected_unavailable", fences.unavailable.to_string()),
            ("expect_error", flag(error)),
        ]
    }
}

impl Case for Grid {
    const HEADER: &str = "replicas,max_surge,max_unavailable,expected_surge,expected_unavailable";

    fn found(&self) -> Cells {
        let fences = Fences::resolve(self.max_surge.0, self.max_unavailable.0, self.replicas);
        vec![("expected_surge", fences.surge.to_string()), ("expected_unavailable", fences.unavailable.to_string())]
    }
}

impl Case for Missing {
    const HEADER: &str = "case,name,strategy,replicas,max_surge,max_unavailable,expected_max_unavailable";

    fn found(&self) -> Cells {
        let target = self.strategy.target(self.replicas.unwrap_or_default(), self.surge, self.unavailable);
        vec![("expected_max_unavailable", target.unavailable().to_string())]
    }
}

impl Case for Complete {
    const HEADER: &str = "case,name,desired,current,updated,available,max_unavailable,max_surge,expected_complete";

    fn found(&self) -> Cells {
        let &Self { desired, current: total, updated, available } = self;
        let status = Status { total, updated, available, ..Status::default() };
        vec![("expected_complete", flag(status.is_complete(desired)))]
    }
}

impl Case for Progressing {
    const HEADER: &str = "case,name,before_current,before_updated,before_ready,before_available,\
                          after_current,after_updated,after_ready,after_available,expected_progressing";

    fn found(&self) -> Cells {
        let before = Status {
            total: self.before_current,
            updated: self.before_updated,
            ready: self.before_ready,
            available: self.before_available,
        };
        let after = Status {
            total: self.after_current,
            updated: self.after_updated,
            ready: self.after_ready,
            available: self.after_available,
        };
        vec![("expected_progressing", flag(progressing(before, after)))]
    }
}
