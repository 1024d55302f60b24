#include "tests/support/catch.hpp"

#include "actors/editor.hpp"

using namespace steward;

namespace {

const time_point late_evening = parse_time("2026-11-22T23:30:00Z").value();  // already Monday in Berlin
const role_brief brief{.role = "editor", .company_zone = "Europe/Berlin"};
const research evidence{parse_time("2026-11-15T00:00:00Z").value(), {{"Fix the parser", "It broke.", "git:1a2b3c4 Fix the parser"}, {"New", "Fresh.", "files:notes/new.md"}}, "The parser holds."};

step_started<edit_request> started(const edit_request& input) { return {.run = "run-1", .step = "draft", .at = late_evening, .input = input}; }
memory_recalled recalled(const char* tag, std::vector<memory_item> items) { return {.tag = tag, .at = late_evening, .items = std::move(items)}; }
const memory_item voice{.id = "mem-1", .scope = "company", .about = "voice", .text = "Plain words."};

}  // namespace

TEST_CASE("editor recalls voice and last update before it asks for a draft") {
  editor::state self;
  const editor agent{brief};
  const auto first = agent.on(self, started({evidence, "Mention the parser."}));
  REQUIRE(first.size() == 2);
  CHECK(to_json_text(first[0]) == R"({"about":"voice","kind":"recall","limit":3,"query":"","scope":"company","tag":"voice"})");
  CHECK(to_json_text(first[1]) == R"({"about":"update","kind":"recall","limit":1,"query":"","scope":"company","tag":"last"})");
  CHECK(agent.on(self, recalled("last", {})).empty());

  const auto asked = agent.on(self, recalled("voice", {voice}));
  REQUIRE(asked.size() == 1);
  std::map<std::string, std::string> with;
  for (const auto& [name, value] : std::get<ask_model>(asked[0]).with) with[name] = canonical(value);
  CHECK(with == std::map<std::string, std::string>{{"date", R"("2026-11-23")"},
                                                   {"summary", R"("The parser holds.")"},
                                                   {"changes", R"([{"source":"git:1a2b3c4 Fix the parser","text":"It broke.","title":"Fix the parser"}])"},
                                                   {"headline", R"("Fix the parser")"},
                                                   {"more_count", "1"},
                                                   {"notes", R"([{"source":"files:notes/new.md","text":"Fresh.","title":"New"}])"},
                                                   {"change_count", "1"},
                                                   {"note_count", "1"},
                                                   {"voice", R"("Plain words.")"},
                                                   {"last_update", R"("")"},
                                                   {"instructions", R"("Mention the parser.")"}});
}

TEST_CASE("editor names the page after date and title, and stands on every source it was shown") {
  editor::state self;
  const editor agent{brief};
  agent.on(self, started({evidence, {}}));
  agent.on(self, recalled("voice", {voice}));
  agent.on(self, recalled("last", {}));
  const auto done = agent.on(self, model_answered{.tag = "draft", .at = late_evening, .answer = {{"title", "Faster, & safer!"}, {"summary", "S."}, {"markdown", "# M"}}});
  REQUIRE(done.size() == 1);
  CHECK(std::get<finish>(done[0]).evidence == std::vector<std::string>{"git:1a2b3c4 Fix the parser", "files:notes/new.md", "memory:mem-1"});
  CHECK(text_at(std::get<finish>(done[0]).result, "path") == "2026-11-23-faster-safer.html");
  CHECK(text_at(std::get<finish>(done[0]).result, "date") == "2026-11-23");
}

TEST_CASE("editor gives up rather than write about nothing") {
  editor::state self;
  const auto said = editor{brief}.on(self, started({research{evidence.since, {}, ""}, {}}));
  REQUIRE(said.size() == 1);
  CHECK(kind_of(said[0]) == "give_up");
}

TEST_CASE("a model's answer that is no draft is a logic fault that names the missing part") {
  editor::state self;
  CHECK_THROWS_WITH(editor{brief}.on(self, model_answered{.tag = "draft", .answer = {{"title", "T"}}}), Catch::Contains("summary"));
}
