/// One conversation: shows a model all that was said so far, as often as it is told, each time with something new.
#pragma once
#include "runtime/agent.hpp"
#include "runtime/model.hpp"

namespace steward::bench {

// On average, from half as many to half as many more. Two thousand tokens for a question and its answer.
constexpr std::size_t bytes_of_question = 1024;  // what is new in each
constexpr std::size_t bytes_of_answer = 7168;

/// The nth text of the conversation, words without repetition: what is new in a question where n is even, an answer where it is odd.
std::string text_of(std::int64_t n);

struct talk {
  std::int64_t calls = 0;
};
BOOST_DESCRIBE_STRUCT(talk, (), (calls))

class talker {
public:
  static constexpr auto name = "talker";
  static constexpr int version = 1;
  using takes = talk;
  using gives = talk;
  using handles = events<step_started<talk>, model_answered>;
  struct state {
    std::int64_t calls = 0, asked = 0;
    std::vector<std::string> said;
    BOOST_DESCRIBE_CLASS(state, (), (calls, asked, said), (), ())
  };
  intents on(state& self, const step_started<talk>& step) const {
    self.calls = step.input.calls;
    return go_on(self);
  }
  intents on(state& self, const model_answered& answer) const {
    self.said.push_back(text_at(answer.answer, "text"));
    return go_on(self);
  }

private:
  static intents go_on(state& self) {
    if (self.asked == self.calls) return {finish{talk{self.asked}}};
    self.said.push_back(text_of(2 * self.asked++));
    return {ask_model{.with = {{"said", self.said}}}};
  }
};

/// Answers at once and for nothing.
class answering_machine final : public model_provider {
public:
  std::string name() const override { return "local"; }
  model_usage worst_case(const model_question&) const override { return {}; }
  result<model_reply> ask(const model_question& q) override;
};

}  // namespace steward::bench
