#!/usr/bin/env bash
# promise: a mail becomes an entity by the mapping of its type, and remap carries a changed mapping back, once
# promise: the digest and cards that nobody answers reach the operator as mails, without a question and without anybody's words
# promise: measures tell week by week how well the company works
# shellcheck source=tests/console/company.sh
source "$(dirname "${BASH_SOURCE[0]}")/company.sh"
echo 2026-11-24T12:00:00Z >"$scratch/clock"
export STEWARD_TEST_CLOCK="$scratch/clock"
rm workflows/answer_lead.yaml  # it records leads, too

# ---- what is not whole is named
cat >>company.yaml <<'YAML'
escalation: {ladder: [{after: 0m, to: inbox}, {after: 1h, to: mail}]}
digest: {at: "07:30"}
YAML
try "$steward" check
expect_status 2
expect_text "nobody says where the operator's mail goes"
echo 'operator: {mail: me@example.org}' >>company.yaml
cat >>entities/lead.yaml <<'YAML'
maps:
  mail_received: {version: 1, when: "in_reply_to == ''", id: "mailbox:${from}", fields: {name: "${subject}", address: "${from}"}}
YAML
try "$steward" check
expect_status 0
try "$steward" entity remap customer --dry-run
expect_text "[entity_not_mapped]"

# ---- the day's page comes at once, because its time has passed
"$steward" up 2>"$scratch/up" &
parent=$!
await "is running" cat "$scratch/up"
mails_to_me() { grep -lr "^To: .*me@example.org" mail/outbox/new 2>/dev/null | wc -l; }
await "daily digest" "$steward" runs --all
await "finished" "$steward" runs --all
[[ "$(mails_to_me)" -eq 1 ]] || fail "one digest"
grep -qr "Waits for you" mail/outbox/new || fail "the digest says what waits"

# ---- a card that nobody answers
try "$steward" run weekly_update
expect_status 0
echo 2026-11-24T13:30:00Z >"$scratch/clock"
await "tell operator" "$steward" runs --all
for _ in $(seq 200); do
  [[ "$(mails_to_me)" -eq 2 ]] && break
  read -r -t 0.05 <> <(:) || true
done
[[ "$(mails_to_me)" -eq 2 ]] || fail "the card did not climb"
grep -hr -A30 "a card waits" mail/outbox/new | grep -q "card-1" || fail "the mail does not name the card"

# ---- a mail becomes a lead
mkdir -p mail/inbox/new mail/inbox/cur mail/inbox/tmp
printf 'From: Ada Lovelace <ada@example.com>\nTo: hello@example.org\nSubject: Engines\nMessage-ID: <1@example.com>\nDate: Tue, 24 Nov 2026 13:00:00 +0000\n\nDo you build engines?\n' >mail/inbox/new/1.mail
await "Engines" "$steward" entity list lead
try "$steward" stop
wait "$parent" 2>/dev/null || true
parent=""

# ---- earlier there was none, and a name that nobody has is no card that was closed
try "$steward" entity list lead --as-of 1
expect_status 0
expect_text "No entity of the type 'lead' yet."
try "$steward" entity show lead-1 --as-of 1
expect_text "there was no entity 'lead-1' yet"
expect_text "[entity_not_found]"
try "$steward" entity graph lead-1 --as-of 1
expect_text "[entity_not_found]"
try "$steward" entity graph lead-1 --as-of 2999-01-01
expect_text "lead-1"
try "$steward" entity show lead-11
expect_status 3
expect_text "there is no entity 'lead-11'"
expect_text "Did you mean 'lead-1'? [entity_not_found]"
try "$steward" entity list leed
expect_status 3
expect_text "Did you mean 'lead'? [unknown_entity]"
try "$steward" entity list --as-of 2026-13-01
expect_text "[bad_usage]"

# ---- the mapping was wrong: it is carried back over what arrived before
sed -i 's/version: 1, when: "in_reply/version: 2, when: "in_reply/; s/name: "${subject}"/name: "${from_name}"/' entities/lead.yaml
try "$steward" entity remap lead --dry-run
expect_status 0
expect_text "name: Engines -> Ada Lovelace"
expect_text "1 lead would change"
try "$steward" entity remap lead
expect_status 0
expect_text "1 lead changed"
try "$steward" entity show lead-1
expect_text "Ada Lovelace"
try "$steward" entity remap lead
expect_status 0
expect_text "0 lead changed"

# ---- how well it works
try "$steward" measures --weeks 2
expect_status 0
expect_text "daily digest: 1"
[[ "$("$steward" measures --weeks 3 --json | field 2.cards)" -ge 1 ]] || fail "the measures count cards"
try "$steward" measures --weeks 0
expect_status 2
