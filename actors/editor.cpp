#include "actors/editor.hpp"

#include "actors/office_hours.hpp"
#include "actors/text.hpp"

namespace steward {
namespace {

constexpr std::size_t headline_bytes_max = 70;  // A subject line that a phone shows whole.

struct draft_answer {
  std::string title;
  std::string summary;
  std::string markdown;
};
BOOST_DESCRIBE_STRUCT(draft_answer, (), (title, summary, markdown))

/// The findings of one source: "git:" or "files:".
std::vector<finding> from_source(const std::vector<finding>& all, std::string_view prefix) {
  std::vector<finding> some;
  for (const auto& f : all)
    if (f.source.starts_with(prefix)) some.push_back(f);
  return some;
}

std::string joined_texts(const std::vector<memory_item>& items) {
  std::string all;
  for (const auto& item : items) all += (all.empty() ? "" : "\n") + item.text;
  return all;
}

}  // namespace

intents editor::on(state& self, const step_started<edit_request>& step) const {
  self.asked = step.input;
  self.date = local_date(step.at, brief_.company_zone);
  if (self.asked.evidence.findings.empty()) return {give_up{"There is nothing to write about: the evidence is empty."}};
  return {recall{.scope = "company", .about = "voice", .limit = 3, .tag = "voice"}, recall{.scope = "company", .about = "update", .limit = 1, .tag = "last"}};
}

intents editor::on(state& self, const memory_recalled& memory) const {
  if (memory.tag == "voice") self.voice = memory.items;
  if (memory.tag == "last") self.last = memory.items;
  if (!self.voice || !self.last) return {};

  const auto& evidence = self.asked.evidence;
  const auto changes = from_source(evidence.findings, "git:"), notes = from_source(evidence.findings, "files:");
  return {ask_model{.with = {{"date", self.date},
                             {"summary", evidence.summary},
                             {"headline", shorten(evidence.findings.front().title, headline_bytes_max)},
                             {"more_count", std::int64_t(evidence.findings.size()) - 1},
                             {"changes", changes},
                             {"change_count", std::int64_t(changes.size())},
                             {"notes", notes},
                             {"note_count", std::int64_t(notes.size())},
                             {"voice", joined_texts(*self.voice)},
                             {"last_update", joined_texts(*self.last)},
                             {"instructions", self.asked.instructions.value_or("")}},
                    .tag = "draft"}};
}

intents editor::on(state& self, const model_answered& answer) const {
  const auto draft = answer.as<draft_answer>();
  auto sources = sources_of(self.asked.evidence.findings);
  for (const auto& item : *self.voice) sources.push_back("memory:" + item.id);
  for (const auto& item : *self.last) sources.push_back("memory:" + item.id);

  const auto slug = slug_of(draft.title);
  const auto path = self.date + (slug.empty() ? "" : "-" + slug) + ".html";
  return {finish{update{draft.title, self.date, path, draft.summary, draft.markdown, sources}, sources}};
}

}  // namespace steward
