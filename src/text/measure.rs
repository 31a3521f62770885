//! Kinds of quantity: what each is called, and its units.

use super::diagnostic::quote;

/// Why a quantity is refused, and what to write instead.
pub(crate) type Fault = (String, String);

/// A kind of quantity.
pub(crate) struct Measure {
    pub noun: &'static str,
    pub example: &'static str,
    /// The units, and what one of each means: nanoseconds, hundredths, or for how many a price is. One that begins with a blank has
    /// it before it.
    pub units: &'static [(&'static str, u64)],
    /// The unit to propose where none is written.
    pub usual: &'static str,
}

/// Spans and instants.
pub(crate) const SPAN: Measure = Measure {
    noun: "a span",
    example: "10s",
    units: &[
        ("ns", 1),
        ("us", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
        ("d", 86_400_000_000_000),
    ],
    usual: "s",
};

/// Rates.
pub(crate) const RATE: Measure = Measure {
    noun: "a rate",
    example: "200/s",
    units: &[("/s", 1_000_000_000), ("/m", 60_000_000_000), ("/h", 3_600_000_000_000), ("/d", 86_400_000_000_000)],
    usual: "/s",
};

/// Shares of a whole.
pub(crate) const SHARE: Measure = Measure { noun: "a share", example: "10%", units: &[("%", 100)], usual: "%" };

/// How many times as much.
pub(crate) const FACTOR: Measure = Measure { noun: "a factor", example: "2.5x", units: &[("x", 1)], usual: "x" };

/// Prices of what is counted.
pub(crate) const PRICE_BY_MILLION: Measure =
    Measure { noun: "a price by the million", example: "0.20 usd/M", units: &[(" usd/M", 1_000_000)], usual: " usd/M" };

/// Prices of memory held for a time.
pub(crate) const PRICE_BY_GBS: Measure = Measure {
    noun: "a price by the GB-second",
    example: "0.0000166667 usd/GBs",
    units: &[(" usd/GBs", 1)],
    usual: " usd/GBs",
};

/// Prices of what is held by the hour; one is a millionth of an hour, so that a dollar for one is out of reach.
pub(crate) const PRICE_BY_HOUR: Measure =
    Measure { noun: "a price by the hour", example: "0.05 usd/h", units: &[(" usd/h", 1_000_000)], usual: " usd/h" };

/// Sums of money.
pub(crate) const MONEY: Measure =
    Measure { noun: "a sum of money", example: "0.50 usd", units: &[(" usd", 1)], usual: " usd" };

/// Memory, in MiB.
pub(crate) const MEMORY: Measure =
    Measure { noun: "an amount of memory", example: "512MiB", units: &[("MiB", 1), ("GiB", 1_024)], usual: "MiB" };

/// Units as people say them, and as they are written here.
const SPOKEN: [(&str, &str); 34] = [
    ("µs", "us"),
    ("μs", "us"),
    ("msec", "ms"),
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("min", "m"),
    ("mins", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("hr", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("day", "d"),
    ("days", "d"),
    ("rps", "/s"),
    ("req/s", "/s"),
    ("/sec", "/s"),
    ("/min", "/m"),
    ("/hour", "/h"),
    ("/day", "/d"),
    ("percent", "%"),
    ("per cent", "%"),
    ("usd/million", "usd/M"),
    ("usd/1M", "usd/M"),
    ("$/M", "usd/M"),
    ("usd/GB-s", "usd/GBs"),
    ("usd/GB-second", "usd/GBs"),
    ("$/GBs", "usd/GBs"),
    ("$/GB-s", "usd/GBs"),
    ("$", "usd"),
    ("MB", "MiB"),
    ("GB", "GiB"),
];

impl Measure {
    /// Whether its units have a blank before them.
    pub fn is_spaced(&self) -> bool {
        self.units.iter().any(|(unit, _)| unit.starts_with(' '))
    }

    /// Whether there is a blank where none belongs: anywhere but before a unit that has one.
    pub fn has_stray_blank(&self, text: &str) -> bool {
        let blanks = text.chars().filter(|c| c.is_whitespace()).count();
        let is_right = self.is_spaced() && blanks == 1 && text.trim() == text && text.contains(' ');
        blanks > 0 && !is_right
    }

    /// What `unit` means, as it is written behind `number`.
    pub fn unit(&self, unit: &str, number: &str) -> Result<u128, Fault> {
        let &Self { noun, usual, units, .. } = self;
        if let Some(&(_, size)) = units.iter().find(|&&(name, _)| name == unit) {
            return Ok(u128::from(size));
        }
        let bare = unit.trim_start();
        if bare.is_empty() {
            return Err((format!("{} has no unit", quote(number)), format!("write \"{number}{usual}\"")));
        }
        let spoken =
            SPOKEN.iter().find(|(spoken, _)| spoken.eq_ignore_ascii_case(bare)).map_or(bare, |&(_, name)| name);
        if let Some(name) = self.known(spoken) {
            let reason = match name.trim_start() == bare {
                true => format!("there is no blank before {}", quote(bare)),
                false => format!("unknown unit {}", quote(bare)),
            };
            return Err((reason, format!("write \"{number}{name}\"")));
        }
        let others = [&SPAN, &RATE, &SHARE, &FACTOR, &PRICE_BY_MILLION, &PRICE_BY_GBS, &MONEY, &MEMORY];
        let other = others.into_iter().find(|other| other.known(spoken).is_some());
        let reason = match other {
            Some(other) => format!("{} is the unit of {}, but here belongs {noun}", quote(bare), other.noun),
            None => format!("unknown unit {}", quote(bare)),
        };
        let cure = match self.is_spaced() {
            true => format!("write {noun} such as \"{}\"", self.example),
            false => {
                let named: Vec<_> = units.iter().map(|&(name, _)| format!("`{name}`")).collect();
                format!("write one of the units {}", named.join(", "))
            }
        };
        Err((reason, cure))
    }

    /// The unit of this name, in whichever letters.
    fn known(&self, spoken: &str) -> Option<&'static str> {
        let mut names = self.units.iter().map(|&(name, _)| name);
        names.find(|name| name.trim_start().eq_ignore_ascii_case(spoken))
    }
}
