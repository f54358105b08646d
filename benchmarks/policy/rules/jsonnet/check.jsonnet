// Judges every file it is given (`--tla-code-file files=...`: name to text); one that breaks a rule is an error.
local judge = import 'environment.libsonnet';

function(files)
  local broken = {
    [file]: judge(std.parseYaml(files[file]))
    for file in std.objectFields(files)
  };
  local found = std.prune(broken);
  if found == {} then 'clean' else error std.manifestJsonMinified(found)
