#include "tests/support/small_company.hpp"

namespace steward {
namespace {

struct note {
  std::string text;
};
BOOST_DESCRIBE_STRUCT(note, (), (text))

/// Gives back what it gets; the trivial step.
class echo {
public:
  static constexpr auto name = "echo";
  static constexpr int version = 1;
  using takes = note;
  using gives = note;
  using handles = events<step_started<note>>;
  struct state {
    std::string last;
    BOOST_DESCRIBE_CLASS(state, (), (last), (), ())
  };
  intents on(state&, const step_started<note>& step) const { return {finish{step.input}}; }
};

company_manifests trivial(int steps) {
  company_manifests m;
  role_definition role;
  role.role = "echoer";
  role.agent = "echo";
  m.roles["echoer"] = role;
  workflow_definition w;
  w.workflow = "echoes";
  for (int i = 1; i <= steps; ++i) {
    step_definition s;
    s.role = "echoer";
    s.with = boost::json::object{{"text", i == 1 ? "${input.text}" : "${said.text}"}};
    s.gives = "said";
    w.steps.push_back({"step" + std::to_string(i), s});
  }
  m.workflows["echoes"] = w;
  return m;
}

}  // namespace

TEST_CASE("a run of trivial steps finishes, and each costs one commit") {
  test::small_company c(trivial(10));
  c.with_agent<echo>().start();
  const auto before = c.commits;
  const auto run = c.run("echoes", boost::json::object{{"text", "hi"}});
  CHECK(c.outcome_of(run) == "finished: done");
  // One to start the run with its first step, then one for each step; the last also ends the run.
  CHECK(c.commits - before == 11);
}

TEST_CASE("an effect waits for approval, is done once, and its answer is bound") {
  auto m = trivial(1);
  auto& w = m.workflows["echoes"];
  step_definition send;
  send.effect = "test.queryable";
  send.with = boost::json::object{{"to", "ada"}, {"text", "${said.text}"}};
  send.undo = "none";
  send.ask = approval_definition{};
  send.gives = "sent";
  w.steps.push_back({"send", send});
  test::small_company c(m);
  c.with_agent<echo>().start();
  const auto run = c.run("echoes", boost::json::object{{"text", "hi"}});
  REQUIRE(c.state().approvals.size() == 1);
  CHECK(c.works->ledger.empty());
  c.start();  // kill -9: the question is still there
  REQUIRE(c.state().approvals.size() == 1);
  const auto id = c.state().approvals.begin()->first;
  REQUIRE(c.decides().approve(id, "", c.now));
  c.settle();
  CHECK(c.works->ledger.size() == 1);
  CHECK(c.outcome_of(run) == "finished: done");
  CHECK(!c.decides().approve(id, "", c.now));
}

}  // namespace steward
