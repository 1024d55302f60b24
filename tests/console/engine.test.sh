#!/usr/bin/env bash
# promise: up serves the other commands over a socket that only its owner can open, and stops when asked
# promise: a second engine in the same workspace is refused, and names the first
# promise: an engine that is killed is started again by its parent, and goes on where it was
# promise: nobody but its owner can read any file of the state folder
# promise: a client that hangs keeps no other command waiting
# shellcheck source=tests/console/company.sh
source "$(dirname "${BASH_SOURCE[0]}")/company.sh"

"$steward" up 2>"$scratch/up" &
parent=$!
await "is running" cat "$scratch/up"
[[ "$(stat -c %a .steward/steward.sock)" == 600 ]] || fail "the socket is open to others"
try "$steward" up --foreground
expect_status 4
expect_text "[already_running]"

private_files() {
  local open
  open="$(find .steward ! -type d -perm /077)"
  [[ -z "$open" ]] || fail "others may read: $open"
}
private_files

# A client that connects and never says anything.
perl -MSocket -e 'socket(my $s, AF_UNIX, SOCK_STREAM, 0); connect($s, pack_sockaddr_un(".steward/steward.sock")) or die; syswrite($s, "{\"do\": \"view\""); sysread($s, my $reply, 1)' &
try "$steward" run weekly_update
expect_status 0
expect_text "run-1 waits for you: apr-1"
private_files

# The plug is pulled: the parent starts another engine, and the question is still there.
engine="$(cat .steward/lock)"
kill -9 "$engine"
await "started again" cat "$scratch/up"
for _ in $(seq 200); do
  now="$(cat .steward/lock 2>/dev/null || true)"
  [[ "$now" != "$engine" && -S .steward/steward.sock ]] && break
  read -r -t 0.05 <> <(:) || true
done
await "apr-1" "$steward" inbox
try "$steward" approve apr-1
expect_status 0
await "published" "$steward" runs --all
[[ "$(find mail/outbox/new -type f | wc -l)" -eq 1 ]] || fail "one mail, once"

try "$steward" stop
expect_status 0
wait "$parent" || fail "up ends with 0 when it is stopped"
parent=""
expect_no_text "engine_lost"
try "$steward" stop
expect_status 4
