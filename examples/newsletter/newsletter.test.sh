#!/usr/bin/env bash
# promise: ./dev run publishes the update of this project's own history, and writes to everybody but Dan
# promise: without --yes and without a terminal nothing leaves, and the next commands are printed
# promise: the tables of cases beside its rules are as wanted
# promise: why on any of the mails names intent, evidence, rule, approval, cost and undo
set -euo pipefail
here="${STEWARD_SOURCE_DIR:?run this through ctest, or set STEWARD_SOURCE_DIR}/examples/newsletter"
work="${STEWARD_BINARY_DIR:?}/test_newsletter"
export STEWARD="${STEWARD:-$STEWARD_BINARY_DIR/steward}" NO_COLOR=1
fail() { printf '%s\n' "$@" >&2; exit 1; }

rm -rf "$work"
mkdir -p "$work"
"$here/run.sh" "$work/asks" </dev/null >"$work/asks.txt" 2>&1 || fail "run.sh failed:" "$(cat "$work/asks.txt")"
grep -q "s approve apr-1" "$work/asks.txt" || fail "the next commands are missing:" "$(cat "$work/asks.txt")"
grep -q "dan@whitfield.example.*denied" "$work/asks.txt" || fail "the card does not say that Dan's letter was denied:" "$(cat "$work/asks.txt")"
[[ ! -e "$work/asks/site/index.html" ]] || fail "a page left without approval"
[[ -z "$(ls "$work/asks/mail/outbox/new" 2>/dev/null)" ]] || fail "a mail left without approval"

"$here/run.sh" --yes "$work/acts" </dev/null >"$work/acts.txt" 2>&1 || fail "run.sh --yes failed:" "$(cat "$work/acts.txt")"
"$here/../check.sh" "$work/acts" "$here/expected.txt"
"$STEWARD" --workspace "$work/acts" policy test >"$work/tables.txt" || fail "a table of cases is not as wanted:" "$(cat "$work/tables.txt")"
newest="$(git -C "$here" log -1 --no-merges --format=%h)"
grep -q "git:$newest" "$work/acts"/site/2*.html || fail "the update does not name the newest commit, $newest"

for mail in "$work"/acts/mail/outbox/new/*; do
  told="$("$STEWARD" --workspace "$work/acts" why "$mail")"
  for part in Intent "Evidence .*git:" "Rule .*The workflow asks before this step" "Approval .*apr-1 approved by the operator" Cost Undo; do
    grep -qE "$part" <<<"$told" || fail "why does not tell '$part':" "$told"
  done
done
echo "an update, its feed, four mails and their reasons are there; nothing left unasked"
