"""The commands of a page that a script tries: `blocks.py PAGE NAME` prints the fenced blocks marked `<!-- try: NAME -->`.

So what is run is what the reader is told. tests/docs.rs sees that every block is either run by it or marked so.
"""

import re
import sys

page, name = sys.argv[1:]
with open(page, encoding="utf-8") as file:
    text = file.read()
found = re.findall(rf"^<!-- try: {re.escape(name)} -->\n```[^\n]*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
if not found:
    sys.exit(f"{page} has no block that is marked `<!-- try: {name} -->`")
print("".join(found), end="")
