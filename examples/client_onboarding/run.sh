#!/usr/bin/env bash
# A new client from the first yes to the first week, in a minute: the days pass on a clock of its own.
#
#   run.sh [--yes] [--declined] [--undo] [FOLDER]      FOLDER: where the workspace goes; default build/client_onboarding. It is made afresh.
#
# Without --yes it stops at the first card and says how to go on. --declined: the client answers, and says no. --undo: when all is done,
# it is taken back. STEWARD names the program (default: build/dev/steward, then the one on PATH).
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
yes="" declined="" undo="" workspace="$here/../../build/client_onboarding"
for word in "$@"; do
  case "$word" in
    --yes) yes=1 ;;
    --declined) declined=1 ;;
    --undo) undo=1 ;;
    -*) echo "run.sh knows --yes, --declined, --undo and a folder, not '$word'." >&2; exit 2 ;;
    *) workspace="$word" ;;
  esac
done

# shellcheck source=examples/example.sh
source "$here/../example.sh"
fresh_workspace
cp "$here/company.yaml" "$here/client.json" "$workspace/"

"$steward" init "$workspace" --template onboarding --no-git --quiet
s check

stage "1. A new client: $(first_text name <"$workspace/client.json"), $(first_text service <"$workspace/client.json")"
if [[ -z "$yes" ]]; then
  s run client_onboarding --input "@$workspace/client.json" </dev/null 2>&1 | sed 's/^/  /'
  stage "The offer waits for you; the meeting is booked and the contract is written. Go on with:"
  note "alias s='$steward --workspace $workspace'"
  note "s up &"
  note "s approve apr-1               let the mail leave, exactly as shown"
  note "s reject apr-1 --reason '…'   and meeting and contract are taken back"
  exit 0
fi
# ---- The clock: whoever writes this file moves time. The engine and every command look at it.
export STEWARD_TEST_CLOCK="$workspace/.clock"
now=1795075200        # Thursday, 19 November 2026, 8:00 UTC
pass() { now=$((now + $1)); date -u -d "@$now" +%Y-%m-%dT%H:%M:%SZ >"$STEWARD_TEST_CLOCK.new" && mv "$STEWARD_TEST_CLOCK.new" "$STEWARD_TEST_CLOCK"; }
pass 0
# Not through the function: its shell would be what is ended then, and not the engine.
"$steward" --workspace "$workspace" up --foreground --test-clock "$STEWARD_TEST_CLOCK" >"$workspace/.engine.log" 2>&1 &
engine=$!
trap 'kill "$engine" 2>/dev/null || true; wait "$engine" 2>/dev/null || true' EXIT
for ((tries = 0; tries < 600; tries++)); do
  [[ ! -S "$workspace/.steward/steward.sock" ]] || break
  sleep 0.1
done

# ---- What the operator does: one thing at a time, as the inbox brings it.
first_id() { grep -oE "\"$1-[0-9]+\"" <<<"$2" | tr -d '"' | sort -uV | head -n 1 || true; }
runs_open() { s runs --json | grep -o '"status":"running"' | wc -l | tr -d ' '; }
# go_on [UNTIL]: lets the company work and decides what it asks, until no run is open or one stands at the step UNTIL.
go_on() {
  local tries open runs approval card
  for ((tries = 0; tries < 300; tries++)); do
    runs="$(s runs --json)"
    [[ "$(runs_open)" -gt 0 ]] || return 0
    [[ -z "${1:-}" || "$runs" != *"\"step\":\"$1\""* || "$runs" != *'"waits_for":'* ]] || return 0
    open="$(s inbox --json)"
    approval="$(first_id apr "$open")" card="$(grep -oE '"about":"person"[^{}]*"card":"card-[0-9]+"' <<<"$open" | grep -oE 'card-[0-9]+' | head -n 1 || true)"
    if [[ -n "$approval" ]]; then
      s inbox "$approval" | sed -n '1p;4p' | sed 's/^/    /'
      s approve "$approval" --only-record >/dev/null 2>&1 && note "approved $approval"
    elif [[ -n "$card" ]]; then
      word=signed
      [[ -z "$declined" ]] || word=declined
      s answer "$card" "$word" --only-record >/dev/null 2>&1 && note "answered $card: $word"
    fi
    pass 30         # what was decided may be held for some minutes before it leaves
    sleep 0.1
  done
  echo "Nothing moves any more; $workspace/.engine.log and 'steward show run-1' say where it stands." >&2
  exit 1
}

s run client_onboarding --no-wait --input "@$workspace/client.json" >/dev/null 2>&1
go_on signature

stage "2. The offer is out; the run waits for an answer, for two weeks if need be. Here it comes:"
mkdir -p "$workspace/mail/inbox/new" "$workspace/mail/inbox/tmp"
cp "$here/incoming/agreed.mail" "$workspace/mail/inbox/tmp/1795161600.M1P1.client.example"  # Maildir: what appears in new/ is whole
mv "$workspace/mail/inbox/tmp/1795161600.M1P1.client.example" "$workspace/mail/inbox/new/"
go_on a_week

if [[ -z "$declined" ]]; then
  stage "3. The bill and the welcome are out. A week passes:"
  pass 604800
  go_on
fi

if [[ -n "$undo" ]]; then
  stage "4. steward undo run-1: all of it is taken back, the newest first"
  s undo run-1 --no-wait 2>&1 | sed 's/^/  /'
  go_on
fi

stage "What is there now"
s runs --all
find "$workspace" -path "$workspace/.steward" -prune -o \( -path '*/contracts/*' -o -path '*/ledger/*' -o -path '*/outbox/new/*' \) -type f -print | sort | sed "s|^$workspace/|  |"
stage "Look around: '$steward --workspace $workspace show run-1', and 'why' on any of these files."
