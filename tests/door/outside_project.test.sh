#!/usr/bin/env bash
# promise: a project outside builds its own agent against the installed library, and its program is a whole Steward
# promise: each installed contract can be included alone
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

build="${STEWARD_BINARY_DIR:?}"
prefix="$scratch/installed"
try cmake --install "$build" --prefix "$prefix"
expect_status 0
completions="share/bash-completion/completions/steward share/zsh/vendor-completions/_steward share/fish/vendor_completions.d/steward.fish"
for file in bin/steward lib/libsteward.a share/man/man1/steward.1 $completions include/steward/runtime/agent.hpp include/steward/console/console.hpp; do
  [[ -s "$prefix/$file" ]] || fail "the installation has no $file"
done
grep -rqF "$source_dir" "$prefix/include" "$prefix/lib/cmake" && fail "the installation points back at the source tree"

# Out of the tree, so that nothing but the installation can be found; with this build's own compiler flags.
cp -r "$source_dir/examples/outside_project" "$scratch/project"
flags="$(sed -n 's/^CMAKE_CXX_FLAGS:STRING=//p' "$build/CMakeCache.txt")"
try cmake -G Ninja -S "$scratch/project" -B "$scratch/project/build" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_FLAGS="$flags"
expect_status 0
try cmake --build "$scratch/project/build"
expect_status 0

mine="$scratch/project/build/my_company"
try "$mine" version
expect_status 0
try "$mine" --workspace "$scratch/company" init
expect_status 0
cat >"$scratch/company/roles/thank_you.yaml" <<'END'
role: thank_you
purpose: Thanks people who helped us, with what we remember of them.
agent: thank_you
may_know: [customers]
limits: {running: 1, waiting: 10, run_for: 10s}
when_it_fails: {restart: on_crash, at_most: 3 in 10m, then: ask_operator}
END

# The agent is known to its own program and unknown to the shipped one, which names the file and the word.
try "$mine" --workspace "$scratch/company" check
expect_status 0
try "$prefix/bin/steward" --workspace "$scratch/company" check
[[ "$status" -ne 0 ]] || fail "the shipped program can't know the agent thank_you"
expect_text "thank_you.yaml:3"

cd "$prefix/include/steward"
for header in runtime/agent.hpp runtime/connector.hpp runtime/policy.hpp runtime/model.hpp console/console.hpp; do
  printf '#include "%s"\n' "$header" >"$scratch/alone.cpp"
  try g++ -std=c++20 -fsyntax-only -I . "$scratch/alone.cpp"
  expect_status 0
done
