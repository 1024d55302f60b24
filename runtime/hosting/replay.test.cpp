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

namespace {

const json* at(const json& told, const char* list, std::size_t i) { return &told.at(list).as_array().at(i); }

/// A company whose workflow itself does everything: no agent takes a turn.
company_of telling() {
  company_of m;
  entity_definition lead;
  lead.entity = "lead";
  lead.fields = {{"name", "text"}, {"do_not_contact", "boolean"}};
  m.m.entities["lead"] = lead;
  step_definition quiet = end_step("nothing_to_tell");
  quiet.when = "input.silent";
  m.step("quiet", quiet);
  step_definition known;
  known.record = "lead";
  known.id = "test:${input.name}";
  known.with = object{{"name", "${input.name}"}, {"do_not_contact", false}};
  known.gives = "lead";
  m.step("known", known);
  auto release = effect_step("test.keyed", object{{"to", "${input.name}"}, {"text", "A letter to ${lead.name}, whom we have known for a long time, about the news of the week."}}, true);
  release.gives = "released";
  m.step("release", release);
  m.step("extra", effect_step("test.neither", object{{"text", "${input.name}"}}));
  step_definition note;
  note.remember = "company";
  note.about = "update";
  note.text = "We told ${lead.name}";
  m.step("note", note);
  m.step("finish", end_step("published"));
  return m;
}

/// A run of it, with all that a replay by other manifests needs. `tried` is to be changed.
struct told_by_workflow {
  company_of own = telling(), tried = own;
  std::string run;
  std::vector<std::pair<event::header, event::any>> disk;
  told_run told;
  std::optional<workflow_definition> then;
  replay_world world;

  explicit told_by_workflow(const std::function<void(company_of&)>& change = {}) {
    if (change) change(own), tried = own;
    started c(own);
    run = c->run("w", object{{"silent", false}, {"name", "Ada"}});
    if (c->outcome_of(run) == "open") c->approve();
    REQUIRE(c->outcome_of(run) == "finished: published");
    disk = c->disk();
    told = of_run(c.c, run);
    for (const auto& [h, e] : disk)
      if (const auto* one = std::get_if<event::manifest_adopted>(&e); one && one->what == "workflow" && one->name == "w") then = *from_json<workflow_definition>(one->body);
    REQUIRE(then);
    const test_connector works;
    for (const auto& action : works.manifest().actions) world.actions[action.name] = action;
    world.salt = "salt";
    world.fold_up_to = [this](company_state& state, std::int64_t seq) -> result<void> {
      for (const auto& [h, e] : disk)
        if (h.seq > state.head && h.seq <= seq) state.apply(h, e);
      return {};
    };
  }
  json with() const {
    const auto answer = replay(told, run, the_puppet(), tried.m, {.what = replay_of::manifests, .workflow_then = then, .before = &own.m, .world = &world});
    REQUIRE(answer);
    INFO(canonical(*answer));
    CHECK(same(*answer) == answer->at("first").is_null());
    return *answer;
  }
  step_definition& step(std::size_t i) { return tried.w().steps.at(i).value; }
};

/// Names, what is said of them, and where.
void check_first(const json& told, const std::string& what, const std::string& step, const std::string& said) {
  INFO(canonical(told.at("differences")));
  REQUIRE_FALSE(same(told));
  CHECK(first(told, "what") == what);
  CHECK(first(told, "step") == step);
  CHECK(first(told, "sentence").find(said) != std::string::npos);
}

}  // namespace

TEST_CASE("replay decides again what the workflow of a run without role steps decided, and finds it the same") {
  told_by_workflow r;
  const auto by_itself = replay(r.told, r.run, the_puppet(), r.own.m, {.workflow_then = r.then});
  REQUIRE(by_itself);
  CHECK(same(*by_itself));
  CHECK(by_itself->at("turns").as_int64() == 0);
  CHECK(by_itself->at("decisions").as_int64() > 10);
  const auto told = r.with();
  CHECK(same(told));
  CHECK(told.at("decisions").as_int64() > by_itself->at("decisions").as_int64());  // the gate as well
}

TEST_CASE("replay says so where the journal does not hold the workflow") {
  told_by_workflow r;
  const auto told = replay(r.told, r.run, the_puppet(), r.own.m);
  REQUIRE(told);
  CHECK(told->at("decisions").as_int64() == 0);
  CHECK(told->at("notes").as_array().size() == 1);
}

TEST_CASE("replay with another workflow names what a step would do otherwise: its words, its condition, its record, its memory, its end") {
  told_by_workflow r;
  SECTION("another subject in an effect") {
    r.step(2).with.as_object()["text"] = "A letter to ${lead.name}, whom we have known for a year, about the news of the week.";
    const auto told = r.with();
    check_first(told, "effect", "release", "with.text was");
    const auto said = first(told, "sentence");
    CHECK(said.find("for a long time") != std::string::npos);  // only where they differ, and whole words
    CHECK(said.find("for a year") != std::string::npos);
    CHECK(said.find("news of the week") == std::string::npos);
    CHECK(at(told, "differences", 0)->at("field") == "with.text");
  }
  SECTION("a condition turned round") {
    r.step(0).when = "!input.silent";
    const auto told = r.with();
    check_first(told, "when", "quiet", "it was skipped then and would be done now");
    CHECK(first(told, "sentence").find(R"(when: was "input.silent", is "!input.silent")") != std::string::npos);
  }
  SECTION("a step that is never done") {
    r.step(2).when = "false";
    check_first(r.with(), "when", "release", "it was done then and would be skipped now");
  }
  SECTION("a record") {
    r.step(1).with.as_object()["do_not_contact"] = true;
    check_first(r.with(), "record", "known", "with.do_not_contact was false, would be true");
  }
  SECTION("what is remembered") {
    r.step(4).text = "We wrote to ${lead.name}";
    check_first(r.with(), "remember", "note", "text was \"We told Ada\"");
  }
  SECTION("an end") {
    r.step(5).as = "done";
    check_first(r.with(), "end", "finish", "as was \"published\", would be \"done\"");
  }
}

TEST_CASE("replay with another workflow names a step that is gone, that is new, and that stands elsewhere") {
  told_by_workflow r;
  auto& steps = r.tried.w().steps;
  SECTION("gone") {
    steps.erase(steps.begin() + 3);
    check_first(r.with(), "order", "extra", "after 'release' would come 'note', then it was 'extra', which is not in the workflow any more");
  }
  SECTION("new") {
    steps.insert(steps.begin() + 3, {"more", effect_step("test.neither")});
    check_first(r.with(), "order", "extra", "after 'release' would come 'more'");
  }
  SECTION("elsewhere") {
    std::swap(steps[3], steps[4]);
    check_first(r.with(), "order", "extra", "after 'release' would come 'note'");
  }
  SECTION("a jump") {
    r.step(2).then = "note";
    check_first(r.with(), "order", "extra", "after 'release' would come 'note'");
  }
}

TEST_CASE("replay with other manifests names what the gate would say otherwise") {
  SECTION("the company's rung") {
    told_by_workflow r;
    r.tried.m.company.may_do["test.neither"] = autonomy::ask;
    const auto told = r.with();
    check_first(told, "verdict", "extra", "it would say ask");
    CHECK(text_at(told.at("first").at("recorded"), "name") == "allow");
  }
  SECTION("a rule") {
    told_by_workflow r;
    policy_definition never;
    never.name = "never";
    never.because = "Never again";
    never.actions = {"test.neither"};
    never.then = verdict::deny;
    r.tried.m.policies["never"] = never;
    check_first(r.with(), "verdict", "extra", "Never again");
  }
}

TEST_CASE("replay names the rung of a role that would ask where it acted") {
  auto m = drafting();
  puppet::plays = [](const cue& c) -> intents {
    if (c.kind == "step_started") return {propose_effect{"test.keyed", object{{"text", "x"}}, "none", {}, "e"}};
    return {done()};
  };
  m.w().steps.pop_back();
  started c(m);
  const auto run = c->run("w");
  REQUIRE(c->outcome_of(run) == "finished: done");
  replay_world world;
  const test_connector works;
  for (const auto& action : works.manifest().actions) world.actions[action.name] = action;
  world.fold_up_to = [&](company_state& state, std::int64_t seq) -> result<void> {
    for (const auto& [h, e] : c->disk())
      if (h.seq > state.head && h.seq <= seq) state.apply(h, e);
    return {};
  };
  const auto own = m.m;
  const auto with = [&] {
    const auto answer = replay(of_run(c.c, run), run, the_puppet(), m.m, {.what = replay_of::manifests, .before = &own, .world = &world});
    REQUIRE(answer);
    return *answer;
  };
  CHECK(same(with()));
  m.role().may_do["test.keyed"] = autonomy::ask;
  check_first(with(), "verdict", "draft", "The role 'worker' asks before each test.keyed");
}

TEST_CASE("replay names what differs and can't be decided again as changed, not replayed") {
  told_by_workflow r;
  SECTION("how long a question stands") {
    r.step(2).ask->expires_in = 24h;
    check_first(r.with(), "definition", "release", "changed, not replayed");
  }
  SECTION("a hold") {
    r.step(2).hold = 1h;
    check_first(r.with(), "definition", "release", "hold was nothing, is \"1h\": changed, not replayed");
  }
  SECTION("an entity type") {
    r.tried.m.entities["lead"].personal = {"name"};
    check_first(r.with(), "definition", "", "entity type 'lead'");
  }
  SECTION("the company's hold") {
    r.tried.m.company.hold = hold_definition{1min, {}, {}};
    check_first(r.with(), "definition", "", "company.yaml: hold");
  }
  SECTION("not of what the run did not use") {
    r.tried.m.roles["worker"].limits = limits_definition{};
    r.tried.w().version = 2;
    CHECK(same(r.with()));
  }
}

}  // namespace steward::test
