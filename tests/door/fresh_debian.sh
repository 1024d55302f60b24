#!/usr/bin/env bash
# Proves that a clone is all it takes: makes an empty Debian 12 (debootstrap minbase with git), clones this checkout's commit
# into it, and runs `./dev run --yes` and `./dev test` there. Needs root and a Debian mirror; takes half an hour.
#   fresh_debian.sh [FOLDER]   FOLDER keeps the pristine system for the next time; without it a temporary folder is used
set -euo pipefail

source_dir="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
folder="${1:-}"
say() { printf '%s\n' "$*" >&2; }

if [[ $EUID -ne 0 ]]; then
  say "debootstrap and chroot need root. Run: sudo ./dev fresh"
  exit 3
fi
if [[ -z "$folder" ]]; then
  folder="$(mktemp -d)"
  throw_away=1
fi
mkdir -p "$folder"
base="$folder/base" root="$folder/root"

mirror_of_host() {
  local found
  found="$(cat /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources 2>/dev/null |
    sed -nE 's/^(URIs:|deb) +(\[[^]]*\] +)?([a-z]+:[^ ]+).*/\3/p' | grep -v security | head -n 1)"
  echo "${found:-http://deb.debian.org/debian}"
}

leave() {
  umount "$root/dev/shm" "$root/dev/pts" "$root/proc" 2>/dev/null || true
  if [[ -n "${throw_away:-}" ]]; then rm -rf --one-file-system "$folder"; fi
}
trap leave EXIT

if [[ ! -f "$base/.complete" ]]; then
  say "making an empty Debian 12 in $base …"
  rm -rf --one-file-system "$base"
  debootstrap --variant=minbase --include=git,ca-certificates bookworm "$base" "$(mirror_of_host)" >"$folder/debootstrap.log" ||
    { tail -n 5 "$folder/debootstrap.log" >&2; exit 3; }
  touch "$base/.complete"
fi
rm -rf --one-file-system "$root"
cp -a "$base" "$root"

# The host's way to the mirror: Debian's own sources, proxies, name servers.
[[ -f /etc/apt/sources.list.d/debian.sources ]] && cp /etc/apt/sources.list.d/debian.sources "$root/etc/apt/sources.list.d/" && : >"$root/etc/apt/sources.list"
grep -lsE '^ *Acquire' /etc/apt/apt.conf.d/* | xargs -r cp -t "$root/etc/apt/apt.conf.d/" || true
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
mount -t proc proc "$root/proc"
mkdir -p "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"

git clone --quiet --no-local "$source_dir" "$root/srv/steward"
inside() {
  chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/srv LANG=C.UTF-8 \
    bash -c "cd /srv/steward && $1" </dev/null
}

started=$SECONDS
say "commit $(git -C "$root/srv/steward" rev-parse --short HEAD), nothing installed but git: ./dev run --yes"
inside "./dev run --yes"
say "'./dev run' took $((SECONDS - started)) s from nothing; now ./dev test"
inside "./dev test"
say "an empty Debian 12 runs and tests this clone in $((SECONDS - started)) s"
