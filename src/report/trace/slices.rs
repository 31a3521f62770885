//! Attempts as slices: on the track of the instance or the replica that they had, or where those are that were not served.

use super::lanes::Lanes;
use super::proto::{self, Annotation};
use super::words::Words;
use super::{Event, Interned, Kind, TrackEvent, Tracks, What};
use crate::metrics::Cause;
use crate::results::trace::{Passed, Trace};
use crate::time::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// Attempts, and the words that their slices need.
#[derive(Debug)]
pub(super) struct Slices<'a> {
    trace: &'a Trace,
    /// Requests of which several attempts are there, each with the number of its arrows.
    tried_again: BTreeMap<(usize, u64), u64>,
    names: Words,
    categories: Words,
    keys: Words,
    values: Words,
    colours: Words,
}

impl<'a> Slices<'a> {
    pub fn new(trace: &'a Trace) -> Self {
        let again = trace.attempts.iter().filter(|of| of.attempt > 0).map(|of| (of.source, of.index));
        let again: BTreeSet<_> = again.collect();
        Self {
            trace,
            tried_again: again.into_iter().zip(1..).collect(),
            names: Words::default(),
            categories: Words::default(),
            keys: Words::default(),
            values: Words::default(),
            colours: Words::default(),
        }
    }

    /// The number of a name.
    pub fn name(&mut self, name: &str) -> u64 {
        self.names.number(name)
    }

    /// All words.
    pub fn interned(&self) -> Interned {
        Interned {
            event_categories: self.categories.all(),
            event_names: self.names.all(),
            debug_annotation_names: self.keys.all(),
            debug_annotation_string_values: self.values.all(),
            correlation_id_str: self.colours.all(),
        }
    }

    /// Lays all attempts out, below a track and from a rank on: a track a version, below it one for each instance or replica; and one of
    /// those that had none.
    pub fn lay(&mut self, (root, rank): (u64, usize), tracks: &mut Tracks) {
        let trace = self.trace;
        let place = |of: &Passed| trace.versions.iter().position(|&version| version == of.version).unwrap_or(0);
        let mut ran: BTreeMap<(usize, u64), Vec<usize>> = BTreeMap::new();
        let mut unserved = Vec::new();
        for (number, of) in trace.attempts.iter().enumerate() {
            match of.on {
                Some(seat) => ran.entry((place(of), seat.number)).or_default().push(number),
                None => unserved.push(number),
            }
        }
        let mut parents: Vec<Option<u64>> = vec![None; trace.versions.len()];
        let noun = if trace.on_hosts { "replica" } else { "instance" };
        for (below, ((version, seat), mut own)) in ran.into_iter().enumerate() {
            let parent = *parents[version].get_or_insert_with(|| {
                tracks.add(trace.versions[version].to_string(), Some(root), rank + version, Kind::Parent)
            });
            own.sort_by_key(|&number| (begins(&trace.attempts[number]), trace.attempts[number].end));
            self.lay_at(&own, (&format!("{noun} {seat}"), parent, below), tracks);
        }
        self.lay_at(&unserved, ("not served", root, rank + trace.versions.len()), tracks);
    }

    /// Lays attempts out at one place, in the order in which they begin.
    fn lay_at(&mut self, own: &[usize], (name, parent, rank): (&str, u64, usize), tracks: &mut Tracks) {
        let mut lanes = Lanes::default();
        let mut uuids = Vec::new();
        for &number in own {
            let of = &self.trace.attempts[number];
            let (lane, is_new) = lanes.lane(begins(of).ns(), of.end.ns());
            if is_new {
                uuids.push(tracks.add(name, Some(parent), rank, Kind::Plain));
            }
            let track = uuids[lane];
            tracks.push(begins(of), track, What::Attempt(number));
            let mut from = begins(of);
            let parts = of.on.map(|seat| [("cold start", seat.cold), ("waits in line", seat.line)]);
            for (name, span) in parts.into_iter().flatten() {
                let Some(span) = span else { continue };
                let to = (from + span).min(of.end);
                // A cold start that takes no time of its own is one.
                if to > from || name == "cold start" {
                    tracks.push(from, track, What::Part(self.names.number(name)));
                    tracks.push(to, track, What::End);
                }
                from = to;
            }
            tracks.push(of.end, track, What::End);
        }
    }

    /// An event in Perfetto's terms.
    pub fn event(&mut self, event: &Event) -> TrackEvent {
        let on = |kind: i32| TrackEvent { kind: Some(kind), track_uuid: Some(event.track), ..TrackEvent::default() };
        match event.what {
            What::Attempt(number) => self.begin(&self.trace.attempts[number], on(proto::BEGIN)),
            What::Part(name) => TrackEvent { name_iid: Some(name), ..on(proto::BEGIN) },
            What::End => on(proto::END),
            What::Instant(name) => TrackEvent { name_iid: Some(name), ..on(proto::INSTANT) },
            What::Counter(value) => TrackEvent { double_counter_value: Some(value), ..on(proto::COUNTER) },
        }
    }

    /// The slice of an attempt begins. The viewer takes its colour from what it is correlated by, since digits of names make no
    /// difference there. It is hashed: these words give the first two versions hues that are far apart, whatever became of attempts.
    fn begin(&mut self, of: &Passed, event: TrackEvent) -> TrackEvent {
        let version = of.version;
        let (name, colour, category) = match (of.lost, of.cause) {
            (true, _) => (format!("{version}: {}", of.outcome), format!("lost {version}"), Some("lost")),
            (false, Some(_)) => (format!("{version}: near miss"), format!("near miss on {version}"), Some("near miss")),
            (false, None) => (version.to_string(), format!("by {version}"), None),
        };
        let mismatched = of.cause.is_some().then_some("mismatched");
        let categories = [Some("attempt"), category, mismatched].into_iter().flatten();
        TrackEvent {
            category_iids: categories.map(|category| self.categories.number(category)).collect(),
            debug_annotations: self.annotations(of),
            name_iid: Some(self.names.number(&name)),
            flow_ids: self.tried_again.get(&(of.source, of.index)).copied().into_iter().collect(),
            correlation_id_str_iid: Some(self.colours.number(&colour)),
            ..event
        }
    }

    fn annotations(&mut self, of: &Passed) -> Vec<Annotation> {
        let trace = self.trace;
        let (contract, version) = (of.contract.to_string(), of.version.to_string());
        let words = [
            ("source", Some(trace.sources[of.source].as_str())),
            ("contract", Some(contract.as_str())),
            ("qualifier", Some(trace.asked[of.asked].as_str())),
            ("version", Some(version.as_str())),
            ("outcome", Some(of.outcome)),
            ("cause", of.cause.map(Cause::key)),
        ];
        let numbers = [
            ("index", Some(of.index)),
            ("attempt", Some(of.attempt.into())),
            ("revision", Some(of.revision.into())),
            ("node", of.node.map(u64::from)),
            ("front_end", of.front_end.map(u64::from)),
            ("wait_ns", Some(of.wait().ns())),
        ];
        let moments = [("request_ns", of.request.ns()), ("arrival_ns", of.arrival.ns())];
        let mut all = Vec::with_capacity(14);
        for (key, value) in words {
            let Some(value) = value else { continue };
            let value = Some(self.values.number(value));
            all.push(Annotation { string_value_iid: value, ..self.keyed(key) });
        }
        for (key, value) in numbers {
            let Some(value) = value else { continue };
            all.push(Annotation { uint_value: Some(value), ..self.keyed(key) });
        }
        for (key, value) in moments {
            all.push(Annotation { int_value: Some(value), ..self.keyed(key) });
        }
        all
    }

    fn keyed(&mut self, key: &str) -> Annotation {
        Annotation { name_iid: Some(self.keys.number(key)), ..Annotation::default() }
    }
}

/// When the slice of an attempt begins: when it gets its instance, or when it arrives.
fn begins(of: &Passed) -> Instant {
    of.on.map_or(of.arrival, |seat| seat.from)
}
