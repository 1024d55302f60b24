#include "runtime/execution/approval.hpp"

#include "runtime/digest.hpp"

namespace steward {

event::card_raised card_of(const event::approval_asked& asked) {
  event::card_raised c;
  c.card = asked.card;
  c.about = "approval";
  c.title = asked.title;
  c.text = asked.text;
  c.run = asked.run;
  c.subject = asked.approval;
  return c;
}

std::vector<std::string> commands_for(const event::card_raised& card) {
  if (card.about != "approval") return card.actions;
  return {"steward approve " + card.subject, "steward modify " + card.subject + " FIELD=VALUE", "steward reject " + card.subject + " --reason \"…\""};
}

std::string digest_of_question(const event::approval_asked& asked) { return asked.digests.size() == 1 ? asked.digests.front() : list_digest(asked.digests); }

std::string list_digest(const std::vector<std::string>& digests) {
  std::string all;
  for (const auto& digest : digests) all += digest + "\n";
  return hex_digest(all);
}

}  // namespace steward
