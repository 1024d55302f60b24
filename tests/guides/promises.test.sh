#!/usr/bin/env bash
# promise: every test that docs/PROMISES.md names exists, in the file that it names, and every drill is named there
set -euo pipefail
cd "${STEWARD_SOURCE_DIR:?run this through ctest, or set STEWARD_SOURCE_DIR}"

named=0 broken=""
while IFS=$'\t' read -r name path; do
  named=$((named + 1))
  if [[ "$path" == tests/drills ]]; then
    [[ -f "$path/$name.yaml" ]] || broken+="there is no drill $name"$'\n'
    continue
  fi
  if [[ ! -f "$path" ]]; then
    broken+="there is no $path (it should prove \"$name\")"$'\n'
  elif ! grep -qF -e "TEST_CASE(\"$name\"" -e "promise: $name" "$path"; then
    broken+="$path has no test \"$name\""$'\n'
  fi
done < <(sed -nE 's/^- "(.*)" \(([^)]+)\)$/\1\t\2/p' docs/PROMISES.md)

for drill in tests/drills/*.yaml; do
  drill="$(basename "$drill" .yaml)"
  grep -qF "\"$drill\" (tests/drills)" docs/PROMISES.md || broken+="no promise names the drill $drill"$'\n'
done

[[ -z "$broken" ]] || { printf '%sMend docs/PROMISES.md with the change that moved or renamed the test.\n' "$broken" >&2; exit 1; }
[[ "$(grep -c '^- ' docs/PROMISES.md)" -eq "$named" ]] || { echo "a line of docs/PROMISES.md is not of the form: - \"test\" (path)" >&2; exit 1; }
[[ "$named" -gt 30 ]] || { echo "only $named tests are named" >&2; exit 1; }
echo "$named tests named, all of them exist"
