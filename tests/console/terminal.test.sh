#!/usr/bin/env bash
# promise: on a terminal run --step stops before each step and each effect, goes on when told to, and asks before anything leaves
# promise: Ctrl-C at a question ends run with 130, and the run goes on later; Ctrl-C ends up with 0
# promise: on a terminal that says "later" the run waits, and exits with 0
# shellcheck source=tests/door/support.sh
source "$(dirname "${BASH_SOURCE[0]}")/../door/support.sh"
steward="$1"
if ! script -qefc true /dev/null >/dev/null 2>&1; then
  echo "No terminal can be made here (a bare chroot has no /dev/pts), so there is nothing to show one on."
  exit 0
fi
export NO_COLOR=1 TERM=xterm
company="$scratch/company"
"$steward" init "$company" --quiet --no-git >/dev/null 2>&1
cd "$company"
git init -q . && git -c user.name=Test -c user.email=test@example.org commit -q --allow-empty -m "Found the company"

# on_terminal HELD ASKED COMMAND…: runs it on a terminal of its own (script, of Debian's bsdutils), answering HELD to each
# question before a step and ASKED to each card; "^C" presses Ctrl-C. What it showed is in $scratch/out, its code in $status.
press() { if [[ "$1" == "^C" ]]; then printf '\003'; else printf '%s\n' "$1"; fi; }
on_terminal() {
  local held="$1" asked="$2" line input output pid
  shift 2
  : >"$scratch/out"
  coproc terminal { script -qefc "exec $*" /dev/null 2>/dev/null; }
  pid="$terminal_PID" output="${terminal[0]}" input="${terminal[1]}"
  exec {from}<&"$output" {to}>&"$input"
  while IFS= read -r -t 120 -u "$from" line; do
    printf '%s\n' "$line" >>"$scratch/out"
    case "$line" in
      *"[g]o on"*) press "$held" >&"$to" ;;
      *"[a]pprove"*) press "$asked" >&"$to" ;;
      *"is running"*) press "^C" >&"$to" ;;
    esac
  done
  status=0
  wait "$pid" || status=$?
  exec {from}<&- {to}>&-
}

# Nothing has begun when it is held before the first step.
on_terminal l l "$steward" run weekly_update --step
expect_status 0
expect_text "Held before 'collect'"
expect_text "run-1 waits for you"
[[ ! -e calendar.ics ]] || fail "it went on without being told to"
"$steward" stop run-1 >/dev/null

# Ctrl-C leaves the question where it is.
on_terminal "^C" l "$steward" run weekly_update --step
expect_status 130
expect_text "The run goes on with 'steward up'"
"$steward" runs | grep -q "run-2" || fail "run-2 is lost"
"$steward" stop run-2 >/dev/null

# All the way: before each step, before each effect, and the card.
on_terminal g a "$steward" run weekly_update --step
expect_status 0
for held in "'collect'" "'draft'" "'slot'" "'release'"; do expect_text "Held before $held"; done
expect_text "If you approve"
expect_text "run-3 finished: published"
[[ -n "$(ls mail/outbox/new)" ]] || fail "nothing left after the approval"

# The question stays open after Ctrl-C at the card.
on_terminal g "^C" "$steward" run weekly_update
expect_status 130
"$steward" inbox | grep -q "apr-2" || fail "the card is gone"

# up: Ctrl-C is a way to stop it.
on_terminal g l "$steward" up
expect_status 0
"$steward" inbox | grep -q "apr-2" || fail "the card is gone after up"

grep -qF "130" <<<"$("$steward" help exit-codes)" || fail "the exit code 130 is not documented"
