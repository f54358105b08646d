"""Which regions and zones exist in the partition `aws`, the one this program writes ARNs of.

Source: AVAILABILITY_ZONES of cfn-lint 1.58.0 (from the EC2 user guide, "Regions and Zones"); us-west-1 gives each
account two of its three zones, and which ones only AWS can say.
"""

from __future__ import annotations

_THREE = (
    "af-south-1 ap-east-1 ap-east-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2"
    " ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-west-1 eu-central-1"
    " eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1"
    " me-south-1 mx-central-1 sa-east-1 us-east-2 us-west-1"
)
_LETTERS = {
    **dict.fromkeys(_THREE.split(), "abc"),
    **dict.fromkeys(("ap-northeast-1", "ap-northeast-2", "ca-central-1", "us-west-2"), "abcd"),
    "us-east-1": "abcdef",
}
REGIONS = frozenset(_LETTERS)
ZONES = frozenset(f"{region}{letter}" for region, letters in _LETTERS.items() for letter in letters)
