#!/usr/bin/env bash
# promise: every block of code in the docs that names a file stands in that file, word for word
#
#   <!-- from tests/guides/notice_board.cpp -->
#   ```cpp
#   …lines that follow each other in that file…
#   ```
# Indented alike or not: blanks at the front of a line don't count. A line of `…` alone skips what stands between.
set -euo pipefail
cd "${STEWARD_SOURCE_DIR:?run this through ctest, or set STEWARD_SOURCE_DIR}"

# check PAGE: prints each block that does not stand in its file, and one line `checked N`.
check() {
  awk -v page="$1" '
    function trimmed(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
    function load(path,   line) {
      text = "\n"; readable = 0
      while ((getline line < path) > 0) { text = text trimmed(line) "\n"; readable = 1 }
      close(path)
    }
    function judge(   part) {
      # Parts between lines of … stand in the file in this order.
      rest = text
      n = split(block, parts, /\n…\n/)
      for (i = 1; i <= n; i++) {
        part = parts[i]; sub(/^\n/, "", part); sub(/\n$/, "", part)
        at = index(rest, "\n" part "\n")
        if (!at) { printf "%s:%d: this block does not stand in %s:\n%s\n", page, begins, file, part; return }
        rest = substr(rest, at + length(part))
      }
      checked++
    }
    /^<!-- from [^ ]+ -->$/ { file = $3; next }
    file && !inside && /^```/ { inside = 1; begins = NR; block = "\n"; load(file); if (!readable) printf "%s:%d: there is no %s\n", page, NR, file; next }
    inside && /^```$/ { judge(); inside = 0; file = ""; next }
    inside { block = block trimmed($0) "\n"; next }
    file && NF { printf "%s:%d: a block of code should follow here\n", page, NR; file = "" }
    END { print "checked", checked + 0 }
  ' "$1"
}

total=0 broken=""
while IFS= read -r page; do
  found="$(check "$page")"
  total=$((total + $(sed -n 's/^checked //p' <<<"$found")))
  broken+="$(grep -v '^checked ' <<<"$found" || true)"
done < <(find README.md docs -name '*.md')

[[ -z "$broken" ]] || { printf '%s\n' "$broken" >&2; exit 1; }
[[ "$total" -gt 0 ]] || { echo "no block names its file: the test would prove nothing" >&2; exit 1; }
# A page that lies is caught.
lie="$(mktemp)"
trap 'rm -f "$lie"' EXIT
printf '<!-- from CMakeLists.txt -->\n```\nthis line is not there\n```\n' >"$lie"
check "$lie" | grep -q 'does not stand in CMakeLists.txt' || { echo "a block that stands nowhere was let pass" >&2; exit 1; }
echo "$total blocks equal their files"
