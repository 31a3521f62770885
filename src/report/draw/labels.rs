//! Direct labels: a name at the end of its line, moved only as far as it takes to read them all.

/// Places for labels that would like to stand at `wanted`, from the top down, at least `gap` apart between `top` and
/// `bottom`, in the order of `wanted`. Where there are too many for that gap they stand closer.
pub fn spread(wanted: &[f64], gap: f64, (top, bottom): (f64, f64)) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
    let gap = gap.min((bottom - top) / order.len().saturating_sub(1).max(1) as f64);
    let mut places = vec![top; wanted.len()];
    let mut free = top;
    for &label in &order {
        places[label] = wanted[label].max(free);
        free = places[label] + gap;
    }
    let mut free = bottom;
    for &label in order.iter().rev() {
        places[label] = places[label].min(free);
        free = places[label] - gap;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_their_distance_and_stay_inside() {
        for wanted in
            [&[5.0, 5.0, 5.0][..], &[100.0, 99.0, 98.0], &[0.0, 50.0, 100.0], &[40.0, 60.0, 41.0, 59.0], &[7.0]]
        {
            let mut places = spread(wanted, 20.0, (0.0, 100.0));
            places.sort_by(f64::total_cmp);
            assert!(places.iter().all(|place| (0.0..=100.0).contains(place)), "{places:?}");
            assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= 19.999), "{places:?}");
        }
        assert_eq!(spread(&[10.0, 50.0], 20.0, (0.0, 100.0)), [10.0, 50.0]);
    }

    #[test]
    fn too_many_labels_stand_closer() {
        let places = spread(&[1.0; 11], 20.0, (0.0, 100.0));
        assert!(places.windows(2).all(|pair| (pair[1] - pair[0] - 10.0).abs() < 1e-9), "{places:?}");
        assert_eq!(spread(&[], 20.0, (0.0, 100.0)), [0.0; 0]);
    }
}
