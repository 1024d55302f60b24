#!/usr/bin/env bash
# promise: a fresh workspace passes check, and init a second time overwrites nothing
# promise: a run without terminal stops at the approval, prints the next commands and exits with 0
# promise: modify --edit changes what the editor changed, as the run suggested the command
# promise: check refuses a prompt that its model could not answer, and what two manifests must agree on stands in one
# promise: approve without an engine carries the decision out, and why names intent, rule, approval and undo
# promise: data goes to stdout, everything else to stderr, and --json is one JSON document
# promise: each error has the exit code that the help documents
# shellcheck source=tests/door/support.sh
source "$(dirname "${BASH_SOURCE[0]}")/../door/support.sh"
steward="$1"
export NO_COLOR=1
valid_json() { perl -MJSON::PP -e 'local $/; JSON::PP->new->allow_nonref->decode(<STDIN>)' 2>/dev/null; }  # perl comes with git

# ---- words and exit codes
try "$steward" version
expect_status 0
expect_text "steward 0.1.0"
grep -q 'VERSION 0\.1\.0' "$source_dir/CMakeLists.txt" || fail "version.hpp and CMakeLists.txt differ"
try "$steward" aprove
expect_status 2
expect_text "Did you mean 'steward approve'?"
try "$steward" explain no_such_code
expect_status 3
try "$steward" explain unknown_command
expect_status 0
try "$steward" help exit-codes
expect_status 0
try "$steward" --workspace "$scratch" runs
expect_status 2
expect_text "[no_workspace]"
for shell in bash zsh fish; do "$steward" completions "$shell" >"$scratch/completions.$shell"; done
bash -n "$scratch/completions.bash" || fail "the completions for bash are no bash"
"$steward" man >"$scratch/man"
# The other shells are looked at where they are installed.
for shell in zsh fish; do ! command -v "$shell" >/dev/null || "$shell" -n "$scratch/completions.$shell" || fail "the completions for $shell are no $shell"; done
grep -q '^.TH STEWARD 1' "$scratch/man" || fail "the manual page has no title"

# ---- a workspace
company="$scratch/company"
try "$steward" init "$company"
expect_status 0
try "$steward" check "$company"
expect_status 0
expect_text "No errors."
echo "# mine" >>"$company/roles/editor.yaml"
try "$steward" init "$company"
expect_status 0
expect_text "0 new"
grep -q '# mine' "$company/roles/editor.yaml" || fail "init overwrote a role"
sed -i 's/^zone: .*/zone: Europe\/Belin/' "$company/company.yaml"
try "$steward" check "$company"
expect_status 2
expect_text "company.yaml:3"
expect_text "Europe/Berlin"
try "$steward" --workspace "$company" run weekly_update
expect_status 2
sed -i 's/^zone: .*/zone: Europe\/Berlin/' "$company/company.yaml"

# What the model could not answer is said before anything runs; so is a constant that company.yaml does not have.
cp "$company/prompts/outreach.md" "$scratch/"
sed -i 's/^## subject$/## subjekt/' "$company/prompts/outreach.md"
try "$steward" check "$company"
expect_status 2
expect_text "prompts/outreach.md:"
expect_text "[bad_prompt]"
cp "$scratch/outreach.md" "$company/prompts/"
sed -i 's/, base_url: [^}]*//' "$company/company.yaml"
try "$steward" check "$company"
expect_status 2
expect_text "workflows/weekly_update.yaml:9:9: company.yaml says nothing of site.base_url"
sed -i 's|title: My Company|title: My Company, base_url: https://example.net/news|' "$company/company.yaml"
try "$steward" check "$company"
expect_status 0

cd "$company"
"$steward" inbox >"$scratch/stdout" 2>"$scratch/stderr" || fail "inbox of a new workspace"
grep -q "Nothing needs you" "$scratch/stdout" || fail "an empty inbox says so"
try "$steward" show run-9
expect_status 3
try "$steward" run weekly_updat
expect_status 3
expect_text "Did you mean 'weekly_update'?"

# ---- the run stops at the question
"$steward" run weekly_update >"$scratch/stdout" 2>"$scratch/stderr" </dev/null || { cat "$scratch/stderr" >&2; fail "run"; }
grep -q "^run-1 waits for you: apr-1" "$scratch/stdout" || { cat "$scratch/stdout" "$scratch/stderr" >&2; fail "the run waits for apr-1"; }
grep -q "steward approve apr-1" "$scratch/stderr" || fail "the next commands are on stderr"
modify="$(sed -n 's/^  \(steward modify .*\)/\1/p' "$scratch/stderr")"  # as it is printed
[[ "$(grep -c '^  ' "$scratch/stderr")" -le 16 ]] || fail "the story of a run is too long: $(cat "$scratch/stderr")"
[[ -z "$(find mail site -type f 2>/dev/null | grep -v inbox | head -n 1)" ]] || fail "something left before the approval"
for words in "runs" "inbox" "show run-1" "show apr-1" "cost" "cost --by-outcome" "budget" "run weekly_update --estimate" "entity list" "doctor" "memory search update" "schema" "help" "help exit-codes" "version" "explain not_open" "why eff-1" "check"; do
  # shellcheck disable=SC2086
  "$steward" $words --json 2>/dev/null >"$scratch/json" || fail "$words --json gave $?"
  valid_json <"$scratch/json" || fail "$words --json is no JSON"
done
try "$steward" inbox
expect_text "apr-1"
try "$steward" show apr-1
for word in "If you approve" "Asked since" "Evidence" "Cost" "Undo" "No answer" "do_not_contact" "site.unpublish" "steward approve apr-1"; do expect_text "$word"; done

# ---- a change is judged again; the question stays open
effect="$("$steward" show apr-1 --json | perl -MJSON::PP -e 'local $/; print decode_json(<STDIN>)->{effects}[1]{effect}')"
try "$steward" modify apr-1 subject=Hello
expect_status 1
expect_text "[which_effect]"
try "$steward" modify apr-1 --effect "$effect" html=5  # a text, as the action says, whatever it looks like
expect_status 0
try "$steward" modify apr-1 --effect "$effect" subject="Another subject"
expect_status 0
expect_text "+ Another subject"
cat >"$scratch/editor" <<'END'
#!/usr/bin/env bash
set -e
[[ "$1" == --wait ]]
[[ "$(stat -c %a "$2")" == 600 ]]
sed -i 's/"title": "[^"]*"/"title": "A title by hand"/' "$2"
END
chmod +x "$scratch/editor"
mkdir "$scratch/bin"
ln -s "$steward" "$scratch/bin/steward"
PATH="$scratch/bin:$PATH" VISUAL="" EDITOR="$scratch/editor --wait" try bash -c "$modify"
expect_status 0
expect_text "+ A title by hand"
expect_no_text "  subject"
before="$("$steward" show apr-1 --json)"
EDITOR=false try "$steward" modify apr-1 --effect "$effect" --edit
expect_status 1
expect_text "[no_editor]"
[[ "$("$steward" show apr-1 --json)" == "$before" ]] || fail "an editor that failed changed the card"
[[ -z "$(find .steward -name 'modify*')" ]] || fail "the edited file was left behind"
try "$steward" modify apr-1 --effect "$effect" to=charles@example.com
expect_status 1
expect_text "[effect_denied]"

# ---- approved, carried out, explained
try "$steward" approve apr-1 --reason "Reads well"
expect_status 0
expect_text "run-1 finished: published"
mails=(mail/outbox/new/*)
[[ -e "${mails[0]}" && "${#mails[@]}" -eq 1 ]] || fail "one mail leaves: to Ada, not to Charles"
grep -q "https://example.net/news/2" "${mails[0]}" || fail "the mail does not link to where company.yaml says the site is"
grep -q "Another subject" "${mails[0]}" || fail "the mail has the subject that was approved"
try "$steward" why "${mails[0]}"
expect_status 0
for word in "Intent" "Evidence" "Rule" "apr-1 approved by the operator" "Reads well" "Cost" "it can't be taken back"; do expect_text "$word"; done
try "$steward" approve apr-1
[[ "$status" -eq 3 || "$status" -eq 1 ]] || fail "a decision is used once"
try "$steward" runs --all
expect_text "published"
"$steward" trace run-1 --json | while read -r line; do printf '%s' "$line" | valid_json || fail "a line of the trace is no JSON"; done

# ---- memory, pause, rejection
try "$steward" memory add --about voice "We never say leverage."
expect_status 0
try "$steward" memory search leverage
expect_text "We never say leverage."
try "$steward" pause role outreach --reason "New voice"
expect_status 0
try "$steward" resume role outreach
expect_status 0
try "$steward" resume role outreach
expect_status 1
try "$steward" doctor
expect_status 0
expect_text "chain"
