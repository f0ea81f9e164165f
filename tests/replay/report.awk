# What the replayer has said in a guest, after the list of explained disagreements: each trace that
# failed, with what it saw; and its own last lines. An explained disagreement that no longer appears is
# one more. With -v wrong=1, the guest must disagree.
function explained_here(name, i) {
  for (i = 1; i <= listed; i++)
    if (trace[i] == name && within(kernel, range[i])) return i
  return 0
}
FNR == NR {
  if ($0 ~ /^[0-9]/) {
    range[++listed] = $1
    trace[listed] = $2
    why[listed] = $0
    sub(/^[^ ]+ +[^ ]+ +/, "", why[listed])
  }
  next
}
/^@@ kernel / { kernel = $3; next }
/^@@ cannot / { broken++; print; next }
/^@@ done / { status = $3; seconds = $4 / 1000; ended = 1; next }
!kernel || ended { next }
/^ok / {
  reason = 0
  if (i = explained_here($2)) {
    bad++
    printf "FAIL %s: the disagreement explained for %s is gone\n", $2, range[i]
  }
  next
}
/^FAIL / {
  reason = explained_here($2)
  if (reason) explained++; else bad++
  print (reason ? "explained " $2 ": " why[reason] : $0)
  next
}
/^[^ ]+\.cow:[0-9]+: skipped: / { sub(/^[^ ]+ skipped: /, ""); skipped[$0]++; next }
/^[^ ]+\.cow:[0-9]+: expected / { print "  " $0; next }
/^skip / { next }
{ print }
END {
  for (what in skipped) printf "not run: %d traces: %s\n", skipped[what], what | "sort"
  close("sort")
  printf "guest Linux %s, exit status %d, %d explained, %.1f s\n", kernel, status, explained, seconds
  if (wrong) exit !(status == 1 && bad > 0)
  exit !(bad == 0 && !broken && (status == 0 || (status == 1 && explained > 0)))
}
