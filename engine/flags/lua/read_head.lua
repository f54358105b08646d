-- KEYS: head.  Answers: observed bytes, then fields and values (none unless it is a hash).
local observed = observe(KEYS[1])
local flat = {}
if string.sub(observed, 1, 5) == 'hash:' then
  flat = redis.call('HGETALL', KEYS[1])
end
return {observed, flat}
