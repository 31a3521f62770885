//! Which columns of a table are times, and how these are written.

use super::super::{Format, Notation};
use super::finder::{Finder, Numbers};
use super::names::{ENDS, TIMES};
use crate::source::trace::TraceError;
use crate::source::trace::row::{Form, UNITS, Unit, best, decimal_ns, digits, forms, unit_of};
use crate::time::Span;
use std::borrow::Cow;

impl Finder<'_> {
    pub(super) fn time(&self, numbers: &Numbers) -> Result<Vec<usize>, TraceError> {
        let (wanted, known, header) = (self.wanted, self.known, self.header);
        if let Some(name) = &wanted.time {
            return Ok(vec![header.place(name)?]);
        }
        let there = |names: &&&[&str]| names.iter().all(|name| self.index(name).is_some());
        if let Some(names) = known.time.iter().find(there) {
            return Ok(names.iter().filter_map(|name| self.index(name)).collect());
        }
        let of_day = |index: &usize| {
            let texts = self.texts(*index);
            let clock = |text: &str| text.contains(':') && !text.contains(['-', '/', ' ']);
            let hour = |text: &str| text.len() <= 2 && text.parse::<u8>().is_ok_and(|hour| hour < 24);
            !texts.is_empty() && (texts.iter().all(|text| clock(text)) || texts.iter().all(|text| hour(text)))
        };
        let day = self.named(&["date", "day"]);
        if let (Some(date), Some(time)) = (day, self.named(&["time", "timeofday", "hour"]).filter(of_day)) {
            return Ok(vec![date, time]);
        }
        let sum = matches!(numbers, Numbers::Sum(_));
        // A column in which always the same stands is the beginning of something else.
        let names = || TIMES.iter().chain(&ENDS);
        let moves = |index: &usize| {
            let texts = self.texts(*index);
            texts.len() < 2 || texts.iter().any(|text| *text != texts[0])
        };
        let found = names().filter_map(|name| self.named(&[name])).find(moves);
        if let Some(index) = found.or_else(|| names().find_map(|name| self.named(&[name]))) {
            return Ok(vec![index]);
        }
        // No name says so: the one column that looks like it.
        let like = |index: &usize| self.looks_like_times(*index, header.names.len() == 1);
        let taken = |index: &usize| matches!(numbers, Numbers::Sum(columns) if columns.contains(index));
        let mut like = (0..header.names.len()).filter(|index| !taken(index)).filter(like);
        match (like.next(), like.next()) {
            (Some(index), None) => Ok(vec![index]),
            (None, _) if sum => Ok(Vec::new()),
            (None, _) if header.names.len() == 1 => Err(header.refuse(
                "this is no log that is known, and no table: its lines have one field",
                "make a table of it: a header, then a row a request with its time, such as time,path",
            )),
            (None, _) => Err(header.refuse(
                "no column looks like times",
                format!("name the column: `time = \"...\"`; there are {}", header.listed()),
            )),
            (Some(one), Some(other)) => {
                let (one, other) = (&header.names[one], &header.names[other]);
                let reason = format!("times may be those in `{one}` or those in `{other}`");
                Err(header.refuse(reason, format!("write `time = \"{one}\"` or `time = \"{other}\"`")))
            }
        }
    }

    /// What stands in the columns of times of the first rows: of two, a date and a time of day.
    pub(super) fn stamps(&self, time: &[usize]) -> Vec<Cow<'_, str>> {
        match *time {
            [date, time] => {
                let both = |row: &Vec<String>| Some(Cow::Owned(format!("{} {}", row.get(date)?, row.get(time)?)));
                self.rows.iter().filter_map(both).collect()
            }
            _ => time.first().map_or_else(Vec::new, |&index| self.texts(index)),
        }
    }

    fn looks_like_times(&self, index: usize, alone: bool) -> bool {
        let texts = self.texts(index);
        let number = |text: &Cow<str>| decimal_ns(text.replace(',', ".").as_bytes(), 1);
        let since_1970 = |text: &Cow<str>| number(text).is_some_and(|number| number >= 900_000_000);
        !texts.is_empty()
            && (!forms(&texts).is_empty()
                || texts.iter().all(since_1970)
                || (alone && texts.iter().all(|text| number(text).is_some())))
    }

    /// How times are written, and whether decimals come after a comma.
    pub(super) fn form(&self, time: &[usize]) -> Result<(Form, bool), TraceError> {
        let (wanted, known, header) = (self.wanted, self.known, self.header);
        let texts = self.stamps(time);
        let name = time.first().map_or("", |&index| header.names[index].as_str());
        let comma = header.dialect.delimiter != b','
            && texts.iter().any(|text| text.contains(','))
            && texts.iter().all(|text| text.bytes().all(|byte| byte.is_ascii_digit() || b",-+".contains(&byte)));
        if let Some(Notation::Number(unit)) = wanted.unit {
            return Ok((Form::Number(unit), comma));
        }
        let mut dates = forms(&texts);
        let first = texts.first().cloned().unwrap_or_default();
        match wanted.unit {
            Some(Notation::DayFirst) => dates.retain(|form| form.day_first() != Some(false)),
            Some(Notation::MonthFirst) => dates.retain(|form| form.day_first() != Some(true)),
            _ if dates.first().is_some_and(|form| form.day_first() == Some(false)) && dates.len() > 1 => {
                let reason = format!("`{first}` may have its month first or its day");
                let cure = "write `unit = \"month-first\"` or `unit = \"day-first\"`";
                return Err(header.refuse(format!("{reason}, and no time in column `{name}` tells"), cure));
            }
            _ => {}
        }
        if let Some(&form) = dates.first() {
            return Ok((form, false));
        }
        if let Some(form) = digits(&texts) {
            return Ok((form, false));
        }
        let numbers: Vec<i128> = texts
            .iter()
            .filter_map(|text| decimal_ns(text.replace(',', ".").as_bytes(), 1))
            .map(|number| number.abs())
            .collect();
        let numbers_mostly = numbers.len() * 2 > texts.len();
        if let Some(unit) = known.unit.or_else(|| unit_of(name)) {
            return Ok((Form::Number(unit), comma));
        }
        if texts.is_empty() {
            return Ok((Form::Iso, false));
        }
        // Most rows are damaged: they are told by what the others are.
        if let Some(&form) = best(&texts, 1).first().filter(|_| !numbers_mostly) {
            return Ok((form, false));
        }
        if !numbers_mostly {
            let reason = format!("`{first}` in column `{name}` is no time in a form that is read");
            let cure = "write times as 2026-01-31T10:00:00Z or as numbers (in a spreadsheet, give the column the format yyyy-mm-dd \
                        hh:mm:ss); or name another column: `time = \"...\"`";
            return Err(header.refuse(reason, cure));
        }
        // Of our days, 1998 to 2128, whatever the unit; a few may be dirt.
        let of_our_days = |unit: &&Unit| {
            let seconds = numbers.iter().map(|number| number * i128::from(unit.ns) / 1_000_000_000);
            seconds.filter(|at| (900_000_000..5_000_000_000).contains(at)).count() * 10 >= numbers.len() * 9
        };
        if let Some(&unit) = UNITS[..4].iter().find(of_our_days) {
            return Ok((Form::Number(unit), comma));
        }
        let most = numbers.iter().max().copied().unwrap_or(0);
        let least = numbers.iter().min().copied().unwrap_or(0);
        let lasts = |unit: usize| {
            let ns = (most - least) * i128::from(UNITS[unit].ns);
            Span::from_ns(u64::try_from(ns).unwrap_or(u64::MAX).min(Span::LONGEST.ns()))
        };
        let n = texts.len();
        let (s, ms) = (lasts(3), lasts(2));
        let reason = format!("nothing says what a 1 in column `{name}` is");
        let cure = format!(
            "write `unit = \"s\"`, and the first {n} rows last {s}; or `unit = \"ms\"`, and they last {ms}; or `us`, `ns`, `min`, `h`"
        );
        Err(header.refuse(reason, cure))
    }

    /// Whether requests are stamped with whole seconds of a clock, several with the same.
    pub(super) fn whole(&mut self, time: &[usize], form: Form) -> bool {
        let texts = self.stamps(time);
        let mut times: Vec<i64> =
            texts.iter().filter_map(|text| form.read(text.as_bytes())).map(|(at, _)| at).collect();
        const SINCE: i64 = 100_000_000_000_000_000;
        let whole = !times.is_empty() && times.iter().all(|at| at % 1_000_000_000 == 0 && *at > SINCE);
        times.sort_unstable();
        let shared = times.windows(2).any(|pair| pair[0] == pair[1]) || self.known.format == Format::Combined;
        if !whole || !shared {
            return false;
        }
        self.found.besides.push(if self.wanted.on_the_second {
            "requests of one second arrive together".to_owned()
        } else {
            "stamped with whole seconds, requests lie at random within theirs; `spread = \"none\"` leaves them together"
                .to_owned()
        });
        !self.wanted.on_the_second
    }
}
