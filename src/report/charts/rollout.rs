//! The chart of the rollout: what each strategy does on the control plane, when, and until when everybody has followed. A
//! row a strategy, from exact times and not from bins, with the agenda below it in words.

use super::frame::{self, Frame, Key, Named, Runs};
use super::title;
use crate::report::draw::axis::Axis;
use crate::report::draw::picture::{Align, Picture, Rect};
use crate::report::draw::scale::Scale;
use crate::report::draw::style::Font;
use crate::report::draw::{clock, fonts, theme};
use crate::report::judge::{self, mean, old_name};
use crate::report::number::{duration, percent};
use crate::results::{PlannedAction, ScenarioResults, StrategyResults};

/// The room below the rows for the axis and its title.
const BELOW: f64 = 44.0;
/// A row's bar, at most so high.
const BAR: f64 = 24.0;
/// So many actions at even distances are told as one.
const ROW_OF_STEPS: usize = 4;

/// Draws the chart.
pub(super) fn draw(picture: &mut Picture, scenario: &ScenarioResults, decides: bool) {
    let old = old_name(scenario);
    let mut legend =
        vec![Key::remark("▾ action on the control plane"), Key::remark("bar: until everybody has followed")];
    if (0..scenario.strategies.len()).any(|place| mean(scenario, place, "old_drained_s").is_some()) {
        legend.push(Key::remark(format!("thin line: until the last instance of {old} is gone")));
    }
    let title = title::rollout(scenario);
    let body = frame::draw(picture, scenario, &Frame { title, legend, runs: Runs::Mean, decides, binned: false });
    let names = Named::all(scenario);
    let order = judge::order(scenario);
    let labels = names.iter().map(Named::width).fold(0.0, f64::max).min(body.width() * 0.3);
    let rect =
        Rect { left: body.left + labels + 24.0, top: body.top, right: body.right - 8.0, bottom: body.bottom - BELOW };
    let times = axis(scenario, rect.width());
    let x = times.scale((rect.left, rect.right));
    let pitch = (rect.height() / order.len().max(1) as f64).min(130.0);
    let bottom = rect.top + pitch * order.len() as f64;
    draw_axis(picture, &times, x, &Rect { bottom, ..rect });
    for (row, &place) in order.iter().enumerate() {
        let Some(named) = names.get(place) else { continue };
        let top = rect.top + row as f64 * pitch;
        let cell = Rect { top, bottom: top + pitch, ..rect };
        named.draw(picture, (body.left, middle(&cell) + 5.5), labels);
        draw_row(picture, scenario, place, named, x, &cell);
        let words = told(scenario, place);
        picture.description += &format!(" {}: {words}.", named.name);
        let font = Font { size: (pitch * 0.34).clamp(9.0, theme::TICK.size), ..theme::TICK };
        let font = Font {
            size: (font.size * (cell.width() - 4.0) / fonts::width(&words, font).max(1.0))
                .clamp(10.5, font.size.max(10.5)),
            ..font
        };
        let at = (cell.left + 4.0, middle(&cell) + bar(&cell) + font.size + 1.0);
        picture.fitted(at, &words, font, Align::Left, cell.width());
    }
}

/// What a strategy does, in order of time and in words, and until when everybody has followed.
pub(in crate::report) fn told(scenario: &ScenarioResults, place: usize) -> String {
    let actions = scenario.strategies.get(place).map_or(&[][..], |strategy| &strategy.actions);
    format!("{}{}", agenda(actions), ends(scenario, place))
}

/// How high a row's bar stands, and half of its height.
fn middle(cell: &Rect) -> f64 {
    cell.top + cell.height() * 0.36
}

fn bar(cell: &Rect) -> f64 {
    (cell.height() * 0.2).min(BAR / 2.0)
}

/// Until the last thing has happened under every strategy; bent if it takes seconds here and minutes there.
fn axis(scenario: &ScenarioResults, room: f64) -> Axis {
    let after = scenario.window.after.seconds();
    let end = |place: usize| {
        let acts = scenario.strategies.get(place).map_or(0.0, last_action);
        mean(scenario, place, "rollout_duration_s").unwrap_or(0.0).max(acts).min(after)
    };
    let gone = |place: usize| mean(scenario, place, "old_drained_s").unwrap_or(0.0);
    let places = || 0..scenario.strategies.len();
    let last = places().map(|place| end(place).max(gone(place))).fold(0.0, f64::max);
    let last = if last > 0.0 { last * 1.02 } else { 1.0 };
    let ends: Vec<f64> = places().map(end).chain([last]).collect();
    clock::times((0.0, last), clock::bend(ends.into_iter(), 0.0).filter(|bend| *bend < last), room)
}

fn last_action(strategy: &StrategyResults) -> f64 {
    strategy.actions.iter().map(|action| action.at_s).fold(0.0, f64::max)
}

fn draw_axis(picture: &mut Picture, times: &Axis, x: Scale, rect: &Rect) {
    for tick in &times.ticks {
        let at = x.at(tick.value);
        let (colour, font) =
            if tick.value == 0.0 { (theme::INK, theme::TICK_ZERO) } else { (theme::GRID, theme::TICK) };
        picture.line((at, rect.top), (at, rect.bottom), colour, 1.0);
        let half = fonts::width(&tick.label, font) / 2.0;
        picture.text((at.min(rect.right + 8.0 - half), rect.bottom + 18.0), tick.label.as_str(), font, Align::Centre);
    }
    let words = format!("time from t = 0, the deployment's first change; {}", clock::note(times));
    picture.text(((rect.left + rect.right) / 2.0, rect.bottom + 42.0), words, theme::NOTE, Align::Centre);
}

/// The bar of a strategy with its actions, and the figure behind it.
fn draw_row(picture: &mut Picture, scenario: &ScenarioResults, place: usize, named: &Named<'_>, x: Scale, cell: &Rect) {
    let Some(strategy) = scenario.strategies.get(place) else { return };
    let (middle, half) = (middle(cell), bar(cell));
    if strategy.replaces.is_none() {
        return;
    }
    if let Some(gone) = mean(scenario, place, "old_drained_s") {
        picture.line((x.at(0.0), middle), (x.at(gone), middle), named.colour, 2.0);
        picture.line((x.at(gone), middle - half), (x.at(gone), middle + half), named.colour, 2.0);
    }
    let settled = mean(scenario, place, "rollout_duration_s");
    if let Some(settled) = settled {
        let bar = Rect {
            left: x.at(0.0),
            right: x.at(settled).max(x.at(0.0) + 2.0),
            top: middle - half,
            bottom: middle + half,
        };
        picture.fill(bar, named.colour);
    }
    // What is planned beyond the window stands in the agenda only.
    for action in strategy.actions.iter().filter(|action| action.at_s <= x.values.1) {
        let at = x.at(action.at_s);
        let top = middle - half;
        picture.area(vec![(at - 5.0, top - 6.0), (at + 5.0, top - 6.0), (at, top + 2.0)], theme::INK);
    }
}

/// When everybody had followed, and when the old version was gone, in words.
fn ends(scenario: &ScenarioResults, place: usize) -> String {
    let told = |key: &str, words: &str| {
        let least = if scenario.estimate(place, key).censored > 0 { "at least " } else { "" };
        mean(scenario, place, key).map_or_else(String::new, |mean| format!("{words} after {least}{}", duration(mean)))
    };
    let in_some = |word: &str, share: f64| {
        if share > 0.0 { format!("; {word} in {} of the runs", percent(share)) } else { String::new() }
    };
    let given_up =
        in_some("stopped", judge::stopped(scenario, place)) + &in_some("timed out", judge::timed_out(scenario, place));
    if !given_up.is_empty() {
        return given_up;
    }
    let gone = format!(", {} gone", old_name(scenario));
    told("rollout_duration_s", "; all have followed") + &told("old_drained_s", &gone)
}

/// What is done, in order of time and in words: `alias 10 % v2 at t = 0, a step every 1 min, alias v2 at 9 min`.
fn agenda(actions: &[PlannedAction]) -> String {
    let mut parts = Vec::new();
    let mut rest = actions;
    while let Some(first) = rest.first() {
        let together = together(rest);
        if together > 1 {
            let what = format!("{} and {} more", first.what, together - 1);
            parts.push(each(&PlannedAction { what, ..first.clone() }));
            rest = &rest[together..];
            continue;
        }
        parts.push(each(first));
        let steps = even(rest);
        if let Some((last, gap)) = rest.get(steps - 1).zip(rest.get(1)).filter(|_| steps >= ROW_OF_STEPS) {
            parts.push(format!("a step every {}", duration(gap.at_s - first.at_s)));
            parts.push(each(last));
            rest = &rest[steps..];
        } else {
            rest = &rest[1..];
        }
    }
    if parts.is_empty() { "nothing is deployed".to_owned() } else { parts.join(", ") }
}

fn each(action: &PlannedAction) -> String {
    let at = if action.at_s == 0.0 { "t = 0".to_owned() } else { duration(action.at_s) };
    let some = if action.share < 1.0 { format!(" ({} of runs)", percent(action.share)) } else { String::new() };
    format!("{} at {at}{some}", action.what)
}

/// Of what kind an action is.
fn kind(action: &PlannedAction) -> &str {
    action.what.split(' ').next().unwrap_or("")
}

/// How many mappings from the first action on change at one time and as often.
fn together(actions: &[PlannedAction]) -> usize {
    let like = |action: &&PlannedAction| (action.at_s, action.share) == (actions[0].at_s, actions[0].share);
    actions.iter().take_while(|action| kind(action) == "mapping").take_while(like).count()
}

/// How many actions from the first on are of one kind and at even distances.
fn even(actions: &[PlannedAction]) -> usize {
    let [first, second, ..] = actions else { return actions.len() };
    let gap = second.at_s - first.at_s;
    let alike = |pair: &[PlannedAction]| {
        kind(&pair[0]) == kind(&pair[1]) && ((pair[1].at_s - pair[0].at_s) - gap).abs() <= gap * 1e-3
    };
    1 + actions.windows(2).take_while(|pair| alike(pair)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agenda_names_every_action_in_order_and_even_steps_once() {
        let of = |actions: &[(f64, &str)]| {
            let action = |&(at_s, what): &(f64, &str)| PlannedAction { at_s, share: 1.0, what: what.to_owned() };
            agenda(&actions.iter().map(action).collect::<Vec<_>>())
        };
        assert_eq!(of(&[(0.0, "$LATEST v2"), (5.0, "gateway")]), "$LATEST v2 at t = 0, gateway at 5 s");
        let steps: Vec<String> = (1..10).map(|i| format!("alias {} % v2", i * 10)).collect();
        let mut linear: Vec<_> = steps.iter().enumerate().map(|(i, what)| (60.0 * i as f64, what.as_str())).collect();
        linear.extend([(540.0, "alias v2"), (545.0, "gateway")]);
        let told = "alias 10 % v2 at t = 0, a step every 1 min, alias v2 at 9 min, gateway at 9 min 5 s";
        assert_eq!(of(&linear), told);
        let few = [(0.0, "alias 10 % v2"), (300.0, "alias v2"), (305.0, "gateway")];
        assert_eq!(of(&few), "alias 10 % v2 at t = 0, alias v2 at 5 min, gateway at 5 min 5 s");
        assert_eq!(of(&[]), "nothing is deployed");
        let mappings =
            [(0.0, "gateway"), (0.0, "mapping a"), (0.0, "mapping b"), (0.0, "mapping c"), (9.0, "mapping d")];
        assert_eq!(of(&mappings), "gateway at t = 0, mapping a and 2 more at t = 0, mapping d at 9 s");
    }
}
