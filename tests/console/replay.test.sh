#!/usr/bin/env bash
# promise: a run replays from the journal alone, and against other manifests says what would differ
# promise: replay names each change of a workflow, a record, an end or a rung that would have changed a finished run
# promise: a fork sends no second mail unless its operator lets it
# promise: a fork begins where it is told, with an engine or without, and show and why tell where it comes from
# shellcheck source=tests/console/company.sh
source "$(dirname "${BASH_SOURCE[0]}")/company.sh"

# ---- nothing happened yet
try "$steward" replay run-1
expect_status 3
expect_text "[journal_not_found]"

# ---- an open run, without an engine
try "$steward" run weekly_update
expect_status 0
before="$(sha256sum .steward/journal.db)"
try "$steward" replay run-1
expect_status 0
expect_text "the same"
expect_no_text "difference"
turns="$("$steward" replay run-1 --json | field turns)"
[[ "$turns" -gt 3 ]] || fail "only $turns turns were taken again"
[[ "$("$steward" replay run-1 --json | field first)" == "" ]] || fail "a first difference of a run that is the same"
[[ "$(sha256sum .steward/journal.db)" == "$before" ]] || fail "a replay wrote into the journal"
try "$steward" replay run-9
expect_status 3
expect_text "[not_found_in_journal]"

# ---- with other manifests: a prompt that was changed, and a role that is played by another agent
try "$steward" replay run-1 --with .
expect_status 0
try "$steward" replay run-1 --with "$scratch/nowhere"
expect_status 2
expect_text "[no_workspace]"
mkdir "$scratch/tryout"
tar -c --exclude=.steward --exclude=.git . | tar -C "$scratch/tryout" -x
printf '\nIn rhymes.\n' >>"$scratch/tryout/prompts/editor.md"
try "$steward" replay run-1 --with "$scratch/tryout"
expect_status 6
expect_text "text of the prompt"
expect_text "The first difference is at event"
[[ ! -e "$scratch/tryout/.steward" ]] || fail "a replay made a folder in the one that it reads"
"$steward" replay run-1 --with "$scratch/tryout" --json >"$scratch/json" 2>/dev/null || true
[[ "$(field first.what <"$scratch/json")" == question ]] || fail "the first difference is no question"
[[ "$(field first.recorded.digest <"$scratch/json")" != "$(field first.now.digest <"$scratch/json")" ]] || fail "the digests are equal"

# ---- a finished run, while an engine works
"$steward" up 2>"$scratch/up" &
parent=$!
await "is running" cat "$scratch/up"
try "$steward" approve apr-1
expect_status 0
try "$steward" replay run-1
expect_status 0
expect_text "the same"

await published "$steward" runs --all

# ---- that run against manifests that were changed in one place each: every change that matters is named
again() {  # FILE PERL-EXPRESSION TEXT…: the workspace with this file changed so
  local file="$1" edit="$2"
  shift 2
  rm -rf "$scratch/changed"
  mkdir "$scratch/changed"
  tar -c --exclude=.steward --exclude=.git . | tar -C "$scratch/changed" -x
  perl -0pi -e "$edit" "$scratch/changed/$file"
  if cmp -s "$file" "$scratch/changed/$file"; then fail "nothing was changed in $file: $edit"; fi
  try "$steward" replay run-1 --with "$scratch/changed"
  expect_status 6
  for text in "$@"; do expect_text "$text"; done
}
try "$steward" replay run-1
expect_status 0
try "$steward" replay run-1 --with .
expect_status 0
expect_text "the same"
w=workflows/weekly_update.yaml
again "$w" 's/subject: "\$\{letter.subject\}"/subject: "News: \${letter.subject}"/' "step 'release'" "with.subject was"
again "$w" 's/size\(evidence.findings\) == 0/size(evidence.findings) > 0/' "step 'quiet'" "it was skipped then and would be done now"
again "$w" 's/ +ask: \{shows[^\n]*\n//' "step 'release'" "ask"
again "$w" 's/ +- remember: [^\n]*\n//' "which is not in the workflow any more"
again "$w" 's/do_not_contact: "[^"]*"/do_not_contact: true/' "step 'known'" "with.do_not_contact was false, would be true"
again "$w" 's/- draft:   \{role: editor,/- draft:   {when: "false", role: editor,/' "step 'draft'" "it was done then and would be skipped now"
again "$w" 's/as: published/as: told_them/' "step 'finish'" 'as was "published", would be "told_them"'
again roles/scheduler.yaml 's/calendar.book: act/calendar.book: ask/' "the gate said allow" "it would say ask"

# ---- a fork, carried out by that engine: what run-1 did is not done again
sent() { find mail/outbox -type f | wc -l; }
mails="$(sent)"
[[ "$mails" -gt 0 ]] || fail "run-1 has sent nothing"
try "$steward" fork run-1 --at nowhere
expect_status 1
expect_text "[step_not_reached]"
expect_text "one of collect, quiet, draft"
try "$steward" fork run-7 --at draft
expect_status 3
try "$steward" fork run-1 --at release --effects twice
expect_status 2
try "$steward" fork run-1 --at release
expect_status 0
expect_text "Done before, from that step on"
try "$steward" runs --all
expect_text "run-2"
[[ "$("$steward" inbox --json | field 0.run)" == "" ]] || fail "a fork that reuses what was done asks nobody"
[[ "$(sent)" == "$mails" ]] || fail "a fork that reuses what was done sent a mail"
try "$steward" why run-2
expect_status 0
expect_text "fork of run-1 at release"
"$steward" why run-2 --json >"$scratch/why" || fail "why --json of a fork"
grep -qF "its answer is used and nothing leaves" "$scratch/why" || fail "why does not say that nothing left"
try "$steward" replay run-2
expect_status 0

# ---- asked again: one card for the same mails, and they leave when the operator says so
try "$steward" fork run-1 --at release --effects ask --no-wait
expect_status 0
expect_text "run-3 begins at release of run-1"
await run-3 "$steward" inbox --json
[[ "$(sent)" == "$mails" ]] || fail "a fork sent what nobody approved"
try "$steward" show run-3
expect_status 0
expect_text "fork of run-1 at release"
"$steward" show run-3 --json >"$scratch/json" 2>/dev/null || fail "show --json of a fork"
[[ "$(field forked.run <"$scratch/json")" == run-1 ]] || fail "show does not tell the run that it comes from"
asked="$("$steward" inbox --json | grep -oE 'apr-[0-9]+' | head -n 1)"
"$steward" why run-3 --json >"$scratch/why" || fail "why of a fork that asks"
grep -qF "another one is asked, whatever the rung" "$scratch/why" || fail "why does not say that it was done before"
try "$steward" approve "$asked"
expect_status 0
for _ in $(seq 200); do
  if [[ "$(sent)" == "$((2 * mails))" ]]; then break; fi
  read -r -t 0.05 <> <(:) || true
done
[[ "$(sent)" == "$((2 * mails))" ]] || fail "what was asked again and approved did not leave: $(sent) of $((2 * mails))"
try "$steward" stop
expect_status 0
wait "$parent" 2>/dev/null || true
parent=""

# ---- and one that is written down for the next engine; it drafts again
try "$steward" fork run-1 --at draft --key monday --only-record
expect_status 0
expect_text "run-4"
try "$steward" fork run-1 --at draft --key monday --only-record
expect_status 0
expect_text "run-4"
[[ "$("$steward" runs --all --json | grep -oE 'run-[0-9]+' | sort -u | wc -l)" == 4 ]] || fail "the same fork was begun twice under one key"
try "$steward" show run-4
expect_status 0
expect_text "fork of run-1 at draft"
"$steward" up 2>"$scratch/up" &
parent=$!
await '"turn_taken"' "$steward" trace run-4 --json
try "$steward" replay run-4
expect_status 0
expect_text "the same"
try "$steward" stop
expect_status 0
wait "$parent" 2>/dev/null || true
parent=""

# ---- compacted texts are no divergence
try "$steward" journal compact --older-than 0s --class transcripts
expect_status 0
try "$steward" replay run-1
expect_status 0
expect_text "steward journal compact"
try "$steward" doctor
expect_status 0
