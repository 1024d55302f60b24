#include "console/completions.hpp"

#include <map>

#include <fmt/format.h>

#include "console/command_line.hpp"

namespace steward {
namespace {

/// A text between single quotes of a shell.
std::string quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string first_words(const std::vector<command>& all, std::map<std::string, std::string>& groups) {
  std::string names;
  for (const auto& c : all) {
    const auto blank = c.name.find(' ');
    const auto first = c.name.substr(0, blank);
    if (blank != std::string::npos) {
      auto& of_group = groups[first];
      if (of_group.empty()) names += (names.empty() ? "" : " ") + first;
      of_group += (of_group.empty() ? "" : " ") + c.name.substr(blank + 1);
    } else {
      names += (names.empty() ? "" : " ") + first;
    }
  }
  return names;
}

std::string words_of_command(const command& c) {
  std::string out;
  for (const auto& w : c.words) {
    if (w.hidden) continue;
    if (!w.is_position()) out += (out.empty() ? "" : " ") + w.name;
    else
      for (const auto& choice : w.choices) out += (out.empty() ? "" : " ") + choice;
  }
  for (const auto& w : global_words()) out += (out.empty() ? "" : " ") + w.name;
  return out;
}

std::string listed(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& one : words) out += (out.empty() ? "" : " ") + one;
  return out;
}

/// The options whose values are known: {"init --template", "newsletter leads bare"}.
std::vector<std::pair<std::string, std::string>> known_values(const std::vector<command>& all) {
  std::vector<std::pair<std::string, std::string>> known;
  for (const auto& c : all)
    for (const auto& w : c.words)
      if (!w.hidden && !w.is_position() && !w.choices.empty()) known.emplace_back(c.name + " " + w.name, listed(w.choices));
  return known;
}

std::string bash(const std::vector<command>& all) {
  std::map<std::string, std::string> groups;
  const auto names = first_words(all, groups);
  std::string out = "# bash completion for steward: source <(steward completions bash)\n_steward() {\n  local current=\"${COMP_WORDS[COMP_CWORD]}\" words=() name=\"\" word skip=\"\"\n"
                    "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    if [[ -n \"$skip\" ]]; then skip=\"\"; continue; fi\n"
                    "    case \"$word\" in --workspace) skip=1 ;; -*) ;; *) words+=(\"$word\") ;; esac\n  done\n"
                    "  name=\"${words[0]:-}\"\n";
  out += "  case \"$name\" in\n";
  std::string or_groups;
  for (const auto& [group, _] : groups) or_groups += (or_groups.empty() ? "" : " | ") + group;
  out += "    " + or_groups + ") name=\"$name ${words[1]:-}\" ;;\n  esac\n  local offers=\"\"\n  case \"$name\" in\n";
  out += "    '') offers=" + quote(names) + " ;;\n";
  for (const auto& [group, subs] : groups) out += "    " + quote(group + " ") + ") offers=" + quote(subs) + " ;;\n";
  for (const auto& c : all) out += "    " + quote(c.name) + ") offers=" + quote(words_of_command(c)) + " ;;\n";
  out += "  esac\n  case \"$name ${COMP_WORDS[COMP_CWORD-1]}\" in\n";
  for (const auto& [option, values] : known_values(all)) out += "    " + quote(option) + ") offers=" + quote(values) + " ;;\n";
  out += "  esac\n  mapfile -t COMPREPLY < <(compgen -W \"$offers\" -- \"$current\")\n  [[ ${#COMPREPLY[@]} -eq 0 ]] && mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n}\ncomplete -o filenames -F _steward steward\n";
  return out;
}

std::string zsh(const std::vector<command>& all) {
  std::map<std::string, std::string> groups;
  first_words(all, groups);
  std::string out = "#compdef steward\n# zsh completion for steward: put it into a folder of $fpath as _steward\n_steward() {\n  local -a offers\n  local name=\"\"\n  local -a plain\n"
                    "  plain=(${${words[2,CURRENT-1]}:#-*})\n  name=\"${plain[1]}\"\n  case \"$name\" in\n";
  std::string or_groups;
  for (const auto& [group, _] : groups) or_groups += (or_groups.empty() ? "" : "|") + group;
  out += "    (" + or_groups + ") name=\"$name ${plain[2]}\" ;;\n  esac\n  case \"$name\" in\n    ('') offers=(\n";
  const auto offer = [&](std::string_view name, std::string_view help) {
    std::string escaped;
    for (const char c : name) escaped += c == ':' ? "\\:" : std::string(1, c);
    return "      " + quote(escaped + ":" + std::string(help)) + "\n";
  };
  for (const auto& c : all)
    if (c.name.find(' ') == std::string::npos) out += offer(c.name, c.summary);
  for (const auto& [group, subs] : groups) out += offer(group, subs);
  out += "    ) ;;\n";
  for (const auto& [group, _] : groups) {
    out += "    (" + quote(group + " ") + ") offers=(\n";
    for (const auto& c : all)
      if (c.name.starts_with(group + " ")) out += offer(c.name.substr(group.size() + 1), c.summary);
    out += "    ) ;;\n";
  }
  for (const auto& c : all) {
    out += "    (" + quote(c.name) + ") offers=(\n";
    for (const auto& w : c.words) {
      if (w.hidden) continue;
      if (!w.is_position()) out += offer(w.name, w.help);
      else
        for (const auto& choice : w.choices) out += offer(choice, w.help);
    }
    for (const auto& w : global_words()) out += offer(w.name, w.help);
    out += "    ) ;;\n";
  }
  out += "  esac\n  case \"$name ${words[CURRENT-1]}\" in\n";
  for (const auto& [option, values] : known_values(all)) out += "    (" + quote(option) + ") offers=(" + values + ") ;;\n";
  return out + "  esac\n  _describe 'steward' offers || _files\n}\n"
               // As an autoloaded file it is the function itself, the first time; sourced, it must be declared.
               "if [[ \"${funcstack[1]}\" == _steward ]]; then _steward \"$@\"; else compdef _steward steward; fi\n";
}

std::string fish(const std::vector<command>& all) {
  std::string out = "# fish completion for steward: put it into ~/.config/fish/completions/steward.fish\ncomplete -c steward -f\n";
  std::map<std::string, std::string> groups;
  first_words(all, groups);
  for (const auto& w : global_words()) out += "complete -c steward -l " + w.name.substr(2) + (w.value.empty() ? "" : " -r") + " -d " + quote(w.help) + "\n";
  for (const auto& [group, subs] : groups) out += "complete -c steward -n __fish_use_subcommand -a " + group + " -d " + quote(subs) + "\n";
  for (const auto& c : all) {
    const auto blank = c.name.find(' ');
    const auto group = c.name.substr(0, blank);
    std::string seen = "'__fish_seen_subcommand_from " + c.name + "'";
    if (blank == std::string::npos) {
      out += "complete -c steward -n __fish_use_subcommand -a " + c.name + " -d " + quote(c.summary) + "\n";
    } else {
      const auto sub = c.name.substr(blank + 1);
      out += "complete -c steward -n '__fish_seen_subcommand_from " + group + "; and not __fish_seen_subcommand_from " + groups[group] + "' -a " + sub + " -d " + quote(c.summary) + "\n";
      seen = "'__fish_seen_subcommand_from " + group + "; and __fish_seen_subcommand_from " + sub + "'";
    }
    for (const auto& w : c.words) {
      if (w.hidden) continue;
      if (!w.is_position()) out += "complete -c steward -n " + seen + " -l " + w.name.substr(2) + (w.value.empty() ? "" : " -r") + (w.choices.empty() ? "" : " -a " + quote(listed(w.choices))) + " -d " + quote(w.help) + "\n";
      else if (!w.choices.empty()) {
        out += "complete -c steward -n " + seen + " -a " + quote(listed(w.choices)) + " -d " + quote(w.help) + "\n";
      }
    }
  }
  return out;
}

}  // namespace

std::string completions_for(const std::string& shell, const std::vector<command>& all) { return shell == "zsh" ? zsh(all) : shell == "fish" ? fish(all) : bash(all); }

}  // namespace steward
