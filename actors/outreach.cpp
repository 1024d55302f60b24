#include "actors/outreach.hpp"

namespace steward {
namespace {

struct letter_answer {
  std::string subject;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(letter_answer, (), (subject, text))

/// The office hour as the reader's clock shows it, or empty.
std::string hour_text(const outreach_request& asked) {
  if (!asked.office_hour) return {};
  const auto& hour = *asked.office_hour;
  return slot_text({hour.from, hour.to}, asked.to.zone.value_or(hour.zone));
}

}  // namespace

intents outreach::on(state& self, const step_started<outreach_request>& step) const {
  self.asked = step.input;
  return {recall{.scope = "customers", .about = self.asked.to.entity, .limit = 3}};
}

intents outreach::on(state& self, const memory_recalled& history) const {
  self.sources = self.asked.news.sources;
  for (const auto& item : history.items) self.sources.push_back("memory:" + item.id);

  return {ask_model{.with = {{"name", self.asked.to.name},
                             {"title", self.asked.news.title},
                             {"summary", self.asked.news.summary},
                             {"page_url", self.asked.page_url},
                             {"office_hour", hour_text(self.asked)},
                             {"history", history.items}}}};
}

intents outreach::on(state& self, const model_answered& answer) const {
  const auto text = answer.as<letter_answer>();
  return {finish{letter{self.asked.to.address, self.asked.to.name, text.subject, text.text}, self.sources}};
}

}  // namespace steward
