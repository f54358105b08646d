"""What a command may know of the world: where it stands, what time it is, whom it talks to."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ci.git import Repository
from config.record import record


@record
class Context:
    """Handed to every verb by `ci.main`, the only place that reads the clock and the terminal for it."""

    cwd: Path
    now: Callable[[], datetime]
    progress: Callable[[str], None]
    is_terminal: bool
    tool_root: Path
    state_option: Path | None = None

    def repository(self) -> Repository:
        """The checkout this command was called in."""
        return Repository.discover(self.cwd)

    def state(self, judged_root: Path) -> Path:
        """Folder of local state: `--state`, else INTERLOCK_STATE, else one per checkout in the user's state folder."""
        chosen = self.state_option or os.environ.get("INTERLOCK_STATE")
        if chosen:
            return Path(chosen).expanduser().absolute()
        import platformdirs

        name = hashlib.sha256(str(judged_root).encode()).hexdigest()[:12]
        return platformdirs.user_state_path("interlock") / name
