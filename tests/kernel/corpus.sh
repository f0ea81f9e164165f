#!/usr/bin/env bash
# corpus.sh COW FOLDER...: their traces on the running kernel, but those on which it is known to differ.
set -u
cow=${1:?usage: corpus.sh COW FOLDER...}
shift
declare -A known
while read -r name why; do known[$name]=$why; done < <("$(dirname "${BASH_SOURCE[0]}")/../replay/known")
traces=()
for folder in "$@"; do
  for trace in "$folder"/*.cow; do
    name=$(basename "$trace" .cow)
    if [ -n "${known[$name]-}" ]; then echo "not run: $name: ${known[$name]}"; else traces+=("$trace"); fi
  done
done
exec "$cow" kernel "${traces[@]}"
