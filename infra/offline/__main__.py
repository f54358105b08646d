"""Start the stand-in provider as the engine starts any plugin: serve on loopback, print the port."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infra.orphan import leave_with_the_engine
from infra.protocol import without_the_sdk

CLOUD_VARIABLE = "INTERLOCK_OFFLINE_CLOUD"


def serve(cloud: Path) -> None:
    """Serve until the engine closes us."""
    leave_with_the_engine()
    without_the_sdk()
    import grpc
    from pulumi.runtime.proto import provider_pb2_grpc

    from infra.offline.cloud import Cloud
    from infra.offline.provider import OfflineProvider

    server = grpc.server(
        ThreadPoolExecutor(max_workers=16), options=[("grpc.max_receive_message_length", 1 << 28)]
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(OfflineProvider(Cloud(cloud)), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


if __name__ == "__main__":
    serve(Path(os.environ[CLOUD_VARIABLE]))
