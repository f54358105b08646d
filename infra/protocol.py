"""The gRPC stubs of Pulumi's protocols, without the rest of the SDK: a plugin starts in half the time.

The stubs live inside the `pulumi` package, whose import runs the whole SDK; a process that only serves a protocol
gives the two parent packages an empty module with the same path instead. Never use this where a program is built.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from types import ModuleType


def without_the_sdk() -> None:
    """Let `pulumi.runtime.proto` be imported alone; nothing happens when the SDK is loaded already."""
    if "pulumi" in sys.modules:
        return
    found = importlib.util.find_spec("pulumi")
    if found is None or not found.submodule_search_locations:
        return
    root = next(iter(found.submodule_search_locations))
    for name, path in (("pulumi", root), ("pulumi.runtime", f"{root}/runtime")):
        module = ModuleType(name)
        module.__path__ = [path]
        module.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)
        sys.modules[name] = module
