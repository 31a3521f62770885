//! Shifts of an alias: a name of CodeDeploy's, or `{ KIND = { weight, ... } }`.

use super::diagnostic::quote;
use super::document::Value;
use super::log::Checked;
use super::quantity;
use super::reader::{Item, Shelf};
use super::suggestion::{numbers, suggestion};
use crate::strategy::Shift;
use crate::units::Share;

/// How many steps a linear shift may have.
const MOST_STEPS: u64 = 10_000;

/// A shift.
pub(super) fn shift(item: &Item) -> Checked<Shift> {
    if let Value::Text(name) = &item.node.value {
        return Shift::by_name(name).ok_or_else(|| {
            let names: Vec<_> = Shift::names().collect();
            let cure = own(name).unwrap_or_else(|| suggestion(name, "the shifts are", &names));
            item.refuse(format!("unknown shift {}", quote(name)), cure)
        });
    }
    let shelf = Shelf {
        noun: "shift",
        example: "\"AllAtOnce\", or { canary = { weight = \"10%\", bake = \"5m\" } }",
        kinds: &[("canary", canary), ("linear", linear)],
    };
    item.by_kind(&shelf, &())
}

/// How a name of CodeDeploy's making that CodeDeploy does not have, such as `Canary20Percent5Minutes`, is written instead.
fn own(name: &str) -> Option<String> {
    let short = name.strip_prefix(Shift::PREFIX).unwrap_or(name);
    let &[weight, minutes] = &numbers(short)[..] else { return None };
    let usual = |name: &&str| numbers(name) == [weight, minutes];
    if Shift::names().any(|name| usual(&name)) {
        return None;
    }
    let words = short.split(|letter: char| letter.is_ascii_digit()).collect::<String>();
    let near = |shape: &str| strsim::osa_distance(&words.to_lowercase(), shape) <= 3;
    let (kind, pause) = match () {
        () if near("canarypercentminutes") => ("canary", "bake"),
        () if near("linearpercenteveryminutes") => ("linear", "every"),
        () => return None,
    };
    Some(format!(
        "CodeDeploy has none of that name; write shift = {{ {kind} = {{ weight = \"{weight}%\", {pause} = \"{minutes}m\" }} }}"
    ))
}

fn canary(item: &Item, (): &()) -> Checked<Shift> {
    const EXAMPLE: &str = "{ canary = { weight = \"10%\", bake = \"5m\" } }";
    let mut settings = item.table(EXAMPLE)?;
    let weight = settings.required("weight", EXAMPLE, weight);
    let bake = settings.required("bake", EXAMPLE, quantity::span);
    settings.finish();
    Ok(Shift::Canary { weight: weight?, bake: bake? })
}

fn linear(item: &Item, (): &()) -> Checked<Shift> {
    const EXAMPLE: &str = "{ linear = { weight = \"10%\", every = \"1m\" } }";
    let mut settings = item.table(EXAMPLE)?;
    let weight = settings.required("weight", EXAMPLE, |item| {
        let weight = weight(item)?;
        match weight.steps_to_whole() {
            Some(steps) if steps > MOST_STEPS => {
                let reason = format!("this weight takes {steps} steps to the whole; {MOST_STEPS} is the most");
                Err(item.refuse(reason, "write a larger weight, such as \"0.01%\""))
            }
            _ => Ok(weight),
        }
    });
    let every = settings.required("every", EXAMPLE, quantity::span);
    settings.finish();
    Ok(Shift::Linear { weight: weight?, every: every? })
}

fn weight(item: &Item) -> Checked<Share> {
    let weight = quantity::share(item)?;
    if weight.is_zero() {
        return Err(item.refuse("a weight of 0 % never moves anything", "write a weight above \"0%\""));
    }
    Ok(weight)
}
