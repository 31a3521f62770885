//! Mistakes in what goes wrong by itself: errors of the code, and events; and in plans.

use super::Case;

pub const HOOKS: &[Case] = &[
    (
        "alias = { alias = {} }",
        "alias = { alias = { hooks = { before = «{ fails = \"5%\" }» } } }",
        "takes` is missing",
        "takes = \"2m\"",
    ),
    (
        "latest = { latest = {} }",
        "latest = { latest = { hooks = «{ between = { takes = \"2m\" } }» } }",
        "there are no stages here",
        "drop `between`",
    ),
    (
        "alias = { alias = {} }",
        "alias = { alias = { hooks = { after = { takes = \"2m\", then = «\"abort\"» } } } }",
        "cannot be `abort`",
        "`rollback`",
    ),
    (
        "[strategy]",
        "[objective.a]\nmetric = \"lost\"\nat_most = 3\nin = «\"0%\"»\n[strategy]",
        "`objective.a.in` is nothing",
        "above \"0%\"",
    ),
    (
        "[strategy]",
        "[objective.a]\nmetric = \"lost\"\nat_most = 3\nin = «0.99»\n[strategy]",
        "`objective.a.in` is a share",
        "%",
    ),
];

pub const PLANS: &[Case] = &[
    ("alias = { alias = {} }", "alias = { plan = «[]» }", "a plan without a deployment", "{ plan = ["),
    ("alias = { alias = {} }", "alias = { plan = «[{ wait = \"1m\" }]» }", "a plan without a deployment", "{ plan = ["),
    (
        "alias = { alias = {} }",
        "alias = { plan = [{ rollback = «{}» }, { to = 2, alias = {} }] }",
        "nothing has been deployed since that could be taken back",
        "drop it",
    ),
    (
        "alias = { alias = {} }",
        "alias = { plan = [«{ to = 2, alias = {}, wait = \"1m\" }»] }",
        "does exactly one thing",
        "one of `latest`",
    ),
    ("alias = { alias = {} }", "alias = { plan = [«{ to = 2 }»] }", "does exactly one thing", "one of `latest`"),
    (
        "alias = { alias = {} }",
        "alias = { plan = [{ to = «9», alias = {} }] }",
        "version 9 does not exist",
        "declare [version.9]",
    ),
    (
        "alias = { alias = {} }",
        "alias = { plan = [{ at = «\"-1m\"», to = 2, alias = {} }] }",
        "an item begins before t = 0",
        "\"0s\" or later",
    ),
    (
        "alias = { alias = {} }",
        "alias = { plan = [{ at = \"9m\", to = 2, alias = {} }, { at = «\"5m\"», rollback = {} }] }",
        "begins before one above it",
        "the order of time",
    ),
    (
        "alias = { alias = {} }",
        "alias = { plan = [{ to = 2, alias = {} }, { to = «1», wait = \"1m\" }] }",
        "nothing is deployed here",
        "drop `to`",
    ),
    (
        "alias = { alias = {} }",
        "alias = { plan = [{ to = 2, alias = {} }, { to = 1, alias = { from = «3» } }] }",
        "version 3 does not exist",
        "declare",
    ),
    (
        "alias = { alias = {} }",
        "alias = { plan = [{ to = 2, pinned = «{ forget = \"5%\" }» }] }",
        "no route is forgotten or mistaken in a plan",
        "drop `forget`",
    ),
    (
        "alias = { alias = {} }",
        "alias = { plan = [{ to = 2, alias = {}, «none» = {} }] }",
        "unknown key `none`",
        "`rollback`",
    ),
];

pub const FAULTS: &[Case] = &[
    (
        "code.errors = \"0.1%\"",
        "code.errors = { over_time = «{}» }",
        "a share that changes has one point or more",
        "10m = \"5%\"",
    ),
    (
        "code.errors = \"0.1%\"",
        "code.errors = { over_time = { 1m = \"5%\", «60s» = \"6%\" } }",
        "a second point at the same time",
        "1ms apart",
    ),
    (
        "code.errors = \"0.1%\"",
        "code.errors = { «by_age» = { 0s = \"0%\" } }",
        "unknown kind of errors `by_age`",
        "`by_instance_age`",
    ),
    ("code.errors = \"0.1%\"", "code.errors = { over_time = { «-1m» = \"5%\" } }", "never negative", "minus sign"),
    ("code.errors = \"0.1%\"", "code.errors = { over_time = { 1m = «5» } }", "bare number", "\"5%\""),
    ("[strategy]", "«[[event]]»\nlasts = \"6s\"\nfails = { version = 2 }\n[strategy]", "`event.at` is missing", "at ="),
    (
        "[strategy]",
        "[[event]]\nat = «\"-5s\"»\nlasts = \"6s\"\nfails = { version = 2 }\n[strategy]",
        "begins before t = 0",
        "\"0s\" or later",
    ),
    (
        "[strategy]",
        "[[event]]\nat = «\"2h\"»\nlasts = \"6s\"\nfails = { version = 2 }\n[strategy]",
        "begins after the window",
        "window.after",
    ),
    (
        "[strategy]",
        "[[event]]\nat = \"5s\"\nlasts = \"6s\"\nfails = «{ version = 2, source = \"web\" }»\n[strategy]",
        "exactly one thing fails",
        "`permission`",
    ),
    (
        "[strategy]",
        "[[event]]\nat = \"5s\"\nlasts = \"6s\"\nfails = «{ share = \"5%\" }»\n[strategy]",
        "exactly one thing fails",
        "`permission`",
    ),
    (
        "[strategy]",
        "[[event]]\nat = \"5s\"\nlasts = \"6s\"\nfails = { version = «9» }\n[strategy]",
        "there is no version 9",
        "declare [version.9]",
    ),
    (
        "[strategy]",
        "[[event]]\nat = \"5s\"\nlasts = \"6s\"\nfails = { source = «\"wep\"» }\n[strategy]",
        "no source is called `wep`",
        "did you mean `web`?",
    ),
    (
        "[strategy]",
        "[[event]]\nat = \"5s\"\nlasts = \"6s\"\nfails = { nodes = \"5%\", share = «\"5%\"» }\n[strategy]",
        "`nodes` is a share already",
        "drop `share`",
    ),
    ("[strategy]", "«[event]»\nat = \"5s\"\n[strategy]", "`event` is a list", "[[event]]"),
];
