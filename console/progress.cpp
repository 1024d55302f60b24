#include "console/progress.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/observation/sentence.hpp"

namespace steward {
namespace {

constexpr std::size_t name_width = 11;
constexpr std::size_t who_width = 11;
constexpr std::size_t text_width = 90;
constexpr auto worth_telling = std::chrono::seconds{1};  // What took less was at once.

void append(std::string& text, const std::string& part) {
  if (!part.empty()) text += (text.empty() ? "" : ", ") + part;
}

std::string padded(const std::string& text, std::size_t width) { return text + std::string(width - std::min(width, columns(text)), ' ') + " "; }

std::string counted(std::size_t n, const char* one, const char* many) { return n == 0 ? "" : fmt::format("{} {}", n, n == 1 ? one : many); }

/// How many of which word: "1 site.publish, 3 mailbox.send".
std::string counted(const std::vector<std::string>& words) {
  std::vector<std::string> seen;
  std::string text;
  for (const auto& word : words) {
    if (std::find(seen.begin(), seen.end(), word) != seen.end()) continue;
    seen.push_back(word);
    append(text, fmt::format("{} {}", std::count(words.begin(), words.end(), word), word));
  }
  return text;
}

}  // namespace

progress::effect* progress::find(const std::string& id) {
  const auto it = std::find_if(now_.effects.begin(), now_.effects.end(), [&](const effect& e) { return e.id == id; });
  return it == now_.effects.end() ? nullptr : &*it;
}

std::string progress::line(const std::string& mark, const std::string& text) const {
  const auto name = now_.visit > 1 ? fmt::format("{} ({})", now_.name, now_.visit) : now_.name;
  auto whole = mark + " " + padded(name, name_width) + paint_.dim(padded(now_.who, who_width)) + shortened(text, text_width);
  whole.erase(whole.find_last_not_of(' ') + 1);
  return whole;
}

std::string progress::trouble(const std::string& sentence) const { return paint_.wait("!") + " " + shortened(sentence, text_width + name_width + who_width); }

std::string progress::at_work() const { return now_.name.empty() ? "" : line("…", ""); }

/// Keeps count of what the step at work does.
void progress::note(const event::any& e, time_point at) {
  if (const auto* began = std::get_if<event::step_started>(&e)) {
    if (now_.name != began->step || now_.visit != began->visit) now_ = {};  // A further attempt goes on counting.
    now_.name = began->step;
    now_.visit = began->visit;
    now_.role = !began->role.empty();
    now_.who = now_.role ? began->role : began->what;
    now_.since = at;
  } else if (std::holds_alternative<event::item_finished>(e)) {
    ++now_.items;
  } else if (std::holds_alternative<event::entity_recorded>(e)) {
    ++now_.recorded;
  } else if (std::holds_alternative<event::memory_added>(e)) {
    ++now_.remembered;
  } else if (const auto* answered = std::get_if<event::model_answered>(&e)) {
    if (const auto sum = add(now_.cost, answered->reply.used.cost)) now_.cost = *sum;
  } else if (const auto* proposed = std::get_if<event::effect_proposed>(&e)) {
    now_.effects.push_back({proposed->effect, proposed->prepared.action, "", ""});
  } else if (const auto* settled = std::get_if<event::effect_settled>(&e)) {
    if (auto* known = find(settled->effect)) known->how = to_word(settled->came_out.kind), known->sentence = settled->came_out.sentence;
  } else if (const auto* dropped = std::get_if<event::effect_dropped>(&e)) {
    if (auto* known = find(dropped->effect)) known->how = dropped->how, known->sentence = dropped->reason;
  }
}

std::string progress::details_of(const event::step_finished& e, time_point at) const {
  std::string text = e.how == "done" ? "" : e.how;
  std::vector<std::string> happened, others;
  std::string sentence;
  for (const auto& one : now_.effects)
    if (one.how == "confirmed") happened.push_back(one.action), sentence = one.sentence;
    else if (!one.how.empty()) others.push_back(one.how);
  append(text, happened.size() == 1 && !sentence.empty() ? sentence : counted(happened));
  append(text, counted(others));
  append(text, counted(now_.items, "item", "items"));
  append(text, counted(now_.recorded, "entity on record", "entities on record"));
  append(text, counted(now_.remembered, "thing remembered", "things remembered"));
  if (!e.evidence.empty()) append(text, "on " + counted(e.evidence.size(), "source", "sources"));
  if (now_.cost.nano != 0) append(text, "for " + to_text(now_.cost));
  if (now_.role && at - now_.since >= worth_telling) append(text, fmt::format("{} s", (at - now_.since) / std::chrono::seconds{1}));
  return text;
}

std::string progress::tell(const event::any& e, time_point at) {
  note(e, at);
  if (const auto* ended = std::get_if<event::step_finished>(&e)) {
    if (ended->how == "skipped" || now_.who == "end") return {};
    auto told = line(ended->how == "rejected" || ended->how == "discarded" ? paint_.bad("✗") : paint_.good("✓"), details_of(*ended, at));
    now_ = {};
    return told;
  }
  if (const auto* asked = std::get_if<event::approval_asked>(&e)) {
    std::vector<std::string> wanted, others;
    for (const auto& one : now_.effects) {
      const bool in = std::find(asked->effects.begin(), asked->effects.end(), one.id) != asked->effects.end();
      if (in) wanted.push_back(one.action);
      else if (!one.how.empty()) others.push_back(one.how);
    }
    auto text = asked->approval + " asks you: " + counted(wanted);
    append(text, counted(others));
    return line(paint_.wait("?"), text);
  }
  const auto* settled = std::get_if<event::effect_settled>(&e);
  const bool went_wrong = std::holds_alternative<event::step_failed>(e) || std::holds_alternative<event::model_failed>(e) || std::holds_alternative<event::event_parked>(e) ||
                          std::holds_alternative<event::agent_upgraded>(e) || (settled && settled->came_out.kind != outcome_kind::confirmed) || std::holds_alternative<event::card_raised>(e);
  return went_wrong || std::holds_alternative<event::paused>(e) || std::holds_alternative<event::resumed>(e) ? trouble(sentence_of(e)) : std::string{};
}

}  // namespace steward
