"""The flag keys this code knows, each with its safe value: what holds when no snapshot can be asked.

Equal to `config/flags.yaml`, which a test holds; callers name flags by these, and none can bring a default.
"""

from __future__ import annotations

from typing import Final

PAPER_TRADING_ENABLED: Final = "paper_trading_enabled"
LIVE_TRADING_ENABLED: Final = "live_trading_enabled"
MODE_SWITCHING_ENABLED: Final = "mode_switching_enabled"
SIMULATION_ACCURACY_MONITORING: Final = "simulation_accuracy_monitoring"
ADVANCED_UX_FEATURES: Final = "advanced_ux_features"
EMERGENCY_STOP_ENABLED: Final = "emergency_stop_enabled"

SAFE: Final = {
    PAPER_TRADING_ENABLED: False,
    LIVE_TRADING_ENABLED: False,
    MODE_SWITCHING_ENABLED: False,
    SIMULATION_ACCURACY_MONITORING: True,
    ADVANCED_UX_FEATURES: False,
    EMERGENCY_STOP_ENABLED: True,
}
