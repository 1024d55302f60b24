#include "runtime/hosting/replay.hpp"

#include "tests/coordination/puppet.hpp"

namespace steward::test {
namespace {

/// Recalls, asks its model, and finishes with what both said.
intents drafts(const cue& c) {
  if (c.kind == "step_started") return {recall{"company", "", c.text, 3, "r"}};
  if (c.kind == "memory_recalled") return {ask_model{"", {{"lead", c.text}}, nullptr, "m"}};
  return {done(object{{"text", c.text + " " + text_at(c.body, "text")}})};
}

company_of drafting() {
  company_of m;
  m.step("draft", role_step(object{{"text", "${constants_text}"}}, "reply"));
  m.step("send", effect_step("test.keyed", object{{"text", "${reply.text}"}}));
  m.w().constants["constants_text"] = "x";
  return m;
}

replayed_agents the_puppet() { return {{"puppet", {puppet::version, [](const role_brief& brief) -> std::unique_ptr<agent_value> { return std::make_unique<agent_value_of<puppet>>(brief); }}}}; }

/// What a journal would give for this run.
told_run of_run(const small_company& c, const std::string& run) {
  told_run all;
  for (const auto& e : c.disk()) {
    const auto* began = std::get_if<event::run_started>(&e.second);
    if (e.first.correlation == run || (began && began->parent && company_state::run_of(*began->parent) == run)) all.events.push_back(e);
  }
  return all;
}

struct replayed {
  company_of m = drafting();
  std::string run;
  told_run told;
  replayed() {
    puppet::plays = drafts;
    started c(m);
    run = c->run("w");
    REQUIRE(c->outcome_of(run) == "finished: done");
    asked = c->model->asked;
    done = c->works->done().size();
    told = of_run(c.c, run);
  }
  json now(replay_of what = replay_of::company, const replayed_agents& agents = the_puppet()) const {
    const auto answer = replay(told, run, agents, m.m, {.what = what});
    REQUIRE(answer);
    return *answer;
  }
  int asked = 0;
  std::size_t done = 0;
};

bool same(const json& told) { return told.at("same").as_bool(); }
std::string first(const json& told, const char* key) { return text_at(told.at("first"), key); }

}  // namespace

TEST_CASE("replay takes every turn of a run again and finds it the same, without asking a model") {
  replayed r;
  const auto told = r.now();
  CHECK(same(told));
  CHECK(told.at("first").is_null());
  CHECK(told.at("turns").as_int64() == 3);
  CHECK(told.at("steps").as_array().size() == 1);
  CHECK(r.asked == 1);
  CHECK(same(r.now(replay_of::manifests)));
}

TEST_CASE("replay of an open run goes as far as the run has come") {
  auto m = drafting();
  puppet::plays = drafts;
  m.w().steps[1].value.ask = approval_definition{};
  started c(m);
  const auto run = c->run("w");
  const auto told = replay(of_run(c.c, run), run, the_puppet(), m.m);
  REQUIRE(told);
  CHECK(same(*told));
  CHECK(told->at("turns").as_int64() == 3);
}

TEST_CASE("replay names the first divergence: event, instance, intent, and kind, name and digest of then and now") {
  replayed r;
  SECTION("another intent") {
    puppet::plays = [](const cue& c) -> intents {
      if (c.kind == "memory_recalled") return {propose_effect{"test.keyed", object{{"text", "no"}}, "", {}, "m"}};
      return drafts(c);
    };
    const auto told = r.now();
    CHECK_FALSE(same(told));
    const auto& f = told.at("first");
    CHECK(first(told, "what") == "intent");
    CHECK(first(told, "instance") == r.run + "/draft.1");
    CHECK(first(told, "handled_kind") == "memory_recalled");
    CHECK(f.at("intent").as_int64() == 1);
    CHECK(text_at(f.at("recorded"), "kind") == "ask_model");
    CHECK(text_at(f.at("recorded"), "name") == "p");
    CHECK(text_at(f.at("now"), "kind") == "propose_effect");
    CHECK(text_at(f.at("now"), "name") == "test.keyed");
    CHECK(text_at(f.at("now"), "digest").size() == 64);
    const auto seq = f.at("seq").as_int64();
    const auto at = std::find_if(r.told.events.begin(), r.told.events.end(), [&](const auto& e) { return e.first.seq == seq; });
    REQUIRE(at != r.told.events.end());
    CHECK(std::get<event::turn_taken>(at->second).intents.at(0).digest == text_at(f.at("recorded"), "digest"));
  }
  SECTION("the same intent in other words") {
    puppet::plays = [](const cue& c) -> intents {
      if (c.kind == "model_answered") return {done(object{{"text", "other"}})};
      return drafts(c);
    };
    const auto told = r.now();
    CHECK(first(told, "handled_kind") == "model_answered");
    CHECK(text_at(told.at("first").at("recorded"), "kind") == "finish");
    CHECK(text_at(told.at("first").at("recorded"), "digest") != text_at(told.at("first").at("now"), "digest"));
  }
  SECTION("one intent less, one more") {
    puppet::plays = [](const cue& c) -> intents { return c.kind == "step_started" ? intents{} : drafts(c); };
    auto told = r.now();
    CHECK(told.at("first").at("now").is_null());
    puppet::plays = [](const cue& c) -> intents {
      auto said = drafts(c);
      if (c.kind == "step_started") said.push_back(remember{"company", "", "t", "", 0.5, {}});
      return said;
    };
    told = r.now();
    CHECK(told.at("first").at("recorded").is_null());
    CHECK(told.at("first").at("intent").as_int64() == 2);
  }
  SECTION("it throws") {
    puppet::plays = [](const cue& c) -> intents {
      if (c.kind == "memory_recalled") throw std::runtime_error("no such field");
      return drafts(c);
    };
    const auto told = r.now();
    CHECK(first(told, "what") == "fault");
    CHECK(first(told, "sentence").find("no such field") != std::string::npos);
  }
}

TEST_CASE("replay says in a sentence that a role or its agent is not there any more, or that its version was raised") {
  replayed r;
  auto told = r.now(replay_of::company, {});
  CHECK(same(told));
  CHECK(told.at("turns").as_int64() == 0);
  CHECK(std::string(told.at("steps").at(0).at("notes").at(0).as_string()).find("not in this build") != std::string::npos);
  auto raised = the_puppet();
  raised.at("puppet").version = 2;
  told = r.now(replay_of::company, raised);
  CHECK(same(told));
  CHECK(told.at("steps").at(0).at("notes").as_array().size() == 1);
  CHECK(std::string(told.at("steps").at(0).at("notes").at(0).as_string()).find("version 1 then and is 2 now") != std::string::npos);
  r.m.m.roles.clear();
  told = r.now();
  CHECK(std::string(told.at("steps").at(0).at("notes").at(0).as_string()).find("no role 'worker'") != std::string::npos);
}

TEST_CASE("replay does not take a compacted text for what was said then") {
  replayed r;
  std::int64_t answered = 0;
  for (auto& [h, e] : r.told.events)
    if (auto* x = std::get_if<event::model_answered>(&e)) {
      x->reply.answer = object{{"text", "(compacted: 5120 bytes)"}};
      answered = h.seq;
    }
  REQUIRE_FALSE(same(r.now()));  // taken as it stands it would be a divergence
  r.told.shortened.insert(answered);
  const auto told = r.now();
  CHECK(same(told));
  CHECK(told.at("turns").as_int64() == 2);
  CHECK(std::string(told.at("steps").at(0).at("notes").at(0).as_string()).find("steward journal compact") != std::string::npos);
}

TEST_CASE("replay against other manifests says which question, input or role would be another") {
  replayed r;
  SECTION("a prompt") {
    r.m.m.prompts["prompts/p.md"].text = "Say it in rhymes";
    CHECK(same(r.now(replay_of::company)));
    const auto told = r.now(replay_of::manifests);
    CHECK(first(told, "what") == "question");
    CHECK(first(told, "sentence").find("text of the prompt") != std::string::npos);
    CHECK(told.at("steps").at(0).at("differences").as_array().size() == 1);
  }
  SECTION("the input of a step") {
    r.m.w().constants["constants_text"] = "y";
    const auto told = r.now(replay_of::manifests);
    CHECK(first(told, "what") == "input");
    CHECK(first(told, "sentence").find(R"(input.text was "x", would be "y")") != std::string::npos);
  }
  SECTION("the role of a step") {
    auto other = r.m.role();
    other.role = "other";
    r.m.m.roles["other"] = other;
    r.m.w().steps[0].value.role = "other";
    const auto told = r.now(replay_of::manifests);
    CHECK(first(told, "what") == "role");
    CHECK(text_at(told.at("first").at("now"), "name") == "other");
  }
}

}  // namespace steward::test
