"""Proves the samples of Markdown files: what stands in a `text` block after `<!-- prints: COMMAND -->` is what it prints."""
import pathlib
import re
import subprocess
import sys

SAMPLE = re.compile(r"^<!-- prints: (.+?) -->\n+```text\n(.*?)^```", flags=re.M | re.S)
shown = 0
for path in map(pathlib.Path, sys.argv[1:]):
    for command, text in SAMPLE.findall(path.read_text(encoding="utf-8")):
        done = subprocess.run(command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT if "2>&1" in command else subprocess.DEVNULL)
        printed = done.stdout.decode("utf-8")
        assert printed.strip("\n") == text.strip("\n"), f"{path}: `{command}` prints\n{printed}\nand not\n{text}"
        shown += 1
assert shown, "no samples found"
print(shown, "samples are what the program prints")
