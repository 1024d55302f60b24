#!/usr/bin/env bash
# Compares what a run left behind with expected.txt: check.sh WORKSPACE. Says each difference; exit code 1 when there is one.
set -euo pipefail
shopt -s nullglob

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
workspace="${1:?usage: check.sh WORKSPACE}"
wrong=0
differs() { printf 'expected.txt:%s: %s\n' "$line" "$*"; wrong=1; }

line=0
while IFS= read -r row; do
  line=$((line + 1))
  [[ -z "$row" || "$row" == \#* ]] && continue
  verb="${row%% *}" rest="${row#* }"
  if [[ "$verb" == files ]]; then
    wanted="${rest%% *}" pattern="${rest#* }"
  else
    pattern="${rest%% | *}" words="${rest#* | }"
  fi
  found=()
  for file in "$workspace"/$pattern; do [[ -e "$file" ]] && found+=("$file"); done
  case "$verb" in
    files) [[ ${#found[@]} -eq $wanted ]] || differs "there are ${#found[@]} files $pattern, expected $wanted" ;;
    text)
      [[ ${#found[@]} -gt 0 ]] || differs "there is no file $pattern"
      for file in "${found[@]}"; do grep -qF -- "$words" "$file" || differs "${file#"$workspace"/} does not hold '$words'"; done
      ;;
    never) for file in "${found[@]}"; do ! grep -qF -- "$words" "$file" || differs "${file#"$workspace"/} holds '$words'"; done ;;
    *) differs "'$verb' is not one of files, text, never" ;;
  esac
done <"$here/expected.txt"
exit "$wrong"
