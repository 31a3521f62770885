//! Mistakes in prices, and in what they are paid for.

use super::Case;

pub const PRICES: &[Case] = &[
    (
        "[strategy]",
        "[prices]\nrequests = «0.20»\n[strategy]",
        "is a price by the million, but here stands a bare number",
        "\"0.20 usd/M\"",
    ),
    ("[strategy]", "[prices]\ngateway = «3»\n[strategy]", "bare number", "write \"3 usd/M\""),
    ("[strategy]", "[prices]\nrequests = «\"0.20\"»\n[strategy]", "`0.20` has no unit", "write \"0.20 usd/M\""),
    (
        "[strategy]",
        "[prices]\nrequests = «\"0.20usd/M\"»\n[strategy]",
        "no blank before `usd/M`",
        "write \"0.20 usd/M\"",
    ),
    ("[strategy]", "[prices]\nrequests = «\"-0.20 usd/M\"»\n[strategy]", "is never negative", "without the minus sign"),
    (
        "[strategy]",
        "[prices]\nrequests = «\"0.20 usd/GBs\"»\n[strategy]",
        "`usd/GBs` is the unit of a price by the GB-second, but here belongs a price by the million",
        "such as \"0.20 usd/M\"",
    ),
    (
        "[strategy]",
        "[prices]\ncompute = «\"0.02 usd/h\"»\n[strategy]",
        "unknown unit `usd/h`",
        "such as \"0.0000166667 usd/GBs\"",
    ),
    ("[strategy]", "[prices]\ncompute = «\"1.5 usd/GBs\"»\n[strategy]", "more than a dollar for one", "a lower price"),
    (
        "[strategy]",
        "[prices]\n«computer» = \"1 usd/GBs\"\n[strategy]",
        "unknown key `computer`",
        "did you mean `compute`?",
    ),
    (
        "[function]\n",
        "[function]\nmemory = «512»\n",
        "is an amount of memory, but here stands a bare number",
        "write \"512MiB\"",
    ),
    ("[function]\n", "[function]\nmemory = «\"512MB\"»\n", "unknown unit `MB`", "write \"512MiB\""),
    ("[function]\n", "[function]\nmemory = «\"0MiB\"»\n", "memory is above zero", "\"512MiB\""),
    ("[function]\n", "[function]\nmemory = «\"0.5MiB\"»\n", "finer than 1 MiB", "whole MiB"),
    ("[function]\n", "[function]\nmemory = «\"2000GiB\"»\n", "more than 1 TiB", "at most \"1048576MiB\""),
    (
        "[strategy]",
        "[objective.a]\nmetric = \"cost_usd\"\nat_most = «0.5»\n[strategy]",
        "is a sum of money, but here stands a bare number",
        "write \"0.5 usd\"",
    ),
];
