//! Shifts of an alias: the weight of the new version over time, in CodeDeploy's schedules and names.
//!
//! Source: AWS CodeDeploy user guide and API reference (`TimeBasedCanary`, `TimeBasedLinear`), AWS SAM's
//! `DeploymentPreference` types. A linear shift moves its percentage at the *start* of each increment, so k x p % is
//! reached at (k - 1) x interval. An exponential shift is AWS AppConfig's (`GrowthType` EXPONENTIAL: G x 2^N per cent).

use crate::text::diagnostic::quote;
use crate::text::document::Value;
use crate::text::key::{Described, Key};
use crate::text::kind::{self, Form, Keys, Listed, Look, Together};
use crate::text::log::Checked;
use crate::text::reader::Item;
use crate::text::schema::{self, Schema};
use crate::text::shelf::{Shelf, Variant};
use crate::text::suggestion::{numbers, suggestion};
use crate::text::{pattern, quantity};
use crate::time::Span;
use crate::units::Share;
use serde_json::json;

/// How the alias moves from the old version to the new one.
#[derive(Clone, PartialEq, Debug)]
pub enum Shift {
    /// All requests at once.
    AllAtOnce,
    /// `weight` at first, everything after `bake`.
    Canary {
        /// The share of the first stage.
        weight: Share,
        /// How long the first stage lasts.
        bake: Span,
    },
    /// `weight` more every `every`, beginning at once.
    Linear {
        /// The share of each increment.
        weight: Share,
        /// The interval between increments.
        every: Span,
    },
    /// `weight` at once, and twice as much as before every `every`.
    Exponential {
        /// The share of the first stage.
        weight: Share,
        /// The interval between stages.
        every: Span,
    },
    /// After how long from the start, which share; everything in the end.
    Steps(Vec<(Span, Share)>),
}

/// The predefined shifts: name, share in per cent, minutes; `Canary` or `Linear` by name.
const PREDEFINED: [(&str, u64, u64); 8] = [
    ("Canary10Percent5Minutes", 10, 5),
    ("Canary10Percent10Minutes", 10, 10),
    ("Canary10Percent15Minutes", 10, 15),
    ("Canary10Percent30Minutes", 10, 30),
    ("Linear10PercentEvery1Minute", 10, 1),
    ("Linear10PercentEvery2Minutes", 10, 2),
    ("Linear10PercentEvery3Minutes", 10, 3),
    ("Linear10PercentEvery10Minutes", 10, 10),
];

impl Shift {
    /// The prefix of CodeDeploy's full configuration names for Lambda.
    pub const PREFIX: &str = "CodeDeployDefault.Lambda";

    /// The shift that CodeDeploy or SAM calls so, with or without the prefix `CodeDeployDefault.Lambda`.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        let short = name.strip_prefix(Self::PREFIX).unwrap_or(name);
        if short == "AllAtOnce" {
            return Some(Self::AllAtOnce);
        }
        let &(name, percent, minutes) = PREDEFINED.iter().find(|&&(known, ..)| known == short)?;
        let (weight, span) = (Share::percent(percent), Span::from_s(minutes * 60));
        Some(if name.starts_with("Canary") {
            Self::Canary { weight, bake: span }
        } else {
            Self::Linear { weight, every: span }
        })
    }

    /// Every name that [`Shift::by_name`] knows, without prefix.
    pub fn names() -> impl Iterator<Item = &'static str> {
        std::iter::once("AllAtOnce").chain(PREDEFINED.iter().map(|&(name, ..)| name))
    }

    /// The stages: after how long from the first, and which share is on the new version from then on. The last one's
    /// is the whole.
    pub fn stages(&self) -> impl Iterator<Item = (Span, Share)> {
        let mut own: &[(Span, Share)] = &[];
        let (steps, weight, every) = match *self {
            Self::AllAtOnce => (1, Share::WHOLE, Span::ZERO),
            Self::Canary { weight, bake } => (if weight.is_whole() { 1 } else { 2 }, weight, bake),
            Self::Linear { weight, every } => (weight.steps_to_whole().unwrap_or(1), weight, every),
            Self::Exponential { weight, every } => {
                let doublings = (0..63).find(|&k| weight.times(1 << k).is_whole()).unwrap_or(63);
                (doublings + 1, weight, every)
            }
            Self::Steps(ref steps) => {
                own = steps;
                (0, Share::WHOLE, Span::ZERO)
            }
        };
        let doubles = matches!(self, Self::Exponential { .. });
        let regular = (1..=steps).map(move |k| {
            let times = if doubles { 1 << (k - 1) } else { k };
            let share = if k == steps { Share::WHOLE } else { weight.times(times) };
            (Span::from_ns(every.ns().saturating_mul(k - 1)), share)
        });
        regular.chain(own.iter().copied())
    }
}

/// A shift as it is written: a name of CodeDeploy's, or `{ KIND = { weight, ... } }`.
pub(super) const SHIFT: Form<Shift> =
    Form { words: "name or table", schema, keys: &[&CANARY, &LINEAR, &EXPONENTIAL, &STEPS], read };

/// How many steps a linear shift may have.
const MOST_STEPS: u64 = 10_000;

const SHELF: Shelf<(), Shift> = Shelf {
    noun: "shift",
    example: "\"AllAtOnce\", or { canary = { weight = \"10%\", bake = \"5m\" } }",
    kinds: &[CANARY, LINEAR, EXPONENTIAL, STEPS],
};

const CANARY: Variant<(), Shift> = Variant {
    name: "canary",
    about: "A first share, and after a while everything; { weight = \"10%\", bake = \"5m\" }.",
    example: FIRST_SHARE,
    look: &Keys(&[&FIRST_WEIGHT, &BAKE]),
    read: canary,
};

const LINEAR: Variant<(), Shift> = Variant {
    name: "linear",
    about: "The same share again and again; { weight = \"10%\", every = \"1m\" }.",
    example: EQUAL_SHARES,
    look: &Keys(&[&WEIGHT, &EVERY]),
    read: linear,
};

const EXPONENTIAL: Variant<(), Shift> = Variant {
    name: "exponential",
    about: "A first share, which doubles again and again, as in AWS AppConfig; { weight = \"10%\", every = \"1m\" }.",
    example: DOUBLED_SHARES,
    look: &Keys(&[&DOUBLED_WEIGHT, &DOUBLED_EVERY]),
    read: exponential,
};

const STEPS: Variant<(), Shift> = Variant {
    name: "steps",
    about: "Any shares, one after the other, with pauses between them; everything moves in the end.",
    example: ANY_SHARES,
    look: &Listed { each: &Together(&Keys(STEP), one_thing), most: MOST_STEPS as usize },
    read: steps,
};

const ANY_SHARES: &str =
    "{ steps = [{ weight = \"10%\" }, { pause = \"5m\" }, { weight = \"50%\" }, { pause = \"10m\" }] }";
const STEP: &[&dyn Described] = &[&OWN_WEIGHT, &PAUSE];
const OWN_WEIGHT: Key<Share> =
    Key::new("weight", &kind::SHARE, "The share of requests that goes to the new version from now on.");
const PAUSE: Key<Span> = Key::new("pause", &kind::SPAN, "How long nothing moves.");

fn one_thing(schema: Schema) -> Schema {
    schema.with("oneOf", json!(["weight", "pause"].map(|key| json!({ "required": [key] }))))
}

const FIRST_SHARE: &str = "{ canary = { weight = \"10%\", bake = \"5m\" } }";
const EQUAL_SHARES: &str = "{ linear = { weight = \"10%\", every = \"1m\" } }";

const DOUBLED_SHARES: &str = "{ exponential = { weight = \"10%\", every = \"1m\" } }";

const MOVED: Form<Share> = Form::new("share above zero", pattern::share_above_zero, weight);
const FIRST_WEIGHT: Key<Share> = moved("The share of requests that moves in one step; above \"0%\".", FIRST_SHARE);
const BAKE: Key<Span> =
    Key::new("bake", &kind::SPAN, "How long the first step lasts, such as \"5m\"; then everything moves.")
        .required(FIRST_SHARE);
const WEIGHT: Key<Share> = moved("The share of requests that moves in one step; above \"0%\".", EQUAL_SHARES);
const EVERY: Key<Span> = every(EQUAL_SHARES);
const DOUBLED_WEIGHT: Key<Share> =
    moved("The share of requests that moves in the first step; above \"0%\".", DOUBLED_SHARES);
const DOUBLED_EVERY: Key<Span> = every(DOUBLED_SHARES);

/// The share that moves, in a shift that is written as in `example`.
const fn moved(about: &'static str, example: &'static str) -> Key<Share> {
    Key::new("weight", &MOVED, about).required(example)
}

/// How long until the next step, likewise.
const fn every(example: &'static str) -> Key<Span> {
    Key::new("every", &kind::SPAN, "The span between two steps, such as \"1m\"; the first is taken at once.")
        .required(example)
}

fn schema() -> Schema {
    let names: Vec<_> = Shift::names().collect();
    // Dots are all that a pattern could misunderstand in CodeDeploy's names.
    let full = format!("^{}({})$", Shift::PREFIX.replace('.', "\\."), names.join("|"));
    let named = Schema::default().with("type", json!("string")).with("enum", json!(names));
    schema::any([
        named.about("A predefined shift of AWS CodeDeploy."),
        schema::text(&full).about("A predefined shift of AWS CodeDeploy, by its full name."),
        Look::schema(&SHELF).about("A shift of your own."),
    ])
}

fn read(item: &Item) -> Checked<Shift> {
    let Value::Text(name) = &item.node.value else { return SHELF.read(item, &()) };
    Shift::by_name(name).ok_or_else(|| {
        let names: Vec<_> = Shift::names().collect();
        let cure = own(name).unwrap_or_else(|| suggestion(name, "the shifts are", &names));
        item.refuse(format!("unknown shift {}", quote(name)), cure)
    })
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
    let mut settings = item.table(FIRST_SHARE)?;
    let (weight, bake) = (settings.read(&FIRST_WEIGHT), settings.read(&BAKE));
    settings.finish();
    Ok(Shift::Canary { weight: weight?, bake: bake? })
}

fn linear(item: &Item, (): &()) -> Checked<Shift> {
    let mut settings = item.table(EQUAL_SHARES)?;
    let weight = settings.placed(&WEIGHT).and_then(|(at, weight)| match weight.steps_to_whole() {
        Some(steps) if steps > MOST_STEPS => {
            let reason = format!("this weight takes {steps} steps to the whole; {MOST_STEPS} is the most");
            Err(item.log.refuse(&at, reason, "write a larger weight, such as \"0.01%\""))
        }
        _ => Ok(weight),
    });
    let every = settings.read(&EVERY);
    settings.finish();
    Ok(Shift::Linear { weight: weight?, every: every? })
}

fn exponential(item: &Item, (): &()) -> Checked<Shift> {
    let mut settings = item.table(DOUBLED_SHARES)?;
    let (weight, every) = (settings.read(&DOUBLED_WEIGHT), settings.read(&DOUBLED_EVERY));
    settings.finish();
    Ok(Shift::Exponential { weight: weight?, every: every? })
}

fn steps(item: &Item, (): &()) -> Checked<Shift> {
    let listed = item.list(ANY_SHARES)?;
    if listed.len() as u64 > MOST_STEPS {
        return Err(item.refuse(format!("{} steps; {MOST_STEPS} is the most", listed.len()), "drop some"));
    }
    let (mut now, mut stages, mut sound) = (Span::ZERO, Vec::new(), Ok(()));
    for step in &listed {
        match one_step(step) {
            Ok(Step::Weight(weight)) => stages.push((now, weight)),
            Ok(Step::Pause(pause)) => now = now + pause,
            Err(refused) => sound = Err(refused),
        }
    }
    sound?;
    if stages.last().is_none_or(|(_, weight)| !weight.is_whole()) {
        stages.push((now, Share::WHOLE));
    }
    Ok(Shift::Steps(stages))
}

/// A step as it is written.
enum Step {
    Weight(Share),
    Pause(Span),
}

fn one_step(item: &Item) -> Checked<Step> {
    let mut table = item.table("{ weight = \"10%\" } or { pause = \"5m\" }")?;
    let (weight, pause) = (table.written(&OWN_WEIGHT), table.written(&PAUSE));
    table.finish();
    match (weight?, pause?) {
        (Some(weight), None) => Ok(Step::Weight(weight)),
        (None, Some(pause)) => Ok(Step::Pause(pause)),
        _ => {
            Err(item.refuse("a step is either a weight or a pause", "write { weight = \"10%\" } or { pause = \"5m\" }"))
        }
    }
}

fn weight(item: &Item) -> Checked<Share> {
    let weight = quantity::share(item)?;
    if weight.is_zero() {
        return Err(item.refuse("a weight of 0 % never moves anything", "write a weight above \"0%\""));
    }
    Ok(weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_steps_are_taken_as_they_are_written() {
        let steps = vec![
            (Span::ZERO, Share::percent(10)),
            (Span::from_s(300), Share::percent(50)),
            (Span::from_s(900), Share::WHOLE),
        ];
        assert_eq!(Shift::Steps(steps.clone()).stages().collect::<Vec<_>>(), steps);
    }

    #[test]
    fn an_exponential_shift_doubles_and_ends_with_all() {
        let stages = |weight| {
            let shift = Shift::Exponential { weight, every: Span::from_s(60) };
            shift.stages().map(|(after, share)| (after.seconds(), share.as_f64())).collect::<Vec<_>>()
        };
        assert_eq!(stages(Share::percent(10)), [(0.0, 0.1), (60.0, 0.2), (120.0, 0.4), (180.0, 0.8), (240.0, 1.0)]);
        assert_eq!(stages(Share::percent(25)), [(0.0, 0.25), (60.0, 0.5), (120.0, 1.0)]);
        assert_eq!(stages(Share::WHOLE), [(0.0, 1.0)]);
        // The least share that can be written takes the most steps.
        assert_eq!(stages(Share::new(1, u64::MAX)).len(), 64);
    }
}
