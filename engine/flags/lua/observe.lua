-- What a key holds, as bytes that change when anything in it changes; a head of the wrong type is seen, not an error.
local function observe(key)
  local kind = redis.call('TYPE', key)['ok']
  if kind == 'none' then
    return ''
  end
  if kind ~= 'hash' then
    return kind .. ':' .. (kind == 'string' and redis.call('GET', key) or '')
  end
  local flat = redis.call('HGETALL', key)
  local parts = {}
  for at = 1, #flat, 2 do
    parts[#parts + 1] = #flat[at] .. ':' .. flat[at] .. '=' .. #flat[at + 1] .. ':' .. flat[at + 1]
  end
  table.sort(parts)
  return 'hash:' .. table.concat(parts, ',')
end

-- Keys of ours that somebody replaced by another type would break a script half-way, so they go first.
local function only(kind, key)
  local found = redis.call('TYPE', key)['ok']
  if found ~= 'none' and found ~= kind then
    redis.call('DEL', key)
  end
end

