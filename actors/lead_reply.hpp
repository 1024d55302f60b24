/// Drafts the reply to a lead, in the founder's voice, with the lead's history at hand; when the lead stays silent, a nudge.
#pragma once
#include "runtime/agent.hpp"

namespace steward {

struct lead {
  std::string entity;  // "lead-3": what memory knows them by
  std::string name;
  std::string address;
};
BOOST_DESCRIBE_STRUCT(lead, (), (entity, name, address))

struct received_mail {
  std::string message_id;
  std::string subject;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(received_mail, (), (message_id, subject, text))

struct reply {
  std::string subject;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(reply, (), (subject, text))

struct reply_request {
  lead who;
  received_mail mail;
  std::optional<reply> unanswered;  // what we last wrote: the lead is silent, so this is a nudge
};
BOOST_DESCRIBE_STRUCT(reply_request, (), (who, mail, unanswered))

class lead_reply {
public:
  static constexpr auto name = "lead_reply";
  static constexpr int version = 1;
  using takes = reply_request;
  using gives = reply;
  using handles = events<step_started<reply_request>, memory_recalled, model_answered>;

  struct state {
    reply_request asked;
    std::vector<std::string> sources;
    BOOST_DESCRIBE_CLASS(state, (), (asked, sources), (), ())
  };

  // History before drafting: a model that is shown none invents one.
  intents on(state& self, const step_started<reply_request>& step) const {
    self.asked = step.input;
    return {recall{.scope = "leads", .about = self.asked.who.entity, .limit = 5}};
  }
  intents on(state& self, const memory_recalled& memory) const;
  intents on(state& self, const model_answered& answer) const;
};

}  // namespace steward
