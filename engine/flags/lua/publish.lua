-- KEYS: head, blob, log.  ARGV: observed, payload, hint channel, log length, fields and values of the new head.
-- Compare-and-set on the observed bytes: whoever saw something else changes nothing and is told what stands there.
local observed = observe(KEYS[1])
if observed ~= ARGV[1] then
  return {0, observed}
end
for at = 2, 3 do
  only(at == 2 and 'string' or 'stream', KEYS[at])
end
local fields = {}
for at = 5, #ARGV do
  fields[#fields + 1] = ARGV[at]
end
redis.call('SET', KEYS[2], ARGV[2])
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(fields))
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[4], '*', 'event', 'head', unpack(fields))
redis.call('PUBLISH', ARGV[3], 'head')
return {1, observe(KEYS[1])}
