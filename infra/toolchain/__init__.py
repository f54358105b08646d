"""The Pulumi CLI this program is run with: the one on PATH when it fits, else built once from pinned sources."""

from infra.toolchain.build import builder, ensure
from infra.toolchain.find import CLI_VERSION, Toolchain, find
from infra.toolchain.go import ToolchainError

__all__ = ["CLI_VERSION", "Toolchain", "ToolchainError", "builder", "ensure", "find"]
