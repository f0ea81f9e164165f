#!/usr/bin/env bash
# borrowed.sh COW [TIMES]: what a run borrows of the system is as it was, however the run ends; and after
# SIGKILL, once `--restore` has put it back.
set -u
cow=$(realpath "${1:?usage: borrowed.sh PATH-OF-COW [TIMES]}") || exit 2
times=${2:-16}
traces=$(realpath "$(dirname "${BASH_SOURCE[0]}")/beyond") || exit 2
work=$(mktemp -d)
outside=$(mktemp -d) # where nobody can read, unlike the tree perhaps
trap 'rm -rf "$work" "$outside"' EXIT
export TMPDIR=$work
failed=0
fail() { echo "FAIL: $*"; failed=1; }
borrow=(--ksm --swap --hugetlb)

if ! "$cow" kernel "${borrow[@]}" "$traces"/*.cow >"$work/said" 2>&1; then
  cat "$work/said"
  grep -q '^cow kernel: skipped: ' "$work/said" || fail "not even once"
  exit $((failed == 1 ? 1 : 77))
fi
for change in 'setting ksm/run [0-9]*' 'swap cow-kernel-[0-9]*.swap' 'setting nr_hugepages [0-9]*'; do
  grep -qE "^# changed on the system, and put back at the end: .*$change" "$work/said" || fail "not listed: $change"
done
rm "$work/said"

system() {
  cat /sys/kernel/mm/ksm/{run,sleep_millisecs,pages_to_scan} /sys/kernel/mm/ksm/smart_scan \
    /proc/sys/vm/nr_hugepages 2>/dev/null
  awk 'NR > 1 { print $1 }' /proc/swaps
}
before=$(system)

# Who has not the right leaves nothing: no change, no journal, and the next run is told the same.
cp "$cow" "$traces"/*.cow "$outside"
chmod -R a+rX "$outside"
chmod 777 "$work"
for flag in --ksm --swap --hugetlb; do
  for again in first second; do
    setpriv --reuid 65534 --regid 65534 --clear-groups "$outside/cow" kernel $flag "$outside"/*.cow >/dev/null 2>"$outside/said"
    [ $? -eq 77 ] && grep -q 'this needs root' "$outside/said" || fail "$flag without the right, the $again time: $(head -c 300 "$outside/said")"
  done
  [ -z "$(ls -A "$work")" ] || fail "$flag without the right leaves $(ls -A "$work")"
done
# What no trace has a use for is not changed; and nobody changes what a living run has changed.
"$cow" kernel "${borrow[@]}" "$traces"/../../litmus/fork-write.cow 2>&1 | grep -q 'changed on the system' && fail "changed without need"

killed=0
for ((i = 0; i < times; i++)); do
  (exec env --default-signal=INT "$cow" kernel "${borrow[@]}" "$traces"/*.cow "$traces"/../../litmus/*.cow) >/dev/null 2>&1 &
  run=$!
  sleep "0.0$((RANDOM % 10))$((RANDOM % 10))"
  signals=(TERM INT KILL HUP)
  kill -"${signals[i % 4]}" $run 2>/dev/null
  wait $run 2>/dev/null
  if [ $((i % 4)) -eq 2 ] && [ -n "$(ls -A "$work")" ]; then
    killed=$((killed + 1))
    "$cow" kernel --swap "$traces"/swapped-out-and-back.cow >/dev/null 2>"$work/said"
    [ $? -eq 77 ] && grep -q -- '--restore' "$work/said" || fail "run $i: a new one begins beside what is left"
    rm "$work/said"
    "$cow" kernel --restore >/dev/null || fail "run $i: --restore"
  fi
  [ "$(system)" = "$before" ] || fail "run $i, ${signals[i % 4]}: the system is not as it was"
  [ -z "$(ls -A "$work")" ] || fail "run $i leaves files: $(ls -A "$work")"
done
[ $killed -gt 0 ] || fail "no run was killed while it had borrowed something"
[ "$("$cow" kernel --restore)" = "nothing to put back in $work" ] || fail "something is left to put back"
echo "ended $times times, $killed of them put back by --restore"
exit $failed
