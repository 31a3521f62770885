"""Runs SimFaaS over the grid of docs/validation.md and prints the CSV that cutover is compared with.

    pip install simfaas==0.2.2
    python docs/validation/run_simfaas.py > docs/validation/simfaas-0.2.2.csv

It takes a quarter of an hour; with a number it begins at that row, the first being 0: `run_simfaas.py 27`.

SimFaaS starts empty and sends Poisson requests, one at a time to an instance. A cold request takes the cold service
time instead of the warm one, the newest idle instance is taken first, and an instance dies `keep_alive_s` after its
last response. Every row is the mean over independent replications, each of about `REQUESTS` requests, with its
standard error. Rows with a limit on running instances reject what exceeds it.
"""
import contextlib
import sys
from statistics import mean, stdev

import numpy
from simfaas.ServerlessSimulator import ServerlessSimulator
from simfaas.SimProcess import ConstSimProcess, ExpSimProcess

REPLICATIONS = 10
REQUESTS = 20_000
LAWS = {"exponential": ExpSimProcess, "constant": ConstSimProcess}
UNLIMITED = 1_000

# (rate per second, keep-alive in seconds, law, warm and cold service in seconds, limit)
GRID = [
    (rate, keep_alive, law, 1.991, 2.244, UNLIMITED)
    for law in LAWS
    for rate in (0.02, 0.2, 0.9, 5)
    for keep_alive in (10, 60, 600)
] + [
    (2, 600, "exponential", 1.5, 1.5, 4),
    (5, 600, "exponential", 1.6, 1.6, 10),
    (1, 600, "exponential", 2, 2, 3),
    # Away from the first grid: rates, keep-alives and durations between and beyond it.
    (0.05, 30, "exponential", 1.991, 2.244, UNLIMITED),
    (0.05, 1_200, "exponential", 1.991, 2.244, UNLIMITED),
    (0.5, 30, "constant", 1.991, 2.244, UNLIMITED),
    (0.5, 300, "exponential", 1.991, 2.244, UNLIMITED),
    (2, 120, "constant", 1.991, 2.244, UNLIMITED),
    (2, 1_200, "exponential", 1.991, 2.244, UNLIMITED),
    (10, 5, "exponential", 0.2, 1.4, UNLIMITED),
    (10, 30, "constant", 0.2, 1.4, UNLIMITED),
    (20, 2, "exponential", 0.5, 3, UNLIMITED),
    # Limits, with constant service times too, and with so short a keep-alive that instances come and go below the limit.
    (2, 600, "constant", 1.5, 1.5, 4),
    (5, 600, "constant", 1.6, 1.6, 10),
    (1, 600, "constant", 2, 2, 3),
    (0.5, 600, "exponential", 2, 2, 1),
    (10, 600, "exponential", 2, 2, 20),
    (0.9, 10, "exponential", 1.991, 2.244, 2),
    (0.9, 10, "constant", 1.991, 2.244, 2),
    (3, 2, "exponential", 1.991, 4, 6),
    (3, 2, "constant", 1.991, 4, 8),
    (20, 60, "exponential", 1, 1.5, 25),
]


def replicate(rate, keep_alive, law, warm, cold, limit):
    """One replication: cold share, rejected share, mean instances, mean busy instances."""
    process = LAWS[law]
    simulator = ServerlessSimulator(
        arrival_rate=rate,
        warm_service_process=process(rate=1 / warm),
        cold_service_process=process(rate=1 / cold),
        expiration_threshold=keep_alive,
        maximum_concurrency=limit,
        max_time=REQUESTS / rate,
    )
    with contextlib.redirect_stdout(sys.stderr):
        simulator.generate_trace(progress=False)
    return (
        simulator.total_cold_count / simulator.total_req_count,
        simulator.total_reject_count / simulator.total_req_count,
        simulator.get_average_server_count(),
        simulator.get_average_server_running_count(),
    )


def main():
    figures = ["cold_share", "rejected_share", "instances", "busy"]
    columns = ["rate_per_s", "keep_alive_s", "law", "warm_s", "cold_s", "limit", "window_s", "replications"]
    print(",".join(columns + [column for figure in figures for column in (figure, figure + "_se")]))
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    for number, row in enumerate(GRID[first:], first):
        samples = []
        for replication in range(REPLICATIONS):
            numpy.random.seed(1_000 * number + replication)
            samples.append(replicate(*row))
        rate, *_, limit = row
        cells = [*row[:-1], "" if limit == UNLIMITED else limit, round(REQUESTS / rate), REPLICATIONS]
        for values in zip(*samples):
            cells += [f"{mean(values):.7g}", f"{stdev(values) / REPLICATIONS**0.5:.3g}"]
        print(",".join(map(str, cells)), flush=True)


if __name__ == "__main__":
    main()
