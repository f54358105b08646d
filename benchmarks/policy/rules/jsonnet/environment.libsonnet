// Judges one environment; the answer names the rules it breaks.
function(environment)
  (if environment.tier == 'dev' && environment.flags.live_trading_enabled.enabled
   then ['live trading off in dev'] else [])
  + (if environment.limits.max_position_percent > 5
     then ['position within 5 %'] else [])
  + (if std.member(['staging', 'production'], environment.tier) && !environment.alerting.enabled
     then ['alerts on above dev'] else [])
