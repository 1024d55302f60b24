#!/usr/bin/env bash
# promise: new-agent writes class, catalogue line, test and role template that build and pass
# promise: new-agent refuses a name that is taken, is no snake_case, or belongs to C++, and writes nothing then
# promise: the role template that new-agent writes passes steward check
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# Below the build folder and not in /tmp: the copy is as deep as a checkout, and what ccache knows of this tree serves it too.
tree="${STEWARD_BINARY_DIR:?}/door/new_agent"
rm -rf "$tree"
copy_tree "$tree"
cd "$tree"
snapshot() { find actors config -type f -exec cksum {} + | sort; }

before="$(snapshot)"
for name in "" Foo foo-bar _foo foo_ 1foo class intents lead_reply "foo bar" "../foo" a23456789012345678901234567890123456789012; do
  try ./dev new-agent "$name"
  expect_status 2
done
try ./dev new-agent editor
expect_text "actors/editor.hpp exists already"
try ./dev new-agent class
expect_text "word of C++"
[[ "$(snapshot)" == "$before" ]] || fail "a refusal must leave the tree as it was"

# A developer has built before; what is measured is the way from a name to a passing test.
try ./dev build test_actors steward_program
expect_status 0
started=$SECONDS
try ./dev new-agent ticket_sorter
took=$((SECONDS - started))
expect_status 0
expect_text "All tests passed"
expect_text "To take it back"
echo "from a name to a passing test: $took s"  # a figure, not a promise: machines differ
grep -q '^ *host<ticket_sorter>(),$' actors/catalog.cpp || fail "the catalogue has no line for it"

# The class is in the program, and a workspace can give it a role.
try ./dev build steward_program
expect_status 0
try build/dev/steward --workspace "$scratch/company" init
expect_status 0
cp config/roles/ticket_sorter.yaml "$scratch/company/roles/"
try build/dev/steward --workspace "$scratch/company" check
expect_status 0

try ./dev new-agent ticket_sorter
expect_status 2
rm -rf "$tree"
