"""Prints the commands of a Markdown file: every line of its `sh` blocks."""
import re
import sys

text = open(sys.argv[1], encoding="utf-8").read()
blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.M | re.S)
assert blocks, "no commands found"
for block in blocks:
    sys.stdout.write(block)
