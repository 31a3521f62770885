//! The tornado chart: what each assumption does to the margin of the best strategy, the strongest on top. Two bars an
//! assumption, one for each end of its range, each with its interval and a mark that says what became of the verdict.

use super::frame::fitting;
use super::palette;
use crate::report::draw::axis::{self, Axis};
use crate::report::draw::picture::{Align, Picture, Rect};
use crate::report::draw::scale::Scale;
use crate::report::draw::style::{Colour, Font};
use crate::report::draw::{fonts, theme};
use crate::report::judge;
use crate::report::number::{brief_percent, many};
use crate::report::text::studies::sensitivity::{Report, brief, signed};
use crate::results::sensitivity::{Effect, Margin, Turn};

const MARGIN: f64 = 28.0;
/// From the plot's bottom down to the ends of the picture.
const BELOW: f64 = 70.0;
/// Between a bar's end and its label.
const BESIDE: f64 = 8.0;

/// Draws the chart.
pub(super) fn draw(picture: &mut Picture, report: &Report<'_>) {
    let sensitivity = report.sensitivity;
    let room = picture.width - 2.0 * MARGIN;
    let title = title(report);
    picture.title.clone_from(&title);
    picture.fitted((MARGIN, 46.0), &title, fitting(&title, room), Align::Left, room);
    let (best, key) = (judge::name(report.base, sensitivity.best), report.metric.key());
    let about = format!(
        "{}: by how much {best} is better than the next best in {key}, each assumption moved alone · mean of {}",
        report.base.name,
        many(report.base.replications, "run")
    );
    picture.description = about.clone() + ".";
    picture.fitted((MARGIN, 72.0), &about, theme::SUBTITLE, Align::Left, room);
    legend(picture, report, room);

    let names = sensitivity.effects.iter().map(|effect| fonts::width(&effect.key, theme::NAME)).fold(0.0, f64::max);
    let names = names.min(room * 0.3);
    let side = room * 0.15;
    let (left, right) = (MARGIN + names + 16.0, picture.width - MARGIN - side);
    let left = if sensitivity.effects.iter().flat_map(ends).any(|end| end.margin < sensitivity.base.margin) {
        left + side
    } else {
        left
    };
    let plot = Rect { left, top: 146.0, right, bottom: picture.height - BELOW };
    let axis = axis(report, &plot);
    let x = axis.scale((plot.left, plot.right));
    grid(picture, report, &axis, x, &plot);
    let row = plot.height() / (sensitivity.effects.len() as f64).max(1.0);
    for (place, effect) in sensitivity.effects.iter().enumerate() {
        let middle = plot.top + (place as f64 + 0.5) * row;
        picture.fitted((MARGIN, middle + 5.0), &effect.key, theme::NAME, Align::Left, names);
        let height = (row * 0.36).min(17.0);
        for (end, down) in ends(effect).into_iter().zip([-0.54, 0.54]) {
            draw_end(picture, report, end, x, (middle + down * height, height));
        }
        let words = ends(effect).map(|end| format!("at {} {}", brief(&end.value), word(end.turn)));
        picture.description += &format!(" {}: {}.", effect.key, words.join(", "));
    }
}

fn ends(effect: &Effect) -> [&Margin; 2] {
    [&effect.low, &effect.high]
}

const fn word(turn: Turn) -> &'static str {
    match turn {
        Turn::Holds => "it stays best",
        Turn::Open => "it cannot be told from another",
        Turn::Turns => "another is better",
    }
}

/// What became of the verdict, the worst first.
fn title(report: &Report<'_>) -> String {
    let sensitivity = report.sensitivity;
    let best = judge::name(report.base, sensitivity.best);
    let all = || sensitivity.effects.iter().flat_map(|effect| ends(effect).map(|end| (effect, end)));
    let moves = |(_, end): &(&Effect, &Margin)| end.margin.to_bits() != sensitivity.base.margin.to_bits();
    let first = |turn: Turn| {
        let mut found = all().filter(|(_, end)| end.turn == turn);
        let first = found.next()?;
        let more = match found.count() {
            0 => String::new(),
            1 => ", and at one more end".to_owned(),
            n => format!(", and at {n} more ends"),
        };
        Some((first, more))
    };
    let strongest = sensitivity.effects.first().map_or("", |effect| effect.key.as_str());
    let rival = |end: &Margin| judge::name(report.base, end.rival).to_owned();
    if !all().any(|end| moves(&end)) {
        return format!("The margin of {best} hangs on no assumption");
    }
    if let Some(((effect, end), more)) = first(Turn::Turns) {
        return format!("{} is better than {best} at {} = {}{more}", rival(end), effect.key, brief(&end.value));
    }
    if sensitivity.base.turn != Turn::Holds {
        let rival = rival(&sensitivity.base);
        return format!("{best} cannot be told from {rival} as it stands; most hangs on {strongest}");
    }
    match first(Turn::Open) {
        Some(((effect, end), more)) => {
            format!("{best} cannot be told from {} at {} = {}{more}", rival(end), effect.key, brief(&end.value))
        }
        None => format!("{best} stays best at both ends of every assumption; most hangs on {strongest}"),
    }
}

/// What the marks mean.
fn legend(picture: &mut Picture, report: &Report<'_>, room: f64) {
    const BASELINE: f64 = 102.0;
    let mut x = MARGIN;
    for turn in [Turn::Holds, Turn::Open, Turn::Turns] {
        mark(picture, turn, (x + 5.0, BASELINE - 5.0));
        picture.text((x + 16.0, BASELINE), word(turn), theme::LABEL, Align::Left);
        x += 16.0 + fonts::width(word(turn), theme::LABEL) + 26.0;
    }
    let whiskers = match report.base.replications {
        1 => "one run, without intervals".to_owned(),
        _ => format!("thin line: {} % interval, paired, corrected", brief_percent(report.confidence)),
    };
    let words = format!("{whiskers}; upper bar: lower end of the range");
    picture.fitted((x, BASELINE), &words, theme::NOTE, Align::Left, room + MARGIN - x);
}

/// A disc where the verdict holds, a ring where it cannot be told, a red square where it turns.
fn mark(picture: &mut Picture, turn: Turn, (x, y): (f64, f64)) {
    match turn {
        Turn::Holds => picture.dot((x, y), 4.5, theme::INK),
        Turn::Open => {
            picture.dot((x, y), 5.5, theme::INK);
            picture.dot((x, y), 3.5, theme::WHITE);
        }
        Turn::Turns => {
            picture.fill(Rect { left: x - 5.0, right: x + 5.0, top: y - 5.0, bottom: y + 5.0 }, theme::FAILED);
        }
    }
}

/// An axis that holds every margin and its interval.
fn axis(report: &Report<'_>, plot: &Rect) -> Axis {
    let sensitivity = report.sensitivity;
    let all = sensitivity.effects.iter().flat_map(ends).chain([&sensitivity.base]);
    let values = all.flat_map(|margin| {
        let (low, high) = margin.interval.unwrap_or((margin.margin, margin.margin));
        [low, margin.margin, high]
    });
    let known = values.filter(|value| value.is_finite());
    let (low, high) = known.fold((0.0, 0.0), |(low, high): (f64, f64), value| (low.min(value), high.max(value)));
    axis::amounts(low, high, (plot.width() / 120.0).max(2.0))
}

/// The ticks, the margin as it stands, and the line left of which another strategy is ahead.
fn grid(picture: &mut Picture, report: &Report<'_>, axis: &Axis, x: Scale, plot: &Rect) {
    for tick in &axis.ticks {
        let at = x.at(tick.value);
        picture.line((at, plot.top), (at, plot.bottom), theme::GRID, 1.0);
        picture.text((at, plot.bottom + 18.0), signed(report.metric, tick.value), theme::TICK, Align::Centre);
    }
    let zero = x.at(0.0);
    picture.line((zero, plot.top), (zero, plot.bottom), theme::FAILED, 1.5);
    let base = x.at(report.sensitivity.base.margin);
    picture.line((base, plot.top - 6.0), (base, plot.bottom), theme::INK, 1.5);
    let text = "as it stands";
    let half = fonts::width(text, theme::NOTE) / 2.0;
    picture.grounded((base.max(MARGIN + half), plot.top - 10.0), text, theme::NOTE, Align::Centre);
    let words = format!("margin in {}, linear; left of the red line another strategy is ahead", report.metric.key());
    let width = fonts::width(&words, theme::NOTE);
    let middle = ((plot.left + plot.right) / 2.0).min(picture.width - MARGIN - width / 2.0);
    picture.text((middle, plot.bottom + 46.0), words, theme::NOTE, Align::Centre);
}

/// The bar of one end of a range, from the margin as it stands, with its interval, mark and value.
fn draw_end(picture: &mut Picture, report: &Report<'_>, end: &Margin, x: Scale, (y, height): (f64, f64)) {
    let base = x.at(report.sensitivity.base.margin);
    let at = x.at(end.margin);
    let colour = bar_colour(report, end.turn);
    let half = height / 2.0;
    picture.fill(Rect { left: base.min(at), right: base.max(at), top: y - half, bottom: y + half }, colour);
    let (mut left, mut right) = (at.min(base) - 6.0, at.max(base) + 6.0);
    if let Some((low, high)) = end.interval.filter(|(low, high)| low.is_finite() && high.is_finite()) {
        let (from, to) = (x.at(low), x.at(high));
        picture.line((from, y), (to, y), theme::INK, 1.5);
        for edge in [from, to] {
            picture.line((edge, y - half * 0.6), (edge, y + half * 0.6), theme::INK, 1.5);
        }
        (left, right) = (left.min(from), right.max(to));
    }
    mark(picture, end.turn, (at, y));
    let text = format!("{}: {}", brief(&end.value), signed(report.metric, end.margin));
    let font = Font { size: (height * 0.95).clamp(9.0, theme::TICK.size), ..theme::TICK };
    // Beside its end, within the picture.
    let most = picture.width - 8.0;
    let (place, align, room) = if at >= base || right + BESIDE + fonts::width(&text, font) <= base {
        (right + BESIDE, Align::Left, most - right - BESIDE)
    } else {
        (left - BESIDE, Align::Right, left - BESIDE - MARGIN)
    };
    let text = fonts::cut(&text, font, room);
    picture.grounded((place, y + font.size * 0.36), &text, font, align);
}

/// The strategy's colour, paler where its verdict does not hold.
fn bar_colour(report: &Report<'_>, turn: Turn) -> Colour {
    let colour = palette::of(report.base).get(report.sensitivity.best).copied().unwrap_or(theme::INK);
    if turn == Turn::Holds { colour } else { colour.mixed(theme::WHITE, 0.6) }
}
