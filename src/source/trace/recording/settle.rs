//! What is settled once all rows are known: which clocks are far off, how long a bin is, how many requests each has.

use super::intake::spooling;
use super::spool::{Entry, Sorted, Spool};
use super::told;
use crate::source::trace::TraceError;
use crate::time::Span;
use std::io;

/// A day, in nanoseconds.
const DAY: i128 = 86_400_000_000_000;

/// The rows of clocks that agree: without the few at either end that lie further from all others than a hundred times
/// what these span, and more than a day.
pub(super) fn near(rows: &Sorted) -> io::Result<(u64, u64)> {
    let n = rows.len();
    if n < 10 {
        return Ok((0, n));
    }
    let most = n / 1_000 + 1;
    let time = |k: u64| Ok::<_, io::Error>(rows.get(k)?.map_or(0, |entry| i128::from(entry.time)));
    let far = ((time(n - 1 - most)? - time(most)?) * 100).max(DAY);
    let (mut first, mut end) = (0, n);
    for k in 1..=most {
        if time(k)? - time(k - 1)? > far {
            first = k;
        }
        if time(n - k)? - time(n - 1 - k)? > far {
            end = n - k;
        }
    }
    Ok((first, end))
}

/// What each row of all requests so far has more than the one before; less means that counting began anew.
pub(super) fn differences(rows: &Sorted, held: usize) -> io::Result<Sorted> {
    let mut differences = Spool::new(true, held);
    let mut cursor = rows.cursor(0, rows.len());
    let mut before = 0.0;
    while let Some(Entry { time, second }) = cursor.next()? {
        let now = f64::from_bits(second);
        let more = if now >= before { now - before } else { now };
        differences.push(Entry { time, second: more.to_bits() })?;
        before = now;
    }
    differences.sorted()
}

/// Bins, each with its number of requests.
pub(super) struct Bins {
    pub rows: Sorted,
    pub bin: Span,
    pub first: i64,
    pub last: i64,
    pub total: f64,
    /// How many are missing between others.
    pub missing: u64,
}

/// Sums rows of one time, makes numbers of rates, and whole ones of both: what is cut off of one bin is added to the next.
pub(super) fn bins(rows: &Sorted, bin: Option<Span>, rate: Option<f64>, held: usize) -> Result<Bins, TraceError> {
    let bin = match bin {
        Some(bin) => bin,
        None => guessed(rows)?,
    };
    let times = rate.map_or(1.0, |seconds| bin.seconds() / seconds);
    let mut settled = Spool::new(true, held);
    let mut sum = Whole::default();
    let mut open: Option<(i64, f64)> = None;
    let (mut first, mut last, mut missing) = (None, 0, 0);
    let mut cursor = rows.cursor(0, rows.len());
    loop {
        let next = cursor.next().map_err(spooling)?;
        match (&mut open, next) {
            (Some((time, amount)), Some(entry)) if entry.time == *time => *amount += f64::from_bits(entry.second),
            (before, next) => {
                if let Some((time, amount)) = *before {
                    first.get_or_insert(time);
                    last = time;
                    settled.push(Entry { time, second: sum.add(amount * times) }).map_err(spooling)?;
                    if let Some(Entry { time: next, .. }) = next {
                        let apart = next.abs_diff(time);
                        if apart < bin.ns() {
                            return Err(overlap(time, next, bin));
                        }
                        missing += apart / bin.ns().max(1) - 1;
                    }
                }
                open = next.map(|entry| (entry.time, f64::from_bits(entry.second)));
                if next.is_none() {
                    break;
                }
            }
        }
    }
    let rows = settled.sorted().map_err(spooling)?;
    Ok(Bins { rows, bin, first: first.unwrap_or(0), last, total: sum.exact, missing })
}

fn overlap(time: i64, next: i64, bin: Span) -> TraceError {
    let apart = Span::from_ns(next.abs_diff(time));
    TraceError::Unfit {
        reason: format!(
            "the bin at {} begins before the one before it has ended: they are {apart} apart",
            told::moment(next)
        ),
        cure: format!("write the length of the bins, such as `bin = \"{}\"`, in place of {bin}", apart.written()),
    }
}

/// Whole numbers that add up to what they are made of.
#[derive(Default)]
struct Whole {
    exact: f64,
    given: u64,
}

impl Whole {
    fn add(&mut self, amount: f64) -> u64 {
        self.exact += amount;
        let whole = (self.exact.round() as u64).saturating_sub(self.given);
        self.given += whole;
        whole
    }
}

/// How far rows of different times lie apart, where most are as far apart as others.
fn guessed(rows: &Sorted) -> Result<Span, TraceError> {
    let gaps = |visit: &mut dyn FnMut(u64)| -> Result<(), TraceError> {
        let mut cursor = rows.cursor(0, rows.len());
        let mut before = None;
        while let Some(entry) = cursor.next().map_err(spooling)? {
            if let Some(before) = before.filter(|&before| before != entry.time) {
                visit(entry.time.abs_diff(before));
            }
            before = Some(entry.time);
        }
        Ok(())
    };
    // Whatever most are, is left by this vote (Boyer and Moore, 1981).
    let (mut candidate, mut votes) = (0, 0_u64);
    gaps(&mut |gap| match (gap == candidate, votes) {
        (true, _) => votes += 1,
        (false, 0) => (candidate, votes) = (gap, 1),
        (false, _) => votes -= 1,
    })?;
    let (mut like, mut all) = (0_u64, 0_u64);
    gaps(&mut |gap| {
        all += 1;
        like += u64::from(gap == candidate);
    })?;
    if all > 0 && like * 2 > all {
        return Ok(Span::from_ns(candidate.min(Span::LONGEST.ns())));
    }
    let reason = match all {
        0 => "nothing says how long a bin is: all rows have one time",
        _ => "nothing says how long a bin is: the rows do not lie evenly",
    };
    Err(TraceError::Unfit { reason: reason.to_owned(), cure: "write it, such as `bin = \"1m\"`".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(rows: &[(i64, u64)]) -> Sorted {
        let mut spool = Spool::new(true, 4);
        rows.iter().for_each(|&(time, second)| spool.push(Entry { time, second }).unwrap());
        spool.sorted().unwrap()
    }

    #[test]
    fn clocks_that_are_far_off_are_left_out_and_quiet_times_are_not() {
        let hour = 3_600_000_000_000;
        let rows = |times: &[i64]| sorted(&times.iter().map(|&time| (time * hour, 0)).collect::<Vec<_>>());
        let ten: Vec<i64> = (0..10).collect();
        assert_eq!(near(&rows(&ten)).unwrap(), (0, 10));
        let early = [&[-400_000], &ten[..]].concat();
        assert_eq!(near(&rows(&early)).unwrap(), (1, 11));
        let late = [&ten[..], &[400_000]].concat();
        assert_eq!(near(&rows(&late)).unwrap(), (0, 10));
        let both = [&[-400_000], &ten[..], &[400_000]].concat();
        assert_eq!(near(&rows(&both)).unwrap(), (1, 11));
        // A day of traffic a month after another one.
        let twice = [&ten[..], &[720, 721, 722, 723]].concat();
        assert_eq!(near(&rows(&twice)).unwrap(), (0, 14));
    }

    #[test]
    fn rates_become_numbers_that_add_up() {
        let rate = |rate: f64| rate.to_bits();
        let second = 1_000_000_000;
        let rows = sorted(&[(0, rate(0.25)), (second, rate(0.25)), (second, rate(0.5)), (2 * second, rate(1.4))]);
        let bins = bins(&rows, None, Some(1.0), 100).unwrap();
        assert_eq!((bins.bin, bins.total), (Span::from_s(1), 2.4));
        let counts: Vec<_> = (0..3).map(|k| bins.rows.get(k).unwrap().unwrap().second).collect();
        assert_eq!(counts, [0, 1, 1]);
        let minutes = super::bins(&rows, Some(Span::from_s(1)), Some(60.0), 100).unwrap();
        assert!((minutes.total - 0.04).abs() < 1e-12);
    }
}
