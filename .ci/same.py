"""Compares two output folders: every CSV byte by byte, run.json but for its `timing`."""
import json
import pathlib
import sys

first, second = map(pathlib.Path, sys.argv[1:])
names = sorted(path.name for path in first.glob("*.csv"))
assert names and names == sorted(path.name for path in second.glob("*.csv")), names
for name in names:
    assert (first / name).read_bytes() == (second / name).read_bytes(), f"{name} differs"
runs = [json.loads((folder / "run.json").read_text()) for folder in (first, second)]
for run in runs:
    del run["timing"]
assert runs[0] == runs[1], "run.json differs"
print(len(names), "CSV files and run.json are the same")
