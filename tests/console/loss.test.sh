#!/usr/bin/env bash
# promise: a journal whose end is missing is named by doctor, stops the engine, and goes on only when the operator accepts the loss
# shellcheck source=tests/door/support.sh
source "$(dirname "${BASH_SOURCE[0]}")/../door/support.sh"
steward="$1"
export NO_COLOR=1
"$steward" init "$scratch/company" --quiet --no-git >/dev/null 2>&1
cd "$scratch/company"

"$steward" pause --reason "first" >/dev/null
mkdir "$scratch/older"
cp .steward/journal.db* "$scratch/older/"
try "$steward" doctor --accept-loss
expect_status 0
expect_text "ends where its head says"
"$steward" resume >/dev/null
"$steward" pause --reason "second" >/dev/null

# As a disk would that lost what it had promised to keep: the database is older than its head.
rm .steward/journal.db*
cp "$scratch/older"/* .steward/
try "$steward" doctor
expect_status 1
expect_text "BAD  head"
expect_text "journal_tail_missing"
try "$steward" resume
expect_status 1
expect_text "[journal_tail_missing]"
try "$steward" doctor --accept-loss
expect_status 1
expect_text "--accept-loss --yes"
try "$steward" resume
expect_status 1
try "$steward" doctor --accept-loss --yes
expect_status 0
expect_text "The journal goes on from event"
try "$steward" doctor
expect_status 0
try "$steward" resume
expect_status 0
