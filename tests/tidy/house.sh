#!/usr/bin/env bash
# House rules that a program can check. Names each thing that breaks one.
set -u
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2
bad=0
say() { echo "$*"; bad=1; }
# each COMMAND...: every line that it prints is a finding.
each() {
  local rule=$1 line
  shift
  while IFS= read -r line; do say "$rule: $line"; done < <("$@")
}

# What belongs to the project: without build folders, and without what git keeps.
files() { find . \( -path ./.git -o -path ./.cache -o -path './build*' \) -prune -o -type f -print | sed 's|^\./||' | sort; }
sources() { files | grep -E '\.(h|cpp)$'; }
texts() { files | grep -E '(\.(h|cpp|md|cow|cowstate|sh|txt|cmake)|/run|/setup|/\.clang-[a-z]*)$'; }
# A file name stands for itself: none has a blank in it.
each 'blank in a file name' eval "files | grep ' '"

# The top level is fixed.
for entry in *; do
  case $entry in
    CMakeLists.txt | README.md | spec | impl | props | tests | docs | build*) ;;
    *) say "top level: $entry" ;;
  esac
done

# Sizes. Exempt: tables, of which one line is one case.
#   tests/unit/judge/verdict_test.cpp and the like need no exemption so far.
exempt=()
size() {
  local limit=$1 file lines
  while IFS= read -r file; do
    [[ " ${exempt[*]-} " == *" $file "* ]] && continue
    lines=$(wc -l <"$file")
    [ "$lines" -gt "$limit" ] && say "size: $file has $lines lines, more than $limit"
  done
}
size 300 < <(sources | grep '^spec/')
size 400 < <(sources | grep -v '^spec/'; files | grep -E '\.sh$|/run$|/setup$')

# Traces are data: a recorded one is kept byte for byte. A source line counts columns, not bytes.
while IFS= read -r file; do
  LC_ALL=C.UTF-8 awk -v file="$file" 'length($0) > 100 { gsub(/[\200-\277]/, ""); if (length($0) > 100)
    print file ":" NR }' "$file"
done < <(sources) >"${long:=$(mktemp)}"
each 'longer than 100 columns' cat "$long"
rm -f "$long"

# Open ends and places of one machine. The words are put together, so that this file has none.
words="TO""DO|FIX""ME|XX""X|HA""CK"
each 'open end' eval "texts | xargs grep -nIwE '$words'"
tops="wo""rk|fa""rm|ho""me|ro""ot" temporary="/t""mp/[a-z]" tools="\\.libra""ry/"
each 'machine path' eval "texts | xargs grep -nIE '(^|[^A-Za-z0-9_.])/($tops)/|$temporary|$tools'"

# Rows are views on tables: a copy of one is another thing when run than when proved.
each 'copied row' eval "grep -nE '\bauto +[a-z_]+ *= *[a-z_.]+\[[a-z_.]+\] *;' spec/machine/spec/*.h"

# Each layer includes what stands below it.
each 'layer' eval "grep -rnE '#include [\"<](impl|judge|laws|prove|trace|runner|state|program)/' spec"
each 'layer' eval "grep -rnE '#include [\"<](spec|logic|judge|laws|prove|trace|runner|state|program)/' impl"
each 'layer' eval "grep -rlE '#include [\"<]z3(\+\+)?\.h' spec impl tests props | grep -vE '^props/(prove|state)/|^tests/unit/(prove|state)/'"
each 'a name out of tests' eval "grep -rnE '#include [\"<]tests/' spec impl props"

# The core can be read in one sitting: vocabulary, ideal machine, state and events, invariants. Lines
# of code: no comments, no blank lines, no includes and no namespace lines (docs/proofs.md has them by
# part).
core=$(props/prove/lines | sed -nE 's/^\| together, the core +\| +([0-9]+) \|$/\1/p')
echo "specification core: ${core:-no} lines of code"
[ "${core:-801}" -le 800 ] || say "size: the specification core has $core lines of code, more than 800"

for script in props/run tests/run .ci/run; do [ -x $script ] || say "no run bit: $script"; done
exit $bad
