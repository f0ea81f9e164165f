#!/usr/bin/env bash
# emitted.sh COW TRACE...: each trace as a program, compiled and run here. Each expectation holds or
# is a skip by name.
set -u
if [ "${1-}" = --one ]; then
  cow=$2 work=$3 trace=$4
  name=$(basename "$trace" .cow)
  if ! { "$cow" emit "$trace" >"$work/$name.c" &&
    cc -std=c11 -O1 -Wall -Wextra -Wpedantic -Wshadow -Werror -o "$work/$name" "$work/$name.c"; } 2>"$work/$name.log"; then
    echo "Bail out! $name cannot be built: $(head -n 3 "$work/$name.log")" >"$work/$name.tap"
    exit 1
  fi
  TMPDIR=$work timeout 60 "$work/$name" >"$work/$name.tap" 2>&1
  status=$?
  case $status in
    0 | 4) exit 0 ;;
  esac
  grep -q -e '^not ok' -e '^Bail out' "$work/$name.tap" || echo "Bail out! ended with $status" >>"$work/$name.tap"
  exit 1
fi

cow=$(realpath "${1:?usage: emitted.sh COW TRACE...}") || exit 2
shift
command -v cc >/dev/null || { echo "emitted.sh: there is no cc"; exit 77; }
for trace in "$@"; do
  shift
  if grep -q '^par' "$trace"; then echo "not run: $(basename "$trace" .cow): par"; else set -- "$@" "$trace"; fi
done
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
while read -r name why; do
  for trace in "$@"; do
    shift
    if [ "$(basename "$trace" .cow)" = "$name" ]; then echo "not run: $name: $why"; else set -- "$@" "$trace"; fi
  done
done < <("$(dirname "${BASH_SOURCE[0]}")/../replay/known")
printf '%s\0' "$@" | xargs -0 -n 1 -P "$(nproc)" "${BASH_SOURCE[0]}" --one "$cow" "$work"
built=$?
for tap in "$work"/*.tap; do
  grep -HE '^# .*: expected|^Bail out' "$tap" | sed 's|.*/||'
done
count() { cat "$work"/*.tap | grep -cE "$1"; }
echo "$# traces: $(count '^ok [0-9]+ - ') expectations hold, $(count '^not ok') do not, $(count '^ok [0-9]+ # SKIP') skipped"
exit $((built != 0))
