/// Composes the letter that tells one person about the update, with that person's history at hand. Whom we may write to is
/// not decided here: the gate's policy do_not_contact does that, so no agent can forget it.
#pragma once
#include "actors/editor.hpp"
#include "actors/scheduler.hpp"
#include "runtime/agent.hpp"

namespace steward {

struct recipient {
  std::string entity;               // "customer-7": what memory knows them by
  std::string name;
  std::string address;
  std::optional<std::string> zone;  // times in the letter are theirs; default: the slot's zone
};
BOOST_DESCRIBE_STRUCT(recipient, (), (entity, name, address, zone))

struct outreach_request {
  recipient to;
  update news;
  std::string page_url;
  std::optional<slot> office_hour;  // when replies are answered
};
BOOST_DESCRIBE_STRUCT(outreach_request, (), (to, news, page_url, office_hour))

struct letter {
  std::string to;
  std::string name;
  std::string subject;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(letter, (), (to, name, subject, text))

class outreach {
public:
  static constexpr auto name = "outreach";
  static constexpr int version = 1;
  using takes = outreach_request;
  using gives = letter;
  using handles = events<step_started<outreach_request>, memory_recalled, model_answered>;

  struct state {
    outreach_request asked;
    std::vector<std::string> sources;
    BOOST_DESCRIBE_CLASS(state, (), (asked, sources), (), ())
  };

  intents on(state& self, const step_started<outreach_request>& step) const;  // what do we know of this person?
  intents on(state& self, const memory_recalled& history) const;              // a letter that fits
  intents on(state& self, const model_answered& answer) const;                // done
};

}  // namespace steward
