#!/usr/bin/env bash
# promise: rules of the workspace are checked to the character, listed with what is in force, and tested by tables of cases
# promise: policy replay finds what a rule would have stopped in the past, reads the journal alone, and works while an engine runs
# promise: a card shows the rule that asks and why names every rule that spoke
# promise: shadow report names what a rule of the operator's held back
# promise: approve --always-for gives a rule that is listed and can be revoked
# shellcheck source=tests/console/company.sh
source "$(dirname "${BASH_SOURCE[0]}")/company.sh"
golden="$source_dir/tests/console/policies.golden.txt"
date -u +%Y-%m-%dT12:00:00Z >"$scratch/clock"  # at night a shipped rule would speak as well
export STEWARD_TEST_CLOCK="$scratch/clock"

# ---- before anything happened: the shipped rules are there, and their tables hold
try "$steward" policy list
expect_status 0
expect_text "do_not_contact"
expect_text "quiet_nights  ask, quiet from 21:00 to 07:00  new"
try "$steward" policy test
expect_status 0
expect_text "policies/few_mails.test.yaml  2 of 2 as wanted"
try "$steward" policy test no_such_table
expect_status 3
try "$steward" policy replay --since 30d
expect_status 3
expect_text "[journal_not_found]"

# ---- a slip is found at its character
cat >policies/careful.yaml <<'YAML'
name: careful
because: Words about money are read twice
when: action == "site.publish" && argments.markdown.contains("EUR")
then: ask
YAML
try "$steward" check
expect_status 2
expect_text "policies/careful.yaml:3:35: the name 'argments' is not known"
expect_text "Did you mean 'arguments'?"
sed -i 's/argments/arguments/' policies/careful.yaml
try "$steward" check
expect_status 0

# ---- a table that is not fulfilled says what was wanted, what came, and who said it
cat >policies/careful.test.yaml <<'YAML'
cases:
  - name: a page about money is asked about
    given: {action: site.publish, arguments: {markdown: "It costs 5 EUR"}}
    then: deny
    speaks: [few_mails]
  - name: another page is not
    given: {action: site.publish, arguments: {markdown: "It is free"}}
    then: nothing
YAML
try "$steward" policy test careful
expect_status 1
expect_text "policies/careful.test.yaml  1 of 2 as wanted"
expect_text "- then: deny"
expect_text "+ then: ask"
expect_text "+ speaks: careful"
expect_text "careful says ask: Words about money are read twice"
[[ "$("$steward" policy test careful --json | field failed)" == 1 ]] || fail "the JSON does not count the case that failed"
cat >policies/together.test.yaml <<'YAML'
cases:
  - name: a rule that misses an argument asks, and is named
    given: {action: site.publish}
    then: ask
    speaks: [careful]
  - name: rules that nothing is said of are silent
    given: {action: mailbox.send}
    then: ask
YAML
try "$steward" policy test together
expect_status 1
expect_text "policies/together.test.yaml  1 of 2 as wanted"
rm policies/careful.yaml policies/careful.test.yaml policies/together.test.yaml

# ---- a rule that asks is on the card
cat >policies/pages_are_read.yaml <<'YAML'
name: pages_are_read
because: What is public is read by a person first
actions: [site.publish]
then: ask
YAML
try "$steward" run weekly_update
expect_status 0
try "$steward" inbox apr-1
expect_text "pages_are_read: What is public is read by a person first"
try "$steward" policy list
expect_no_text "new:"
rm policies/pages_are_read.yaml
try "$steward" policy list
expect_text "removed: in force until the next start of the engine"
try "$steward" approve apr-1
expect_status 0
try "$steward" why apr-1
expect_text "pages_are_read says ask"

# ---- what would another rule have done? The journal is only read
mkdir "$scratch/drafts"
cat >"$scratch/drafts/not_to_ada.yaml" <<'YAML'
name: not_to_ada
because: Ada reads the page anyway
when: action == "mailbox.send" && customer.name == "Ada Lovelace"
then: deny
YAML
before="$(sha256sum .steward/journal.db)"
try "$steward" policy replay --since 30d --with "$scratch/drafts/not_to_ada.yaml"
expect_status 6
sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}( UTC)?)?/DATE/g' "$scratch/out" >"$scratch/told"
[[ "${STEWARD_GOLDEN:-}" != write ]] || cp "$scratch/told" "$golden"
diff "$golden" "$scratch/told" || fail "the report is another than $golden (STEWARD_GOLDEN=write writes it anew)"
[[ "$("$steward" policy replay --with "$scratch/drafts" --json | field would_be.deny)" == 1 ]] || fail "the JSON does not count what would have been denied"
try "$steward" policy replay --since yesterday
expect_text "[bad_since]"
try "$steward" policy replay --with "$scratch/nowhere.yaml"
expect_status 3
[[ "$(sha256sum .steward/journal.db)" == "$before" ]] || fail "a policy replay wrote into the journal"
"$steward" up 2>"$scratch/up" &
parent=$!
await "is running" cat "$scratch/up"
try "$steward" policy replay --with "$scratch/drafts/not_to_ada.yaml"
expect_status 6
expect_text "not_to_ada says deny: Ada reads the page anyway"

# ---- allow it like this
cat >"$scratch/mail" <<'MAIL'
From: Frida <frida@lead.example>
To: letters@example.org
Subject: A question
Message-ID: <q1@lead.example>
Date: Mon, 23 Nov 2026 09:00:00 +0000

What does it cost?
MAIL
mkdir -p mail/inbox/new mail/inbox/tmp mail/inbox/cur
cp "$scratch/mail" mail/inbox/new/1.q1.lead.example
await "frida@lead.example" "$steward" inbox
approval="$("$steward" inbox --json | field 0.subject)"
try "$steward" approve "$approval" --always-for 400d
expect_text "[bad_grant]"
try "$steward" approve "$approval" --always-for 7d
expect_status 0
try "$steward" policy list
expect_text "always-1  allow, until"
try "$steward" policy revoke always-2
expect_text "[unknown_policy]"
try "$steward" policy revoke always-1
expect_status 0
try "$steward" policy list
expect_no_text "always-1"

# ---- what a rule holds back in shadow is told, although it stands on no ladder
try "$steward" stop
wait "$parent" 2>/dev/null || true
parent=""
cat >policies/pages_wait.yaml <<'YAML'
name: pages_wait
because: For now we only look at what would be published
actions: [site.publish]
then: shadow
YAML
try "$steward" run weekly_update
try "$steward" shadow report
expect_status 0
expect_text "held back by the rule pages_wait: For now we only look at what would be published"
[[ "$("$steward" shadow report pages_wait --json | field held_back.0.action)" == site.publish ]] || fail "the JSON does not tell what was held back"
try "$steward" shadow report --since 2999-01-01
expect_no_text "held back"
echo "rules are listed, tested, replayed, given and revoked"
