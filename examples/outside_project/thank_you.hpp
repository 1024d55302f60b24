/// Writes a line of thanks to somebody who helped, and names what it remembers of them.
#pragma once
#include "runtime/agent.hpp"

namespace my_company {

struct helper {
  std::string name;
  std::string entity;  // "customer-7": what memory knows them by
};
BOOST_DESCRIBE_STRUCT(helper, (), (name, entity))

struct thanks {
  std::string text;
};
BOOST_DESCRIBE_STRUCT(thanks, (), (text))

class thank_you {
public:
  static constexpr auto name = "thank_you";
  static constexpr int version = 1;
  using takes = helper;
  using gives = thanks;
  using handles = steward::events<steward::step_started<helper>, steward::memory_recalled>;

  struct state {
    helper who;
    BOOST_DESCRIBE_CLASS(state, (), (who), (), ())
  };

  // Memory before thanks: "thank you for the picture" is kind, "thank you for your support" is not.
  steward::intents on(state& self, const steward::step_started<helper>& step) const {
    self.who = step.input;
    return {steward::recall{.scope = "customers", .about = self.who.entity, .limit = 1}};
  }

  steward::intents on(state& self, const steward::memory_recalled& memory) const {
    if (memory.items.empty()) return {steward::give_up{"we remember nothing that " + self.who.name + " did for us"}};
    const auto& item = memory.items.front();
    return {steward::finish{thanks{"Thank you, " + self.who.name + ": " + item.text}, {"memory:" + item.id}}};
  }
};

}  // namespace my_company
