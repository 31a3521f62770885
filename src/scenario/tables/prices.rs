//! `[prices]`: what the service costs.

use crate::platform::Prices;
use crate::text::key::Key;
use crate::text::kind::{self, Keys};
use crate::text::log::Checked;
use crate::text::reader::Table;
use crate::units::Price;

/// `[prices]`.
pub(crate) const PRICES: Key<()> = Key::new(
    "prices",
    &Keys(&[&REQUESTS, &COMPUTE, &GATEWAY, &INSTANCE, &PROVISIONED_HELD, &PROVISIONED_RUN]),
    "What things cost in [0, after), in US dollars, nothing being free of charge. An attempt is told by its arrival; of its running, the \
     part within [0, after) is billed. Throttled attempts are not billed. Instances and versions that are idle cost nothing.",
);

const REQUESTS: Key<Price> =
    Key::new("requests", &kind::PRICE_BY_MILLION, "For the attempts that reach an instance, whatever becomes of them.")
        .defaults("0.20 usd/M")
        .documented("AWS Lambda, us-east-1, read in August 2026 from public price tables, not from AWS's own page");

const COMPUTE: Key<Price> = Key::new(
    "compute",
    &kind::PRICE_BY_GBS,
    "For `function.memory` while an attempt has its instance, initialisation included, also when its caller has given up; each attempt \
     is rounded up to whole milliseconds. A GB is 1,024 MiB.",
)
.defaults("0.0000166667 usd/GBs")
.documented("AWS Lambda on x86, from the same tables, before any tier; on arm 0.0000133334");

const GATEWAY: Key<Price> = Key::new(
    "gateway",
    &kind::PRICE_BY_MILLION,
    "For the attempts that the gateway takes: those that reach an instance, and those that fail on their way (assumed).",
)
.defaults("3.50 usd/M")
.documented("REST API of Amazon API Gateway, first tier, read in August 2026 from secondary sources; an HTTP API about 1.00");

const INSTANCE: Key<Price> = Key::new(
    "instance",
    &kind::PRICE_BY_HOUR,
    "For a replica of hosts, from its creation until it is gone, such as \"0.05 usd/h\": surge, second stacks and replicas that are \
     ending are paid for like any other.",
)
.otherwise("unknown: on hosts `cost_instances_usd` and `cost_usd` are absent.");

const PROVISIONED_HELD: Key<Price> = Key::new(
    "provisioned_held",
    &kind::PRICE_BY_GBS,
    "For `function.memory` of environments that are kept ready, from the moment they are asked for; those that go before the window \
     ends are billed in whole periods of 5 min.",
)
.defaults("0.0000041667 usd/GBs")
.documented("AWS Lambda on x86, us-east-1, from the same tables");

const PROVISIONED_RUN: Key<Price> = Key::new(
    "provisioned_run",
    &kind::PRICE_BY_GBS,
    "For `function.memory` while an attempt has such an environment, in place of `compute`.",
)
.defaults("0.0000097222 usd/GBs")
.documented("AWS Lambda on x86, us-east-1, from the same tables");

/// Reads `[prices]`.
pub(crate) fn prices(root: &mut Table) -> Checked<Prices> {
    let mut table = root.section(&PRICES);
    let (requests, compute, gateway) = (table.read(&REQUESTS), table.read(&COMPUTE), table.read(&GATEWAY));
    let instance = table.written(&INSTANCE);
    let (held, ran) = (table.read(&PROVISIONED_HELD), table.read(&PROVISIONED_RUN));
    table.finish();
    Ok(Prices {
        requests: requests?,
        compute: compute?,
        gateway: gateway?,
        instance: instance?,
        held: held?,
        ran: ran?,
    })
}
