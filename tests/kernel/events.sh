#!/usr/bin/env bash
# events.sh COW [TIMES]: with tracepoints, random steps agree; and ended at any moment, a run leaves
# no instance of tracefs, or one that --restore removes.
set -u
cow=$(realpath "${1:?usage: events.sh PATH-OF-COW [TIMES]}") || exit 2
times=${2:-24}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work
failed=0
fail() { echo "FAIL: $*"; failed=1; }

if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
  said=$(TMPDIR=/tmp setpriv --reuid=65534 --regid=65534 --clear-groups "$cow" kernel --events --random 100 2>&1)
  status=$?
  # Where the program itself is out of reach for others, nothing is said of rights.
  if [ $status -eq 126 ] || [ $status -eq 127 ]; then echo "not run: without rights: nobody cannot run it"
  else
    [ $status -eq 77 ] && grep -q 'skipped: --events: ' <<<"$said" || fail "without rights: $status: $said"
  fi
else
  echo "not run: without rights: no setpriv, or no root to begin with"
fi

"$cow" kernel --events --random 5000 >"$work/said" 2>&1
status=$?
[ $status -ne 77 ] || { cat "$work/said"; exit 77; }
known=$("$(dirname "${BASH_SOURCE[0]}")/../replay/known" | grep -v '^clear-refs-' | head -n 1)
if [ -n "$known" ]; then echo "not run: random steps: $known"
else
  [ $status -eq 0 ] || fail "random steps: $(cat "$work/said")"
  grep -q 'sight events$' "$work/said" || fail "the level is not said"
  grep -q '^# changed on the system.*: tracefs-instance cow-[0-9]*$' "$work/said" || fail "the change is not listed"
fi
rm "$work/said"

# instances: those that this program makes, seen through a mount of our own.
instances() {
  unshare -m sh -c 'mount -t tracefs tracefs "$1" && ls "$1/instances"' - "$work/mount" | grep '^cow-'
}
mkdir "$work/mount"
unshare -m true && unshare -m mount -t tracefs tracefs "$work/mount" || { echo "tracefs cannot be looked at"; exit 77; }

killed=0
for ((i = 0; i < times; i++)); do
  "$cow" kernel --events --random 2000000 --seed $((i + 1)) >/dev/null 2>&1 &
  run=$!
  sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
  signals=(TERM HUP KILL PIPE)
  kill -"${signals[i % 4]}" $run
  wait $run 2>/dev/null
  left=$(instances | grep -x "cow-$run")
  if [ $((i % 4)) -eq 2 ]; then
    # Killed before it began, it has nothing to put back.
    if [ -n "$left" ]; then
      killed=$((killed + 1))
      "$cow" kernel --restore | grep -qx "put back: tracefs-instance cow-$run" || fail "run $i: it is not said to be put back"
      [ -z "$(instances | grep -x "cow-$run")" ] || fail "run $i: --restore leaves its instance"
    else
      "$cow" kernel --restore >/dev/null || fail "run $i: --restore"
    fi
  else
    [ -z "$left" ] || fail "run $i, ${signals[i % 4]}: leaves $left"
  fi
  [ "$(ls -A "$work")" = mount ] || fail "run $i leaves files: $(ls -A "$work")"
done
[ $killed -gt 0 ] || fail "no run was killed while it had an instance"
[ "$("$cow" kernel --restore)" = "nothing to put back in ${TMPDIR:-/tmp}" ] || fail "something is left to put back"
echo "ended $times times"
exit $failed
