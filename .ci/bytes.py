"""Prints the SHA-256 of every file in an output folder, of run.json without its `timing`."""
import hashlib
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name[0] != "."):
    content = path.read_bytes()
    if path.name == "run.json":
        run = json.loads(content)
        del run["timing"]
        content = json.dumps(run, sort_keys=True).encode()
    print(hashlib.sha256(content).hexdigest(), path.relative_to(folder).as_posix())
