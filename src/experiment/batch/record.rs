//! One finished replication, as much of it as results are made of: what a journal keeps.

use super::summarise::Sums;
use crate::results::Row;
use serde::{Deserialize, Serialize};

/// A finished replication.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    /// Its row of figures.
    pub(in crate::experiment) row: Row,
    /// What it adds to the sums over replications.
    pub(in crate::experiment) sums: Sums,
}

impl Record {
    /// What is not the same to the bit in two records; `None` where they would be put down alike.
    pub(in crate::experiment) fn difference(&self, other: &Self) -> Option<&'static str> {
        if !alike(&self.row, &other.row) {
            return Some("its figures");
        }
        (!alike(&self.sums, &other.sums)).then_some("its sums over time")
    }
}

/// Whether both would be put down as the same bytes.
fn alike(one: &impl Serialize, other: &impl Serialize) -> bool {
    matches!((postcard::to_allocvec(one), postcard::to_allocvec(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(value: f64, replications: u8) -> Record {
        // The first of its fields, and the rest as it is where nothing was counted.
        let mut bytes = postcard::to_allocvec(&Sums::default()).unwrap();
        bytes[0] = replications;
        let sums = postcard::from_bytes(&bytes).unwrap();
        Record { row: Row { values: vec![Some(value), None], censored: vec![false; 2], first: 0.0 }, sums }
    }

    #[test]
    fn records_that_differ_in_one_bit_differ() {
        assert_eq!(record(1.0, 1).difference(&record(1.0, 1)), None);
        assert_eq!(record(f64::NAN, 1).difference(&record(f64::NAN, 1)), None);
        assert_eq!(record(1.0, 1).difference(&record(1.0 + f64::EPSILON, 1)), Some("its figures"));
        assert_eq!(record(0.0, 1).difference(&record(-0.0, 1)), Some("its figures"));
        assert_eq!(record(1.0, 1).difference(&record(1.0, 2)), Some("its sums over time"));
    }
}
