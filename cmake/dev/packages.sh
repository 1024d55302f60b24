# Finds the Debian packages that a verb needs and installs the missing ones, after asking. Sourced by ./dev.
# Exit code 3 everywhere here: something is missing and could not be installed.
# shellcheck shell=bash disable=SC2154  # root, yes and verb come from ./dev

packages_file="cmake/debian-packages.txt"
os_release="${STEWARD_OS_RELEASE:-/etc/os-release}"  # a test shows another system

# packages_of GROUP: the names in that group, one a line.
packages_of() { awk -v group="$1" '$1 !~ /^#/ && $2 == group { print $1 }' "$packages_file"; }

# missing_of GROUP: those of them that are not installed. One call of dpkg-query, some 10 ms.
missing_of() {
  local wanted
  mapfile -t wanted < <(packages_of "$1")
  comm -23 <(printf '%s\n' "${wanted[@]}" | sort) \
    <(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null | awk '$2 == "installed" { print $1 }' | sort -u)
}

is_debian_12() {
  grep -qx 'ID=debian' "$os_release" 2>/dev/null && grep -qx 'VERSION_ID="12"' "$os_release"
}

# ask QUESTION: yes only if --yes was given or a person at a terminal says so.
ask() {
  [[ -n "$yes" ]] && return 0
  [[ -t 0 && -t 2 ]] || return 1
  local answer=""
  read -r -p "$1 [Y/n] " answer
  [[ -z "$answer" || "$answer" == [yY]* ]]
}

# need GROUP: returns when the group's packages are there, else installs them or stops with what to do.
need() {
  local group="$1" missing
  if ! is_debian_12 || ! command -v dpkg-query >/dev/null; then
    if [[ ! -e "build/.packages-shown-$group" ]]; then
      say "This is not Debian 12, so nothing is installed for you. What '$group' needs, by its Debian names:"
      say "  $(packages_of "$group" | tr '\n' ' ')"
      say "Going on with what is here."
      mkdir -p build && : >"build/.packages-shown-$group"
    fi
    return 0
  fi
  mapfile -t missing < <(missing_of "$group")
  [[ ${#missing[@]} -eq 0 ]] && return 0

  local sudo=() install=(apt-get install -y --no-install-recommends "${missing[@]}")
  if ! command -v apt-get >/dev/null; then
    say "These Debian packages are missing: ${missing[*]}"
    say "There is no apt-get here to install them with. Install them another way, then run ./dev again."
    exit 3
  fi
  if [[ "$(id -u)" -ne 0 ]]; then
    say "These Debian packages are missing: ${missing[*]}"
    say "($packages_file says what each is for.)"
    if ! command -v sudo >/dev/null; then
      say "You are not root and there is no sudo. As root, run:"
      say "  apt-get update && ${install[*]}"
      exit 3
    fi
    if ! ask "Install them with sudo?"; then
      say "Nothing was installed. To do it yourself:"
      say "  sudo apt-get update && sudo ${install[*]}"
      say "or let ./dev do it: ./dev $verb --yes"
      exit 3
    fi
    sudo=(sudo)
    if ! sudo -v; then
      say "sudo refused. Ask someone who may, to run: apt-get update && ${install[*]}"
      exit 3
    fi
  fi

  say "installing ${#missing[@]} Debian packages (a few minutes the first time) …"
  local log
  log="$(mktemp)"
  # The lists may be old or absent; a source that can't be reached is only a problem if the installation then fails.
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update >"$log" 2>&1 || true
  if ! "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}" >>"$log" 2>&1; then
    grep -E '^(E|W|Err):?' "$log" | tail -n 8 >&2 || true
    say "apt-get could not install them; its last words are above, all of them are in $log."
    say "The usual reasons: no network, no Debian mirror in /etc/apt, a full disk. Mend that, then run ./dev again, or by hand:"
    say "  apt-get update && ${install[*]}"
    exit 3
  fi
  rm -f "$log"
}
