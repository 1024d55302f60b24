#!/usr/bin/env bash
# promise: a person who wrote, was answered and is erased stands in no byte of what the company keeps, and the company works on
# shellcheck source=tests/console/company.sh
source "$(dirname "${BASH_SOURCE[0]}")/company.sh"
echo 2026-11-24T12:00:00Z >"$scratch/clock"
export STEWARD_TEST_CLOCK="$scratch/clock"

# Every byte of every file of the company's folder, whatever SQLite calls it. The name's two words count one by one.
traces() { grep -raoiE "zebulon|quux|zq\.example|walnut desks|curved legs" .steward | sort | uniq -c || true; }

start() {
  "$steward" up 2>"$scratch/up" &
  parent=$!
  await "is running" cat "$scratch/up"
}
stop() {
  try "$steward" stop
  expect_status 0
  wait "$parent" 2>/dev/null || true
  parent=""
}

# ---- he writes, and is answered
mkdir -p mail/inbox/new mail/inbox/cur mail/inbox/tmp
printf 'From: Zebulon Quux <zebulon@zq.example>\nTo: hello@example.org\nSubject: A question about walnut desks\nMessage-ID: <1@zq.example>\nDate: Tue, 24 Nov 2026 11:00:00 +0000\n\nDear people,\nDo you make walnut desks with curved legs? What would two of them cost?\nZebulon\n' >mail/inbox/new/1.mail
printf 'From: Ada Lovelace <ada@example.com>\nTo: hello@example.org\nSubject: Engines\nMessage-ID: <1@example.com>\nDate: Tue, 24 Nov 2026 11:01:00 +0000\n\nHello, do you build engines of brass?\n' >mail/inbox/new/2.mail
start
await "Zebulon Quux" "$steward" entity list lead
await "Ada Lovelace" "$steward" entity list lead
await "apr-1" "$steward" inbox
await "apr-2" "$steward" inbox
# Which of the two came first is the world's business.
run=run-1 other_run=run-2
"$steward" show run-1 --json | grep -F zebulon@zq.example >/dev/null || { run=run-2 other_run=run-1; }
card_of() { "$steward" runs --json | perl -MJSON::PP -e 'local $/; my $run = shift; print +(grep { $_->{run} eq $run } @{decode_json(<STDIN>)})[0]{waits_for} =~ s/^you: //r' "$1"; }
card="$(card_of "$run")"
other="$(card_of "$other_run")"
try "$steward" approve "$card"
expect_status 0
await "mail_received" "$steward" show "$run"
person="$("$steward" entity list lead --json | perl -MJSON::PP -e 'local $/; print +(grep { $_->{name} eq "Zebulon Quux" } @{decode_json(<STDIN>)})[0]{entity}')"
try "$steward" entity erase "$person" --yes
expect_status 4
expect_text "[already_running]"
stop

try "$steward" memory search Zebulon
expect_text "We wrote"

# ---- a run that still works with his words stands in the way, and is named
try "$steward" entity erase "$person" --yes
expect_status 1
expect_text "[erase_run_open]"
expect_text "steward stop $run"
[[ -n "$(traces)" ]] || fail "the journal did not hold him at all"
try "$steward" stop "$run"
expect_status 0
"$steward" backup "$scratch/before" >/dev/null 2>&1 || fail "a backup"

# ---- gone, from every byte
try "$steward" entity erase "$person" --yes
expect_status 0
expect_text "Erased: $person"
expect_text "remove them, such as $scratch/before"
expect_no_text "Zebulon"
left="$(traces)"
[[ -z "$left" ]] || fail "still there: $left"
grep -raq "engines of brass" .steward || fail "another one's words went, too"
try "$steward" entity erase "$person" --yes
expect_status 0
expect_text "was erased already"

# ---- and all goes on without him
try "$steward" doctor
expect_status 0
try "$steward" rebuild --verify
expect_status 0
for words in "replay $run" "why $run" "show $run" "show $card" "log --limit 500" "entity show $person" "entity history $person" "measures" "memory search Zebulon" "memory search walnut"; do
  # shellcheck disable=SC2086
  try "$steward" $words
  [[ "$status" -lt 128 ]] || fail "crashed: $words"
  for gone in ebulon Quux zq.example "curved legs"; do expect_no_text "$gone"; done
done
try "$steward" replay "$run"
expect_text "entity erase"
start
try "$steward" entity show "$person"
expect_text "(erased)"
try "$steward" reject "$other"
expect_status 0
stop
left="$(traces)"
[[ -z "$left" ]] || fail "back again: $left"
try "$steward" doctor
expect_status 0
