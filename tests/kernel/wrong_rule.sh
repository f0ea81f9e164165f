#!/usr/bin/env bash
# wrong_rule.sh COW: a rule set that the running kernel does not follow is caught by 2,000 random
# steps, at each level of sight.
set -u
cow=$(realpath "${1:?usage: wrong_rule.sh PATH-OF-COW}") || exit 2
failed=0

own=$("$cow" kernel --random 100 | sed -nE 's/^# Linux .*, rule set ([0-9.]+), .*/\1/p')
[ -n "$own" ] || { echo "no rule set stands for this kernel"; exit 77; }
for rule in 5.7 5.14 5.18 5.19 6.15; do
  [ "$rule" != "$own" ] || continue
  for sight in frames bits contents; do
    for seed in 1 2 3; do
      said=$("$cow" kernel --random 2000 --rule "$rule" --sight "$sight" --seed "$seed")
      status=$?
      [ $status -eq 1 ] && grep -q '^FAIL ' <<<"$said" && continue
      echo "rule set $rule, sight $sight, seed $seed: not caught on a kernel of $own ($status)"
      failed=1
    done
  done
done
exit $failed
