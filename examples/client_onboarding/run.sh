#!/usr/bin/env bash
# A new client from the first yes to the first week, in a minute: the days pass on a clock of its own.
#
#   run.sh [--yes] [--declined] [--undo] [FOLDER]      FOLDER: where the workspace goes; default build/client_onboarding. It is made afresh.
#
# Without --yes it stops at the first card and says how to go on. --declined: the client answers, and says no. --undo: when all is done,
# it is taken back. STEWARD names the program (default: build/dev/steward, then the one on PATH).
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
yes="" declined="" undo="" workspace="$root/build/client_onboarding"
for word in "$@"; do
  case "$word" in
    --yes) yes=1 ;;
    --declined) declined=1 ;;
    --undo) undo=1 ;;
    -*) echo "run.sh knows --yes, --declined, --undo and a folder, not '$word'." >&2; exit 2 ;;
    *) workspace="$word" ;;
  esac
done

steward="${STEWARD:-}"
[[ -n "$steward" ]] || { [[ -x "$root/build/dev/steward" ]] && steward="$root/build/dev/steward" || steward="$(command -v steward || true)"; }
[[ -n "$steward" ]] || { echo "There is no steward to run. Build it with './dev build', or name it in STEWARD." >&2; exit 2; }

stage() { printf '\n%s\n' "$*"; }
note() { printf '  %s\n' "$*"; }
s() { STEWARD_TEST_CLOCK="$clock" "$steward" --workspace "$workspace" "$@"; }
first_text() { sed -nE 's/.*"'"$1"'": *"([^"]+)".*/\1/p' | head -n 1; }

if [[ -e "$workspace" && ! -e "$workspace/.made-by-run-sh" ]]; then
  echo "$workspace exists and was not made by this script, so it is left alone. Name another folder." >&2
  exit 2
fi
rm -rf "$workspace"
mkdir -p "$workspace"
workspace="$(cd "$workspace" && pwd)"
touch "$workspace/.made-by-run-sh"
cp "$here/company.yaml" "$here/client.json" "$workspace/"

# ---- The clock: whoever writes this file moves time. The engine and every command look at it.
clock="$workspace/.clock" now=1795075200        # Thursday, 19 November 2026, 8:00 UTC
pass() { now=$((now + $1)); date -u -d "@$now" +%Y-%m-%dT%H:%M:%SZ >"$clock.new" && mv "$clock.new" "$clock"; }
pass 0

"$steward" init "$workspace" --template onboarding --no-git --quiet
s check
s up --foreground --test-clock "$clock" >"$workspace/.engine.log" 2>&1 &
engine=$!
trap 'kill "$engine" 2>/dev/null || true; wait "$engine" 2>/dev/null || true' EXIT

# What there is to decide now: "apr-3 approval" or "card-2 card"; empty: nothing.
waits() {
  local inbox
  inbox="$(s inbox --json)"
  local approval card
  approval="$(grep -o '"apr-[0-9]*"' <<<"$inbox" | tr -d '"' | sort -uV | head -n 1 || true)"
  card="$(grep -o '"card-[0-9]*"' <<<"$inbox" | tr -d '"' | sort -uV | tail -n 1 || true)"
  if [[ -n "$approval" ]]; then echo "approval $approval"; elif [[ -n "$card" ]]; then echo "card $card"; fi
}
# until TEXT: lets seconds pass until `steward runs` holds TEXT, and decides what is asked meanwhile.
step_of() { s show run-1 --json | tr -d '\n '; }
decide() {
  local open
  open="$(waits)"
  case "$open" in
    approval*) s approve "${open#* }" --only-record >/dev/null 2>&1 || true; note "approved ${open#* }: $(s show "${open#* }" 2>/dev/null | head -n 1)" ;;
  esac
}
stands_at() { grep -q "\"$1\"" <<<"$(s runs --json)"; }

stage "1. A new client: $(first_text name <"$workspace/client.json") ($(first_text service <"$workspace/client.json"))"
s run client_onboarding --no-wait --input "$(cat "$workspace/client.json")" 2>&1 | sed 's/^/  /'
