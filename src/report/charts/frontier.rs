//! The chart of cost against risk: what each strategy costs, what users lose under it, and which strategies are beaten in
//! neither by another (Pareto's front).

use super::frame::{self, Frame, Key, Named, Runs};
use crate::report::draw::axis::{self, Axis};
use crate::report::draw::picture::{Align, Picture, Rect};
use crate::report::draw::scale::{self, Scale};
use crate::report::draw::style::Colour;
use crate::report::draw::{ChartError, clock, fonts, fragment, theme};
use crate::report::judge::{self, Harm, contestants, mean, name, verdict};
use crate::report::number::{brief_percent, compact, listed};
use crate::results::{ScenarioResults, Verdict};

/// What strategies cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cost {
    /// Money, where somebody says what things cost.
    Dollars,
    /// Time, until everybody has followed.
    Seconds,
}

impl Cost {
    /// What there is to compare; `None` where fewer than two strategies have it.
    pub(super) fn of(scenario: &ScenarioResults) -> Option<Self> {
        let known = |cost: &Self| {
            let places = contestants(scenario).into_iter();
            places.filter(|&place| mean(scenario, place, cost.key()) > Some(0.0)).count() > 1
        };
        [Self::Dollars, Self::Seconds].into_iter().find(known)
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Dollars => "cost_usd",
            Self::Seconds => "rollout_duration_s",
        }
    }

    const fn least(self) -> &'static str {
        match self {
            Self::Dollars => "at the least cost",
            Self::Seconds => "in the least time",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Dollars => "cost",
            Self::Seconds => "time",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Dollars => "US dollars per run",
            Self::Seconds => "time until everybody has followed",
        }
    }
}

/// A strategy that deploys something: its place, what it costs, and what users lose.
type Point = (usize, f64, f64);

fn points(scenario: &ScenarioResults, cost: Cost) -> Vec<Point> {
    let known = contestants(scenario).into_iter().filter_map(|place| {
        Some((place, mean(scenario, place, cost.key())?, mean(scenario, place, Harm::of(scenario).key())?))
    });
    known.collect()
}

/// The strategies that no other beats: none is surely and relevantly better in one of both while it is not relevantly worse in
/// the other.
fn front(scenario: &ScenarioResults, cost: Cost, points: &[Point]) -> Vec<usize> {
    let harm = Harm::of(scenario).key();
    let more = 1.0 + scenario.relevant;
    let beats = |a: &Point, b: &Point| {
        let surely = |key| verdict(scenario, key, a.0, b.0) == Verdict::Lower;
        let fewer = a.2 * more < b.2 && surely(harm);
        let cheaper = a.1 * more < b.1 && surely(cost.key());
        fewer && a.1 <= b.1 * more || cheaper && a.2 <= b.2 * more
    };
    let open = points.iter().filter(|point| !points.iter().any(|other| beats(other, point)));
    open.map(|point| point.0).collect()
}

/// The finding: who is on the front.
fn finding(scenario: &ScenarioResults, cost: Cost, front: &[usize]) -> String {
    let (harm, what) = (Harm::of(scenario).noun(), cost.word());
    match front {
        [] => "Nothing to weigh".to_owned(),
        [only] => format!("{} has the fewest {harm} {}", name(scenario, *only), cost.least()),
        many if many.len() > 4 => format!("{} strategies are beaten neither in {harm} nor in {what}", many.len()),
        many => {
            format!(
                "Beaten neither in {harm} nor in {what}: {}",
                listed(many.iter().map(|&place| name(scenario, place)))
            )
        }
    }
}

/// Draws the chart.
pub(super) fn draw(picture: &mut Picture, scenario: &ScenarioResults, confidence: f64) {
    let cost = Cost::of(scenario).unwrap_or(Cost::Seconds);
    let points = points(scenario, cost);
    let front = front(scenario, cost, &points);
    let mut legend = Vec::new();
    if front.len() > 1 {
        legend.push(Key::remark("line: those that are not beaten in both"));
    }
    if scenario.replications > 1 {
        legend.insert(0, Key::remark(format!("dot: means; line through it: {} % interval", brief_percent(confidence))));
    }
    let title = finding(scenario, cost, &front);
    let body =
        frame::draw(picture, scenario, &Frame { title, legend, runs: Runs::Mean, decides: false, binned: false });
    plot(picture, scenario, cost, (&points, &front), &body);
}

/// The sizes that a page shows it in: where there is room, and where there is little.
const SIZES: [(f64, f64, &str); 2] = [(680.0, 380.0, "wide"), (350.0, 300.0, "narrow")];

/// The chart for a page: its finding, what it is about, and a drawing for each width; `None` where there is nothing to weigh.
///
/// # Errors
/// If drawing fails.
pub fn for_page(scenario: &ScenarioResults) -> Result<Option<(String, Vec<String>)>, ChartError> {
    let Some(cost) = Cost::of(scenario) else { return Ok(None) };
    let points = points(scenario, cost);
    let front = front(scenario, cost, &points);
    let drawn = SIZES.iter().map(|&(width, height, class)| {
        let mut picture = Picture::new(width, height);
        let rect = Rect { left: 4.0, top: 4.0, right: width - 4.0, bottom: height - 4.0 };
        plot(&mut picture, scenario, cost, (&points, &front), &rect);
        fragment(&picture, &format!("frontier {class}"), false)
    });
    Ok(Some((finding(scenario, cost, &front), drawn.collect::<Result<_, _>>()?)))
}

/// The axes: of costs to the right, of harm upwards.
fn axes(scenario: &ScenarioResults, cost: Cost, points: &[Point], rect: &Rect) -> (Axis, Axis) {
    let harms = || points.iter().map(|point| point.2);
    let ends = points.iter().filter_map(|point| scenario.estimate(point.0, Harm::of(scenario).key()).interval);
    let most = harms().chain(ends.map(|(_, high)| high).filter(|high| high.is_finite())).fold(0.0, f64::max);
    let upwards = axis::counts(0.0, most, scale::bend(harms()), (rect.height() / 60.0).min(5.0));
    let costs = || points.iter().map(|point| point.1);
    let dearest = costs().fold(0.0, f64::max);
    let rightwards = match cost {
        Cost::Seconds => {
            let high = if dearest > 0.0 { dearest * 1.02 } else { 1.0 };
            clock::times((0.0, high), clock::bend(costs(), 0.0).filter(|bend| *bend < high), rect.width() - 80.0)
        }
        // What running the service costs anyhow is not worth the room.
        Cost::Dollars => {
            let cheapest = costs().fold(f64::INFINITY, f64::min);
            let spread = (dearest - cheapest).max(dearest * 0.02).max(1e-12);
            let (low, high) = ((cheapest - spread * 0.15).max(0.0), dearest + spread * 0.15);
            let steps = axis::amounts(0.0, high - low, (rect.width() / 110.0).min(5.0));
            let step = steps.ticks.get(1).map_or(high - low, |tick| tick.value);
            let ticks = axis::multiples(low, high, step).map(|value| axis::Tick { value, label: compact(value) });
            Axis { ends: (low, high), ticks: ticks.collect(), bend: None }
        }
    };
    (rightwards, upwards)
}

/// The room left of the axis of harm for its title, and below that of costs.
const TITLE: f64 = 20.0;
const BELOW: f64 = 46.0;

fn plot(
    picture: &mut Picture,
    scenario: &ScenarioResults,
    cost: Cost,
    (points, front): (&[Point], &[usize]),
    body: &Rect,
) {
    let harm = Harm::of(scenario);
    let (rightwards, upwards) = axes(scenario, cost, points, body);
    let widest = upwards.ticks.iter().map(|tick| fonts::width(&tick.label, theme::TICK)).fold(0.0, f64::max);
    let rect = Rect {
        left: body.left + TITLE + widest + 12.0,
        top: body.top + 8.0,
        right: body.right,
        bottom: body.bottom - BELOW,
    };
    let x = rightwards.scale((rect.left + 8.0, rect.right - 16.0));
    let y = upwards.scale((rect.bottom, rect.top + 6.0));
    draw_axes(picture, (&rightwards, x), (&upwards, y), &rect);
    let note = match cost {
        Cost::Seconds => format!("{}, {}", cost.title(), clock::note(&rightwards)),
        Cost::Dollars => cost.title().to_owned(),
    };
    let middle = (rect.left + rect.right) / 2.0;
    picture.fitted((middle, body.bottom - 6.0), &note, theme::NOTE, Align::Centre, rect.width());
    let note = format!("{}, {}", harm.noun(), upwards.note(compact));
    let centre = (rect.top + rect.bottom) / 2.0;
    picture.fitted((body.left + 14.0, centre), &note, theme::NOTE, Align::Upwards, rect.height());
    draw_front(picture, points, front, x, y, &rect);
    let names = Named::all(scenario);
    let colour = |place: usize| names.get(place).map_or(theme::INK, |named| named.colour);
    for &(place, cost, harmed) in points {
        let (x, top) = (x.at(cost), y.at(harmed));
        if let Some((low, high)) = scenario.estimate(place, harm.key()).interval.filter(|(_, high)| high.is_finite()) {
            picture.line((x, y.at(low)), (x, y.at(high)), colour(place), 2.0);
        }
        picture.dot((x, top), 6.0, colour(place));
    }
    label(picture, scenario, (points, front), (x, y), &rect, colour);
    for &place in judge::order(scenario) {
        let said = match () {
            () if front.contains(&place) => ": not beaten",
            () if points.iter().any(|point| point.0 == place) => ": beaten",
            () => ": not weighed",
        };
        picture.description += &format!(" {}{said}.", name(scenario, place));
    }
}

fn draw_axes(picture: &mut Picture, (across, x): (&Axis, Scale), (upwards, y): (&Axis, Scale), rect: &Rect) {
    for tick in &across.ticks {
        let at = x.at(tick.value);
        picture.line((at, rect.top), (at, rect.bottom), theme::GRID, 1.0);
        let label = if tick.label == "t = 0" { "0" } else { &tick.label };
        let half = fonts::width(label, theme::TICK) / 2.0;
        picture.text((at.min(rect.right - half), rect.bottom + 18.0), label, theme::TICK, Align::Centre);
    }
    for tick in &upwards.ticks {
        let at = y.at(tick.value);
        picture.line((rect.left, at), (rect.right, at), theme::GRID, 1.0);
        picture.text((rect.left - 6.0, at + 5.0), tick.label.as_str(), theme::TICK, Align::Right);
    }
    picture.line((rect.left, rect.bottom), (rect.right, rect.bottom), theme::AXIS, 1.0);
    picture.line((rect.left, rect.top), (rect.left, rect.bottom), theme::AXIS, 1.0);
}

/// The front as steps: who pays less than one of them loses at least what the one before it does.
fn draw_front(picture: &mut Picture, points: &[Point], front: &[usize], x: Scale, y: Scale, rect: &Rect) {
    let mut steps: Vec<(f64, f64)> =
        points.iter().filter(|point| front.contains(&point.0)).map(|point| (point.1, point.2)).collect();
    steps.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut path: Vec<(f64, f64)> = Vec::new();
    let mut least = f64::INFINITY;
    for (cost, harmed) in steps.into_iter().filter(|step| {
        let falls = step.1 < least;
        least = least.min(step.1);
        falls
    }) {
        match path.last() {
            None => path.push((x.at(cost), rect.top)),
            Some(&(_, above)) => path.push((x.at(cost), above)),
        }
        path.push((x.at(cost), y.at(harmed)));
    }
    // One alone is no line.
    if let Some(&(_, level)) = path.last().filter(|_| path.len() > 2) {
        path.push((rect.right, level));
        picture.path(path, theme::FAINT, 1.5);
    }
}

/// Names beside dots, those of the front first; a name that has no room is left out: the table has it.
fn label(
    picture: &mut Picture,
    scenario: &ScenarioResults,
    (points, front): (&[Point], &[usize]),
    (x, y): (Scale, Scale),
    rect: &Rect,
    colour: impl Fn(usize) -> Colour,
) {
    let mut taken: Vec<Rect> =
        points.iter().map(|&(_, cost, harmed)| around((x.at(cost), y.at(harmed)), 6.0, 6.0)).collect();
    let on_front = |place: &usize| front.contains(place);
    let order = judge::order(scenario).iter();
    let order = order.clone().filter(|place| on_front(place)).chain(order.filter(|place| !on_front(place)));
    for &place in order {
        let Some(&(_, cost, harmed)) = points.iter().find(|point| point.0 == place) else { continue };
        let at = (x.at(cost), y.at(harmed));
        let font = if on_front(&place) { theme::NAME } else { theme::LABEL };
        let text = fonts::cut_middle(name(scenario, place), font, rect.width() * 0.6);
        let (half, up) = (fonts::width(&text, font) / 2.0, font.size * 0.5);
        let beside = half + 11.0;
        let tries = [
            (beside, 0.0),
            (-beside, 0.0),
            (0.0, -16.0),
            (0.0, 16.0),
            (beside, -14.0),
            (beside, 14.0),
            (-beside, -14.0),
            (-beside, 14.0),
            (beside, -30.0),
            (-beside, -30.0),
        ];
        let fits = tries.into_iter().map(|(right, down)| (at.0 + right, at.1 + down)).find(|&centre| {
            let room = around(centre, half, up);
            let inside = room.left >= rect.left && room.right <= rect.right + 4.0 && room.top >= rect.top - 8.0;
            inside && room.bottom <= rect.bottom + 4.0 && !taken.iter().any(|other| meet(&room, other))
        });
        if let Some(centre) = fits {
            taken.push(around(centre, half, up));
            picture.text((centre.0, centre.1 + font.size * 0.36), text, font, Align::Centre);
            if (centre.1 - at.1).abs() > 20.0 {
                picture.line(at, (centre.0 - half.copysign(centre.0 - at.0), centre.1 + 4.0), colour(place), 1.0);
            }
        }
    }
}

fn around((x, y): (f64, f64), half: f64, up: f64) -> Rect {
    Rect { left: x - half, top: y - up, right: x + half, bottom: y + up }
}

fn meet(a: &Rect, b: &Rect) -> bool {
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{Frame, Sample, scenario};

    fn on_front(samples: &[Sample]) -> Vec<String> {
        let results = scenario(&Frame::default(), samples);
        let cost = Cost::of(&results).unwrap();
        let points = points(&results, cost);
        front(&results, cost, &points).into_iter().map(|place| name(&results, place).to_owned()).collect()
    }

    fn priced(name: &str, lost: f64, usd: f64) -> Sample {
        Sample::new(name, 10.0, lost).with("cost_usd", usd, usd * 1e-3)
    }

    #[test]
    fn the_front_has_whom_no_other_beats() {
        let [safe, cheap] = [priced("safe", 10.0, 9.0), priced("cheap", 5_000.0, 1.0)];
        let [worse, dear] = [priced("worse", 6_000.0, 2.0), priced("dear", 10.0, 12.0)];
        assert_eq!(on_front(&[safe.clone(), worse, cheap.clone(), dear]), ["safe", "cheap"]);
        // A cost that is surely lower and makes no difference does not bring it there.
        assert_eq!(on_front(&[safe.clone(), priced("sink", 5_000.0, 8.9)]), ["safe"]);
        // What is not told apart stays.
        assert_eq!(on_front(&[safe, priced("twin", 10.1, 9.0)]), ["safe", "twin"]);
    }

    #[test]
    fn time_is_the_cost_where_nobody_says_what_things_cost() {
        let results = scenario(&Frame::default(), &[Sample::new("a", 10.0, 5.0), Sample::new("b", 500.0, 1.0)]);
        assert_eq!(Cost::of(&results), Some(Cost::Seconds));
        assert_eq!(Cost::of(&scenario(&Frame::default(), &[Sample::new("a", 10.0, 5.0)])), None, "nothing to weigh");
    }
}
