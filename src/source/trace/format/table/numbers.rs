//! Which columns of a table are numbers of requests.

use super::super::{Format, Value};
use super::finder::{Finder, Numbers};
use super::names::{ANYTHING, COUNTS, OTHERS, VAGUE, plain};
use crate::source::trace::TraceError;
use crate::source::trace::row::{Form, UNITS, amount, best, digits, rate_in, unit_of};

/// How surely a column is one of numbers of requests.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Sure {
    Anything,
    Vague,
    Named,
}

impl Finder<'_> {
    /// Which columns are numbers of requests, if any are.
    pub(super) fn numbers(&self) -> Result<Numbers, TraceError> {
        let (wanted, known, header) = (self.wanted, self.known, self.header);
        if let Some((first, last)) = &wanted.columns {
            let (first, last) = (header.place(first)?, header.place(last)?);
            if first > last {
                let reason = "the column of the last bin stands before that of the first";
                return Err(header.refuse_from(last, first, reason, "write the first bin's column first"));
            }
            return Ok(Numbers::Wide(first, last));
        }
        let sum = |index: usize| match wanted.value {
            Some(Value::Total) => Numbers::SoFar(index),
            _ => Numbers::Sum(vec![index]),
        };
        match &wanted.count {
            Some(Some(name)) => return header.place(name).map(sum),
            Some(None) => return Ok(Numbers::None),
            None => {}
        }
        if let Some((first, last)) = known.minutes
            && let (Some(first), Some(last)) = (self.index(first), self.index(last))
        {
            return Ok(Numbers::Wide(first, last));
        }
        if let Some((name, _)) = known.count {
            let index = header.place(name)?;
            // Totals of several names are not one that grows.
            let of_one = self.is_asked("Name") || self.among_the_first(known.only);
            let so_far = known.so_far.filter(|_| of_one).and_then(|name| self.index(name));
            let so_far = so_far.filter(|&so_far| self.agree(index, so_far));
            return Ok(so_far.map_or_else(|| Numbers::Sum(vec![index]), Numbers::SoFar));
        }
        if known.all_others {
            let time = self.index("Time");
            return Ok(Numbers::Sum((0..header.names.len()).filter(|&index| Some(index) != time).collect()));
        }
        let of_bins = wanted.value.is_some() || wanted.bin.is_some();
        let of_requests = wanted.stamp.is_some() || matches!(wanted.duration, Some(Some(_)));
        if (known.format != Format::Csv || of_requests) && !of_bins {
            return Ok(Numbers::None);
        }
        self.of_any_table(of_bins)
    }

    /// The numbers of requests of a table of which nothing is known, if it has any.
    fn of_any_table(&self, of_bins: bool) -> Result<Numbers, TraceError> {
        let (wanted, header) = (self.wanted, self.header);
        let time = self.time(&Numbers::Sum(Vec::new()))?;
        let few = header.names.len() <= time.len() + 1 && self.wanted.time.is_none();
        let candidate = (0..header.names.len()).filter(|index| !time.contains(index)).filter_map(|index| {
            let name = plain(&header.names[index]);
            let sure = match name.as_str() {
                name if COUNTS.contains(&name) => Sure::Named,
                _ if rate_in(&header.names[index]).is_some() && self.mostly_numbers(index) => Sure::Named,
                name if VAGUE.contains(&name) && (few || of_bins) => Sure::Vague,
                name if ANYTHING.contains(&name) && self.mostly_numbers(index) => Sure::Anything,
                _ => return None,
            };
            Some((sure, COUNTS.contains(&name.as_str()), index))
        });
        // Of numbers and rates the numbers, and of several the first.
        let best = candidate.max_by_key(|&(sure, count, index)| (sure, count, std::cmp::Reverse(index)));
        let (even, gaps) = self.lie_evenly(&time);
        match best {
            Some((.., index)) if of_bins || time.is_empty() => Ok(match wanted.value {
                Some(Value::Total) => Numbers::SoFar(index),
                _ => Numbers::Sum(vec![index]),
            }),
            None if of_bins => {
                let reason = "bins belong to numbers of requests, and no column looks like them";
                Err(header.refuse(reason, format!("name it: `count = \"...\"`; there are {}", header.listed())))
            }
            // Rates may well grow, in a test of load.
            Some((.., index)) if even && rate_in(&header.names[index]).is_none() && self.only_grows(index) => {
                let name = &header.names[index];
                let reason = format!("the numbers in `{name}` only grow: they may be all requests so far");
                let cure =
                    "write `value = \"total\"`, if they are; or `value = \"count\"`, if each is of its bin alone";
                Err(header.refuse_from(index, index, &reason, cure))
            }
            Some((.., index)) if even => Ok(Numbers::Sum(vec![index])),
            Some((Sure::Named, _, index)) => {
                let name = &header.names[index];
                let reason = format!("`{name}` has numbers of requests, but the rows do not lie evenly, as bins do");
                let cure =
                    "write how long a bin is, such as `bin = \"1s\"`; or `count = \"none\"`, if a row is a request";
                Err(header.refuse_from(index, index, &reason, cure))
            }
            // Two rows are always even, and who names the times has looked at the rows.
            _ if even && gaps > 1 && self.wanted.time.is_none() => self.no_numbers(&time).map(|()| Numbers::None),
            _ => Ok(Numbers::None),
        }
    }

    /// Whether numbers are as a counter's: they never fall, and grow by little of what they are.
    fn only_grows(&self, index: usize) -> bool {
        const FEW: usize = 5;
        let comma = self.header.dialect.delimiter != b',';
        let numbers: Vec<f64> =
            self.texts(index).iter().filter_map(|text| amount(text, comma)).map(|(n, _)| n).collect();
        let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return false };
        let grows = numbers.windows(2).filter(|pair| pair[1] > pair[0]).count() * 2 > numbers.len();
        numbers.len() > FEW && numbers.is_sorted() && grows && (numbers.len() > 4 * FEW || last - first < last / 2.0)
    }

    fn mostly_numbers(&self, index: usize) -> bool {
        let texts = self.texts(index);
        let comma = self.header.dialect.delimiter != b',';
        texts.iter().filter(|text| amount(text, comma).is_some()).count() * 2 > texts.len() || texts.is_empty()
    }

    /// Refuses rows that lie as evenly as bins do, with numbers of which no name says what they are.
    fn no_numbers(&self, time: &[usize]) -> Result<(), TraceError> {
        let number = |&index: &usize| {
            let name = &self.header.names[index];
            let other = OTHERS.contains(&plain(name).as_str()) || unit_of(name).is_some() || name.contains("bytes");
            // A number with a unit that is not known is one, too; an address is none.
            let texts = self.texts(index);
            let is_one = |text: &str| {
                let address = text.contains([':', '/']) || text.matches('.').count() > 1;
                text.starts_with(|c: char| c.is_ascii_digit()) && !address
            };
            let begins = texts.iter().filter(|text| is_one(text)).count();
            !time.contains(&index) && !other && begins * 2 > texts.len()
        };
        let Some(index) = (0..self.header.names.len()).find(number) else { return Ok(()) };
        let name = &self.header.names[index];
        let reason = format!(
            "rows that lie this evenly may be bins of requests, or a request each; `{name}` may be their numbers"
        );
        let cure = format!("write `count = \"{name}\"`, if it is; or `count = \"none\"`, if a row is a request");
        Err(self.header.refuse(reason, cure))
    }

    /// Whether rows lie as bins do: all as far apart, or by many times the same ten seconds and more; and how many gaps there
    /// are between them.
    fn lie_evenly(&self, time: &[usize]) -> (bool, usize) {
        let texts = self.stamps(time);
        let dates = best(&texts, texts.len() / 2 + 1).first().copied().or_else(|| digits(&texts));
        let form = dates.unwrap_or(Form::Number(UNITS[3]));
        let read = |text: &str| form.read(text.replace(',', ".").as_bytes());
        let mut times: Vec<i64> = texts.iter().filter_map(|text| read(text)).map(|(time, _)| time).collect();
        times.sort_unstable();
        times.dedup();
        let gaps: Vec<i64> = times.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
        let Some(&least) = gaps.iter().min() else { return (true, 0) };
        let alike = gaps.iter().filter(|&&gap| gap == least).count();
        let many = gaps.iter().filter(|&&gap| gap % least == 0).count();
        let even = alike == gaps.len() || (least >= 10_000_000_000 && gaps.len() > 2 && many == gaps.len());
        (even, gaps.len())
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
}
