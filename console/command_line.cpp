#include "console/command_line.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

namespace steward {
namespace {

struct reading {
  const command* what = nullptr;
  CLI::App* app = nullptr;
  std::map<std::string, CLI::Option*> options;
  std::map<std::string, std::vector<std::string>> values;
};

bool may_repeat(const word& w) { return w.how_often == word::count::many || w.how_often == word::count::some; }
bool must_be_there(const word& w) { return w.how_often == word::count::required || w.how_often == word::count::some; }

/// Names that CLI11 understands; a position is told by a name without dashes.
void declare(CLI::App& app, const word& w, reading& r) {
  if (w.is_flag()) {
    r.options[w.name] = app.add_flag(w.name, w.help);
    return;
  }
  auto* option = app.add_option(w.name, r.values[w.name], w.help);
  option->expected(1, w.is_position() && may_repeat(w) ? 1 << 20 : 1);
  option->allow_extra_args(w.is_position() && may_repeat(w));
  option->multi_option_policy(may_repeat(w) ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::Throw);
  r.options[w.name] = option;
}

std::string listed(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

error unknown_command(const std::string& found, const std::vector<std::string>& names, const std::string& group) {
  const auto near = nearest_name(found, names);
  const std::string before = group.empty() ? "" : group + " ";
  return {"unknown_command", "steward" + (group.empty() ? "" : " " + group), "there is no command '" + before + found + "'", group.empty() ? "" : "one of " + listed(names),
          near.empty() ? "'steward help' lists them all" : "Did you mean 'steward " + before + near + "'?"};
}

error unknown_option(const command& c, const std::string& found) {
  std::vector<std::string> names;
  for (const auto& w : c.words)
    if (!w.is_position() && !w.hidden) names.push_back(w.name);
  for (const auto& w : global_words()) names.push_back(w.name);
  const auto bare = found.substr(0, found.find('='));
  if (!found.starts_with("-"))
    return {"bad_usage", "steward " + c.name, "'" + found + "' is one word too many", usage_of(c), "Put text with blanks in quotes"};
  const auto near = nearest_name(bare, names);
  return {"unknown_option", "steward " + c.name, "there is no option '" + bare + "'", "one of " + listed(names), near.empty() ? "" : "Did you mean '" + near + "'?"};
}

}  // namespace

const std::vector<word>& global_words() {
  static const std::vector<word> words = {
      {"--workspace", "DIR", "the company's folder; default: the nearest one upwards with a company.yaml"},
      {"--json", "", "print JSON for programs"},
      {"--no-color", "", "plain text; NO_COLOR in the environment does the same"},
      {"--help", "", "explain the command"},
  };
  return words;
}

result<command_line> read_command_line(const std::vector<std::string>& words, const std::vector<command>& all) {
  command_line line;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  app.fallthrough();
  app.require_subcommand(0, 1);  // The words behind a command are its own, also where they are called like another command.
  app.add_option("--workspace", line.global.workspace)->expected(1);
  app.add_flag("--json", line.global.as_json);
  app.add_flag("--no-color", line.global.no_color);
  app.add_flag("--help,-h", line.global.help);
  app.add_flag("--version", line.global.version);

  std::vector<std::unique_ptr<reading>> readings;
  std::map<std::string, CLI::App*> groups;
  std::vector<std::string> top_names;
  std::map<std::string, std::vector<std::string>> group_names;
  for (const auto& c : all) {
    auto& r = *readings.emplace_back(std::make_unique<reading>());
    r.what = &c;
    const auto blank = c.name.find(' ');
    CLI::App* parent = &app;
    if (blank != std::string::npos) {
      const auto group = c.name.substr(0, blank);
      auto& there = groups[group];
      if (!there) {
        there = app.add_subcommand(group);
        there->set_help_flag();
        there->allow_extras();
        there->fallthrough();
        there->require_subcommand(0, 1);
        top_names.push_back(group);
      }
      parent = there;
      group_names[group].push_back(c.name.substr(blank + 1));
    } else {
      top_names.push_back(c.name);
    }
    r.app = parent->add_subcommand(blank == std::string::npos ? c.name : c.name.substr(blank + 1));
    r.app->set_help_flag();
    r.app->allow_extras();
    r.app->fallthrough();
    for (const auto& w : c.words) declare(*r.app, w, r);
  }

  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());  // as CLI11 wants them
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& e) {
    std::string usage, name;
    for (const auto& r : readings)
      if (r->app->parsed()) usage = usage_of(*r->what), name = " " + r->what->name;
    return error{"bad_usage", "steward" + name, e.what(), usage, "'steward" + name + " --help' explains it"};
  }

  const reading* chosen = nullptr;
  for (const auto& r : readings)
    if (r->app->parsed() && (!chosen || r->what->name.size() > chosen->what->name.size())) chosen = r.get();

  if (!chosen) {
    for (const auto& [name, group] : groups)
      if (group->parsed()) {
        auto extras = group->remaining();
        for (const auto& extra : app.remaining()) extras.push_back(extra);
        if (!extras.empty() && !extras.front().starts_with("-")) return unknown_command(extras.front(), group_names[name], name);
        line.group = name;
        return line;
      }
    const auto extras = app.remaining();
    if (!extras.empty()) {
      if (!extras.front().starts_with("-")) return unknown_command(extras.front(), top_names, "");
      static const command none{.name = "", .group = "", .summary = "", .details = "", .examples = {}, .words = {}};
      auto e = unknown_option(none, extras.front());
      e.where = "steward";
      return e;
    }
    return line;
  }

  line.chosen = chosen->what;
  if (line.global.help) return line;  // whatever else is wrong, help is what is wanted
  // Only what the program itself could not place; the group's and the root's leftovers are the command's too.
  for (const auto& extras : {chosen->app->remaining(), app.remaining()})
    for (const auto& extra : extras)
      if (extra != "--") return unknown_option(*chosen->what, extra);

  for (const auto& w : chosen->what->words) {
    const auto* option = chosen->options.at(w.name);
    if (w.is_flag()) {
      if (option->count() > 0) line.given.add(w.name, "true");
      continue;
    }
    const auto& values = chosen->values.at(w.name);
    if (values.empty() && must_be_there(w))
      return error{"bad_usage", "steward " + chosen->what->name, w.name + " is missing", usage_of(*chosen->what), "'steward " + chosen->what->name + " --help' explains it"};
    for (const auto& value : values) {
      if (!w.choices.empty() && std::find(w.choices.begin(), w.choices.end(), value) == w.choices.end()) {
        const auto near = nearest_name(value, w.choices);
        return error{"bad_usage", "steward " + chosen->what->name, w.name + " is '" + value + "'", "one of " + listed(w.choices), near.empty() ? "" : "Did you mean '" + near + "'?"};
      }
      line.given.add(w.name, value);
    }
  }
  return line;
}

std::string usage_of(const command& c) {
  std::string text = "steward " + c.name;
  for (const auto& w : c.words) {
    if (w.hidden) continue;
    std::string shown = w.is_position() || w.is_flag() ? w.name : w.name + " " + w.value;
    if (may_repeat(w)) shown += "...";
    text += must_be_there(w) ? " " + shown : " [" + shown + "]";
  }
  return text;
}

namespace {

void list_words(std::string& out, const std::vector<word>& words) {
  std::size_t width = 0;
  const auto left = [](const word& w) { return w.is_position() || w.is_flag() ? w.name : w.name + " " + w.value; };
  for (const auto& w : words)
    if (!w.hidden) width = std::max(width, left(w).size());
  for (const auto& w : words) {
    if (w.hidden) continue;
    out += fmt::format("  {:<{}}  {}", left(w), width, w.help);
    if (!w.choices.empty()) out += " (" + listed(w.choices) + ")";
    out += "\n";
  }
}

}  // namespace

std::string help_of(const command& c) {
  std::string out = c.summary + ".\n\n  " + usage_of(c) + "\n";
  if (!c.details.empty()) out += "\n" + c.details + "\n";
  bool has_words = false;
  for (const auto& w : c.words) has_words = has_words || !w.hidden;
  if (has_words) {
    out += "\n";
    list_words(out, c.words);
  }
  out += "\nEverywhere:\n";
  list_words(out, global_words());
  out += c.examples.size() == 1 ? "\nExample:\n" : "\nExamples:\n";
  for (const auto& example : c.examples) out += "  " + example + "\n";
  return out;
}

std::string overview(const std::vector<command>& all, const std::string& version) {
  std::string out = "Steward " + version + ", the safe engine for a company of one.\n\n  steward COMMAND ...\n";
  std::size_t width = 0;
  for (const auto& c : all) width = std::max(width, c.name.size());
  std::string group;
  for (const auto& c : all) {
    if (c.group != group) out += "\n" + c.group + "\n";
    group = c.group;
    out += fmt::format("  {:<{}}  {}\n", c.name, width, c.summary);
  }
  out += "\nEverywhere\n";
  list_words(out, global_words());
  out += "\n'steward COMMAND --help' explains a command with an example, 'steward help exit-codes' the exit codes.\n"
         "To begin: steward init mycompany && cd mycompany && steward run weekly_update\n";
  return out;
}

}  // namespace steward
