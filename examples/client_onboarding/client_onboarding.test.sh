#!/usr/bin/env bash
# promise: a client is taken in from the first yes to the first week, and nothing but what was approved leaves
# promise: without --yes nothing leaves, and the next commands are printed
# promise: a client who declines leaves no meeting, no contract and no invoice behind
# promise: whoever looks at what is unpaid brings the records of the invoices up to date
# promise: memory is found along relations: what is known of an invoice is found with its customer
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
# ---- A month later nobody has paid.
cat >acts/workflows/unpaid.yaml <<'YAML'
workflow: unpaid
version: 1
purpose: Looks at what is unpaid.
starts_on: by_hand
steps:
  - look: {effect: ledger.open_items, with: {}, gives: unpaid}
  - end:  {as: "looked"}
YAML
echo 2027-01-15T09:00:00Z >acts/.clock
s() { STEWARD_TEST_CLOCK="$work/acts/.clock" "$STEWARD" --workspace acts "$@"; }
s entity show invoice-1 | grep -q "sent" || fail "the invoice is not on record as sent:" "$(s entity show invoice-1)"
s run unpaid >looked.txt 2>&1 || fail "the ledger was not looked at:" "$(cat looked.txt)"
s entity show invoice-1 | grep -q "overdue" || fail "the invoice is not overdue:" "$(s entity show invoice-1)" "$(cat looked.txt)"
s memory add --scope customers --about invoice-1 "They pay after the first reminder." >/dev/null 2>&1
[[ "$(s memory search reminder --about customer-1 2>/dev/null)" != *reminder* ]] || fail "what is known of the invoice is not known of the customer itself"
s memory search reminder --about customer-1 --depth 1 | grep -q "first reminder" || fail "what is known of the invoice is not found with its customer"

run --yes --declined declined
"$here/../check.sh" declined "$here/expected_declined.txt"
run --yes --undo undone
"$here/../check.sh" undone "$here/expected_undone.txt"
told="$("$STEWARD" --workspace undone why eff-5)"
for part in Intent Rule "Approval .*approved by the operator" "Undo .*ledger.credit_note"; do
  grep -qE "$part" <<<"$told" || fail "why does not tell '$part':" "$told"
done
echo "a client was taken in, one declined, one was taken back; nothing left unasked"
