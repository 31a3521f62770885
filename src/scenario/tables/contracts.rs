//! The contracts of a release: the one that it speaks, those that it reads, and whose clients can read its replies.

use crate::ids::Contract;
use crate::text::document::Value;
use crate::text::key::Key;
use crate::text::kind::Form;
use crate::text::log::{self, Checked};
use crate::text::reader::Item;
use crate::text::schema::{self, Schema};
use serde_json::json;

/// The highest contract that a version may speak.
const HIGHEST_CONTRACT: u16 = u16::MAX;

pub(super) const ACCEPTS: Key<Accepts> = Key::new(
    "accepts",
    &Form::new("`\"own\"` or a list", accepts_schema, accepts),
    "Which event formats the code can read: \"own\", or a list such as [1, 2]. Others fail.",
)
.defaults("own");

pub(super) const REPLIES: Key<Replies> = Key::new(
    "replies",
    &Form::new("`\"own-and-older\"`, `\"own\"` or a list", replies_schema, replies),
    "Which clients can read what the code answers. For the others a request fails although it was served.",
)
.defaults("own-and-older");

pub(super) const CONTRACT: Key<Contract> =
    Key::new("contract", &Form::new("1 to 65535", contract_schema, contract), "The event format that the code speaks.")
        .otherwise("the version's own number.");

/// The contracts that a version can read.
#[derive(Clone)]
pub(super) enum Accepts {
    Own,
    These(Vec<Contract>),
}

/// The clients that can read a version's replies.
#[derive(Clone)]
pub(super) enum Replies {
    OwnAndOlder,
    Own,
    These(Vec<Contract>),
}

impl Replies {
    /// Those of a version that speaks `own`, among the contracts that exist.
    pub(super) fn readers(&self, own: Contract, all: &[Contract]) -> Vec<Contract> {
        match self {
            Self::OwnAndOlder => all.iter().copied().filter(|contract| *contract <= own).collect(),
            Self::Own => vec![own],
            Self::These(contracts) => contracts.clone(),
        }
    }
}

fn accepts_schema() -> Schema {
    let own = Schema::default().with("const", json!("own")).about("Its own contract only.");
    let list = schema::distinct(contract_schema()).with("minItems", json!(1));
    schema::any([own, list.about("These contracts, its own among them.")])
}

fn replies_schema() -> Schema {
    let word = |word: &str| Schema::default().with("const", json!(word));
    let list = schema::distinct(contract_schema()).about("Clients of these contracts.");
    schema::any([
        word("own-and-older").about("Clients of its own contract and of older ones."),
        word("own").about("Clients of its own contract only."),
        list,
    ])
}

fn contract_schema() -> Schema {
    schema::whole(1..=HIGHEST_CONTRACT.into()).about("An event format, by number.")
}

fn accepts(item: &Item) -> Checked<Accepts> {
    const EXAMPLE: &str = "\"own\", or a list of contracts such as [1, 2]";
    match &item.node.value {
        Value::Text(text) if text == "own" => Ok(Accepts::Own),
        Value::Array(_) => contracts(item, EXAMPLE).map(Accepts::These),
        _ => Err(item.mistyped("\"own\" or a list of contracts", format!("write {EXAMPLE}"))),
    }
}

fn replies(item: &Item) -> Checked<Replies> {
    const EXAMPLE: &str = "\"own-and-older\", \"own\", or a list of contracts such as [1, 2]";
    match &item.node.value {
        Value::Text(text) if text == "own-and-older" => Ok(Replies::OwnAndOlder),
        Value::Text(text) if text == "own" => Ok(Replies::Own),
        Value::Array(_) => contracts(item, EXAMPLE).map(Replies::These),
        _ => Err(item.mistyped("\"own-and-older\", \"own\" or a list of contracts", format!("write {EXAMPLE}"))),
    }
}

/// A list of contracts, each once.
fn contracts(item: &Item, example: &str) -> Checked<Vec<Contract>> {
    let contracts = log::all(item.list(example)?.iter().map(contract))?;
    let repeated = contracts.iter().enumerate().find(|&(i, contract)| contracts.iter().take(i).any(|c| c == contract));
    match repeated {
        Some((_, contract)) => {
            let reason = format!("contract {} stands twice in this list", contract.0);
            Err(item.refuse(reason, "write each contract once"))
        }
        None => Ok(contracts),
    }
}

fn contract(item: &Item) -> Checked<Contract> {
    // Within u16 by its range.
    item.whole(1..=u32::from(HIGHEST_CONTRACT)).map(|n| Contract(n as u16))
}
