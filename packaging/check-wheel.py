"""Which systems take a Linux wheel, by the rules that pip itself follows: `check-wheel.py WHEEL`.

Each system is told by its C library and the oldest pip it comes with. The tags that a pip knows are made by the very
code that pip carries (the `packaging` library), for the system's C library in place of this machine's.
"""

import sys
from pathlib import PurePath
from unittest.mock import patch

from packaging import _manylinux, _musllinux
from packaging.utils import parse_wheel_filename

GLIBC = {
    "Amazon Linux 2": (2, 26),
    "RHEL 8": (2, 28),
    "Ubuntu 20.04": (2, 31),
    "Debian 13": (2, 41),
}
MUSL = {"Alpine 3.12": (1, 1), "Alpine 3.22": (1, 2)}
# pip 9, of RHEL 8's Python 3.6, knows this one and none of the newer.
OLDEST = "manylinux1_x86_64"


def glibc(version):
    """The platform tags on a system with this glibc."""
    fake = _manylinux._GLibCVersion(*version)
    with (
        patch.object(_manylinux, "_get_glibc_version", lambda: fake),
        patch.object(_manylinux, "_have_compatible_abi", lambda *_: True),
    ):
        return set(_manylinux.platform_tags(["x86_64"]))


def musl(version):
    """The platform tags on a system with this musl."""
    fake = _musllinux._MuslVersion(*version)
    with patch.object(_musllinux, "_get_musl_version", lambda _: fake):
        return set(_musllinux.platform_tags(["x86_64"]))


def main(wheel):
    _, _, _, found = parse_wheel_filename(PurePath(wheel).name)
    platforms = {tag.platform for tag in found}
    assert {(tag.interpreter, tag.abi) for tag in found} == {("py3", "none")}, "any Python 3 takes it"
    systems = {name: glibc(version) for name, version in GLIBC.items()}
    systems |= {name: musl(version) for name, version in MUSL.items()}
    systems["RHEL 8 with pip 9"] = {OLDEST}
    refusing = [name for name, known in systems.items() if not platforms & known]
    if refusing:
        sys.exit(f"{wheel}: refused by {', '.join(refusing)}")
    print(f"taken by {', '.join(systems)}")


main(sys.argv[1])
