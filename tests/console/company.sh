# A fresh company in a scratch folder, for the tests that keep an engine: sourced by them, with the program as $1.
# shellcheck source=tests/door/support.sh
source "$(dirname "${BASH_SOURCE[0]}")/../door/support.sh"
steward="$1"
export NO_COLOR=1
company="$scratch/company"
"$steward" init "$company" --quiet >/dev/null 2>&1
cd "$company"

# field NAME[.NAME…]: that member of the JSON on standard input; nothing where there is none.
field() { perl -MJSON::PP -e 'local $/; my $v = decode_json(<STDIN>); $v = ref $v eq "ARRAY" ? $v->[$_] : $v->{$_} for split /\./, shift; print $v // ""' "$1"; }

parent=""  # the engine's parent process, where the test has started one
stop_all() {
  [[ -z "$parent" ]] || kill -9 "$parent" 2>/dev/null || true
  rm -rf "$scratch"
}
trap stop_all EXIT

# await TEXT COMMAND…: repeats the command until it shows the text; some seconds at most.
await() {
  local text="$1"
  shift
  for _ in $(seq 200); do
    if "$@" 2>/dev/null | grep -qF -- "$text"; then return 0; fi
    read -r -t 0.05 <> <(:) || true
  done
  fail "never saw '$text' from: $*"
}
