//! A stretch of a replication as a trace for the Perfetto viewer: packets of `TrackEvent`s, as they are published. Time there begins
//! with the stretch, since it must not be negative.

mod lanes;
mod proto;
mod slices;
mod words;

use crate::results::trace::{Counter, Mark, Sample, Trace};
use crate::time::Instant;
use crate::units::grouped;
use prost::Message;
use proto::{CounterDescriptor, Interned, Packet, TrackDescriptor, TrackEvent};
use slices::Slices;
use std::cmp::Ordering;
use std::io::{self, Write};

/// What is called so in every packet: there is one sequence.
const SEQUENCE: u32 = 1;

/// What happens on a track.
#[derive(Clone, Copy, Debug)]
enum What {
    /// The slice of an attempt begins, by its place.
    Attempt(usize),
    /// Its initialisation does, or its wait in a line, by the name's number.
    Part(u64),
    /// The last slice that has begun ends.
    End,
    /// Something happens, by the name's number.
    Instant(u64),
    /// A counter has a value from now on.
    Counter(f64),
}

/// An event of a track, so many nanoseconds after the beginning.
#[derive(Clone, Copy, Debug)]
struct Event {
    at: u64,
    track: u64,
    what: What,
}

/// The tracks of a trace and what happens on them. Of each track the events are in order; of all they are not.
#[derive(Debug)]
struct Tracks {
    begins: Instant,
    tracks: Vec<TrackDescriptor>,
    events: Vec<Event>,
}

/// How children of a track are ordered and what it counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// It has events.
    Plain,
    /// It has children, and maybe events.
    Parent,
    /// It has values, in this unit.
    Counter(&'static str),
}

impl Tracks {
    /// Another track; answers its number.
    fn add(&mut self, name: impl Into<String>, parent: Option<u64>, rank: usize, kind: Kind) -> u64 {
        let uuid = self.tracks.len() as u64 + 1;
        let counter = |unit: &str| CounterDescriptor {
            unit: unit.is_empty().then_some(proto::COUNT),
            unit_name: (!unit.is_empty()).then(|| unit.to_owned()),
        };
        self.tracks.push(TrackDescriptor {
            uuid: Some(uuid),
            name: Some(name.into()),
            parent_uuid: parent,
            counter: if let Kind::Counter(unit) = kind { Some(counter(unit)) } else { None },
            child_ordering: (kind == Kind::Parent).then_some(proto::EXPLICIT),
            sibling_order_rank: Some(i32::try_from(rank).unwrap_or(i32::MAX)),
            description: None,
            sibling_merge_behavior: (kind == Kind::Plain).then_some(proto::BY_NAME),
        });
        uuid
    }

    fn push(&mut self, at: Instant, track: u64, what: What) {
        self.events.push(Event { at: at.since(self.begins).ns(), track, what });
    }
}

/// Writes a trace.
///
/// # Errors
/// Those of `to`.
pub fn write(trace: &Trace, to: &mut impl Write) -> io::Result<()> {
    let mut tracks = Tracks { begins: trace.from, tracks: Vec::new(), events: Vec::new() };
    let mut slices = Slices::new(trace);
    let root = tracks.add(title(trace), None, 0, Kind::Parent);
    if let Some(told) = sampled(&trace.sample) {
        let note = tracks.add("not all attempts are here", Some(root), 0, Kind::Plain);
        tracks.push(trace.from, note, What::Instant(slices.name(&told)));
        tracks.tracks[0].description = Some(told);
    }
    let control = tracks.add("control plane", Some(root), 1, Kind::Plain);
    let zero = Mark { at: Instant::ZERO, what: "t = 0".to_owned() };
    let zero = (trace.from..=trace.until).contains(&zero.at).then_some(&zero);
    instants(zero.into_iter().chain(&trace.actions), control, &mut tracks, &mut slices);
    if !trace.follows.is_empty() {
        let followers = tracks.add("producers and mappings", Some(root), 2, Kind::Plain);
        instants(trace.follows.iter(), followers, &mut tracks, &mut slices);
    }
    let figures = tracks.add("over time", Some(root), 3, Kind::Parent);
    for (rank, counter) in trace.counters.iter().enumerate() {
        values(counter, trace.until, (figures, rank), &mut tracks);
    }
    slices.lay((root, 4), &mut tracks);
    // Each track's events keep their order.
    tracks.events.sort_by_key(|event| event.at);

    let flags = proto::CLEARED | proto::NEEDED;
    let first = Packet { first_packet_on_sequence: Some(true), ..packet(flags) };
    // Words are numbered as they are needed, and needed before they are written: once to number them, once to write.
    tracks.events.iter().for_each(|event| drop(slices.event(event)));
    put(Packet { interned_data: Some(slices.interned()), ..first }, to)?;
    for track in tracks.tracks {
        put(Packet { track_descriptor: Some(track), ..packet(0) }, to)?;
    }
    for event in &tracks.events {
        let told =
            Packet { timestamp: Some(event.at), track_event: Some(slices.event(event)), ..packet(proto::NEEDED) };
        put(told, to)?;
    }
    Ok(())
}

fn instants<'a>(marks: impl Iterator<Item = &'a Mark>, track: u64, tracks: &mut Tracks, slices: &mut Slices<'_>) {
    for mark in marks {
        tracks.push(mark.at, track, What::Instant(slices.name(&mark.what)));
    }
}

/// The values of a counter, the last of them once more where the trace ends.
fn values(counter: &Counter, until: Instant, (parent, rank): (u64, usize), tracks: &mut Tracks) {
    let track = tracks.add(&counter.name, Some(parent), rank, Kind::Counter(counter.unit));
    let last = counter.points.last().map(|&(_, value)| (until, value));
    for (at, value) in counter.points.iter().copied().chain(last) {
        tracks.push(at, track, What::Counter(value));
    }
}

fn packet(flags: u32) -> Packet {
    Packet {
        trusted_packet_sequence_id: Some(SEQUENCE),
        sequence_flags: (flags > 0).then_some(flags),
        ..Packet::default()
    }
}

fn put(packet: Packet, to: &mut impl Write) -> io::Result<()> {
    to.write_all(&proto::Trace { packet: Some(packet) }.encode_to_vec())
}

/// What the whole is called: of what it is, and where t = 0 lies.
fn title(trace: &Trace) -> String {
    let Trace { scenario, strategy, replication, seed, from, .. } = trace;
    let shift = match *from <= Instant::ZERO {
        true => format!("t = 0 is at {} here", Instant::ZERO.since(*from)),
        false => format!("it begins {} after t = 0", from.since(Instant::ZERO)),
    };
    format!("{scenario} under {strategy}, replication {replication} of seed {seed}; {shift}")
}

/// That some attempts are left out, and which; `None` where none is.
#[must_use]
pub fn sampled(sample: &Sample) -> Option<String> {
    if !sample.is_part() {
        return None;
    }
    let Sample { attempts, kept, wrong, wrong_kept } = *sample;
    let count = |n: u64| grouped(n as f64, 0);
    let part = |kept: u64, of: u64| match of {
        _ if kept == of => format!("all {}", count(of)),
        _ => format!("{} of {}", count(kept), count(of)),
    };
    let whole = format!("{} of {} attempts are written, whole requests by lot", count(kept), count(attempts));
    if wrong == 0 || kept == 0 {
        return Some(format!("{whole}."));
    }
    let (here, there) = (u128::from(wrong_kept) * u128::from(attempts), u128::from(wrong) * u128::from(kept));
    let but = match here.cmp(&there) {
        Ordering::Equal => "",
        Ordering::Greater => " What went wrong is more frequent here than it was.",
        Ordering::Less => " What went wrong is less frequent here than it was.",
    };
    let (bad, others) = (part(wrong_kept, wrong), part(kept - wrong_kept, attempts - wrong));
    Some(format!("{whole}: {bad} of requests that were lost, mismatched or tried again, and {others} others.{but}"))
}
