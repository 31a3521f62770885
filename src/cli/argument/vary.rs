//! `--vary KEY=VALUES`: lists and ranges of values, and the grid that they span.

/// How many points a sweep may have.
const MOST_POINTS: usize = 1_000;
/// With how many decimals a range is written: no more of them tell two numbers apart.
const MOST_DECIMALS: usize = 20;
/// How many values a range has where it does not say.
const USUAL: usize = 10;

/// A key and the values that it takes in turn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vary {
    pub key: String,
    pub values: Vec<String>,
}

/// Reads `KEY=A,B,C` or `KEY=A..B` or `KEY=A..B/N`.
pub fn vary(text: &str) -> Result<Vary, String> {
    let cure = "write KEY=VALUE,VALUE or KEY=FROM..TO, such as gateway.nodes=8,32 or deployment.step=1s..30s/5";
    let (key, values) = text.split_once('=').ok_or_else(|| format!("there is no `=`; {cure}"))?;
    let mut expanded = Vec::new();
    for value in split(values) {
        expanded.extend(match value.split_once("..") {
            Some((from, rest)) if !value.starts_with(['{', '[', '"', '\'']) => range(from, rest)?,
            _ => vec![value],
        });
        if expanded.len() > MOST_POINTS {
            return Err(format!("more than {MOST_POINTS} values; write fewer, or a range with /N"));
        }
    }
    if key.trim().is_empty() || expanded.iter().any(String::is_empty) {
        return Err(format!("a key or value is empty; {cure}"));
    }
    for (place, value) in expanded.iter().enumerate() {
        if expanded[..place].contains(value) {
            return Err(format!("`{value}` stands twice; name it once"));
        }
    }
    Ok(Vary { key: key.trim().to_owned(), values: expanded })
}

/// The values between commas; those inside brackets, braces and quotes do not count.
fn split(text: &str) -> Vec<String> {
    let (mut depth, mut quote) = (0_u32, None);
    let mut values = vec![String::new()];
    for c in text.chars() {
        match (c, quote) {
            (_, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) => quote = Some(c),
            ('{' | '[', None) => depth += 1,
            ('}' | ']', None) => depth = depth.saturating_sub(1),
            (',', None) if depth == 0 => {
                values.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(value) = values.last_mut() {
            value.push(c);
        }
    }
    values.iter().map(|value| value.trim().to_owned()).collect()
}

/// Evenly spaced values from `from` to the end in `rest`, both included: as many as stand after a `/`, else at most
/// [`USUAL`]. Whole numbers without a unit stay whole.
fn range(from: &str, rest: &str) -> Result<Vec<String>, String> {
    let cure = "write two numbers of one unit, the smaller first, such as 1..64 or 1s..30s/5";
    // From the end: a rate has a `/` of its own.
    let (to, count) = match rest.rsplit_once('/').filter(|(_, count)| count.parse::<usize>().is_ok()) {
        Some((to, count)) => (to, count.parse::<usize>().ok()),
        None => (rest, None),
    };
    let number = |text: &str| {
        let text = text.trim().to_owned();
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let value = text[..end].parse::<f64>().ok().filter(|value| value.is_finite());
        value
            .map(|value| (value, text[end..].to_owned(), text[..end].split_once('.').map_or(0, |(_, part)| part.len())))
    };
    let wrong = || format!("`{from}..{rest}` is not a range; {cure}");
    let ((low, unit, a), (high, same, b)) = number(from).zip(number(to)).ok_or_else(wrong)?;
    if unit != same || low >= high {
        return Err(wrong());
    }
    let whole = unit.is_empty() && a.max(b) == 0;
    let steps = if whole { ((high - low) as usize).saturating_add(1) } else { USUAL };
    let count = count.unwrap_or_else(|| steps.min(USUAL));
    if !(2..=MOST_POINTS).contains(&count) {
        return Err(format!("a range of {count} values; write 2 to {MOST_POINTS} after the `/`"));
    }
    // Three more decimals than were written show the steps well enough.
    let decimals = if whole { 0 } else { (a.max(b) + 3).min(MOST_DECIMALS) };
    let mut values: Vec<String> = Vec::new();
    for step in 0..count {
        let value = low + (high - low) * step as f64 / (count - 1) as f64;
        let mut text = format!("{value:.decimals$}");
        if text.contains('.') {
            text = text.trim_end_matches('0').trim_end_matches('.').to_owned();
        }
        text.push_str(&unit);
        if values.last() != Some(&text) {
            values.push(text);
        }
    }
    Ok(values)
}

/// Every combination of the values, the last key varying fastest.
pub fn grid(varied: &[Vary]) -> Result<Vec<Vec<String>>, String> {
    let points = varied.iter().try_fold(1_usize, |points, vary| points.checked_mul(vary.values.len()));
    if points.is_none_or(|points| points > MOST_POINTS) {
        return Err(format!("more than {MOST_POINTS} points; vary fewer keys, or shorter ranges with /N"));
    }
    for (place, vary) in varied.iter().enumerate() {
        if varied[..place].iter().any(|known| known.key == vary.key) {
            return Err(format!("`{}` is varied twice; write all its values in one --vary", vary.key));
        }
    }
    let mut grid = vec![Vec::new()];
    for vary in varied {
        let longer = |point: &Vec<String>| {
            let point = point.clone();
            vary.values.iter().map(move |value| [&point[..], std::slice::from_ref(value)].concat())
        };
        grid = grid.iter().flat_map(longer).collect();
    }
    Ok(grid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        vary(text).unwrap().values
    }

    #[test]
    fn lists_are_taken_apart_outside_of_brackets() {
        assert_eq!(values("a.b=1m, 5m,15m"), ["1m", "5m", "15m"]);
        assert_eq!(values("a={ uniform = [\"0s\", \"1s\"] },\"x,y\""), ["{ uniform = [\"0s\", \"1s\"] }", "\"x,y\""]);
    }

    #[test]
    fn ranges_have_even_steps_and_both_ends() {
        assert_eq!(values("a=1..4"), ["1", "2", "3", "4"]);
        assert_eq!(values("a=1..64"), ["1", "8", "15", "22", "29", "36", "43", "50", "57", "64"]);
        assert_eq!(values("a=1s..30s/3"), ["1s", "15.5s", "30s"]);
        assert_eq!(values("a=5%..15%/5"), ["5%", "7.5%", "10%", "12.5%", "15%"]);
        assert_eq!(values("a=0..1,8"), ["0", "1", "8"]);
        assert_eq!(values("a=10/s..20/s/3"), ["10/s", "15/s", "20/s"]);
        assert_eq!(values("a=10/s..20/s").len(), 10);
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for (text, reason) in [
            ("a", "no `=`"),
            ("=1", "empty"),
            ("a=1,,2", "empty"),
            ("a=1,1", "twice"),
            ("a=5..1", "not a range"),
            ("a=1s..2m", "not a range"),
            ("a=x..y", "not a range"),
            ("a=1..9/1", "2 to 1000"),
        ] {
            let said = vary(text).unwrap_err();
            assert!(said.contains(reason), "{text}: {said}");
        }
    }

    #[test]
    fn no_length_of_a_number_or_list_is_too_much() {
        let long = format!("a=0.{}..1/2", "1".repeat(70_000));
        assert_eq!(values(&long), ["0.11111111111111110494", "1"]);
        assert_eq!(values("a=0..99999999999999999999999").len(), USUAL);
        assert!(vary(&format!("a=1..{}", "9".repeat(400))).unwrap_err().contains("not a range"));
        let numbers: Vec<_> = (0..50_000).map(|number| number.to_string()).collect();
        assert!(vary(&format!("a={}", numbers.join(","))).unwrap_err().contains("more than 1000 values"));
        assert!(vary(&format!("a={}1", "1..2/1000,".repeat(9_000))).unwrap_err().contains("more than 1000 values"));
    }

    #[test]
    fn a_grid_has_every_combination() {
        let varied = [vary("a=1,2").unwrap(), vary("b=x,y").unwrap()];
        let points: Vec<String> = grid(&varied).unwrap().iter().map(|point| point.concat()).collect();
        assert_eq!(points, ["1x", "1y", "2x", "2y"]);
        assert!(grid(&[vary("a=1,2").unwrap(), vary("a=3").unwrap()]).unwrap_err().contains("varied twice"));
        let wide: Vec<_> = ["a", "b", "c", "d"].map(|key| vary(&format!("{key}=0..9")).unwrap()).to_vec();
        assert!(grid(&wide).unwrap_err().contains("more than 1000 points"));
    }
}
