# What the door's tests share: a scratch folder, checks that say what they saw. Sourced.
# shellcheck shell=bash
set -euo pipefail

source_dir="${STEWARD_SOURCE_DIR:?run this through ctest, or set STEWARD_SOURCE_DIR and STEWARD_BINARY_DIR}"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

fail() {
  printf 'broken promise: %s\n' "$*" >&2
  [[ ! -f "$scratch/out" ]] || sed 's/^/  | /' "$scratch/out" >&2
  exit 1
}

# try COMMAND…: runs it with both outputs in $scratch/out and its exit code in $status.
try() {
  status=0
  "$@" >"$scratch/out" 2>&1 </dev/null || status=$?
}

# expect_status N, expect_text TEXT: about the last `try`.
expect_status() { [[ "$status" -eq "$1" ]] || fail "expected exit code $1, got $status"; }
expect_text() { grep -qF -- "$1" "$scratch/out" || fail "expected to read: $1"; }
expect_no_text() { ! grep -qF -- "$1" "$scratch/out" || fail "did not expect to read: $1"; }

# copy_tree TO: the tree without what was built, as a clone would be.
copy_tree() {
  mkdir -p "$1"
  tar -C "$source_dir" -c --exclude=./build --exclude=./.git --exclude=.steward . | tar -C "$1" -x
}
