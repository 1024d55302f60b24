#!/usr/bin/env bash
# promise: a page that was approved is held, taken back by undo with nothing sent, or let go at once by --now
# promise: an engine that ended inside a hold lets the page leave once, after it
# promise: questions that are alike stand together, --dry-run shows them, and one command decides them all
# promise: snooze puts a card out of sight until its time, and inbox --all shows it
# promise: learn shows what was rejected and why, and writes the rule that follows only when it is told to
# shellcheck source=tests/console/company.sh
source "$(dirname "${BASH_SOURCE[0]}")/company.sh"
echo "2026-11-23T10:00:00Z" >"$scratch/clock"  # at night a shipped rule would speak as well
export STEWARD_TEST_CLOCK="$scratch/clock"
grep -q '^hold: {public: 0s}' company.yaml || fail "a new workspace says that its pages are not held"
rm -f policies/*.yaml
cat >workflows/note.yaml <<'YAML'
workflow: note
version: 1
steps:
  - publish: {effect: site.publish, with: {path: "${input.path}", title: "${input.title}", markdown: "${input.text}"}, ask: {if_rejected: kept}, undo: site.unpublish}
  - done:    {as: published}
  - kept:    {as: kept back}
YAML
cat >workflows/mail.yaml <<'YAML'
workflow: mail
version: 1
steps:
  - send: {effect: mailbox.send, with: {to: "${input.to}", subject: "News", body: "${input.text}"}, ask: {}, undo: none}
  - done: {as: sent}
YAML
note() { "$steward" run note --set path="$1.html" --set title="$2" --set text="$3" >/dev/null 2>&1 </dev/null; }
pages() { find site -name "$1.html" 2>/dev/null | wc -l; }

# ---- a hold shorter than the company's is refused; the company's own may be nothing
sed -i 's/^hold: .*/hold: {public: 5m}/' company.yaml
sed -i 's/undo: site.unpublish}/undo: site.unpublish, hold: 1m}/' workflows/note.yaml
try "$steward" check
expect_status 2
expect_text "'hold' is 1m, and the company holds what is public for 5m"
sed -i 's/, hold: 1m}/}/' workflows/note.yaml
try "$steward" check
expect_status 0

# ---- approved, held, taken back
note one "A page" "First words"
try "$steward" approve apr-1
expect_status 0
expect_text "run-1 waits for the end of a hold: eff-1 leaves at 2026-11-23 11:05 Europe/Berlin unless you take it back (steward undo eff-1)"
try "$steward" inbox
expect_text "leaves in 5 min unless you take it back"
expect_text "steward undo eff-1   steward approve eff-1 --now"
try "$steward" why eff-1
expect_text "held: it leaves at 2026-11-23T10:05:00Z"
[[ "$(pages one)" == 0 ]] || fail "a page that is held is published"
try "$steward" reject apr-1
expect_status 1
expect_text "'steward undo eff-1' takes it back"
try "$steward" undo eff-1
expect_status 0
expect_text "nothing was sent"
expect_text "run-1 finished: kept back"
try "$steward" undo eff-1
expect_status 1
expect_text "[effect_not_done]"

# ---- let go at once, and after a hold in which no engine ran
note two "Second page" "Second words"
try "$steward" approve apr-2 --now
expect_status 0
expect_text "run-2 finished: published"
[[ "$(pages two)" == 1 ]] || fail "--now did not publish"
note three "Third page" "Third words"
try "$steward" approve apr-3
echo "2026-11-23T10:06:00Z" >"$scratch/clock"
note four "Fourth page" "Fourth words"  # an engine of its own; it finds the hold over
[[ "$(pages three)" == 1 ]] || fail "a page whose hold is over did not leave"
[[ "$("$steward" trace run-3 --json | grep -o '"kind":"effect_dispatched"' | wc -l)" == 1 ]] || fail "it left more than once"

# ---- alike: one line, one decision; text from outside hides nothing
note five "Fifth page" $'Hidden \xe2\x80\xae words'
try "$steward" inbox
expect_text "2 alike  note / publish (site.publish)"
expect_text "title: Fifth page"
expect_text 'markdown: Hidden \u{202E} words'
try "$steward" approve apr-5 --alike --dry-run
expect_status 0
expect_text "2 questions would be approved. Nothing was decided."
[[ "$("$steward" inbox --json | field 0.approval.state)" == asked ]] || fail "--dry-run decided"
try "$steward" reject apr-5 --alike --reason "Not this week"
expect_status 0
expect_text "2 questions rejected, each as it is shown."
try "$steward" approve apr-4 --alike
expect_status 3

# ---- snooze
note six "Sixth page" "Sixth words"
try "$steward" snooze apr-6 tomorrow 9:00
expect_status 0
expect_text "apr-6 is out of sight until 2026-11-24 09:00 Europe/Berlin"
try "$steward" inbox
expect_no_text "apr-6"
expect_text "1 card is out of sight: steward inbox --all"
try "$steward" inbox --all
expect_text "asleep, back in"
try "$steward" snooze apr-6 soon
expect_status 1
expect_text "[bad_snooze]"
echo "2026-11-24T08:00:00Z" >"$scratch/clock"
try "$steward" inbox
expect_text "apr-6"

# ---- what corrections teach
for who in ada ben; do
  "$steward" run mail --set to="$who@pushy.example" --set text="Hello" >/dev/null 2>&1 </dev/null
  approval="$("$steward" inbox --json | perl -MJSON::PP -e 'local $/; print +(map { $_->{subject} } grep { $_->{about} eq "approval" } @{decode_json(<STDIN>)})[-1]')"
  "$steward" reject "$approval" --reason "They asked us \"never again\"" >/dev/null 2>&1
done
try "$steward" learn
expect_status 0
expect_text "Not this week"
expect_text "A rule"
expect_text 'because: "They asked us \"never again\""'
[[ ! -e policies/learnt_mailbox_send_pushy_example.yaml ]] || fail "learn wrote a rule by itself"
try "$steward" learn --write no_such_rule
expect_status 1
try "$steward" learn --write learnt_mailbox_send_pushy_example
expect_status 0
try "$steward" check
expect_status 0
try "$steward" policy replay
expect_status 6
expect_text "2 would have been denied"
try "$steward" memory search "never again"
expect_text "The operator rejected mailbox.send"
