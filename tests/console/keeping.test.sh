#!/usr/bin/env bash
# promise: a backup of a running company is proven by restoring it, and a restored company is paused until its operator has looked
# promise: rebuild --verify proves what is derived equal, and state shows any earlier moment
# promise: long texts of old runs and the fields of a person leave the journal, and its chain stays whole
# promise: doctor names every damage to the journal, with a way out
# shellcheck source=tests/console/company.sh
source "$(dirname "${BASH_SOURCE[0]}")/company.sh"

# ---- a backup while the engine works
try "$steward" backup
expect_status 3
expect_text "[journal_not_found]"
"$steward" up 2>"$scratch/up" &
parent=$!
await "is running" cat "$scratch/up"
try "$steward" run weekly_update
expect_status 0
"$steward" backup "$scratch/monday" --json >"$scratch/json" 2>/dev/null || fail "a backup of a running company"
[[ "$(field proven <"$scratch/json")" == 1 ]] || fail "the backup was not proven"
events="$(field events <"$scratch/json")"
try "$steward" backup "$scratch/monday"
expect_status 1
expect_text "[backup_exists]"
try "$steward" backup --check "$scratch/monday"
expect_status 0
expect_text "is whole: $events events"
for words in "restore $scratch/monday --replace" "rebuild"; do
  # shellcheck disable=SC2086
  try "$steward" $words
  expect_status 4
  expect_text "[already_running]"
done
try "$steward" approve apr-1
expect_status 0
await "published" "$steward" runs --all
try "$steward" stop
expect_status 0
wait "$parent" 2>/dev/null || true
parent=""

# ---- what nobody needs word for word any more goes; what happened is still explained
"$steward" journal compact --older-than 0s --dry-run --json >"$scratch/json" || fail "journal compact --dry-run"
[[ "$(field events <"$scratch/json")" -gt 0 && "$(field done.events <"$scratch/json")" == 0 ]] || fail "a look finds long texts and takes none"
try "$steward" journal compact --older-than 0s --class transcripts --class effects
expect_status 0
expect_text "Chain and state are the same"
try "$steward" journal compact --class transcript
expect_status 2
try "$steward" why "$(find mail/outbox/new -type f | head -n 1)"
expect_status 0
expect_text "apr-1 approved by the operator"
try "$steward" journal upgrade
expect_status 0
expect_text "Nothing to do"
person="$("$steward" entity list --json | perl -MJSON::PP -e 'local $/; print +(grep { $_->{type} eq "customer" } @{decode_json(<STDIN>)})[0]{entity}')"
try "$steward" entity erase "$person"
expect_status 1
expect_text "--yes"
"$steward" entity erase "$person" --yes --json >"$scratch/json" || fail "entity erase"
[[ "$(field entity <"$scratch/json")" == "$person" ]] || fail "another one was erased"
try "$steward" entity show "$person"
expect_text "(erased)"
expect_no_text "@example.com"
try "$steward" entity erase nobody-1 --yes
expect_status 3
try "$steward" doctor
expect_status 0

# ---- back to before the approval: paused, so that nothing leaves a second time
mails="$(find mail/outbox/new -type f | wc -l)"
try "$steward" restore "$scratch/tuesday"
expect_status 3
expect_text "[backup_not_found]"
try "$steward" restore "$scratch/monday"
expect_status 1
expect_text "[restore_in_the_way]"
try "$steward" restore "$scratch/monday" --replace
expect_status 0
expect_text "$events events"
expect_text "steward resume"
try "$steward" runs
expect_text "apr-1"
try "$steward" approve apr-1
[[ "$(find mail/outbox/new -type f | wc -l)" -eq "$mails" ]] || fail "a restored company sent a mail while it was paused"
try "$steward" doctor
expect_status 0
expect_text "paused: company"

# ---- what is derived is derived again; what was, is shown
"$steward" rebuild --verify --json >"$scratch/json" || fail "rebuild --verify gave $?"
[[ "$(field equal <"$scratch/json")" == 1 && "$(field projections.2.name <"$scratch/json")" == fold ]] || fail "the projections are not equal"
"$steward" state --json >"$scratch/json" || fail "state --json"
[[ "$(field runs.run-1.approvals.0.said.approval <"$scratch/json")" == apr-1 ]] || fail "the state holds the run's question"
last="$(field event <"$scratch/json")"
try "$steward" state --as-of 1
expect_status 0
expect_text "As of event 1"
expect_text "0 open runs"
try "$steward" state --as-of "$last"
expect_text "1 open runs"
expect_text "paused"
try "$steward" state --as-of $((last + 1))
expect_status 3
try "$steward" state --as-of yesterday
expect_status 2

# ---- damage is named
"$steward" backup "$scratch/wednesday" >/dev/null 2>&1 || fail "a second backup"
"$steward" restore "$scratch/wednesday" --replace --unpaused >/dev/null 2>&1 || fail "a restore without a log beside the journal"
for damage in "s/weekly_update/weekly_updatf/g" "s/run_started/run_startee/g"; do
  cp .steward/journal.db "$scratch/good.db"
  perl -0pi -e "$damage" .steward/journal.db
  try "$steward" doctor
  cp "$scratch/good.db" .steward/journal.db
  expect_status 1
  expect_text "[journal_chain_broken]"
  expect_text "steward restore"
done
mv .steward/salt "$scratch/salt"
try "$steward" doctor
expect_status 1
expect_text "Copy 'salt' from the last backup"
mv "$scratch/salt" .steward/salt
chmod 755 .steward
try "$steward" doctor
expect_status 1
expect_text "chmod 700"
chmod 700 .steward
perl -0pi -e 's/weekly_update/weekly_updatf/g' "$scratch/monday/journal.db"
try "$steward" restore "$scratch/monday" --replace
expect_status 1
expect_text "[backup_damaged]"
try "$steward" doctor
expect_status 0
