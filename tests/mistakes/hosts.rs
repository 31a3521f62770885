//! Mistakes in hosts, and in the strategies that run on them.

use super::Case;

/// What stands where strategies begin, and hosts before it.
const STRATEGY: &str = "[strategy]\nlatest = { latest = {} }";

pub const HOSTS: &[Case] = &[
    (STRATEGY, "[strategy]\nlatest = { rolling = «{}» }", "there are no hosts", "add a table such as `[hosts]`"),
    (
        STRATEGY,
        "[strategy]\nlatest = { none = «{ on = \"hosts\" }» }",
        "there are no hosts",
        "add a table such as `[hosts]`",
    ),
    ("[strategy]", "«[hosts]»\nconcurrency = 2\n[strategy]", "`hosts.replicas` is missing", "write replicas = 6"),
    ("[strategy]", "«[hosts]»\nreplicas = 2\n[strategy]", "`hosts.concurrency` is missing", "write concurrency = 20"),
    (
        "[strategy]",
        "[hosts]\nreplicas = 2\nconcurrency = 2\nready = { period = «\"0s\"» }\n[strategy]",
        "is zero",
        "write",
    ),
    (
        "[strategy]",
        "[hosts]\nreplicas = 2\nconcurrency = 2\nready = { period = «\"900ms\"» }\n[strategy]",
        "a probe's period is shorter than 1 s",
        "write \"1s\" or more",
    ),
    ("[strategy]", "[hosts]\nreplicas = 2\nconcurrency = 2\nready = { failures = «0» }\n[strategy]", "0", "1"),
    (
        "[strategy]",
        "[hosts]\nreplicas = 2\nconcurrency = 2\nbalancer = { choose = «\"fewest\"» }\n[strategy]",
        "`fewest`",
        "`least-connections`",
    ),
    (
        "code.errors = \"0.1%\"",
        "code.errors = \"0.1%\"\nhosts.«queue» = 3",
        "all versions share this setting",
        "move it to [hosts]",
    ),
    (
        STRATEGY,
        "[hosts]\nreplicas = 2\nconcurrency = 2\n[strategy]\nlatest = { rolling = { max_surge = «\"some\"» } }",
        "neither a number of replicas nor a percentage",
        "2 or \"25%\"",
    ),
    (
        STRATEGY,
        "[hosts]\nreplicas = 2\nconcurrency = 2\n[strategy]\nlatest = { rolling = { max_surge = «\"12.5%\"» } }",
        "neither a number of replicas nor a percentage",
        "2 or \"25%\"",
    ),
    (
        STRATEGY,
        "[hosts]\nreplicas = 2\nconcurrency = 2\n[strategy]\nlatest = { blue-green = { switch = \"gateway\", gateway = «\"after\"» } }",
        "the gateway is what is switched here",
        "drop it",
    ),
    (
        STRATEGY,
        "[hosts]\nreplicas = 2\nconcurrency = 2\n[strategy]\nlatest = { argo-canary = { dynamic_stable = «true» } }",
        "there is no router here",
        "`router = true`",
    ),
    (
        STRATEGY,
        "[hosts]\nreplicas = 2\nconcurrency = 2\n[strategy]\nlatest = { argo-canary = { steps = [{ weight = «\"12.5%\"» }] } }",
        "a whole percentage",
        "\"20%\"",
    ),
    (
        STRATEGY,
        "[hosts]\nreplicas = 2\nconcurrency = 2\n[strategy]\nlatest = { argo-canary = { steps = [«{ weight = \"20%\", pause = \"5m\" }»] } }",
        "a step does exactly one thing",
        "`weight`, `pause`, `scale`",
    ),
    (
        STRATEGY,
        "[hosts]\nreplicas = 2\nconcurrency = 2\n[strategy]\nlatest = { argo-canary = { steps = [{ scale = «{}» }] } }",
        "either a number or a weight",
        "{ replicas = 3 }",
    ),
    (
        STRATEGY,
        "[prices]\ninstance = «\"0.05 usd/M\"»\n[strategy]\nlatest = { latest = {} }",
        "is the unit of a price by the million, but here belongs a price by the hour",
        "usd/h",
    ),
    (
        "[strategy]",
        "[[event]]\nat = \"30s\"\nreplicas = «9»\n[strategy]",
        "replicas are scaled, and there are no hosts",
        "add a table such as `[hosts]`",
    ),
    (
        "[strategy]",
        "[hosts]\nreplicas = 2\nconcurrency = 2\n[[event]]\nat = \"30s\"\nreplicas = 9\n«lasts» = \"5s\"\n[strategy]",
        "this event is a scale request",
        "drop it",
    ),
    (
        "accepts = \"own\"",
        "accepts = \"own\"\nsettle = { factor = «\"0.5x\"», over = \"60s\" }",
        "young instances are not faster",
        "\"2.5x\"",
    ),
    (
        "accepts = \"own\"",
        "accepts = \"own\"\nsettle = «{ factor = 3 }»",
        "`code.settle.over` is missing",
        "{ factor = 3, over = \"60s\" }",
    ),
    (
        "[strategy]",
        "[hosts]\nreplicas = 2\nconcurrency = 2\noverflow = «{}»\n[strategy]",
        "`hosts.overflow.wait` is missing",
        "{ wait = \"10s\" }",
    ),
    (
        "[strategy]",
        "[hosts]\nreplicas = 2\nconcurrency = 2\noverflow = «\"drop\"»\n[strategy]",
        "",
        "\"refuse\", or { wait = \"10s\" }",
    ),
    (
        STRATEGY,
        "[hosts]\nreplicas = 2\nconcurrency = 2\n[strategy]\nlatest = { argo-canary = { steps = [{ analysis = «\"errors\"» }] } }",
        "no analysis is called `errors`",
        "declare it: [analysis.errors]",
    ),
    (
        "[strategy]",
        "[analysis.errors]\nmetric = \"error_share\"\nabove = \"1%\"\ncount = «3»\n[strategy]",
        "several measurements need an interval",
        "add interval = \"1m\"",
    ),
    (
        STRATEGY,
        "[hosts]\nreplicas = 2\nconcurrency = 2\n[strategy]\nlatest = { plan = [{ to = 2, rolling = {} }, { to = 1, recreate = «{}» }] }",
        "another controller has carried out the items above",
        "write the same kind with the same settings in all items",
    ),
    (
        "[function]",
        "[function]\noverflow = «{ wait = \"10s\" }»",
        "there is no limit here",
        "write `concurrency` or `scale_out`",
    ),
];
