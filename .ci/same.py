"""Compares two output folders: every CSV and report.html byte by byte, run.json but for its `timing`."""
import json
import pathlib
import sys

first, second = map(pathlib.Path, sys.argv[1:])
written = lambda folder: sorted(path.name for path in folder.iterdir() if path.suffix in (".csv", ".html"))
names = written(first)
assert "report.html" in names and names == written(second), names
for name in names:
    assert (first / name).read_bytes() == (second / name).read_bytes(), f"{name} differs"
runs = [json.loads((folder / "run.json").read_text()) for folder in (first, second)]
for run in runs:
    del run["timing"]
assert runs[0] == runs[1], "run.json differs"
print(", ".join(names), "and run.json are the same")
