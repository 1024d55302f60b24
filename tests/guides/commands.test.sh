#!/usr/bin/env bash
# promise: every command that documents, errors and manifests tell people to type is one that the program has
#
# A command is what stands behind `steward` in backticks, in single quotes, or at the start of a line of a document. A line
# that says "`steward undo` yet" (there is none) is let pass.
set -euo pipefail
cd "${STEWARD_SOURCE_DIR:?run this through ctest, or set STEWARD_SOURCE_DIR}"

mapfile -t verbs < <(sed -nE 's/.*\.name = "([a-z]+)[" ].*/\1/p' console/commands/*.cpp | sort -u)
[[ ${#verbs[@]} -gt 20 ]] || { echo "only ${#verbs[@]} commands were found in console/commands: the test would prove nothing" >&2; exit 1; }

# named FILE…: FILE:LINE:VERB for each command that the files name.
named() {
  grep -HnoE "(\`|'|^ *)steward( --workspace [^ ]+)? [a-z]+" "$@" | sed -E "s/^([^:]+:[0-9]+):.* ([a-z]+)\$/\1:\2/"
}

check() {
  local place line verb
  while IFS=: read -r place line verb; do
    [[ " ${verbs[*]} " == *" $verb "* ]] && continue
    sed -n "${line}p" "$place" | grep -qE "\`steward $verb\` yet|\`steward $verb\` \(" && continue
    echo "$place:$line: there is no command 'steward $verb'"
  done < <(named "$@")
}

mapfile -t files < <(find README.md docs examples config actors connectors policies runtime console -type f \
  \( -name '*.md' -o -name '*.yaml' -o -name '*.hpp' -o -name '*.cpp' \) ! -name '*.test.cpp' ! -path '*/golden/*')
broken="$(check "${files[@]}")"
[[ -z "$broken" ]] || { printf '%s\n' "$broken" >&2; exit 1; }

lie="$(mktemp)"
trap 'rm -f "$lie"' EXIT
echo "Try \`steward frobnicate run-1\`." >"$lie"
[[ -n "$(check "$lie")" ]] || { echo "a command that does not exist was let pass" >&2; exit 1; }
echo "$(named "${files[@]}" | wc -l) commands named, all of them exist"
