//! `none`: nothing is deployed; the version that serves goes on serving.

use super::{Deployment, Timetable};
use crate::ids::Qualifier;

pub(super) const fn timetable(deployment: &Deployment) -> Timetable {
    Timetable { qualifier: Qualifier::Number(deployment.from), actions: Vec::new() }
}
