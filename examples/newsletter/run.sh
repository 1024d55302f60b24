#!/usr/bin/env bash
# A small company at work, from an empty folder to mails in the outbox. `./dev run` calls this.
#
#   run.sh [--yes] [FOLDER]      FOLDER: where the workspace goes; default build/newsletter. It is made afresh.
#
# On a terminal it asks before anything leaves; with --yes it approves by itself; otherwise it says how to go on.
# STEWARD names the program (default: build/dev/steward, then the one on PATH).
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
yes="" workspace="$here/../../build/newsletter"
for word in "$@"; do
  case "$word" in
    --yes) yes=--yes ;;
    -*) echo "run.sh knows --yes and a folder, not '$word'." >&2; exit 2 ;;
    *) workspace="$word" ;;
  esac
done

# shellcheck source=examples/example.sh
source "$here/../example.sh"
shown() { printf '%s' "${1/#"$PWD/"/}"; }        # paths as the reader would type them
count() { find "$1" -type f -name "$2" 2>/dev/null | wc -l | tr -d ' '; }

# ---- 1. A workspace: what is special about this company, and the shipped roles and workflows for the rest.
fresh_workspace
cp -R "$here/company.yaml" "$here/contacts" "$here/notes" "$here/policies" "$workspace/"
sed -i "s|repository: ../..|repository: $root|" "$workspace/company.yaml"
s init "$workspace" --no-git --quiet

stage "1. A company is a folder of text files: $(shown "$workspace")"
note "$(count "$workspace/roles" '*.yaml') roles, $(count "$workspace/workflows" '*.yaml') workflows, $(count "$workspace/contacts" '*.md') people who hear from us, $(count "$workspace/notes" '*.md') notes"
s check
while IFS='|' read -r about text; do
  s memory add --scope company --about "$about" "$text" >/dev/null
done <"$here/memory.txt"
note "and $(grep -c . "$here/memory.txt") things that the company remembers (steward memory search voice)"

# ---- 2. The work. The news is this project's own git history, seen from its newest commit, so that it never runs dry.
if ! newest="$(git -C "$root" log -1 --format=%cI 2>/dev/null)"; then
  echo "$root has no git history that git can read, and the history is the news of this example. Run it from a clone." >&2
  exit 1
fi
since="$(date -u -d "$newest 7 days ago" +%Y-%m-%dT%H:%M:%SZ)"
stage "2. The workflow weekly_update at work, on the git history since ${since%T*}"
note "researcher -> editor -> scheduler -> one letter per person -> your approval -> publish, send, remember"
echo

input="{\"since\": \"$since\"}"
if [[ -t 0 && -t 2 && -z "$yes" ]]; then
  s run weekly_update --input "$input"          # it shows the card and asks
else
  # A line for each step; the whole story is in `steward show run-1`.
  s run weekly_update --input "$input" </dev/null 2>&1 >/dev/null | grep -E "^  (✓|✗|\?|!) " || true
  approval="$(s inbox --json | first_text subject)"
  [[ -n "$approval" ]] || { echo "No card came: see '$(shown "$steward") --workspace $(shown "$workspace") show run-1'." >&2; exit 1; }
  stage "   Nothing has left yet. This card asks first (steward inbox $approval):"
  echo
  s inbox "$approval"
  if [[ -n "$yes" ]]; then
    stage "   --yes: approved (steward approve $approval)"
    echo
    s approve "$approval" 2>&1 >/dev/null | grep -E "^  (✓|✗|!) "
  fi
fi

# ---- 3. What is there now.
published=("$workspace"/site/2*.html)
if [[ ! -e "${published[0]}" ]]; then
  stage "3. The card waits, for three days if need be. Go on with:"
  note "alias s='$(shown "$steward") --workspace $(shown "$workspace")'"
  note "s inbox                       what waits for you"
  note "s approve ${approval:-APPROVAL}               let it go, exactly as shown"
  note "s reject ${approval:-APPROVAL} --reason '…'   or don't"
  exit 0
fi

stage "3. What it left behind"
note "$(shown "${published[0]}")   the page"
note "$(shown "$workspace/site/feed.xml")   the feed"
for mail in "$workspace"/mail/outbox/new/*; do
  note "$(shown "$workspace")/mail/outbox/new/   $(sed -nE 's/^To: (.*)/to \1/p' "$mail" | head -n 1)"
done
note "$(shown "$workspace/calendar.ics")   half an hour for replies"

# ---- 4. The question that matters a week later: why did she get this mail?
mails=("$workspace"/mail/outbox/new/*)
stage "4. Why did this mail leave?   steward why $(shown "${mails[0]}")"
echo
s why "${mails[0]}"

stage "That is all. Look around:"
note "cd $(shown "$workspace"), then: $(shown "$steward") runs | show run-1 | cost | memory search voice | entity list customer"
note "examples/newsletter/README.md says how to pull the plug, and how to let a stranger write."
