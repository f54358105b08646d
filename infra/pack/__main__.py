"""Start the pack as the engine starts any analyzer: serve on loopback, print the port."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TREE_VARIABLE = "INTERLOCK_TREE"

if str(ROOT) not in sys.path[:1]:
    sys.path.insert(0, str(ROOT))


def serve(tree: Path) -> None:
    """Serve until the engine closes us; judge by the configuration of `tree`."""
    from infra.orphan import leave_with_the_engine

    leave_with_the_engine()
    from concurrent.futures import ThreadPoolExecutor

    from infra.protocol import without_the_sdk

    without_the_sdk()
    import grpc
    from pulumi.runtime.proto import analyzer_pb2_grpc

    from infra.pack.analyzer import Analyzer

    server = grpc.server(ThreadPoolExecutor(4), options=[("grpc.max_receive_message_length", 1 << 28)])
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Analyzer(tree), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


if __name__ == "__main__":
    serve(Path(os.environ.get(TREE_VARIABLE, str(ROOT))))
