#include "console/groups.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "runtime/text_difference.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

constexpr std::size_t width = 100;
constexpr std::size_t told_in_inbox = 5;  // Then "… 7 more": a list that is longer is looked at with --dry-run.
constexpr std::size_t short_text = 60;    // A longer one, or one of several lines, is prose: how much differs is told, not what.

const boost::json::array& effects_of(const json& question) {
  static const boost::json::array none;
  const auto* found = at_path(question, "effects");
  return found && found->is_array() ? found->get_array() : none;
}

std::string first_line(const json& effect) {
  const auto preview = text_at(effect, "preview");
  auto line = preview.substr(0, preview.find('\n'));
  return line.empty() ? text_at(effect, "action") : line;
}

/// The arguments of a question about one effect.
const boost::json::object* arguments_of(const json& question) {
  const auto& effects = effects_of(question);
  const auto* found = effects.size() == 1 ? at_path(effects.front(), "arguments") : nullptr;
  return found ? found->if_object() : nullptr;
}

bool is_prose(const json* value) {
  return value && value->is_string() && (value->get_string().size() > short_text || value->get_string().find('\n') != boost::json::string::npos);
}

std::string shown(const json* value) {
  if (!value) return "not there";
  return value->is_string() ? visible_line(std::string_view(value->get_string())) : visible_line(canonical(*value));
}

/// "34 of 512 bytes are its own"
std::string own_part(const json* first, const json* value) {
  if (!value || !value->is_string()) return shown(value);
  const std::string text(value->get_string());
  std::size_t own = text.size();
  if (first && first->is_string()) {
    own = 0;
    for (const auto& piece : difference(std::string_view(first->get_string()), text)) own += piece.text.size();
  }
  return fmt::format("{} of {} bytes are its own", own, text.size());
}

}  // namespace

std::string differences_text(const std::vector<const json*>& questions, const paint& p) {
  std::set<std::string> keys, differ, prose;
  for (const auto* q : questions)
    if (const auto* with = arguments_of(*q))
      for (const auto& pair : *with) keys.emplace(pair.key());
  const auto value = [](const json& q, const std::string& key) {
    const auto* with = arguments_of(q);
    return with ? with->if_contains(key) : nullptr;
  };
  for (const auto& key : keys)
    for (const auto* q : questions) {
      const auto *first = value(*questions.front(), key), *other = value(*q, key);
      if (bool(first) != bool(other) || (first && *first != *other)) differ.insert(key);
      if (is_prose(other)) prose.insert(key);
    }
  std::string out;
  for (const auto* q : questions) {
    const auto& effects = effects_of(*q);
    out += p.bold(fmt::format("{:<8}", text_at(*q, "approval"))) + " " + (effects.empty() ? "" : shortened(first_line(effects.front()), width - 12)) + (effects.size() > 1 ? fmt::format(" (and {} more)", effects.size() - 1) : "") + "\n";
    for (const auto& key : differ) {
      const auto *first = value(*questions.front(), key), *own = value(*q, key);
      const bool is_first = q == questions.front();
      if (prose.contains(key) && is_first) continue;
      out += "         " + p.dim(visible_line(key) + ":") + " " + shortened(prose.contains(key) ? own_part(first, own) : shown(own), width - 12) + "\n";
    }
  }
  return out;
}

std::string group_text(const std::vector<const json*>& questions, time_point now, const paint& p) {
  const auto& first = *questions.front();
  std::set<std::string> actions, roles;
  for (const auto& e : effects_of(first)) {
    actions.insert(text_at(e, "action"));
    if (const auto role = text_at(e, "role"); !role.empty()) roles.insert(role);
  }
  std::string what;
  for (const auto* some : {&actions, &roles})
    for (const auto& one : *some) what += (what.empty() ? "" : ", ") + visible_line(one);
  std::string soonest;
  for (const auto* q : questions)
    if (const auto ends = text_at(*q, "expires_at"); !ends.empty() && (soonest.empty() || ends < soonest)) soonest = ends;
  const auto id = text_at(first, "approval");
  auto out = p.bold(fmt::format("{} alike", questions.size())) + fmt::format("  {} / {} ({})", text_at(first, "workflow"), text_at(first, "step"), what);
  if (const auto t = parse_time(soonest)) out += ", the first ends " + roughly((*t - now).count());
  out += "\n";
  const std::vector<const json*> told(questions.begin(), questions.begin() + std::ptrdiff_t(std::min(questions.size(), told_in_inbox)));
  std::string lines = differences_text(told, p);
  for (std::string_view rest = lines; !rest.empty();) {
    const auto end = rest.find('\n');
    out += "  " + std::string(rest.substr(0, end)) + "\n";
    rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
  }
  if (questions.size() > told.size()) out += fmt::format("  … {} more: steward approve {} --alike --dry-run\n", questions.size() - told.size(), id);
  return out + "         steward approve " + id + " --alike   steward reject " + id + " --alike   steward show " + id + "\n";
}

}  // namespace steward
