//! Which columns of a table are read, and as what: by what is asked, by what is known of the format, by their names.

use super::header::Header;
use super::known::{Known, Names, Whose};
use super::place::Place;
use super::times::{ENDS, TIMES};
use super::{Format, Found, Stamp, Wanted};
use crate::source::trace::TraceError;
use crate::source::trace::recording::Kind;
use crate::source::trace::row::{Form, UNITS, Unit, is_empty, unit_of};
use std::borrow::Cow;

/// What is read of a row.
pub(super) struct Columns {
    /// The column of times; those of a date and of a time of day; none where every row is the bin after the one before.
    pub time: Vec<usize>,
    pub form: Form,
    /// A duration that is taken from the time.
    pub before: Option<(usize, Unit)>,
    /// Where the time is missing: the column of the end, and those of the pieces of the duration, in seconds.
    pub instead: Option<(usize, Vec<usize>)>,
    /// How long the code took.
    pub service: Option<(usize, Unit)>,
    pub numbers: Numbers,
    pub kind: Kind,
    /// What must stand where for a row to be read, and what must not.
    pub only: Vec<(Place, String)>,
    pub never: Vec<(Place, String)>,
    /// Whether decimals come after a comma.
    pub comma: bool,
}

/// Where the numbers of requests are.
pub(super) enum Numbers {
    /// A row is a request.
    None,
    /// The sum of these columns.
    Sum(Vec<usize>),
    /// This column has all requests so far.
    SoFar(usize),
    /// Every column from one to another is a bin.
    Wide(usize, usize),
}

/// A table's header, a few of its rows, and what is known of it.
pub(super) struct Finder<'a> {
    pub wanted: &'a Wanted,
    pub known: &'a Known,
    pub header: &'a Header,
    /// The fields of the first rows.
    pub rows: &'a [Vec<String>],
    pub found: Found,
}

impl<'a> Finder<'a> {
    /// Finds the columns.
    ///
    /// # Errors
    /// Where something is not there, or may be read in two ways.
    pub fn find(&mut self) -> Result<Columns, TraceError> {
        let numbers = self.numbers()?;
        let time = if matches!(numbers, Numbers::Wide(..)) { Vec::new() } else { self.time(&numbers)? };
        let (form, comma) = match time.is_empty() {
            true => (Form::Number(UNITS[0]), false),
            false => self.form(&time)?,
        };
        let (only, never) = self.rows_asked_for()?;
        let kind = self.kind(&numbers, &time, form)?;
        let (before, instead, service) = match kind {
            Kind::Requests { .. } => self.durations()?,
            Kind::Bins { .. } => (None, None, None),
        };
        let kind = match kind {
            Kind::Requests { whole, .. } => Kind::Requests { durations: service.is_some(), whole },
            bins @ Kind::Bins { .. } => bins,
        };
        self.found.besides.extend(self.known.say.map(str::to_owned));
        if let Some(index) = time.first() {
            let and = time.get(1).map_or_else(String::new, |&index| format!("` and `{}", self.header.names[index]));
            self.found.times = format!("`{}{and}`, {}", self.header.names[*index], form.words());
        }
        Ok(Columns { time, form, before, instead, service, numbers, kind, only, never, comma })
    }

    /// What stands in a column of the rows that are looked at, where something does.
    pub(super) fn texts(&self, index: usize) -> Vec<Cow<'_, str>> {
        let texts = self.rows.iter().filter_map(|row| row.get(index));
        texts.filter(|text| !is_empty(text.as_bytes())).map(|text| Cow::Borrowed(text.as_str())).collect()
    }

    /// The place of a column that is known to be there, or may be.
    pub(super) fn index(&self, name: &str) -> Option<usize> {
        self.header.index(name)
    }

    /// The first column with one of these names, of which the first counts most.
    pub(super) fn named(&self, names: &[&str]) -> Option<usize> {
        let plain = |name: &str| plain(name, true);
        let columns: Vec<_> = self.header.names.iter().map(|name| plain(name)).collect();
        names.iter().find_map(|name| columns.iter().position(|column| column == name))
    }

    /// What is taken from times, where they are not those of arrivals; and which durations are replayed.
    #[expect(clippy::type_complexity, reason = "three things that hang together, named where they land")]
    fn durations(
        &mut self,
    ) -> Result<(Option<(usize, Unit)>, Option<(usize, Vec<usize>)>, Option<(usize, Unit)>), TraceError> {
        let (wanted, known, header) = (self.wanted, self.known, self.header);
        let named = match &wanted.duration {
            Some(Some(name)) => Some(self.duration(name)?),
            _ => None,
        };
        let by_end = wanted.time.is_none() && self.named(&TIMES).is_none() && self.named(&ENDS).is_some();
        let stamp =
            wanted.stamp.unwrap_or(if by_end && known.format == Format::Csv { Stamp::End } else { known.stamp });
        let of_format = known.duration.and_then(|(name, unit)| {
            let index = self.index(name)?;
            // IIS has whole milliseconds where CloudFront has seconds with three decimals.
            let whole = known.names == Names::Fields && self.texts(index).iter().all(|text| !text.contains('.'));
            Some((index, if whole { UNITS[2] } else { unit }))
        });
        let before = match stamp {
            Stamp::Start => None,
            Stamp::End => named.or(of_format),
        };
        if stamp == Stamp::End && before.is_none() && known.format == Format::Csv {
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
        Ok((before, instead, service))
    }

    /// A column of durations: by its name, or by its name and a unit.
    fn duration(&self, name: &str) -> Result<(usize, Unit), TraceError> {
        let of_format = |index: usize| match self.known.format {
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

    /// What must stand where for a row to be read, and what must not.
    #[expect(clippy::type_complexity, reason = "two lists of one kind, named where they land")]
    fn rows_asked_for(&self) -> Result<(Vec<(Place, String)>, Vec<(Place, String)>), TraceError> {
        let (wanted, known) = (self.wanted, self.known);
        let mut only = Vec::new();
        for (column, value) in &wanted.only {
            only.push((self.any_place(column)?, value.clone()));
        }
        if let Some((column, value)) = known.only
            && let Some(index) = self.index(column)
            && !only.iter().any(|(place, _)| *place == Place::Field(index))
            && (known.format == Format::K6
                || self.rows.iter().any(|row| row.get(index).is_some_and(|text| text == value)))
        {
            only.push((Place::Field(index), value.to_owned()));
        }
        let mut never = Vec::new();
        if known.format == Format::Jmeter
            && let Some(index) = self.index("responseMessage")
        {
            never.push((Place::Field(index), "Number of samples in transaction*".to_owned()));
        }
        Ok((only, never))
    }

    fn any_place(&self, column: &str) -> Result<Place, TraceError> {
        if let (Some(request), None) = (self.index("request"), self.index(column)) {
            match column {
                "method" => return Ok(Place::Method(request)),
                "path" => return Ok(Place::Path(request)),
                "url" => return Ok(Place::Url(request)),
                _ => {}
            }
        }
        let alike = match (column, self.known.format) {
            ("status", Format::Alb) => "elb_status_code",
            ("status", Format::Cloudfront) => "sc-status",
            ("status", Format::Jmeter) => "responseCode",
            ("status", Format::Hey) => "status-code",
            ("method", Format::Cloudfront) => "cs-method",
            ("path", Format::Cloudfront) => "cs-uri-stem",
            ("path", Format::K6) => "url",
            ("path", Format::Jmeter) => "label",
            _ => column,
        };
        match self.index(alike) {
            Some(index) if alike != column => Ok(Place::Field(index)),
            _ => self.header.place(column).map(Place::Field),
        }
    }
}

/// A name in small letters without marks, and without its unit if that is to go.
pub(super) fn plain(name: &str, unit: bool) -> String {
    let name = match name.rsplit_once(['_', '(', '[', ' ']) {
        Some((stem, _)) if unit && unit_of(name).is_some() => stem,
        _ => name,
    };
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl Names {
    /// Whether rows may have other numbers of fields than the header: logs grow by fields at their end.
    pub const fn may_grow(self) -> bool {
        !matches!(self, Self::Header)
    }
}
