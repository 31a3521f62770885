"""Runs every `python` block of a Markdown file, in the present folder."""
import re
import sys

for block in re.findall(r"^```python\n(.*?)^```", open(sys.argv[1], encoding="utf-8").read(), flags=re.M | re.S):
    exec(compile(block, sys.argv[1], "exec"), {})
