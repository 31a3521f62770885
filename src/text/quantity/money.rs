//! Prices, and sums of money.

use super::{Written, parse, positive, read, too_fine};
use crate::text::log::Checked;
use crate::text::measure::{Fault, MONEY, PRICE_BY_GBS, PRICE_BY_HOUR, PRICE_BY_MILLION};
use crate::text::reader::Item;
use crate::units::Price;

/// A price of one, of what is priced by the million.
pub(crate) fn price_by_million(item: &Item) -> Checked<Price> {
    read(item, &PRICE_BY_MILLION, |written| price(&positive(written, &PRICE_BY_MILLION)?))
}

/// A price of a GB-second.
pub(crate) fn price_by_gbs(item: &Item) -> Checked<Price> {
    read(item, &PRICE_BY_GBS, |written| price(&positive(written, &PRICE_BY_GBS)?))
}

/// A price of a millionth of an hour.
pub(crate) fn price_by_hour(item: &Item) -> Checked<Price> {
    read(item, &PRICE_BY_HOUR, |written| price(&positive(written, &PRICE_BY_HOUR)?))
}

/// At most a dollar for one, and nothing finer than 1e-18 dollars.
fn price(written: &Written) -> Result<Price, Fault> {
    let (one, divisor) = (u128::from(Price::HIGHEST.in_attodollars()), 10_u128.pow(written.scale) * written.unit);
    if written.digits > divisor {
        return Err(("this is more than a dollar for one".to_owned(), "write a lower price".to_owned()));
    }
    // Both are powers of ten, so that one divides the other.
    let (times, finer) = ((one / divisor).max(1), (divisor / one).max(1));
    if !written.digits.is_multiple_of(finer) {
        return Err(too_fine());
    }
    u64::try_from(written.digits / finer * times).map(Price::attodollars).map_err(|_| too_fine())
}

/// A sum of money in dollars, in a text of its own.
pub(crate) fn dollars_of(text: &str) -> Result<f64, Fault> {
    positive(parse(text, &MONEY)?, &MONEY).map(dollars)
}

/// A sum of money in dollars.
pub(crate) fn money(item: &Item) -> Checked<f64> {
    read(item, &MONEY, |written| positive(written, &MONEY).map(dollars))
}

fn dollars(written: Written) -> f64 {
    written.digits as f64 / 10_u128.pow(written.scale) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::measure::Measure;

    #[test]
    fn prices_are_exact() {
        let read = |text: &str, measure: &Measure| {
            price(&positive(parse(text, measure)?, measure)?).map(Price::in_attodollars)
        };
        for (text, atto) in
            [("0.20", 200_000_000_000), ("3.50", 3_500_000_000_000), ("0", 0), ("1000000", 10_u64.pow(18))]
        {
            assert_eq!(read(&format!("{text} usd/M"), &PRICE_BY_MILLION), Ok(atto), "{text}");
        }
        assert_eq!(read("0.0000166667 usd/GBs", &PRICE_BY_GBS), Ok(16_666_700_000_000));
        assert_eq!(read("0.000000000001 usd/M", &PRICE_BY_MILLION), Ok(1));
        for (text, reason, cure) in [
            ("0.20", "no unit", "\"0.20 usd/M\""),
            ("0.20usd/M", "no blank before `usd/M`", "\"0.20 usd/M\""),
            ("0.20 USD/m", "unknown unit `USD/m`", "\"0.20 usd/M\""),
            ("0.20 $/M", "unknown unit `$/M`", "\"0.20 usd/M\""),
            ("0.20 eur/M", "unknown unit `eur/M`", "such as \"0.20 usd/M\""),
            ("0.20 usd", "unit of a sum of money, but here belongs a price by the million", "\"0.20 usd/M\""),
            ("0.20 usd/GBs", "unit of a price by the GB-second", "such as \"0.20 usd/M\""),
            ("-0.20 usd/M", "never negative", "minus"),
            ("0.20  usd/M", "blank", "\"0.20 usd/M\""),
            ("2e-7 usd/M", "exponent", "\"0.20 usd/M\""),
            ("0,20 usd/M", "plain decimal", "\"0.20 usd/M\""),
            ("$0.20", "begin with a number", "\"0.20 usd/M\""),
            ("1000000.1 usd/M", "more than a dollar", "lower"),
            ("0.0000000000001 usd/M", "more decimals", "fewer"),
        ] {
            let (found, proposed) = read(text, &PRICE_BY_MILLION).unwrap_err();
            assert!(found.contains(reason), "{text}: {found}");
            assert!(proposed.contains(cure), "{text}: {proposed}");
        }
    }
}
