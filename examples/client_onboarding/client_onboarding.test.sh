#!/usr/bin/env bash
# promise: a client is taken in from the first yes to the first week, and nothing but what was approved leaves
# promise: without --yes nothing leaves, and the next commands are printed
# promise: a client who declines leaves no meeting, no contract and no invoice behind
# promise: steward undo takes a finished onboarding back: a credit note stands beside the invoice, contract and meeting are gone
set -euo pipefail
here="${STEWARD_SOURCE_DIR:?run this through ctest, or set STEWARD_SOURCE_DIR}/examples/client_onboarding"
work="${STEWARD_BINARY_DIR:?}/test_client_onboarding"
export STEWARD="${STEWARD:-$STEWARD_BINARY_DIR/steward}" NO_COLOR=1
fail() { printf '%s\n' "$@" >&2; exit 1; }
run() { "$here/run.sh" "$@" </dev/null >"$work/${*: -1:1}.txt" 2>&1 || fail "run.sh $* failed:" "$(cat "$work/${*: -1:1}.txt")"; }

rm -rf "$work"
mkdir -p "$work"
cd "$work"
run asks
grep -q "s approve apr-1" asks.txt || fail "the next commands are missing:" "$(cat asks.txt)"
[[ -z "$(ls asks/mail/outbox/new 2>/dev/null)" ]] || fail "a mail left without approval"

run --yes acts
"$here/../check.sh" acts "$here/expected.txt"
run --yes --declined declined
"$here/../check.sh" declined "$here/expected_declined.txt"
run --yes --undo undone
"$here/../check.sh" undone "$here/expected_undone.txt"
told="$("$STEWARD" --workspace undone why eff-5)"
for part in Intent Rule "Approval .*approved by the operator" "Undo .*ledger.credit_note"; do
  grep -qE "$part" <<<"$told" || fail "why does not tell '$part':" "$told"
done
echo "a client was taken in, one declined, one was taken back; nothing left unasked"
