//! Which columns of a table are numbers of requests, and what these are.

use super::columns::{Finder, Numbers, plain};
use super::times::TIMES;
use super::{Format, Value};
use crate::source::trace::TraceError;
use crate::source::trace::recording::Kind;
use crate::source::trace::row::{Form, UNITS, amount, forms, rate_in};
use crate::time::Span;
use std::borrow::Cow;

/// The names that columns of numbers of requests have.
const COUNTS: [&str; 24] = [
    "requests",
    "requestcount",
    "requestscount",
    "numrequests",
    "totalrequests",
    "count",
    "counts",
    "hits",
    "hitcount",
    "invocations",
    "calls",
    "events",
    "queries",
    "transactions",
    "n",
    "num",
    "number",
    "total",
    "sum",
    "messages",
    "arrivals",
    "volume",
    "reqs",
    "req",
];
/// The names of columns of numbers that may be anything.
const ANYTHING: [&str; 8] = ["value", "values", "avg", "average", "mean", "max", "series", "y"];

/// Whether a column has a name that says what its numbers are, as Grafana's series seldom have.
pub(super) fn is_plain_name(name: &str) -> bool {
    let name = plain(name, true);
    let known = |names: &[&str]| names.contains(&name.as_str());
    known(&COUNTS) || known(&TIMES) || name == "rps" || name.starts_with("requests")
}

impl Finder<'_> {
    /// Which columns are numbers of requests, if any are.
    pub(super) fn numbers(&mut self) -> Result<Numbers, TraceError> {
        let (wanted, known, header) = (self.wanted, self.known, self.header);
        if let Some((first, last)) = &wanted.columns {
            let (first, last) = (header.place(first)?, header.place(last)?);
            if first > last {
                let reason = "the column of the last bin stands before that of the first";
                return Err(header.refuse_from(last, first, reason, "write the first bin's column first"));
            }
            return Ok(Numbers::Wide(first, last));
        }
        if let Some(name) = &wanted.count {
            return Ok(Numbers::Sum(vec![header.place(name)?]));
        }
        if let Some((first, last)) = known.minutes
            && let (Some(first), Some(last)) = (self.index(first), self.index(last))
        {
            return Ok(Numbers::Wide(first, last));
        }
        if let Some((name, _)) = known.count {
            let index = header.place(name)?;
            let so_far = known.so_far.and_then(|name| self.index(name)).filter(|&so_far| self.agree(index, so_far));
            return Ok(so_far.map_or_else(|| Numbers::Sum(vec![index]), Numbers::SoFar));
        }
        if known.all_others {
            let time = self.index("Time");
            return Ok(Numbers::Sum((0..header.names.len()).filter(|&index| Some(index) != time).collect()));
        }
        // Rows of a known kind, and rows with times that were named, are requests; unless something is said of bins.
        let of_bins = wanted.value.is_some() || wanted.bin.is_some();
        if (known.format != Format::Csv || wanted.time.is_some() || wanted.stamp.is_some()) && !of_bins {
            return Ok(Numbers::None);
        }
        let rate = header.names.iter().position(|name| rate_in(name).is_some());
        let index = rate.or_else(|| self.named(&COUNTS)).or_else(|| self.named(&ANYTHING));
        let number = |index: &usize| {
            let texts = self.texts(*index);
            let fit = texts.iter().filter(|text| amount(text, header.dialect.delimiter != b',').is_some()).count();
            fit * 2 > texts.len() || texts.is_empty()
        };
        match index.filter(number) {
            Some(index) if of_bins || self.are_bins(index) => Ok(Numbers::Sum(vec![index])),
            _ if of_bins => {
                let reason = "bins belong to numbers of requests, and no column looks like them";
                Err(header.refuse(reason, format!("name it: `count = \"...\"`; there are {}", header.listed())))
            }
            _ => self.not_bins().map(|()| Numbers::None),
        }
    }

    /// Refuses rows that lie as evenly as bins do, with numbers of which no name says what they are.
    fn not_bins(&self) -> Result<(), TraceError> {
        const FEW: usize = 5;
        let Some(time) = self.named(&TIMES) else { return Ok(()) };
        let times = self.times(time);
        let gap = times.get(1).map_or(0, |second| second.saturating_sub(times[0]));
        let even = times.len() > FEW && gap > 0 && times.windows(2).all(|pair| pair[1].saturating_sub(pair[0]) == gap);
        let number = |&index: &usize| {
            let texts = self.texts(index);
            index != time && !texts.is_empty() && texts.iter().all(|text| amount(text, false).is_some())
        };
        let Some(index) = (0..self.header.names.len()).find(number).filter(|_| even) else { return Ok(()) };
        let (name, time) = (&self.header.names[index], &self.header.names[time]);
        let reason = format!(
            "rows that lie this evenly may be bins of requests, or a request each; `{name}` may be their numbers"
        );
        let cure = format!("write `count = \"{name}\"`, if it is; or `time = \"{time}\"`, if a row is a request");
        Err(self.header.refuse(reason, cure))
    }

    /// The times in a column of the first rows.
    fn times(&self, index: usize) -> Vec<i64> {
        let texts = self.texts(index);
        let form = forms(&texts).first().copied().unwrap_or(Form::Number(UNITS[3]));
        texts.iter().filter_map(|text| form.read(text.replace(',', ".").as_bytes())).map(|(time, _)| time).collect()
    }

    /// Whether a column of all requests so far grows about as fast as the rates in another.
    fn agree(&self, rate: usize, so_far: usize) -> bool {
        let total = |row: &Vec<String>| row.get(so_far)?.parse::<f64>().ok();
        let rates: f64 = self.rows.iter().filter_map(|row| row.get(rate)?.parse::<f64>().ok()).sum();
        let all: Vec<f64> = self.rows.iter().filter_map(total).collect();
        let most = all.iter().copied().fold(0.0, f64::max);
        // Rates of all rows, those of single endpoints too, may add up to twice as many.
        most > 0.0 && all.len() == self.rows.len() && (0.2..5.0).contains(&(rates / most))
    }

    /// Whether rows with a number are bins: they have no time, or the times do not repeat and lie evenly.
    fn are_bins(&self, number: usize) -> bool {
        let Some(time) = self.named(&TIMES).filter(|&time| time != number) else { return true };
        let mut times = self.times(time);
        times.sort_unstable();
        times.dedup();
        let gaps: Vec<i64> = times.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
        let Some(&least) = gaps.iter().min() else { return true };
        let even = gaps.iter().filter(|&&gap| gap % least == 0).count();
        even * 10 >= gaps.len() * 9
    }

    /// What the rows are.
    pub(super) fn kind(&mut self, numbers: &Numbers, time: &[usize], form: Form) -> Result<Kind, TraceError> {
        let (wanted, known, header) = (self.wanted, self.known, self.header);
        let columns: &[usize] = match numbers {
            Numbers::SoFar(index) => {
                self.found.counts = Some(format!("`{}`, all requests so far: the differences", header.names[*index]));
                return Ok(Kind::Bins { bin: wanted.bin, rate: None, so_far: true });
            }
            Numbers::None => return Ok(Kind::Requests { durations: false, whole: self.whole(time, form) }),
            Numbers::Wide(first, _) => std::slice::from_ref(first),
            Numbers::Sum(columns) => columns,
        };
        let bin = wanted.bin.or_else(|| known.minutes.map(|_| Span::from_s(60)));
        if bin.is_none() && time.is_empty() {
            let reason = "nothing says how long a bin is: there is no column of times";
            return Err(header.refuse(reason, "write it, such as `bin = \"1m\"`"));
        }
        let names: Vec<&str> =
            columns.iter().filter_map(|&index| header.names.get(index)).map(String::as_str).collect();
        let written = self
            .texts_of(columns)
            .iter()
            .find_map(|text| amount(text, header.dialect.delimiter != b',').and_then(|(_, rate)| rate));
        let by_name = names.iter().find_map(|name| rate_in(name));
        let seconds = written.or(by_name);
        let value = wanted.value.or_else(|| known.count.and_then(|(_, value)| value));
        let wide = matches!(numbers, Numbers::Wide(..));
        let open = known.all_others
            || known.count.is_some_and(|(_, value)| value.is_none())
            || names.iter().any(|name| ANYTHING.contains(&plain(name, true).as_str()));
        let rate = match value {
            Some(Value::Count) => None,
            Some(Value::Rate) => Some(seconds.unwrap_or(1.0)),
            None if seconds.is_some() => seconds,
            None if open && !wide => return Err(self.either(columns, &names, time, form)),
            None => None,
        };
        let what = match rate {
            None => "numbers of requests".to_owned(),
            Some(60.0) => "rates a minute".to_owned(),
            Some(_) => "rates a second".to_owned(),
        };
        let listed: Vec<_> = names.iter().take(3).map(|name| format!("`{name}`")).collect();
        let more = if names.len() > 3 { format!(" and {} more", names.len() - 3) } else { String::new() };
        let listed = if wide { "columns of bins".to_owned() } else { format!("{}{more}", listed.join(", ")) };
        self.found.counts = Some(format!("{listed}, {what}"));
        Ok(Kind::Bins { bin, rate, so_far: false })
    }

    /// What is said of numbers that may be counts or rates.
    fn either(&self, columns: &[usize], names: &[&str], time: &[usize], form: Form) -> TraceError {
        let comma = self.header.dialect.delimiter != b',';
        let texts = self.texts_of(columns);
        let sum: f64 = texts.iter().filter_map(|text| amount(text, comma)).map(|(number, _)| number).sum();
        let name = names.first().copied().unwrap_or_default();
        let n = self.rows.len();
        if n == 0 {
            return TraceError::Empty;
        }
        let counted = crate::units::grouped(sum.round() + 0.0, 0);
        let reason = format!("the numbers in `{name}` may be requests in a bin, or requests a second");
        let rated = match self.wanted.bin.or_else(|| self.gap(time, form)) {
            Some(bin) => crate::units::grouped((sum * bin.seconds()).round(), 0),
            None => format!("{counted} times the seconds of a bin"),
        };
        let cure = format!(
            "write `value = \"count\"`, and the first {n} rows are {counted} requests; or `value = \"rate\"`, and they are {rated}"
        );
        match columns.first() {
            Some(&index) if !self.header.headless => self.header.refuse_from(index, index, &reason, &cure),
            _ => self.header.refuse(reason, cure),
        }
    }

    /// How far the first rows of different times lie apart.
    fn gap(&self, time: &[usize], form: Form) -> Option<Span> {
        let [index] = *time else { return None };
        let mut times: Vec<i64> =
            self.texts(index).iter().filter_map(|text| form.read(text.as_bytes())).map(|(time, _)| time).collect();
        times.sort_unstable();
        times.dedup();
        let least = times.windows(2).map(|pair| pair[1].abs_diff(pair[0])).min()?;
        Some(Span::from_ns(least.min(Span::LONGEST.ns())))
    }

    pub(super) fn texts_of(&self, columns: &[usize]) -> Vec<Cow<'_, str>> {
        columns.iter().flat_map(|&index| self.texts(index)).collect()
    }
}
