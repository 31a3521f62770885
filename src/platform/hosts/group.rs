//! The endpoints of one version that a node knows, in lines by how many requests they have: who has fewest, for longest, stands first
//! in the first line. Choosing takes the same time however many there are.

use crate::platform::index::VersionIx;
use crate::platform::service::Choose;

/// No replica.
const NIL: u32 = u32::MAX;

/// What a node knows of a replica.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub version: VersionIx,
    /// How often it had been told of when this node learnt of it last.
    pub told: u32,
    /// Requests that came through this node, where it matters.
    pub requests: u32,
    /// When it came to where it stands, by moves.
    moved: u64,
    before: u32,
    after: u32,
}

/// Endpoints of one version.
#[derive(Clone, Debug)]
pub(super) enum Group {
    /// In any order; a slot's `before` is its place.
    Random(Vec<u32>),
    /// In lines by number of requests.
    Lines {
        /// The first and the last of each.
        lines: Vec<(u32, u32)>,
        /// Before it no line has anybody.
        first: usize,
    },
}

impl Slot {
    pub const fn new(version: VersionIx) -> Self {
        Self { version, told: 0, requests: 0, moved: 0, before: NIL, after: NIL }
    }
}

impl Group {
    pub const fn new(choose: Choose) -> Self {
        match choose {
            Choose::Random => Self::Random(Vec::new()),
            Choose::RoundRobin | Choose::LeastConnections => Self::Lines { lines: Vec::new(), first: 0 },
        }
    }

    /// How many there are, where they stand in no order.
    pub const fn len(&self) -> u32 {
        match self {
            Self::Random(places) => places.len() as u32,
            Self::Lines { .. } => 0,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Random(places) => places.is_empty(),
            Self::Lines { lines, first } => lines.get(*first).is_none_or(|line| line.0 == NIL),
        }
    }

    /// The one at a place, where they stand in no order.
    pub fn nth(&self, place: u32) -> Option<u32> {
        match self {
            Self::Random(places) => places.get(place as usize).copied(),
            Self::Lines { .. } => None,
        }
    }

    /// The first of all lines: its requests, when it came there, and which it is.
    pub fn first(&self, slots: &[Slot]) -> Option<(u32, u64, u32)> {
        match self {
            Self::Random(_) => None,
            Self::Lines { lines, first } => {
                let &(replica, _) = lines.get(*first).filter(|(replica, _)| *replica != NIL)?;
                let slot = &slots[replica as usize];
                Some((slot.requests, slot.moved, replica))
            }
        }
    }

    /// An endpoint comes to the end of its line, at this move.
    pub fn enter(&mut self, replica: u32, moved: u64, slots: &mut [Slot]) {
        match self {
            Self::Random(places) => {
                slots[replica as usize].before = places.len() as u32;
                places.push(replica);
            }
            Self::Lines { lines, first } => {
                let line = link(lines, replica, moved, slots);
                let is_empty = lines.get(*first).is_none_or(|line| line.0 == NIL);
                *first = if is_empty { line } else { line.min(*first) };
            }
        }
    }

    /// An endpoint leaves.
    pub fn leave(&mut self, replica: u32, slots: &mut [Slot]) {
        match self {
            Self::Random(places) => {
                let hole = slots[replica as usize].before;
                places.swap_remove(hole as usize);
                if let Some(&moved) = places.get(hole as usize) {
                    slots[moved as usize].before = hole;
                }
            }
            Self::Lines { lines, first } => {
                unlink(lines, replica, slots);
                while lines.get(*first).is_some_and(|line| line.0 == NIL) {
                    *first += 1;
                }
                if *first >= lines.len() {
                    *first = 0;
                }
            }
        }
    }

    /// An endpoint has so many requests now, and goes to the end of their line, at this move.
    pub fn shift(&mut self, replica: u32, requests: u32, moved: u64, slots: &mut [Slot]) {
        match self {
            Self::Random(_) => slots[replica as usize].requests = requests,
            Self::Lines { lines, first } => {
                unlink(lines, replica, slots);
                slots[replica as usize].requests = requests;
                *first = link(lines, replica, moved, slots).min(*first);
                // Requests come one at a time, so the next line that has anybody is mostly the next one.
                while lines[*first].0 == NIL {
                    *first += 1;
                }
            }
        }
    }
}

/// Puts an endpoint at the end of its line; answers which that is.
fn link(lines: &mut Vec<(u32, u32)>, replica: u32, moved: u64, slots: &mut [Slot]) -> usize {
    let line = slots[replica as usize].requests as usize;
    if line >= lines.len() {
        lines.resize(line + 1, (NIL, NIL));
    }
    let last = std::mem::replace(&mut lines[line].1, replica);
    match last {
        NIL => lines[line].0 = replica,
        last => slots[last as usize].after = replica,
    }
    let slot = &mut slots[replica as usize];
    (slot.before, slot.after, slot.moved) = (last, NIL, moved);
    line
}

/// Takes an endpoint out of its line.
fn unlink(lines: &mut [(u32, u32)], replica: u32, slots: &mut [Slot]) {
    let Slot { before, after, requests, .. } = slots[replica as usize];
    let line = &mut lines[requests as usize];
    match before {
        NIL => line.0 = after,
        before => slots[before as usize].after = after,
    }
    match after {
        NIL => line.1 = before,
        after => slots[after as usize].before = before,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(choose: Choose) {
        let mut group = Group::new(choose);
        let mut slots: Vec<Slot> = (0..20).map(|_| Slot::new(VersionIx::FIRST)).collect();
        let mut listed: Vec<u32> = Vec::new();
        let mut seed = 7_u64;
        let mut below = |n: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % n
        };
        for moved in 1..20_000_u64 {
            let replica = below(20) as u32;
            match (listed.iter().position(|&other| other == replica), below(4)) {
                (None, _) => {
                    group.enter(replica, moved, &mut slots);
                    listed.push(replica);
                }
                (Some(place), 0) => {
                    group.leave(replica, &mut slots);
                    listed.remove(place);
                }
                (Some(_), more) => {
                    let requests = slots[replica as usize].requests;
                    group.shift(replica, (requests + more as u32).saturating_sub(2), moved, &mut slots);
                }
            }
            if choose == Choose::Random {
                let mut found: Vec<_> = (0..group.len()).filter_map(|place| group.nth(place)).collect();
                found.sort_unstable();
                listed.sort_unstable();
                assert_eq!(found, listed);
            } else {
                let key = |&replica: &u32| (slots[replica as usize].requests, slots[replica as usize].moved, replica);
                assert_eq!(group.first(&slots), listed.iter().map(key).min());
            }
        }
    }

    #[test]
    fn who_has_fewest_requests_for_longest_is_first() {
        check(Choose::LeastConnections);
    }

    #[test]
    fn everybody_has_a_place() {
        check(Choose::Random);
    }
}
