//! The tornado chart: what each assumption does to the margin of the best strategy, the strongest on top.

use super::axis::{self, Scale};
use super::picture::{Align, Picture, Rect};
use super::{fonts, theme};
use crate::experiment::sensitivity::{Effect, Turn};
use crate::report::judge;
use crate::report::number::many;
use crate::report::sensitivity::{Report, brief, signed};

const MARGIN: f64 = 28.0;

/// Draws the chart.
pub(super) fn draw(picture: &mut Picture, report: &Report<'_>) {
    let sensitivity = report.sensitivity;
    let room = picture.width - 2.0 * MARGIN;
    let (best, key) = (judge::name(report.base, sensitivity.best), report.metric.key());
    let moves = |effect: &&Effect| {
        [&effect.low, &effect.high].into_iter().any(|end| end.margin.to_bits() != sensitivity.base.margin.to_bits())
    };
    let title = match sensitivity.effects.first().filter(moves) {
        Some(first) => format!("The margin of {best} hangs most on {}", first.key),
        None => format!("The margin of {best} hangs on no assumption"),
    };
    picture.fitted((MARGIN, 46.0), &title, theme::TITLE, Align::Left, room);
    let about = format!(
        "{}: by how much {best} is better than the next best in {key}, each assumption moved alone · mean of {}",
        report.base.name,
        many(report.base.replications, "run")
    );
    picture.fitted((MARGIN, 72.0), &about, theme::SUBTITLE, Align::Left, room);

    let names = sensitivity.effects.iter().map(|effect| fonts::width(&effect.key, theme::NAME)).fold(0.0, f64::max);
    let names = names.min(room * 0.3);
    let side = room * 0.14;
    let plot = Rect {
        left: MARGIN + names + side + 16.0,
        top: 104.0,
        right: picture.width - MARGIN - side,
        bottom: picture.height - 70.0,
    };
    let margins = || sensitivity.effects.iter().flat_map(|effect| [effect.low.margin, effect.high.margin]);
    let low = margins().fold(sensitivity.base.margin.min(0.0), f64::min);
    let high = margins().fold(sensitivity.base.margin.max(0.0), f64::max);
    let (ends, ticks) = axis::amounts(low, high, (plot.width() / 120.0).max(2.0));
    let x = Scale { values: ends, places: (plot.left, plot.right) };
    for tick in &ticks {
        let at = x.at(tick.value);
        picture.line((at, plot.top), (at, plot.bottom), theme::GRID, 1.0);
        picture.text((at, plot.bottom + 18.0), signed(report.metric, tick.value), theme::TICK, Align::Centre);
    }
    let row = plot.height() / (sensitivity.effects.len() as f64).max(1.0);
    let colour = theme::strategy(sensitivity.best);
    let base = x.at(sensitivity.base.margin);
    for (place, effect) in sensitivity.effects.iter().enumerate() {
        let middle = plot.top + (place as f64 + 0.5) * row;
        let half = (row * 0.3).min(18.0);
        picture.fitted((MARGIN, middle + 5.0), &effect.key, theme::NAME, Align::Left, names);
        let mut ends =
            [(&effect.low, 0.55), (&effect.high, 0.0)].map(|(margin, pale)| (x.at(margin.margin), margin, pale));
        // The longer bar first, so that none hides the other.
        ends.sort_by(|a, b| (b.0 - base).abs().total_cmp(&(a.0 - base).abs()));
        for &(at, _, pale) in &ends {
            let rect = Rect { left: base.min(at), top: middle - half, right: base.max(at), bottom: middle + half };
            picture.fill(rect, colour.mixed(theme::WHITE, pale));
        }
        let [(far, longer, _), (near, shorter, _)] = ends;
        let values = [brief(&longer.value), brief(&shorter.value)];
        label(picture, (base, far, near), &values, middle + 5.0, (MARGIN + names + 10.0, picture.width - 8.0));
    }
    picture.line((base, plot.top - 6.0), (base, plot.bottom), theme::INK, 1.5);
    picture.grounded((base, plot.top - 10.0), "as it stands", theme::NOTE, Align::Centre);
    if low < 0.0 {
        let zero = x.at(0.0);
        picture.line((zero, plot.top - 6.0), (zero, plot.bottom), theme::BEHIND, 1.5);
    }
    let ends = || sensitivity.effects.iter().flat_map(|effect| [&effect.low, &effect.high]);
    let open = ends().filter(|end| end.turn == Turn::Open).count();
    let rule = match open {
        0 if low < 0.0 => "left of the red line another strategy is ahead".to_owned(),
        0 => "no assumption within its range turns the verdict".to_owned(),
        _ if low < 0.0 => {
            format!("left of the red line another is ahead; {open} of {} ends cannot be told", ends().count())
        }
        _ => format!("at {open} of {} ends the verdict cannot be told", ends().count()),
    };
    let words = format!("margin in {key}; pale: lower end of the range, full: upper end; {rule}");
    picture.fitted((MARGIN, plot.bottom + 46.0), &words, theme::NOTE, Align::Left, room);
}

/// Sets the values of both ends outside of their bars: beside the longer one both, if the bars lie on one side. None
/// leaves what lies between `least` and `most`.
fn label(
    picture: &mut Picture,
    (base, far, near): (f64, f64, f64),
    [longer, shorter]: &[String; 2],
    y: f64,
    (least, most): (f64, f64),
) {
    const GAP: f64 = 6.0;
    let mut set = |at: f64, rightwards: bool, text: &str| {
        let (at, align, room) = if rightwards {
            (at + GAP, Align::Left, most - at - GAP)
        } else {
            (at - GAP, Align::Right, at - GAP - least)
        };
        picture.fitted((at, y), text, theme::TICK, align, room);
    };
    let rightwards = far >= base;
    if (near >= base) == rightwards && (near - base).abs() > 0.5 {
        let [left, right] = if rightwards { [shorter, longer] } else { [longer, shorter] };
        return set(far, rightwards, &format!("{left}; {}", without_kind(left, right)));
    }
    set(far, rightwards, longer);
    set(if rightwards { near.min(base) } else { near.max(base) }, !rightwards, shorter);
}

/// The second of two laws without the name of its kind, where both are of the same.
fn without_kind<'a>(first: &str, second: &'a str) -> &'a str {
    let kind = first.split(' ').next().filter(|kind| kind.bytes().all(|byte| byte.is_ascii_lowercase()));
    kind.and_then(|kind| second.strip_prefix(kind)).map_or(second, str::trim_start)
}
