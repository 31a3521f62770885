//! When requests of a table arrived, where their times are not just that; and how long the code took for them.

use super::super::{Format, Stamp};
use super::finder::Finder;
use super::known::{Names, Whose};
use super::names::{ENDS, TIMES};
use crate::source::trace::TraceError;
use crate::source::trace::row::{UNITS, Unit, unit_of};

/// The durations of a row that are read.
#[derive(Default)]
pub(super) struct Timing {
    /// A duration that is taken from the time.
    pub before: Option<(usize, Unit)>,
    /// Where the time is missing: the column of the end, and those of the pieces of the duration, in seconds.
    pub instead: Option<(usize, Vec<usize>)>,
    /// How long the code took.
    pub service: Option<(usize, Unit)>,
}

impl Finder<'_> {
    /// What is taken from times, where they are not those of arrivals; and which durations are replayed.
    pub(super) fn timing(&mut self) -> Result<Timing, TraceError> {
        let (wanted, known, header) = (self.wanted, self.known, self.header);
        let named = match &wanted.duration {
            Some(Some(name)) => Some(self.duration(name)?),
            _ => None,
        };
        let by_end = wanted.time.is_none() && self.named(&TIMES).is_none() && self.named(&ENDS).is_some();
        let stamp =
            wanted.stamp.unwrap_or(if by_end && known.format == Format::Csv { Stamp::End } else { known.stamp });
        let of_format = self.own_duration();
        let before = match stamp {
            Stamp::Start => None,
            Stamp::End => named.or(of_format),
        };
        let said = known.format == Format::Csv || wanted.stamp.is_some();
        if stamp == Stamp::End && before.is_none() && said {
            let reason = "times are of the end of requests, and nothing says how long these took";
            let cure =
                "name the column of durations: `duration = \"...\"`; or `stamp = \"start\"`, should that matter little";
            return Err(header.refuse(reason, cure));
        }
        let instead = known.instead.and_then(|(end, pieces)| {
            let pieces: Vec<_> = pieces.iter().filter_map(|name| self.index(name)).collect();
            Some((self.index(end)?, pieces))
        });
        let of_code = match known.whose {
            Whose::Code(name, unit) => self.index(name).map(|index| (index, unit)),
            _ => None,
        };
        let service = match wanted.duration {
            Some(None) => None,
            Some(Some(_)) => named,
            None => of_code,
        };
        let replayed = service.map(|(index, unit)| {
            format!("`{}` in {}, replayed as the code's service times", header.names[index], unit.name)
        });
        self.found.durations = replayed.or_else(|| {
            let whose = match known.whose {
                Whose::Client => "the clients'",
                Whose::Proxy => "the proxy's, up to the last byte sent",
                Whose::Code(..) | Whose::None => return None,
            };
            Some(format!("{whose}: not replayed, `code.service` says how long the code takes"))
        });
        if let Some((index, unit)) = before {
            let name = &self.header.names[index];
            self.found.besides.push(format!("arrivals are the stamped ends less `{name}`, in {}", unit.name));
        }
        Ok(Timing { before, instead, service })
    }

    /// The column of the whole duration that the format has.
    fn own_duration(&self) -> Option<(usize, Unit)> {
        let (name, unit) = self.known.duration?;
        let index = self.index(name)?;
        // IIS has whole milliseconds where CloudFront has seconds with three decimals.
        let whole = self.known.names == Names::Fields && self.texts(index).iter().all(|text| !text.contains('.'));
        Some((index, if whole { UNITS[2] } else { unit }))
    }

    /// A column of durations: by its name, or by its name and a unit.
    fn duration(&self, name: &str) -> Result<(usize, Unit), TraceError> {
        let own = self.own_duration();
        let of_format = |index: usize| match self.known.format {
            _ if own.is_some_and(|(own, _)| own == index) => own.map(|(_, unit)| unit),
            Format::Jmeter => Some(UNITS[2]),
            Format::Csv | Format::Combined if self.header.names[index] != "request_time" => None,
            _ => Some(UNITS[3]),
        };
        if let Some(index) = self.header.index(name) {
            let index = if self.header.names[index] == name { self.header.place(name)? } else { index };
            if let Some(unit) = unit_of(&self.header.names[index]).or_else(|| of_format(index)) {
                return Ok((index, unit));
            }
            let units: Vec<_> = UNITS.iter().map(|unit| format!("\"{name} {}\"", unit.name)).collect();
            let reason = format!("nothing says what a 1 in column `{name}` is");
            return Err(self
                .header
                .refuse(reason, format!("write it with its unit: `duration` is one of {}", units.join(", "))));
        }
        let both =
            name.rsplit_once(' ').and_then(|(column, unit)| Some((self.header.index(column)?, Unit::named(unit)?)));
        match both {
            Some(both) => Ok(both),
            None => self.header.place(name).map(|index| (index, UNITS[3])),
        }
    }
}
