//! Users: a closed loop. Each of a fixed number of people sends a request, waits for its answer, thinks, and sends the
//! next; so many requests make a session, after which they pause. How fast they send depends on how fast they are
//! answered, so there are no arrivals to know beforehand.

use super::Arrivals;
use super::keys::{Around, Read};
use crate::dist::Law;
use crate::text::document::Value;
use crate::text::key::Key;
use crate::text::kind::{self, Form, Keys, Whole};
use crate::text::log::Checked;
use crate::text::reader::Item;
use crate::text::schema::{self, Schema};
use crate::text::shelf::Variant;
use crate::text::{pattern, quantity};
use crate::time::Span;

/// Users of one source.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Users {
    /// How many there are; from 1 to [`Users::MOST`].
    pub count: u32,
    /// How long one thinks between an answer and the next request; above zero on average.
    pub think: Law,
    /// How many requests make a session; at least 1.
    pub session: u32,
    /// How long one pauses between sessions.
    pub pause: Law,
    /// How long a user is kept on the version that answered first.
    pub sticky: Sticky,
}

/// A cookie that keeps a user on a version for some time, by the version that set it. It holds only where versions can
/// be asked for by number: nobody can keep what `$LATEST` ran before.
///
/// Sources: Flagger's session affinity (canary users keep a cookie for a day, the others keep none) and target group
/// stickiness of AWS load balancers (both sides).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sticky {
    /// For users that the replaced version answered; zero: not at all.
    pub old: Span,
    /// For users that the new version answered.
    pub new: Span,
}

impl Users {
    /// The most users of one source.
    pub const MOST: u32 = 4_000_000;

    /// The number of request `k` of user `user` within its source: it depends on nothing else, so that a user's draws
    /// stay the same whatever the others do.
    #[inline]
    #[must_use]
    pub const fn index(user: u32, k: u32) -> u64 {
        (user as u64) << 32 | k as u64
    }

    /// Whose request `index` is.
    #[inline]
    #[must_use]
    pub const fn user(index: u64) -> u32 {
        (index >> 32) as u32
    }

    /// Where a user is at the start, for these random bits: how many requests of a session are left, and how long until
    /// the next. Uniform over a cycle of mean thoughts and a mean pause, so that the traffic is near its steady state from
    /// the beginning; the warm-up does the rest.
    #[must_use]
    pub fn seat(&self, bits: u64) -> (u32, Span) {
        let (think, pause) = (self.think.mean_ns(), self.pause.mean_ns());
        let cycle = f64::from(self.session - 1) * think + pause;
        let to_go = cycle * ((bits >> 11) as f64 / (1_u64 << 53) as f64);
        let thoughts = (to_go - pause).max(0.0);
        if thoughts <= 0.0 || think <= 0.0 {
            return (0, Span::from_ns_f64(to_go));
        }
        // Fewer than a session: `thoughts` is below (session - 1) thoughts.
        let left = ((thoughts / think) as u32 + 1).min(self.session - 1).max(1);
        (left, Span::from_ns_f64(thoughts - f64::from(left - 1) * think))
    }

    /// No more requests than this can arrive in `span`: all users, if every answer came at once.
    #[must_use]
    pub fn most_requests(&self, span: Span) -> f64 {
        self.requests(span, 0.0) + f64::from(self.count)
    }

    /// About how many requests arrive in `span` where an answer takes `answer_ns` on average.
    #[must_use]
    pub fn requests(&self, span: Span, answer_ns: f64) -> f64 {
        let session = f64::from(self.session);
        let each = ((session - 1.0) * self.think.mean_ns() + self.pause.mean_ns()) / session;
        f64::from(self.count) * (span.ns() as f64 / (each + answer_ns))
    }
}

pub(super) const KIND: Variant<Around, Read> = Variant {
    name: "users",
    about: "People in a closed loop: each sends a request, waits for its answer, thinks, and sends the next.",
    example: EXAMPLE,
    look: &Keys(&[&COUNT, &THINK, &SESSION, &PAUSE, &STICKY]),
    read,
};

const EXAMPLE: &str = "{ users = { count = 500, think = { exponential = { mean = \"10s\" } } } }";

/// How many requests a session may have.
const LONGEST_SESSION: u32 = 1_000_000;

const COUNT: Key<u32> = Key::new("count", &Whole(1, Users::MOST), "How many users there are.").required(EXAMPLE);
const THINK: Key<Law> = Key::new(
    "think",
    &kind::LAW_OR_SPAN,
    "How long a user thinks between an answer and the next request of a session.",
)
.required(EXAMPLE);
const SESSION: Key<u32> =
    Key::new("session", &Whole(1, LONGEST_SESSION), "How many requests make a session.").defaults("10").assumed("");
const PAUSE: Key<Law> =
    Key::new("pause", &kind::LAW_OR_SPAN, "How long a user pauses between sessions.").otherwise("as `think`.");
const STICKY: Key<Sticky> = Key::new(
    "sticky",
    &Form { words: "span or table", schema: sticky_schema, keys: STICKY_KEYS, read: sticky },
    "How long a cookie keeps a user on the version that answered first, after a rollback too. $LATEST cannot keep anyone.",
)
.defaults("0s")
.documented("AWS Lambda aliases are not sticky; Flagger keeps canary users for a day");

const STICKY_KEYS: &[&dyn crate::text::key::Described] = &[&OLD, &NEW];
const OLD: Key<Span> = Key::new("old", &kind::SPAN, "For users whom the replaced version answered.").defaults("0s");
const NEW: Key<Span> = Key::new("new", &kind::SPAN, "For users whom the new version answered.").defaults("0s");

fn sticky_schema() -> Schema {
    schema::any([pattern::span(), schema::of_keys(STICKY_KEYS).about("By the version that answered first.")])
}

fn read(item: &Item, _: &Around) -> Checked<Read> {
    let mut table = item.table(EXAMPLE)?;
    let count = table.read(&COUNT);
    let think = table.placed(&THINK);
    let session = table.read(&SESSION);
    let pause = table.written(&PAUSE);
    let sticky = table.read(&STICKY);
    table.finish();
    let ((thought, think), pause) = (think?, pause?);
    let users = Users { count: count?, pause: pause.unwrap_or(think), think, session: session?, sticky: sticky? };
    // Nobody may send without end at one instant.
    if users.pause.mean_ns() < 1.0 {
        let reason = "users who neither think nor pause would send without end";
        let cure = "write a `think`, or a `pause` between sessions, above zero";
        return Err(item.log.refuse(&thought, reason, cure));
    }
    Ok(Arrivals::Users(users).into())
}

fn sticky(item: &Item) -> Checked<Sticky> {
    let Value::Table(_) = item.node.value else {
        let span = quantity::span(item)?;
        return Ok(Sticky { old: span, new: span });
    };
    let mut table = item.table("sticky = { old = \"0s\", new = \"24h\" }")?;
    let (old, new) = (table.read(&OLD), table.read(&NEW));
    table.finish();
    Ok(Sticky { old: old?, new: new? })
}
