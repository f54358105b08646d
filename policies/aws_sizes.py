"""Families of servers that exist, so that a misspelt size is refused before AWS is asked.

Source: the families named in the AWS user guides "DB instance classes", "Supported node types" and "Amazon EC2
instance types"; a family that is newer than this table is added here, on purpose.
"""

from __future__ import annotations

import re

_SIZES = "(nano|micro|small|medium|large|xlarge|[1-9][0-9]?xlarge|metal)"
DATABASE = re.compile(rf"db\.(t3|t4g|m5|m6g|m6i|m7g|m7i|m8g|r5|r6g|r6i|r7g|r7i|r8g)\.{_SIZES}")
CACHE = re.compile(rf"cache\.(t3|t4g|m5|m6g|m7g|r5|r6g|r6gd|r7g)\.{_SIZES}")
MACHINE = re.compile(
    rf"(t3|t3a|t4g|m5|m6a|m6g|m6i|m7a|m7g|m7i|m8g|c5|c6g|c6i|c7g|c7i|c8g|r6g|r6i|r7g|r7i)\.{_SIZES}"
)
