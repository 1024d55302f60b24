#!/usr/bin/env bash
# promise: what is decided in shadow leaves nothing, is listed beside what was done by hand, and is judged once
# promise: a new version in shadow runs beside each live run, and the report shows where they differ
# promise: a rung is granted one at a time and taken back at once, and 'why' and 'autonomy list' say since when and why
# shellcheck source=tests/console/company.sh
source "$(dirname "${BASH_SOURCE[0]}")/company.sh"
echo "2026-11-23T10:00:00Z" >"$scratch/clock"
export STEWARD_TEST_CLOCK="$scratch/clock"
rm -f policies/*.yaml
sed -i 's/mailbox.send: ask/mailbox.send: shadow/; /^may_reach/d' company.yaml  # the readers here are not on record
cat >workflows/mail.yaml <<'YAML'
workflow: mail
version: 1
steps:
  - send: {effect: mailbox.send, with: {to: "${input.to}", subject: "News", body: "Hello"}, undo: none}
  - done: {as: sent}
YAML
cat >workflows/mail_next.yaml <<'YAML'
workflow: mail_next
version: 1
trial: {of: mail, as: shadow}
steps:
  - send: {effect: mailbox.send, with: {to: "${input.to}", subject: "Fresh news", body: "Hello"}, undo: none}
  - done: {as: sent}
YAML
mails() { find mail/outbox/new -type f 2>/dev/null | wc -l; }

# ---- in shadow nothing leaves, and the new version is compared with the one in force
try "$steward" run mail --set to=ada@example.com
expect_status 0
[[ "$(mails)" == 0 ]] || fail "a mail left from the shadow"
try "$steward" shadow report
expect_status 0
expect_text "nobody has done it by hand within a week"
expect_text "mail_next  in shadow beside mail  1 runs: 0 the same, 1 different"
expect_text '+ {"body":"Hello","subject":"Fresh news","to":"ada@example.com"}'
try "$steward" shadow judge eff-1 same
expect_status 0
try "$steward" shadow judge eff-9 same
expect_status 1
expect_text "[not_shadowed]"
[[ "$("$steward" autonomy list --json | perl -MJSON::PP -e 'local $/; for (@{decode_json(<STDIN>)}) { print $_->{evidence}{same} if $_->{action} eq "mailbox.send" && $_->{role} eq "" }')" == 1 ]] || fail "the judgement is not counted"

# ---- rungs are climbed one at a time, and taken back at once
try "$steward" autonomy grant company mailbox.send act
expect_status 1
expect_text "[not_next_rung]"
try "$steward" autonomy grant company mailbox.send suggest
expect_status 0
"$steward" autonomy grant company mailbox.send ask >/dev/null
"$steward" autonomy grant company mailbox.send act >/dev/null
try "$steward" run mail --set to=bob@example.com
expect_status 0
[[ "$(mails)" == 1 ]] || fail "what stands on 'act' did not leave"
try "$steward" autonomy lower company mailbox.send ask --reason "too early"
expect_status 0
try "$steward" run mail --set to=carol@example.com --no-wait
expect_status 0
[[ "$(mails)" == 1 ]] || fail "what stands on 'ask' left without a question"
try "$steward" why eff-5
expect_text "too early"
try "$steward" autonomy list
expect_text "too early"
