# shellcheck shell=bash
# What the examples' run.sh share: `source` it after `here` and `workspace` are set.

root="$(cd "$here/../.." && pwd)"
steward="${STEWARD:-}"
[[ -n "$steward" ]] || { [[ -x "$root/build/dev/steward" ]] && steward="$root/build/dev/steward" || steward="$(command -v steward || true)"; }
[[ -n "$steward" ]] || { echo "There is no steward to run. Build it with './dev build', or name it in STEWARD." >&2; exit 2; }

bold="" plain=""
if [[ -t 1 && -z "${NO_COLOR:-}" ]]; then bold=$'\e[1m' plain=$'\e[0m'; fi
stage() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
note() { printf '  %s\n' "$*"; }
s() { "$steward" --workspace "$workspace" "$@"; }
# first_text KEY: the first value of "KEY": "…" on stdin; enough for ids, which have no quotes inside.
first_text() { sed -nE 's/.*"'"$1"'": *"([^"]+)".*/\1/p' | head -n 1; }

# Makes the workspace's folder afresh; one that is not from here is left alone.
fresh_workspace() {
  if [[ -e "$workspace" && ! -e "$workspace/.made-by-run-sh" ]]; then
    echo "$workspace exists and was not made by this script, so it is left alone. Name another folder." >&2
    exit 2
  fi
  rm -rf "$workspace"
  mkdir -p "$workspace"
  workspace="$(cd "$workspace" && pwd)"
  touch "$workspace/.made-by-run-sh"
}
