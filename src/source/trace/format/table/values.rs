//! What the numbers of requests in a table are: requests in a bin, or rates.

use super::super::Value;
use super::finder::{Finder, Numbers};
use super::names::{ANYTHING, plain};
use crate::source::trace::TraceError;
use crate::source::trace::recording::Kind;
use crate::source::trace::row::{Form, amount, rate_in};
use crate::time::Span;
use std::borrow::Cow;

impl Finder<'_> {
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
            || names.iter().any(|name| ANYTHING.contains(&plain(name).as_str()));
        let rate = match value {
            Some(Value::Count) => None,
            Some(Value::Rate) => Some(seconds.unwrap_or(1.0)),
            Some(Value::Total) => None,
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
