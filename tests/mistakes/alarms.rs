//! Mistakes in alarms, and in what a strategy says of them.

use super::Case;

pub const ALARMS: &[Case] = &[
    ("[strategy]", "«[alarm.errors]»\nabove = \"1%\"\n[strategy]", "`alarm.errors.metric` is missing", "error_share"),
    (
        "[strategy]",
        "«[alarm.errors]»\nmetric = \"error_share\"\n[strategy]",
        "`alarm.errors.above` is missing",
        "above =",
    ),
    (
        "[strategy]",
        "[alarm.errors]\nmetric = «\"error_rate\"»\nabove = \"1%\"\n[strategy]",
        "cannot be `error_rate`",
        "error_share",
    ),
    (
        "[strategy]",
        "[alarm.errors]\nmetric = \"error_share\"\nabove = «10»\n[strategy]",
        "`alarm.errors.above` is a share",
        "%",
    ),
    (
        "[strategy]",
        "[alarm.slow]\nmetric = \"latency_p99\"\nabove = «\"1%\"»\n[strategy]",
        "here belongs a span",
        "`ms`",
    ),
    (
        "[strategy]",
        "[alarm.errors]\nmetric = \"error_share\"\nabove = \"1%\"\nperiods = «{ breach = 3, of = 2 }»\n[strategy]",
        "3 of 2 periods can never be bad",
        "at most `of`",
    ),
    (
        "[strategy]",
        "[alarm.errors]\nmetric = \"error_share\"\nabove = \"1%\"\nphase = «\"1m\"»\n[strategy]",
        "`phase` is not below `period`",
        "shorter",
    ),
    (
        "[strategy]",
        "[alarm.errors]\nmetric = \"error_share\"\nabove = \"1%\"\nperiod = «\"1ms\"»\n[strategy]",
        "a period shorter than 1 s",
        "at least",
    ),
    (
        "alias = { alias = {} }",
        "alias = { alias = { rollback_on = [«\"errors\"»] } }",
        "no alarm is called `errors`",
        "declare it: [alarm.errors]",
    ),
    (
        "alias = { alias = {} }",
        "alias = { alias = { at_start = «\"ignore\"» } }",
        "no alarm is looked at here",
        "rollback_on",
    ),
    ("latest = { latest = {} }", "none = { none = { «rollback_on» = [] } }", "unknown key `rollback_on`", "from"),
    (
        "alias = { alias = {} }",
        "alias = { alias = { on_timeout = «\"stop\"» } }",
        "nothing ends this deployment early",
        "write a `timeout`",
    ),
    ("alias = { alias = {} }", "alias = { alias = { timeout = «\"0s\"» } }", "", "above"),
];
