package main

deny contains "live trading off in dev" if {
	input.tier == "dev"
	input.flags.live_trading_enabled.enabled
}

deny contains "position within 5 %" if {
	input.limits.max_position_percent > 5
}

deny contains "alerts on above dev" if {
	input.tier in {"staging", "production"}
	not input.alerting.enabled
}
