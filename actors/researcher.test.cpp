#include "tests/support/catch.hpp"

#include "actors/researcher.hpp"

using namespace steward;

namespace {

const time_point now = parse_time("2026-11-21T09:00:00Z").value();

step_started<research_request> started(const research_request& input = {}) { return {.run = "run-1", .step = "collect", .at = now, .input = input}; }
looked_up commits(json list) { return {.tag = "commits", .at = now, .action = "git.log", .answer = {{"commits", std::move(list)}, {"branch", "main"}, {"total", 1}}}; }
looked_up notes(json list) { return {.tag = "notes", .at = now, .action = "files.list", .answer = {{"files", std::move(list)}}}; }

const json one_commit = {{{"short", "1a2b3c4"}, {"subject", "Fix the parser"}, {"body", "Before: it broke.\nAfter: it holds.\n\nMore."}, {"merge", false}},
                         {{"short", "5d6e7f8"}, {"subject", "Merge branch 'parser'"}, {"body", ""}, {"merge", true}}};
const json one_note = boost::json::array{{{"path", "notes/new.md"}, {"title", "New"}, {"front_matter", {{"date", "2026-11-14"}}}, {"text", "Fresh."}}};

}  // namespace

TEST_CASE("researcher asks git and the notes about the last seven days, unless told otherwise") {
  researcher::state self;
  const auto wanted = researcher{}.on(self, started());
  REQUIRE(wanted.size() == 2);
  CHECK(to_json_text(wanted[0]) == R"({"action":"git.log","kind":"look_up","tag":"commits","with":{"limit":40,"since":"2026-11-14T09:00:00.000000Z"}})");
  CHECK(to_json_text(wanted[1]) == R"({"action":"files.list","kind":"look_up","tag":"notes","with":{"folder":"notes","limit":40,"since":"2026-11-14T09:00:00.000000Z"}})");
}

TEST_CASE("researcher lets the step's input win over the role's settings") {
  const role_brief brief{.role = "researcher", .settings = {{"since", "30d"}, {"notes", "diary"}, {"limit", 5}}};
  researcher::state self;
  const auto by_role = researcher{brief}.on(self, started());
  CHECK(to_text(self.since) == "2026-10-22T09:00:00.000000Z");
  CHECK(to_json_text(by_role[1]).find(R"({"folder":"diary","limit":5,)") != std::string::npos);
  const auto by_step = researcher{brief}.on(self, started({.since = "2026-11-20T00:00:00+01:00", .notes = "notes", .limit = 9}));
  CHECK(to_text(self.since) == "2026-11-19T23:00:00.000000Z");
  CHECK(to_json_text(by_step[1]).find(R"({"folder":"notes","limit":9,)") != std::string::npos);
}

TEST_CASE("researcher gives up with a sentence when `since` or a setting makes no sense") {
  researcher::state self;
  const auto bad_since = researcher{}.on(self, started({.since = "last week"}));
  REQUIRE(bad_since.size() == 1);
  CHECK(std::get<give_up>(bad_since[0]).reason ==
        "since: found 'last week'. Expected a time such as 7d, or a moment such as 2026-11-14T09:00:00Z. [bad_since]");
  const auto bad_setting = researcher{role_brief{.role = "researcher", .settings = {{"limits", 5}}}}.on(self, started());
  CHECK(std::get<give_up>(bad_setting[0]).reason.find("Did you mean 'limit'?") != std::string::npos);
}

TEST_CASE("researcher waits for both answers, whichever comes first, and names each finding's source") {
  const bool git_first = GENERATE(true, false);
  researcher::state self;
  const researcher agent;
  agent.on(self, started());
  CHECK((git_first ? agent.on(self, commits(one_commit)) : agent.on(self, notes(one_note))).empty());
  const auto wanted = git_first ? agent.on(self, notes(one_note)) : agent.on(self, commits(one_commit));
  REQUIRE(wanted.size() == 1);
  CHECK(to_json_text(wanted[0]) ==
        R"({"answer":null,"kind":"ask_model","prompt":"","tag":"summary","with":[{"name":"findings","value":[)"
        R"({"source":"git:1a2b3c4 Fix the parser","text":"Before: it broke. After: it holds.","title":"Fix the parser"},)"
        R"({"source":"files:notes/new.md","text":"Fresh.","title":"New"}]}]})");

  const auto done = agent.on(self, model_answered{.tag = "summary", .at = now, .model = "local/1", .answer = {{"summary", "The parser holds."}}});
  REQUIRE(done.size() == 1);
  CHECK(std::get<finish>(done[0]).evidence == std::vector<std::string>{"git:1a2b3c4 Fix the parser", "files:notes/new.md"});
  CHECK(text_at(std::get<finish>(done[0]).result, "summary") == "The parser holds.");
}

TEST_CASE("researcher takes of a commit's text the part that the role names") {
  const role_brief brief{.role = "researcher", .settings = {{"commit_text_behind", "Before:"}, {"commit_text_before", "After:"}}};
  researcher::state self;
  researcher{brief}.on(self, started());
  researcher{brief}.on(self, commits(one_commit));
  CHECK(self.commits->at(0).text == "It broke.");
}

TEST_CASE("researcher asks no model when nothing happened") {
  researcher::state self;
  const researcher agent;
  agent.on(self, started());
  agent.on(self, commits(boost::json::array{}));
  const auto done = agent.on(self, notes(boost::json::array{}));
  REQUIRE(done.size() == 1);
  CHECK(to_json_text(done[0]) ==
        R"({"evidence":[],"kind":"finish","result":{"findings":[],"since":"2026-11-14T09:00:00.000000Z","summary":"Nothing new since 2026-11-14T09:00:00.000000Z."}})");
}
