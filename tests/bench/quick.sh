#!/usr/bin/env bash
# Runs all benchmarks at small sizes: each row is in the table, and each ratio and figure is a positive
# number. How large it is, is not asked.
set -u
program=$1
table=$(mktemp)
trap 'rm -f "$table"' EXIT
"$program" --quick "--write=$table" >/dev/null || exit 1

names=$("$program" --quick --benchmark_list_tests) || exit 1
growing=$(grep -c '^growth/' <<<"$names")
rows=$(($(wc -l <<<"$names") - growing))

awk -F ' *[|] *' -v rows="$rows" -v growing="$growing" '
  function wrong(what) { print what ": " $0; bad = 1 }
  function positive(cell) { return cell ~ /^[0-9]+([.][0-9]+)?$/ && cell + 0 > 0 }
  /^## How cost grows/ { grows = 1 }
  /^[|]-/ { body = 1; next }
  !/^[|]/ { body = 0; next }
  !body { columns = NF; next }
  NF != columns { wrong("cells are missing") }
  grows { n_growing++; for (i = 3; i < NF; i++) if ($i != "" && !positive($i)) wrong("no positive number"); next }
  $6 == "" && $9 ~ /^not judged: ./ { n_without++; next }
  { n_rows++; if (!positive($6)) wrong("no positive ratio") }
  END {
    if (n_rows != rows || n_growing != growing) {
      print n_rows " rows and " n_growing " lines of growth, but " rows " and " growing " benchmarks"
      bad = 1
    }
    print n_rows " ratios, " n_growing " lines of growth, " n_without + 0 " rows that cannot be measured yet"
    exit bad
  }' "$table"
