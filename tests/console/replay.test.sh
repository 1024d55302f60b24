#!/usr/bin/env bash
# promise: a run replays from the journal alone, and against other manifests says what would differ
# shellcheck source=tests/door/support.sh
source "$(dirname "${BASH_SOURCE[0]}")/../door/support.sh"
steward="$1"
export NO_COLOR=1
company="$scratch/company"
"$steward" init "$company" --quiet >/dev/null 2>&1
cd "$company"
field() { perl -MJSON::PP -e 'local $/; my $v = decode_json(<STDIN>); $v = ref $v eq "ARRAY" ? $v->[$_] : $v->{$_} for split /\./, shift; print $v // ""' "$1"; }

parent=""
stop_all() {
  [[ -z "$parent" ]] || kill -9 "$parent" 2>/dev/null || true
  rm -rf "$scratch"
}
trap stop_all EXIT

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
for _ in $(seq 200); do
  if grep -qF "is running" "$scratch/up"; then break; fi
  read -r -t 0.05 <> <(:) || true
done
try "$steward" approve apr-1
expect_status 0
try "$steward" replay run-1
expect_status 0
expect_text "the same"
try "$steward" stop
expect_status 0
wait "$parent" 2>/dev/null || true
parent=""
