#!/usr/bin/env bash
# Compares what a run left behind with what an example expects: check.sh WORKSPACE EXPECTED. Says each difference; exit code 1 when
# there is one.
set -euo pipefail
shopt -s nullglob

workspace="${1:?usage: check.sh WORKSPACE EXPECTED}" expected="${2:?usage: check.sh WORKSPACE EXPECTED}"
wrong=0
differs() { printf '%s:%s: %s\n' "${expected##*/}" "$line" "$*"; wrong=1; }

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
done <"$expected"
exit "$wrong"
