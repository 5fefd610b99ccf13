"""The fenced blocks of a page that a script uses, so that what is run is what the reader is told.

`blocks.py PAGE NAME` prints those marked `<!-- try: NAME -->`, `blocks.py --file PAGE NAME` the first that stands for the
file NAME. tests/it/docs sees that every block is run by somebody.
"""

import re
import sys

mark = "try"
arguments = sys.argv[1:]
if arguments[0] == "--file":
    mark = arguments.pop(0).removeprefix("--")
page, name = arguments
with open(page, encoding="utf-8") as file:
    text = file.read()
found = re.findall(rf"^<!-- {mark}: {re.escape(name)} -->\n```[^\n]*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
if not found:
    sys.exit(f"{page} has no block that is marked `<!-- {mark}: {name} -->`")
print("".join(found[:1] if mark == "file" else found), end="")
