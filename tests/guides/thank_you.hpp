/// Drafts a note of thanks for somebody, from what the company remembers of them. (The example of the guide "Write an agent".)
#pragma once
#include "runtime/agent.hpp"

namespace steward {

struct thank_you_request {
  std::string person;  // "customer-7"
};
BOOST_DESCRIBE_STRUCT(thank_you_request, (), (person))

struct thank_you_result {
  std::string subject;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(thank_you_result, (), (subject, text))

class thank_you {
public:
  static constexpr auto name = "thank_you";
  static constexpr int version = 1;
  using takes = thank_you_request;
  using gives = thank_you_result;
  using handles = events<step_started<thank_you_request>, memory_recalled, model_answered>;

  struct state {
    std::string person;
    std::vector<std::string> sources;
    BOOST_DESCRIBE_CLASS(state, (), (person, sources), (), ())
  };

  intents on(state& self, const step_started<thank_you_request>& step) const {
    self.person = step.input.person;
    return {recall{.scope = "customers", .about = self.person, .limit = 5}};
  }

  // Nothing known, nothing to thank for: a model would invent a reason.
  intents on(state& self, const memory_recalled& memory) const {
    if (memory.items.empty()) return {give_up{"We remember nothing of " + self.person + " to thank them for."}};
    for (const auto& item : memory.items) self.sources.push_back("memory:" + item.id);
    return {ask_model{.with = {{"person", self.person}, {"memories", memory.items}}}};
  }

  intents on(state& self, const model_answered& answer) const { return {finish{answer.as<thank_you_result>(), self.sources}}; }
};

}  // namespace steward
