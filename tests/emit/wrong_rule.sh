#!/usr/bin/env bash
# wrong_rule.sh COW LITMUS: programs that believe in another rule set than this kernel's must fail.
set -u
cow=$(realpath "${1:?usage: wrong_rule.sh COW LITMUS}") litmus=$(realpath "$2") || exit 2
command -v cc >/dev/null || { echo "wrong_rule.sh: there is no cc"; exit 77; }
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2

# The outcomes that tell rule sets apart: reuse, exclusive pages, references, forced writes.
traces="reuse-rules-disagree protect-gives-write-back vmsplice-child-unmaps stale-ro-pin-after-child-exit
  force-write-own-read-only-page stale-rw-pin early-copy-of-unshared-page"
# fails RULE: whether a program fails that takes this rule set for the kernel's.
fails() {
  local name
  for name in $traces; do
    "$cow" emit "$litmus/$name.cow" | sed "s/^\trule = rule_for(.*/\t(void)rule_for; rule = $1;/" >"$name.c"
    cc -o "$name" "$name.c" || exit 1
    ./"$name" >"$name.tap" 2>&1
    [ $? -eq 1 ] && return 0
  done
  return 1
}
IFS=. read -r major minor _ < <(uname -r)
case $major in
  5) own=$((minor <= 7 ? 0 : minor <= 17 ? 1 : minor == 18 ? 2 : 3)) ;;
  *) own=4 ;;
esac
caught=0
for rule in 0 1 2 3 4; do
  [ "$rule" = "$own" ] && continue
  # 5.19 and later differ in what needs mprotect or a fork to be seen.
  if fails "$rule"; then
    echo "rule set $rule: caught by $(grep -l '^not ok' ./*.tap | head -n 1)"
    caught=$((caught + 1))
  else
    echo "rule set $rule: not caught"
  fi
  rm -f ./*.tap
done
[ "$caught" -eq 4 ]
