#include "runtime/execution/transcript.hpp"
#include "runtime/random.hpp"
#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

constexpr std::size_t bytes_said = 400;  // in each question and in each answer

std::string words(std::int64_t number) {
  const auto chance = make_seeded_random(std::uint64_t(number) + 1);
  std::string text;
  while (text.size() < bytes_said) text += char('a' + chance->next() % 26);
  return text;
}

/// Shows its model all that was said so far, so many times.
company_of talks(int calls) {
  company_of m;
  puppet::plays = [calls](const cue& c) -> intents {
    if (c.turn == calls) return {done()};
    std::vector<std::string> said;
    for (int i = 0; i <= 2 * c.turn; ++i) said.push_back(words(i));
    return {ask_model{.with = {{"said", said}}}};
  };
  m.w().caps = caps_definition{.model_calls = 10'000};
  m.step("talk", role_step());
  return m;
}

/// A model that answers each question with the next words, and keeps what it was shown.
struct listening {
  std::vector<model_question> heard;
  explicit listening(small_company& c) {
    c.model->next = [this](const model_question& q) -> result<model_reply> {
      heard.push_back(q);
      return model_reply{"test", object{{"text", words(std::int64_t(q.with.at("said").get_array().size()))}}, {}};
    };
  }
  /// The question of turn `turn` was shown whole.
  bool whole(std::size_t at, int turn) const {
    const auto& said = heard.at(at).with.at("said").get_array();
    for (std::size_t i = 0; i < said.size(); ++i)
      if (said[i] != json(words(std::int64_t(i)))) return false;
    return said.size() == std::size_t(2 * turn + 1);
  }
};

std::vector<std::size_t> bytes_of_questions(const small_company& c) {
  std::vector<std::size_t> bytes;
  for (const auto& [_, e] : c.disk())
    if (std::holds_alternative<event::model_asked>(e)) bytes.push_back(event::body_text(e).size());
  return bytes;
}

}  // namespace

TEST_CASE("a question that goes on from the one before it is stored as what is new, and leaves whole") {
  auto m = talks(30);
  started c(m);
  const listening model(c.c);
  c->run("w");
  CHECK(c->outcome_of("run-1") == "finished: done");
  REQUIRE(model.heard.size() == 30);
  for (int i = 0; i < 30; ++i) CHECK(model.whole(std::size_t(i), i));
  const auto bytes = bytes_of_questions(c.c);
  CHECK(bytes.back() > bytes_said);
  CHECK(bytes.back() < bytes_said + 500);
  CHECK(bytes.back() < bytes.at(5) + 20);  // longer only by the digits of its numbers
}

TEST_CASE("a question that is tried again, after a fault or after a crash, leaves as it was asked") {
  auto m = talks(8);
  started c(m);
  listening model(c.c);
  const auto answers = c->model->next;
  int busy = 0;
  c->model->next = [&](const model_question& q) -> result<model_reply> {
    auto reply = answers(q);
    if (q.with.at("said").get_array().size() != 9 || ++busy > 1) return reply;
    return error{"model_busy", "", "it is busy", "", ""};
  };
  c->run("w");
  c->advance(1min);
  CHECK(c->outcome_of("run-1") == "finished: done");
  REQUIRE(model.heard.size() == 9);
  CHECK(model.whole(4, 4));
  CHECK(model.whole(5, 4));
  CHECK(model.heard[4].asked.text == model.heard[5].asked.text);

  c->frozen = true;
  model.heard.clear();
  c->run("w");
  while (model.heard.size() < 5) REQUIRE(c->step());
  while (c->state().calls.empty()) REQUIRE(c->step());  // the sixth was asked, and the engine dies
  c->frozen = false;
  c->start();
  c->advance(1min);
  CHECK(c->outcome_of("run-2") == "finished: done");
  REQUIRE(model.heard.size() == 8);
  for (int i = 0; i < 8; ++i) CHECK(model.whole(std::size_t(i), i));
}

TEST_CASE("a question that can't be put together again is not asked, and a card says so") {
  auto m = talks(8);
  started c(m);
  const listening model(c.c);
  c->frozen = true;
  c->run("w");
  while (model.heard.size() < 5) REQUIRE(c->step());
  while (c->state().calls.empty()) REQUIRE(c->step());
  c->tamper([](event::any& e) {
    auto* asked = std::get_if<event::model_asked>(&e);
    if (asked && asked->call == "call-3" && asked->change) asked->change->pieces.back().text += "!";
  });
  c->frozen = false;
  c->start();
  CHECK(model.heard.size() == 5);
  CHECK(c->state().cards.at(c->card_about("step_stuck")).said.text.find("can't be put together") != std::string::npos);
}

TEST_CASE("several conversations of a run are each stored as what is new in them; short questions stand whole") {
  const auto asked = [](const std::string& call, const std::string& text) {
    model_question q;
    q.with = object{{"said", text}};
    return event::model_asked{call, "run-1/talk.1", "", "worker", "local", q, {}, {}, {}};
  };
  transcripts held;
  std::map<std::string, std::string> texts;
  std::int64_t number = 0;
  for (int turn = 0; turn < 5; ++turn) {
    for (const std::string who : {"a", "b", "c"}) {
      for (int i = 0; i < 5; ++i) texts[who] += words(++number);
      const auto call = "call-" + std::to_string(number);
      const auto stored = as_stored(held, asked(call, texts[who]));
      CHECK(stored.change.has_value() == (turn > 0));
      CHECK(question_digest(stored) == question_digest(asked(call, texts[who])));
      CHECK(take_question(held, stored) == to_json_text(*asked(call, texts[who]).question));
      CHECK(held.size() <= conversations_kept);
      take_answer(held, {call, "run-1/talk.1", "", model_reply{"local", object{{"text", words(++number)}}, {}}});
    }
  }
  CHECK(as_stored(held, asked("call-x", "short")).question);
  CHECK(take_question(held, as_stored(held, asked("call-x", "short"))) == to_json_text(*asked("", "short").question));
  CHECK(held.size() == 3);
}

}  // namespace steward::test
