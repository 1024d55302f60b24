#include "runtime/execution/approval.hpp"

#include "runtime/digest.hpp"

namespace steward {

event::card_raised card_of(const event::approval_asked& asked) {
  event::card_raised c;
  c.card = asked.card;
  c.about = "approval";
  c.title = asked.title;
  c.text = asked.text;
  c.actions = {"steward approve " + asked.approval, "steward modify " + asked.approval + " FIELD=VALUE", "steward reject " + asked.approval + " --reason \"…\""};
  c.run = asked.run;
  c.subject = asked.approval;
  return c;
}

std::string list_digest(const std::vector<std::string>& digests) {
  std::string all;
  for (const auto& digest : digests) all += digest + "\n";
  return hex_digest(all);
}

}  // namespace steward
