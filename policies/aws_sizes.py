"""Which sizes of servers exist, so that a misspelt one is refused at its line, before AWS is asked.

Source: the price lists of AWS as cfn-lint 1.58.0 records them (schema extensions `dbinstanceclass_enum` for postgres,
`cachenodetype_enum`, `instancetype_enum`), all regions together, generations 5 and newer.  A size that is newer than
this table is added here, on purpose (two of pulumi_aws 7.51.1 are).  Not every region offers every size: only AWS can
say that.
"""

from __future__ import annotations

from collections.abc import Mapping


def _sizes(prefix: str, families: Mapping[str, str]) -> frozenset[str]:
    """Families to their sizes, both as words; `12` stands for `12xlarge`."""
    return frozenset(
        f"{prefix}{family}.{size}xlarge" if size.isdigit() else f"{prefix}{family}.{size}"
        for names, sizes in families.items()
        for family in names.split()
        for size in sizes.split()
    )


DATABASE = _sizes(
    "db.",
    {
        "m5 m5d r5 r5b r5d": "large xlarge 2 4 8 12 16 24",
        "m6g m6gd m7g r6g r6gd r7g x2g": "large xlarge 2 4 8 12 16",
        "m6i m6id m6idn m6in r6i r6id r6idn r6in": "large xlarge 2 4 8 12 16 24 32",
        "m7i m8a m8g m8gd m9g r7i r8a r8g r8gd": "large xlarge 2 4 8 12 16 24 48",
        "t3 t4g": "micro small medium large xlarge 2",
        "x2idn": "16 24 32",
        "x2iedn": "xlarge 2 4 8 16 24 32",
    },
)
CACHE = _sizes(
    "cache.",
    {
        "c7gn c8gn m6g m7g m8g r6g r7g r8g": "large xlarge 2 4 8 12 16",
        "m5 r5": "large xlarge 2 4 12 24",
        "r6gd": "xlarge 2 4 8 12 16",
        "t3 t4g": "micro small medium",
    },
)
MACHINE = _sizes(
    "",
    {
        "c5 c5d": "large xlarge 2 4 9 12 18 24 metal",
        "c5a c5ad m5a m5ad r5a r5ad": "large xlarge 2 4 8 12 16 24",
        "c5n": "large xlarge 2 4 9 18 metal",
        "c6a m6a r6a": "large xlarge 2 4 8 12 16 24 32 48 metal",
        "c6g c6gd c6gn c7g c7gd c7gn m6g": "medium large xlarge 2 4 8 12 16 metal",
        "m6gd m7g m7gd r6g r6gd r7g r7gd": "medium large xlarge 2 4 8 12 16 metal",
        "c6i c6id c6in m6i m6id m6idn m6in r6i r6id r6idn r6in": "large xlarge 2 4 8 12 16 24 32 metal",
        "c7a m7a r7a": "medium large xlarge 2 4 8 12 16 24 32 48 metal-48xl",
        "c7i m7i r7i": ("large xlarge 2 4 8 12 16 24 48 metal-24xl metal-48xl"),
        "c7i-flex c8i-flex m7i-flex m8i-flex r8i-flex": "large xlarge 2 4 8 12 16",
        "c8a c8g c8gb c8gd c8gn m8a m8g": "medium large xlarge 2 4 8 12 16 24 48 metal-24xl metal-48xl",
        "m8gb m8gd m8gn r8a r8g r8gb r8gd r8gn": "medium large xlarge 2 4 8 12 16 24 48 metal-24xl metal-48xl",
        "c8i c8ib c8id c8in m8i m8ib m8id m8idb": "large xlarge 2 4 8 12 16 24 32 48 96 metal-48xl metal-96xl",
        "m8idn m8in r8i r8ib r8id r8idb r8idn r8in": "large xlarge 2 4 8 12 16 24 32 48 96 metal-48xl metal-96xl",
        "c8ine m8ine": "large xlarge 2 4 8 12",
        "c9g c9gd m9g m9gd r9g r9gd": "medium large xlarge 2 4 8 12 16 24 48 metal-48xl",
        "m9g m9gd": "metal-24xl",
        "m5 m5d m5dn m5n r5 r5b r5d r5dn r5n": "large xlarge 2 4 8 12 16 24 metal",
        "m5zn": "large xlarge 2 3 6 12 metal",
        "m8azn": "medium large xlarge 3 6 12 24 metal-12xl metal-24xl",
        "r7iz": "large xlarge 2 4 8 12 16 32 metal-16xl metal-32xl",
        "t3 t3a t4g": "nano micro small medium large xlarge 2",
    },
)


def nearest(word: str, known: frozenset[str]) -> str:
    """The known word that needs the fewest letters changed, three at most; empty when there is none."""
    word, best, most = word[:40], "", _MOST_SLIPS
    letters = set(word)
    for one in sorted(known):
        if abs(len(one) - len(word)) <= most and len(letters.symmetric_difference(one)) <= 2 * most:
            away = _distance(word, one, most)
            if away <= most:
                best, most = one, away - 1
    return best


_MOST_SLIPS = 3


def _distance(one: str, other: str, most: int) -> int:
    """Letters to insert, drop or change (Levenshtein); more than `most` where it is more."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        before, row[0] = row[0], at
        for to, wanted in enumerate(other, 1):
            before, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, before + (letter != wanted))
        if min(row) > most:
            return most + 1
    return row[-1]
