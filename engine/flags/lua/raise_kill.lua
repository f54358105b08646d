-- KEYS: kill, log.  ARGV: scope, floor, hint channel, log length, person, reason.  Epochs are 20 digits of text:
-- a Lua number would lose 2^53 + 1.  The new epoch is one above everything seen, and nothing here lowers one.
local function plus_one(text)
  local digits, carry = {}, 1
  for at = #text, 1, -1 do
    local digit = string.byte(text, at) - 48 + carry
    carry = digit > 9 and 1 or 0
    digits[at] = string.char(48 + digit % 10)
  end
  return table.concat(digits)
end

local found = redis.call('TYPE', KEYS[1])['ok']
local unreadable = found ~= 'none' and found ~= 'hash'
only('hash', KEYS[1])
only('stream', KEYS[2])
local highest = ARGV[2]
for _, epoch in ipairs(redis.call('HVALS', KEYS[1])) do
  if #epoch == 20 and not string.find(epoch, '%D') and epoch > highest then
    highest = epoch
  end
end
local epoch = plus_one(highest)
redis.call('HSET', KEYS[1], ARGV[1], epoch)
if unreadable then
  redis.call('HSET', KEYS[1], 'global', epoch)
end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], '*', 'event', 'kill', 'scope', ARGV[1], 'epoch', epoch,
  'by', ARGV[5], 'reason', ARGV[6])
redis.call('PUBLISH', ARGV[3], 'kill')
return epoch
