-- KEYS: engines.  ARGV: engine id, facts as JSON, seconds to live.  The server's clock dates the beat.
only('hash', KEYS[1])
redis.call('HSET', KEYS[1], ARGV[1], redis.call('TIME')[1] .. ' ' .. ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
