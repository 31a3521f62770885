"""Writes scenarios whose pages are hard to draw: many strategies, one, no mismatch, a week, ten seconds."""

import sys
from pathlib import Path

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
HEAD = """title = "{title}"
replications = 2
window = {{ warm_up = "{warm_up}", after = "{after}" }}
source.web = {{ arrivals = {{ poisson = "{rate}" }} }}
[code]
accepts = {accepts}
service = {{ lognormal = {{ p50 = "38ms", p99 = "210ms" }} }}
[strategy]
"""


def write(name, strategies, title, warm_up="10s", after="1m", rate="20/s", accepts='"own"'):
    head = HEAD.format(title=title, warm_up=warm_up, after=after, rate=rate, accepts=accepts)
    (folder / f"{name}.toml").write_text(head + "\n".join(strategies) + "\n")


steps = [f'steps-{n} = {{ alias = {{ shift = {{ canary = {{ weight = "{n}%", bake = "10s" }} }} }} }}' for n in range(1, 63)]
write("many", ["latest = { latest = {} }", "pinned = { pinned = {} }", *steps], "64 strategies")
write("one", ["latest = { latest = {} }"], "One strategy, and <nothing> to compare it with & no more")
write("none", ["pinned = { pinned = {} }", "none = { none = {} }"], "No mismatch at all", accepts="[1, 2]")
write("week", ["latest = { latest = {} }", "alias = { alias = {} }"], "Seven days", "1h", "7d", "0.1/s")
write("seconds", ["latest = { latest = {} }", "alias = { alias = {} }"], "Ten seconds", "1s", "10s", "5/s")
