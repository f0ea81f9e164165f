#!/usr/bin/env bash
# table.sh COW: runs everything on the running kernel and writes this kernel's lines of the table of
# docs/kernels.md anew. Other kernels' lines stay. As root, what root alone can see is in it thrice:
# seen by root, with tracepoints besides, and without rights.
set -u
cow=$(realpath "${1:?usage: table.sh PATH-OF-COW}") || exit 2
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd) || exit 2
cd "$top" || exit 2
page=docs/kernels.md
rows=$(mktemp) said=$(mktemp)
trap 'rm -f "$rows" "$said"' EXIT

row() {
  "$@" --row >"$said" 2>/dev/null
  local status=$?
  [ $status -eq 0 ] || [ $status -eq 1 ] || return 0
  grep '^| ' "$said" | head -n 1 >>"$rows"
}
shopt -s nullglob
row "$cow" kernel tests/litmus/*.cow
row "$cow" kernel tests/recorded/*.cow
row "$cow" kernel tests/regress/*.cow
for seed in $(seq 20); do row "$cow" kernel --random 50000 --seed "$seed"; done
row "$cow" kernel --events tests/litmus/*.cow
row "$cow" kernel --events tests/recorded/*.cow
for seed in $(seq 4); do row "$cow" kernel --events --random 50000 --seed "$seed"; done
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
  nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  "${nobody[@]}" "$cow" version >/dev/null 2>&1 &&
    for seed in $(seq 4); do row "${nobody[@]}" "$cow" kernel --random 50000 --seed "$seed"; done
fi
[ -s "$rows" ] || { echo "nothing was run"; exit 77; }

# Random rows of one sort become one: seeds as a range, numbers added.
awk -F ' *\\| *' '
  function flush() {
    if (random) printf "| %s | %s | %s | %d random, seeds %d to %d | %d | %d | %d |\n", k, r, s, traces, first, last, steps, bad, stray
    random = 0
  }
  $5 ~ / random, seed / {
    split($5, w, " ")
    if (random && (k != $2 || r != $3 || s != $4)) flush()
    if (!random) { random = 1; k = $2; r = $3; s = $4; first = w[4]; traces = steps = bad = stray = 0 }
    last = w[4]; traces += w[1]; steps += $6; bad += $7; stray += $8
    next
  }
  { flush(); print }
  END { flush() }' "$rows" >"$said"

kernel=$(head -n 1 "$said" | cut -d ' ' -f 2)
{
  sed '/^| kernel /q' "$page"
  echo '|---|---|---|---|---|---|---|'
  sed '1,/^| kernel /d' "$page" | sed '/^$/,$d' | grep '^| ' | grep -vF "| $kernel |"
  cat "$said"
  sed '1,/^| kernel /d' "$page" | sed -n '/^$/,$p'
} >"$rows"
cp "$rows" "$page"
grep -F "| $kernel |" "$page"
