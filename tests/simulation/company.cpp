#include "tests/simulation/company.hpp"

#include "tests/simulation/world.hpp"

namespace steward::simulation {
namespace {

using namespace std::chrono_literals;
using object = boost::json::object;

/// Its script is a function of its events alone, as an agent's must be. What befalls it (it throws, it hangs) comes from the
/// world, as bugs and bad luck do.
class player {
public:
  static constexpr auto name = "player";
  static constexpr int version = 1;
  using takes = json;
  using gives = json;
  using handles = events<step_started<json>, memory_recalled, looked_up, model_answered, effect_settled, role_answered, operator_answered, woke>;
  struct state {
    std::string text;
    std::int64_t came = 0;
    BOOST_DESCRIBE_CLASS(state, (), (text, came), (), ())
  };

  intents on(state& s, const step_started<json>& e) const {
    s.text = text_at(e.input, "text");
    if (befalls(s.text)) return {done(outdated_words)};
    const auto plays = [&](std::string_view what) { return s.text.starts_with(what); };
    if (plays("draft")) {
      ask_model wish;
      wish.with = {{"role", std::string("writer")}, {"about", s.text}};
      return {std::move(wish)};
    }
    if (plays("collect")) return {recall{"company", {}, {}, 3, "m"}, look_up{"world.look", object{{"text", "news"}}, "l"}};
    if (plays("pay")) return {propose_effect{"world.pay", object{{"to", "landlord"}, {"text", s.text}}, "the rent is due", {}, "p"}};
    if (plays("ask")) return {ask_operator{"Go on?", {"yes", "no"}, {}, "q"}};
    if (plays("delegate")) return {ask_role{"clerk", object{{"text", "quick help"}}, "r"}};
    if (plays("sleep")) return {wake_at{e.at + 6h, "w"}};
    if (plays("learn")) {
      remember wish;
      wish.scope = "company";
      wish.text = s.text;
      return {std::move(wish), done(s.text)};
    }
    return {done(s.text)};
  }
  intents on(state& s, const memory_recalled&) const { return second_of_two(s); }
  intents on(state& s, const looked_up&) const { return second_of_two(s); }
  intents on(state& s, const model_answered& e) const {
    if (befalls(s.text)) return {done(outdated_words)};
    return {done(text_at(e.answer, "text", "nothing"))};
  }
  intents on(state&, const effect_settled& e) const { return {done(e.how)}; }
  intents on(state&, const role_answered& e) const { return {done(text_at(e.result, "text", "nothing"))}; }
  intents on(state&, const operator_answered& e) const { return {done(e.answer)}; }
  intents on(state&, const woke&) const { return {done("woke")}; }

private:
  static bool befalls(const std::string& text) { return current_world()->agent_turn(text); }
  static finish done(const std::string& text) {
    finish f;
    f.result = object{{"text", text}};
    return f;
  }
  static intents second_of_two(state& s) {
    if (++s.came < 2) return {};
    return {done("all news")};
  }
};

step_definition role_step(const std::string& role, const std::string& text, std::optional<std::string> gives = {}) {
  step_definition s;
  s.role = role;
  s.with = object{{"text", text}};
  s.gives = std::move(gives);
  s.retry = retry_definition{3, {}, {}};
  return s;
}

step_definition end_step(const std::string& as) {
  step_definition s;
  s.as = as;
  return s;
}

workflow_definition letter() {
  workflow_definition w;
  w.workflow = "letter";
  w.starts_on = start_definition{};
  w.starts_on->event = "order_arrived";
  w.steps.push_back({"draft", role_step("writer", "draft ${input.what}", "mail")});
  step_definition send;
  send.effect = "world.mail";
  send.with = object{{"to", "${input.from}"}, {"text", "${mail.text}, visit ${run.visit}"}};
  send.ask = approval_definition{{"mail"}, 24h, "discard"};
  send.undo = "none";
  w.steps.push_back({"send", send});
  step_definition wait;
  wait.for_ = "mail_received";
  wait.from = "${input.from}";
  wait.at_most = "12h";
  wait.if_late = "nudge";
  w.steps.push_back({"wait", wait});
  w.steps.push_back({"finish", end_step("answered")});
  auto nudge = role_step("writer", "draft a reminder of ${input.what}", "mail");
  nudge.then = "send";
  nudge.at_most = "1";
  nudge.used_up = "silence";
  w.steps.push_back({"nudge", nudge});
  w.steps.push_back({"silence", end_step("silence")});
  return w;
}

workflow_definition update() {
  workflow_definition w;
  w.workflow = "update";
  w.starts_on = start_definition{};
  w.starts_on->schedule = "0 9 * * *";
  w.constants["readers"] = boost::json::array{"ada", "ben", "cleo"};
  w.steps.push_back({"collect", role_step("clerk", "collect", "news")});
  w.steps.push_back({"draft", role_step("writer", "draft ${news.text}", "page")});
  step_definition publish;
  publish.effects = {{"world.pay", object{{"to", "host"}, {"text", "${page.text}"}}, {}, {}, "none"},
                     {"world.mail", object{{"to", "${who}"}, {"text", "${page.text}"}}, {{"who", "${readers}"}}, {}, "none"}};
  publish.ask = approval_definition{{"page"}, {}, {}};
  w.steps.push_back({"publish", publish});
  step_definition note;
  note.remember = "company";
  note.text = "published ${page.text}";
  w.steps.push_back({"remember", note});
  w.steps.push_back({"end", end_step("published")});
  return w;
}

workflow_definition chores() {
  workflow_definition w;
  w.workflow = "chores";
  w.steps.push_back({"quick", role_step("clerk", "quick ${input.text}")});
  w.steps.push_back({"pay", role_step("clerk", "pay for ${input.text}")});
  w.steps.push_back({"ask", role_step("clerk", "ask about ${input.text}")});
  w.steps.push_back({"delegate", role_step("writer", "delegate ${input.text}")});
  w.steps.push_back({"sleep", role_step("clerk", "sleep over ${input.text}")});
  step_definition sms;
  sms.effect = "world.sms";
  sms.with = object{{"to", "landlord"}, {"text", "${input.text} is paid"}};
  sms.undo = "none";
  w.steps.push_back({"sms", sms});
  w.steps.push_back({"learn", role_step("clerk", "learn ${input.text}")});
  w.steps.push_back({"end", end_step("tidy")});
  return w;
}

workflow_definition poison() {
  workflow_definition w;
  w.workflow = "poison";
  w.steps.push_back({"swallow", role_step("clerk", "poison")});
  w.steps.push_back({"end", end_step("survived")});
  return w;
}

/// Whether it may be mailed differs from hour to hour of the first day.
workflow_definition offer() {
  workflow_definition w;
  w.workflow = "offer";
  step_definition send;
  send.effect = "world.mail";
  send.when = "now < '2026-11-23T04:00:00Z' || now > '2026-11-23T07:00:00Z'";
  send.with = object{{"to", "eve@example.com"}, {"text", "an offer: ${input.text}"}};
  send.ask = approval_definition{};
  send.ask->if_rejected = "rest";
  send.undo = "none";
  w.steps.push_back({"send", send});
  w.steps.push_back({"sent", end_step("mailed")});
  step_definition rest;
  rest.after = 30h;
  w.steps.push_back({"rest", rest});
  w.steps.push_back({"end", end_step("rejected")});
  return w;
}

}  // namespace

company_manifests simulated_company() {
  company_manifests m;
  role_definition writer;
  writer.role = "writer";
  writer.agent = "player";
  writer.may_know = {"company"};
  writer.model = model_definition{"drafting", "prompts/draft.md", {}};
  writer.limits = limits_definition{};
  writer.limits->spend = spend_definition{{}, writer_per_day};
  writer.limits->running = 2;
  role_definition clerk;
  clerk.role = "clerk";
  clerk.agent = "player";
  clerk.may_know = {"company"};
  clerk.may_do = {{"world.pay", autonomy::act}, {"world.look", autonomy::act}};
  clerk.limits = limits_definition{};
  clerk.limits->running = 2;
  m.roles = {{"writer", writer}, {"clerk", clerk}};
  m.prompts["prompts/draft.md"] = {"draft", "draft", "Say something"};
  m.company.company = "simulated";
  m.company.spend = spend_definition{{}, company_per_day};
  m.company.running = runs_at_once;
  m.company.may_do = {{"world.sms", autonomy::act}};
  m.company.hold = hold_definition{duration{}, duration{}, duration{}};  // A drill that is about holds says how long they are.
  for (const auto& w : {letter(), update(), chores(), poison(), offer()}) m.workflows[w.workflow] = w;
  return m;
}

agent_entry player_agent() { return host<player>(); }

}  // namespace steward::simulation
