# Configures, builds and tests one preset. Sourced by ./dev.
# shellcheck shell=bash disable=SC2154  # root, yes and verb come from ./dev

# How many compilers fit: the cores, or one for each 1.5 GB that is free (what g++ takes for a file with CAF and -O2).
jobs_that_fit() {
  local cores free_mb fit
  cores="$(nproc)"
  free_mb="$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo 2>/dev/null || echo 3000)"
  fit=$((free_mb / 1500))
  ((fit < 1)) && fit=1
  echo $((fit < cores ? fit : cores))
}

# ccache with a precompiled header needs this sloppiness; with a base directory a second checkout hits too.
use_ccache() {
  export CCACHE_SLOPPINESS="${CCACHE_SLOPPINESS:-pch_defines,time_macros,include_file_mtime,include_file_ctime}"
  export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$root}" CCACHE_NOHASHDIR="${CCACHE_NOHASHDIR:-1}"
}

# configure PRESET: only when there is no build yet, or the presets have changed.
configure() {
  local dir="build/$1" launcher=()
  [[ -f "$dir/build.ninja" && "$dir/build.ninja" -nt CMakePresets.json ]] && return 0
  command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  mkdir -p "$dir"
  if ! cmake --preset "$1" "${launcher[@]}" >"$dir/configure.log" 2>&1; then
    cat "$dir/configure.log" >&2
    say "CMake could not configure '$1'; its last words are above."
    exit 1
  fi
}

# build PRESET TARGET…: builds what changed; without a target, everything.
build() {
  local preset="$1" started=$SECONDS quiet=()
  shift
  need build
  use_ccache
  configure "$preset"
  if [[ ! -t 1 ]]; then
    quiet=(--quiet)
    say "building ($preset, $(jobs_that_fit) at a time) …"
  fi
  if ! NINJA_STATUS='[%f/%t] ' ninja -C "build/$preset" "${quiet[@]}" -j "$(jobs_that_fit)" "$@" >&2; then
    say "The build failed; the compiler's words are above."
    exit 1
  fi
  ((SECONDS - started < 2)) || say "built in $((SECONDS - started)) s"
}

# test_programs PRESET: lines `name|folder|kind|path`; kind is plain (no CAF linked), caf or script.
test_programs() { cat "build/$1/steward_tests.txt"; }

# run_tests PRESET CTEST-OPTION…: runs them and closes with `N passed, N failed`.
run_tests() {
  local preset="$1" started=$SECONDS status=0
  shift
  local log="build/$preset/Testing/Temporary/LastTest.log"
  rm -f "$log"
  ctest --test-dir "build/$preset" --output-on-failure -j 2 "$@" >&2 || status=$?
  say "tests took $((SECONDS - started)) s"
  [[ -f "$log" ]] || { say "No test ran."; exit 1; }
  count_tests "$log" || exit 1
  return "$status"
}

# count_tests LOG: test cases of the Catch2 programs, and each other test as one.
count_tests() {
  awk '
    function close_test() {
      if (!open) return
      if (!counted || (broken && !bad)) { if (broken) failed++; else passed++ }
      open = counted = broken = bad = 0
    }
    /^[0-9]+\/[0-9]+ Testing: /  { close_test(); open = 1 }
    /^All tests passed \(/       { for (i = 1; i < NF; i++) if ($(i + 1) ~ /^test$/ && $(i + 2) ~ /^cases?\)$/) { passed += $i; counted = 1 } }
    /^test cases: /              { n = split($0, part, "|"); for (i = 2; i <= n; i++) { split(part[i], w, " ")
                                   if (w[2] == "passed") passed += w[1]; else if (w[2] == "failed") { failed += w[1]; bad = 1 } } counted = 1 }
    /^Test Failed\.|^Test timed out|\*\*\*(Failed|Timeout|Exception)/ { broken = 1 }
    END { close_test(); printf "%d passed, %d failed\n", passed, failed; exit failed > 0 }
  ' "$1"
}
