#!/usr/bin/env bash
# ended.sh COW [TIMES]: ended at any moment, a run leaves no process and no file behind.
set -u
cow=$(realpath "${1:?usage: ended.sh PATH-OF-COW [TIMES]}") || exit 2
times=${2:-100}
for tool in setsid ps; do
  command -v $tool >/dev/null || { echo "no $tool"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work
failed=0
fail() { echo "FAIL: $*"; failed=1; }

"$cow" kernel --random 100 >/dev/null || exit $?

# Whoever is left of a session, zombies aside.
left() { ps -o pid=,stat= -s "$1" | awk '$2 !~ /^Z/'; }
gone() {
  local wait
  for wait in $(seq 50); do
    [ -z "$(left "$1")" ] && return 0
    sleep 0.02
  done
  return 1
}

for ((i = 0; i < times; i++)); do
  # Background jobs of a script ignore SIGINT; this one is not to.
  setsid env --default-signal=INT "$cow" kernel --random 200000 --steps 2000 --seed $((i + 1)) >"$work/said" 2>&1 &
  run=$!
  sleep "0.0$((RANDOM % 10))$((RANDOM % 10))"
  case $((i % 4)) in
    0) kill -INT $run ;;
    1) kill -TERM $run ;;
    2) kill -KILL $run ;;
    3) # A child goes: the run must say so, and end by itself.
      # Who is killed as its trace ends is not missed: once more.
      while kill -0 $run 2>/dev/null; do
        child=
        read -r child _ 2>/dev/null <"/proc/$run/task/$run/children"
        [ -z "$child" ] || kill -KILL "$child" 2>/dev/null
        sleep 0.01
      done
      ;;
  esac
  wait $run 2>/dev/null
  gone $run || fail "run $i leaves $(left $run)"
  if [ $((i % 4)) -eq 3 ]; then
    grep -qE 'FAIL lost process|has died' "$work/said" || fail "run $i: a child's death is not told: $(tail -n 3 "$work/said")"
  fi
  rm -f "$work/said"
  [ -z "$(ls -A "$work")" ] || fail "run $i leaves files: $(ls -A "$work")"
done
echo "ended $times times"
exit $failed
