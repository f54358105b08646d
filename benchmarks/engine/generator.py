"""The 100,000 one-minute bars every engine of the comparison gets: seeded, drawn in a fixed order (04-engine 6)."""

from __future__ import annotations

import numpy as np

COUNT = 100_000
SEED = 20260801


def columns(count: int = COUNT) -> tuple[np.ndarray, ...]:
    """open, high, low, close as floats of two decimals, volume as integers."""
    random = np.random.default_rng(SEED)
    close = 100 * np.exp(np.cumsum(random.normal(0, 5e-4, count)))
    previous = np.concatenate(([100.0], close[:-1]))
    open_ = previous * (1 + random.normal(0, 1e-4, count))
    high = np.maximum(open_, close) * (1 + np.abs(random.normal(0, 3e-4, count)))
    low = np.minimum(open_, close) * (1 - np.abs(random.normal(0, 3e-4, count)))
    open_, high, low, close = (np.round(column, 2) for column in (open_, high, low, close))
    high = np.maximum(high, np.maximum(open_, close))
    low = np.minimum(low, np.minimum(open_, close))
    return open_, high, low, close, random.integers(1000, 50000, count)
