#!/usr/bin/env bash
# promise: dev asks before it uses sudo, and says what is missing and what to do where it can't install
# promise: dev is quiet and installs at once when it runs as root
# promise: dev asks once whether anything is missing, however long the list is
# promise: dev prints the list of packages on another system, once, and goes on
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

# A small Debian of our own: the programs that ./dev asks, each doing what the test wants.
fake="$scratch/bin"
mkdir -p "$fake" "$scratch/tree/cmake"
for program in bash awk sort comm cat grep tail tr mkdir mktemp rm env date; do ln -s "$(command -v "$program")" "$fake/$program"; done
cat >"$scratch/tree/cmake/debian-packages.txt" <<'END'
# a comment
alpha-dev  build   # why
beta-dev   build   # why
gamma      format  # why
END
printf 'ID=debian\nVERSION_ID="12"\n' >"$scratch/debian"
printf 'ID=fedora\nVERSION_ID=41\n' >"$scratch/fedora"

program() { printf '#!%s\n%s\n' "$(command -v bash)" "$2" >"$fake/$1" && chmod +x "$fake/$1"; }
# shellcheck disable=SC2016  # it is the program's text
program dpkg-query 'for p in "$@"; do [[ " $INSTALLED " == *" $p "* ]] && echo "$p installed"; done; exit 1'
# shellcheck disable=SC2016
program id 'echo "$AS"'

# need AS INSTALLED [YES] [OS]: what ./dev would do before a build.
need() {
  # shellcheck disable=SC2016  # the inner shell expands it
  try env -i PATH="$fake" AS="$1" INSTALLED="$2" APT_FAILS="${APT_FAILS:-}" STEWARD_OS_RELEASE="$scratch/${4:-debian}" bash -c '
    set -euo pipefail
    say() { printf "%s\n" "$*" >&2; }
    cd "$1"; verb=test yes="$2"
    source "$3/cmake/dev/packages.sh"
    need build; echo went on' _ "$scratch/tree" "${3:-}" "$source_dir"
}

need 1000 "alpha-dev beta-dev"
expect_status 0
expect_text "went on"

need 0 "alpha-dev"
expect_status 3
expect_text "There is no apt-get here"
expect_text "beta-dev"
expect_no_text "alpha-dev"

# shellcheck disable=SC2016
program apt-get 'echo "apt-get $*" >>"'"$scratch"'/apt"; if [[ "$1" == install && -n "$APT_FAILS" ]]; then echo "E: Unable to locate package"; exit 100; fi'
need 1000 ""
expect_status 3
expect_text "there is no sudo"
expect_text "apt-get install -y --no-install-recommends alpha-dev beta-dev"

# shellcheck disable=SC2016
program sudo 'echo sudo >>"'"$scratch"'/apt"; [[ "$1" == -v ]] || exec "$@"'
need 1000 ""
expect_status 3
expect_text "Nothing was installed"
expect_text "./dev test --yes"
[[ ! -e "$scratch/apt" ]] || fail "neither apt-get nor sudo may be called before someone agreed"

need 1000 "" 1
expect_status 0
expect_text "went on"
grep -q '^sudo$' "$scratch/apt" || fail "sudo was agreed to and not used"
grep -q '^apt-get install .* alpha-dev beta-dev$' "$scratch/apt" || fail "apt-get was not asked for both packages"

rm "$scratch/apt"
need 0 "alpha-dev"
expect_status 0
expect_text "went on"
expect_no_text "[Y/n]"
! grep -q '^sudo$' "$scratch/apt" || fail "root needs no sudo"
grep -q '^apt-get install .* beta-dev$' "$scratch/apt" || fail "apt-get was not asked for the missing package"

APT_FAILS=1 need 0 ""
expect_status 3
expect_text "E: Unable to locate package"
expect_text "no network"

need 0 "" "" fedora
expect_status 0
expect_text "This is not Debian 12"
expect_text "alpha-dev beta-dev"
need 0 "" "" fedora
expect_text "went on"
expect_no_text "This is not Debian 12"

# However long the list: one question to dpkg, since each start of a program costs the edit loop its milliseconds.
# shellcheck disable=SC2016
program dpkg-query 'echo asked >>"'"$scratch"'/asked"; for p in "$@"; do [[ " $INSTALLED " == *" $p "* ]] && echo "$p installed"; done; exit 1'
need 0 "alpha-dev beta-dev"
expect_status 0
[[ "$(grep -c asked "$scratch/asked")" == 1 ]] || fail "dpkg was asked $(grep -c asked "$scratch/asked") times"
