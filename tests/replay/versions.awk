# Kernel versions as numbers, and whether one lies in FIRST..LAST.
function version(text, part) {
  split(text, part, "[.-]")
  return 1000 * part[1] + part[2]
}
function within(kernel, range, end) {
  split(range, end, "\\.\\.")
  return version(kernel) >= version(end[1]) && (end[2] == "" || version(kernel) <= version(end[2]))
}
