#include "runtime/hosting/engine.hpp"

#include <csignal>
#include <filesystem>

#include <sys/wait.h>
#include <unistd.h>

#include "runtime/hosting/open_company.hpp"
#include "runtime/journal/seal.hpp"
#include "tests/support/small_company.hpp"

namespace steward {
namespace {

struct note {
  std::string text;
};
BOOST_DESCRIBE_STRUCT(note, (), (text))
struct nothing {
  std::int64_t seen = 0;
};
BOOST_DESCRIBE_STRUCT(nothing, (), (seen))

class echo {
public:
  static constexpr auto name = "echo";
  static constexpr int version = 1;
  using takes = note;
  using gives = note;
  using handles = events<step_started<note>>;
  using state = nothing;
  intents on(state&, const step_started<note>& step) const { return {finish{step.input}}; }
};

/// Throws for a text that says so; otherwise an echo.
class thrower {
public:
  static constexpr auto name = "thrower";
  static constexpr int version = 1;
  using takes = note;
  using gives = note;
  using handles = events<step_started<note>>;
  using state = nothing;
  intents on(state&, const step_started<note>& step) const {
    if (step.input.text == "throw") throw std::runtime_error("the template has no name field");
    return {finish{step.input}};
  }
};

/// Hangs until it is let go, for a text that says so. A test must let it go: its thread can't be taken away.
std::atomic<bool> hanging{false};
class hanger {
public:
  static constexpr auto name = "hanger";
  static constexpr int version = 1;
  using takes = note;
  using gives = note;
  using handles = events<step_started<note>>;
  using state = nothing;
  intents on(state&, const step_started<note>& step) const {
    if (step.input.text == "hang") hanging.wait(true);
    return {finish{step.input}};
  }
};

/// A folder that goes with the test.
struct scratch_folder {
  scratch_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "steward-engine-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path = name;
  }
  ~scratch_folder() { std::filesystem::remove_all(path); }
  std::string path;
};

role_definition role(const std::string& name, const std::string& agent) {
  role_definition r;
  r.role = name;
  r.agent = agent;
  return r;
}

workflow_definition steps(const std::string& name, const std::vector<std::string>& roles) {
  workflow_definition w;
  w.workflow = name;
  int i = 0;
  for (const auto& r : roles) {
    step_definition s;
    s.role = r;
    s.with = boost::json::object{{"text", "${input.text}"}};
    s.gives = "said";
    w.steps.push_back({"step" + std::to_string(++i), s});
  }
  return w;
}

engine_parts parts_in(const std::string& folder) {
  engine_parts p;
  p.folder = folder;
  for (const auto* agent : {"echo", "thrower", "hanger"}) p.manifests.roles[agent] = role(agent, agent);
  p.manifests.workflows["ten"] = steps("ten", std::vector<std::string>(10, "echo"));
  p.manifests.workflows["throws"] = steps("throws", {"thrower"});
  p.manifests.workflows["hangs"] = steps("hangs", {"hanger"});
  p.connectors = {std::make_shared<test::test_connector>()};
  p.models["local"] = std::make_shared<test::test_model>();
  p.agents = {host<echo>(), host<thrower>(), host<hanger>()};
  p.now = make_system_clock();
  p.files = make_system_disk();
  p.version = "test";
  return p;
}

std::string begin(engine& e, const std::string& workflow, const std::string& text) {
  const auto answer = e.command(boost::json::object{{"do", "run"}, {"workflow", workflow}, {"input", {{"text", text}}}});
  INFO(canonical(answer));
  REQUIRE(at_path(answer, "ok.run"));
  return text_at(*at_path(answer, "ok"), "run");
}

/// Asks the engine until `holds` is true of the run's view; each question is a round trip through the coordinator.
json until(engine& e, const json& question, const std::function<bool(const json&)>& holds) {
  json seen;
  for (int i = 0; i < 1'000'000; ++i) {
    const auto answer = e.command(question);
    if (const auto* ok = at_path(answer, "ok")) seen = *ok;
    if (holds(seen)) return seen;
  }
  FAIL("it never came to that: " + canonical(seen));
  return seen;
}

json run_ended(engine& e, const std::string& run) {
  return until(e, boost::json::object{{"do", "view"}, {"view", "run"}, {"run", run}}, [](const json& r) { return text_at(r, "status") != "running" && text_at(r, "status") != "queued"; });
}

json first_card(engine& e) {
  const auto cards = until(e, boost::json::object{{"do", "view"}, {"view", "inbox"}}, [](const json& c) { return c.is_array() && !c.get_array().empty(); });
  return cards.get_array().front();
}

}  // namespace

TEST_CASE("a trivial step costs one commit, counted in flushes of the journal with one run in flight") {
  scratch_folder folder;
  auto p = parts_in(folder.path);
  p.manifests.company.running = 1;
  auto e = engine::start(std::move(p));
  REQUIRE(e);
  // All runs queue before the first may begin: the end of one and the start of the next are then one append.
  REQUIRE(at_path((*e)->command(boost::json::object{{"do", "pause"}, {"scope", "company"}}), "ok"));
  std::vector<std::string> runs;
  for (int i = 0; i < 20; ++i) runs.push_back(begin(**e, "ten", "hi"));
  const auto before = (*e)->figures();
  REQUIRE(at_path((*e)->command(boost::json::object{{"do", "resume"}, {"scope", "company"}}), "ok"));
  for (const auto& run : runs) CHECK(text_at(run_ended(**e, run), "status") == "finished");
  const auto after = (*e)->figures();
  const auto flushes = after.at("flushes").to_number<double>() - before.at("flushes").to_number<double>();
  CHECK(flushes / 200 <= 1.05);  // 200 steps, and the commit that let them begin; checkpoints have room
  CHECK(flushes >= 200);         // each result was on disk before the next step began
}

TEST_CASE("whoever waits for a run hears how it ended, once that is on disk, and at once when it is over already") {
  scratch_folder folder;
  auto e = engine::start(parts_in(folder.path));
  REQUIRE(e);
  const auto ended = (*e)->command(boost::json::object{{"do", "run"}, {"workflow", "ten"}, {"input", {{"text", "hi"}}}, {"wait", true}});
  INFO(canonical(ended));
  REQUIRE(at_path(ended, "ok.status"));
  CHECK(text_at(ended, "ok.status") == "finished");
  CHECK(text_at(ended, "ok.outcome") == "done");
  CHECK((*e)->figures().at("commits").to_number<double>() >= 11);  // ten steps and a start
  CHECK((*e)->command(boost::json::object{{"do", "wait"}, {"run", text_at(ended, "ok.run")}}) == ended);
  CHECK(text_at((*e)->command(boost::json::object{{"do", "wait"}, {"run", "run-99"}}), "error.code") == "not_open");
}

TEST_CASE("what is done stays done after a clean stop, and a second engine is refused meanwhile") {
  scratch_folder folder;
  std::string run;
  {
    auto e = engine::start(parts_in(folder.path));
    REQUIRE(e);
    auto second = engine::start(parts_in(folder.path));
    REQUIRE(!second);
    CHECK(second.error().code == "already_running");
    run = begin(**e, "ten", "hi");
    run_ended(**e, run);
  }
  auto e = engine::start(parts_in(folder.path));
  REQUIRE(e);
  CHECK(text_at(run_ended(**e, run), "outcome") == "done");
}

TEST_CASE("an agent that throws is restarted, its event is set aside after the third fault, and one card tells in its words") {
  scratch_folder folder;
  auto e = engine::start(parts_in(folder.path));
  REQUIRE(e);
  begin(**e, "throws", "throw");
  const auto card = first_card(**e);
  CHECK(text_at(card, "about") == "event_parked");
  CHECK(text_at(card, "text").find("3 times") != std::string::npos);
  CHECK(text_at(card, "text").find("the template has no name field") != std::string::npos);
  // The company works on, and so does the role: three restarts in ten minutes are within its window.
  CHECK(text_at(run_ended(**e, begin(**e, "throws", "fine")), "status") == "finished");
  CHECK(text_at(run_ended(**e, begin(**e, "ten", "hi")), "status") == "finished");
  CHECK((*e)->command(boost::json::object{{"do", "view"}, {"view", "inbox"}}).at("ok").get_array().size() == 1);
}

TEST_CASE("a handler that hangs is abandoned, its event is set aside, and the company works on") {
  scratch_folder folder;
  auto p = parts_in(folder.path);
  limits_definition limits;
  limits.run_for = std::chrono::milliseconds{200};
  limits.running = 1;
  p.manifests.roles["hanger"].limits = limits;
  hanging = true;
  {
    auto e = engine::start(std::move(p));
    REQUIRE(e);
    begin(**e, "hangs", "hang");
    const auto card = first_card(**e);
    CHECK(text_at(card, "about") == "event_parked");
    CHECK(text_at(card, "text").find("did not come back") != std::string::npos);
    CHECK(text_at(run_ended(**e, begin(**e, "ten", "hi")), "status") == "finished");
    CHECK(text_at(run_ended(**e, begin(**e, "hangs", "fine")), "status") == "finished");
    hanging = false;
    hanging.notify_all();
  }
}

TEST_CASE("personal fields of an entity are sealed in the journal, and reading gives them back while the key exists") {
  scratch_folder folder;
  auto p = parts_in(folder.path);
  p.manifests.entities["lead"] = {"lead", "who wrote", {{"name", "text"}, {"address", "text"}, {"subject", "text"}}, {"name", "address"}};
  workflow_definition w;
  w.workflow = "notes";
  step_definition record;
  record.record = "lead";
  record.id = "mailbox:${input.from}";
  record.with = boost::json::object{{"name", "Ada Okafor"}, {"address", "${input.from}"}, {"subject", "Prices"}};
  w.steps.push_back({"lead", record});
  p.manifests.workflows["notes"] = w;
  const auto again = p;
  {
    auto e = engine::start(std::move(p));
    REQUIRE(e);
    const auto answer = (*e)->command(boost::json::object{{"do", "run"}, {"workflow", "notes"}, {"input", {{"from", "ada@example.com"}}}});
    REQUIRE(at_path(answer, "ok.run"));
    run_ended(**e, "run-1");
  }
  const auto kinds = all_event_kinds();
  const auto recorded = [&](bool opened) {
    auto source = reader::open({.folder = folder.path, .open_sealed = opened, .erased = erased_as::text}, *kinds);
    REQUIRE(source);
    event_query wanted;
    wanted.kind = "entity_recorded";
    const auto found = (*source)->read(wanted);
    REQUIRE(found);
    REQUIRE(found->size() == 1);
    return found->front();
  };
  const auto stored = recorded(false);
  CHECK(stored.header.subject == "entity/lead-1");
  CHECK(stored.body.find("ada@example.com") == std::string::npos);
  CHECK(stored.body.find("Okafor") == std::string::npos);
  CHECK(stored.body.find("Prices") != std::string::npos);
  CHECK(recorded(true).body.find("mailbox:ada@example.com") != std::string::npos);
  const auto folded = fold_journal(folder.path, *kinds, "UTC");
  REQUIRE(folded);
  CHECK(folded->entities.find_external("mailbox:Ada@example.com").size() == 1);

  REQUIRE(seals(folder.path + "/keys", nullptr).destroy("entity/lead-1"));
  CHECK(recorded(true).body.find("ada@example.com") == std::string::npos);
  const auto erased = fold_journal(folder.path, *kinds, "UTC");
  REQUIRE(erased);
  CHECK(erased->entities.find_external("mailbox:ada@example.com").empty());
  CHECK(text_at(erased->entities.find("lead-1")->fields, "address") == "(erased)");
  auto e = engine::start(again);  // the company works on without it
  REQUIRE(e);
  CHECK(text_at(run_ended(**e, "run-1"), "status") == "finished");
}

TEST_CASE("a connector that can't be polled raises one card, which goes when it can be again") {
  scratch_folder folder;
  auto p = parts_in(folder.path);
  auto works = std::make_shared<test::test_connector>();
  works->changes().signals.push_back({"mail_received", "A mail arrived", {}});
  const auto down = std::make_shared<std::atomic<bool>>(true);
  works->polled = [down]() -> result<std::vector<signal>> {
    if (*down) return error{"no_such_file", "inbox", "the folder is not there"};
    return std::vector<signal>{};
  };
  p.connectors = {works};
  const auto file = folder.path + "/time";
  REQUIRE(p.files->write(file, "2026-11-23T08:00:00Z"));
  p.now = make_file_clock(file);
  p.look_at_clock_every = std::chrono::milliseconds{1};
  auto e = engine::start(std::move(p));
  REQUIRE(e);
  const auto card = first_card(**e);
  CHECK(text_at(card, "about") == "breaker");
  CHECK(text_at(card, "text").find("the folder is not there") != std::string::npos);
  *down = false;
  REQUIRE(make_system_disk()->write(file, "2026-11-23T08:10:00Z"));
  const auto left = until(**e, boost::json::object{{"do", "view"}, {"view", "inbox"}}, [](const json& c) { return c.is_array() && c.get_array().empty(); });
  CHECK(left.get_array().empty());
}

}  // namespace steward
