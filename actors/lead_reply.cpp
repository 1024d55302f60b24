#include "actors/lead_reply.hpp"

namespace steward {
namespace {

/// "Re: " once, however often the subject went back and forth.
std::string answered_subject(std::string_view subject) {
  while (subject.size() >= 3 && (subject.starts_with("Re:") || subject.starts_with("RE:") || subject.starts_with("re:"))) {
    subject.remove_prefix(3);
    while (subject.starts_with(' ')) subject.remove_prefix(1);
  }
  return "Re: " + std::string(subject);
}

}  // namespace

intents lead_reply::on(state& self, const memory_recalled& memory) const {
  self.sources = {"mailbox:" + self.asked.mail.message_id};
  for (const auto& item : memory.items) self.sources.push_back("memory:" + item.id);

  material with = {{"name", self.asked.who.name}, {"subject", self.asked.mail.subject}, {"mail", self.asked.mail.text}, {"history", memory.items}};
  if (!self.asked.unanswered) return {ask_model{.with = std::move(with)}};
  with.emplace_back("unanswered", self.asked.unanswered->text);
  return {ask_model{.prompt = "nudge", .with = std::move(with)}};
}

intents lead_reply::on(state& self, const model_answered& answer) const {
  auto drafted = answer.as<reply>();
  drafted.subject = answered_subject(self.asked.mail.subject);  // A mail client threads by the subject; a model likes to improve it.
  return {finish{drafted, self.sources}};
}

}  // namespace steward
