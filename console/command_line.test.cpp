#include "console/command_line.hpp"

#include <set>

#include "config/explain.hpp"
#include "console/commands.hpp"
#include "console/completions.hpp"
#include "console/exit_codes.hpp"
#include "console/man_page.hpp"
#include "tests/support/catch.hpp"

using namespace steward;

namespace {

result<command_line> read(std::vector<std::string> words) {
  static const auto commands = all_commands();
  return read_command_line(words, commands);
}

error refused(std::vector<std::string> words) {
  const auto line = read(std::move(words));
  REQUIRE(!line);
  return line.error();
}

}  // namespace

TEST_CASE("a command gets its positions, options and flags") {
  const auto line = read({"run", "weekly_update", "--set", "since=30d", "--set", "limit=5", "--yes"});
  REQUIRE(line);
  REQUIRE(line->chosen);
  CHECK(line->chosen->name == "run");
  CHECK(line->given.text("WORKFLOW") == "weekly_update");
  CHECK(line->given.all("--set") == std::vector<std::string>{"since=30d", "limit=5"});
  CHECK(line->given.has("--yes"));
  CHECK_FALSE(line->given.has("--step"));
}

TEST_CASE("what counts everywhere may stand before and behind the command") {
  const auto before = read({"--workspace", "here", "--json", "runs"});
  const auto behind = read({"runs", "--json", "--workspace", "here"});
  REQUIRE(before);
  REQUIRE(behind);
  for (const auto* line : {&*before, &*behind}) {
    CHECK(line->global.workspace == "here");
    CHECK(line->global.as_json);
    CHECK(line->chosen->name == "runs");
  }
}

TEST_CASE("a misspelt command is answered with the nearest one") {
  const auto e = refused({"aprove", "apr-1"});
  CHECK(e.code == "unknown_command");
  CHECK(e.advice == "Did you mean 'steward approve'?");
  CHECK(exit_code_of(e.code) == exit_code::misused);
  CHECK(refused({"memory", "serch"}).advice == "Did you mean 'steward memory search'?");
}

TEST_CASE("a misspelt option is answered with the nearest one") {
  const auto e = refused({"run", "weekly_update", "--setp"});
  CHECK(e.code == "unknown_option");
  CHECK(e.where == "steward run");
  CHECK((e.advice == "Did you mean '--step'?" || e.advice == "Did you mean '--set'?"));
  CHECK(refused({"runs", "--jsn"}).advice == "Did you mean '--json'?");
}

TEST_CASE("a missing word, a word too many and a wrong choice say how the command is written") {
  CHECK(refused({"approve"}).expected == "steward approve APPROVAL [--reason TEXT] [--always-for TIME] [--now] [--alike] [--dry-run] [--only-record]");
  CHECK(refused({"version", "now"}).found == "'now' is one word too many");
  CHECK(refused({"completions", "bsh"}).advice == "Did you mean 'bash'?");
  CHECK(refused({"run", "weekly_update", "--input"}).code == "bad_usage");
}

TEST_CASE("the words behind a command are its own, even where a command has that name") {
  const auto answer = read({"answer", "card-2", "stop", "run"});
  REQUIRE(answer);
  CHECK(answer->chosen->name == "answer");
  CHECK(answer->given.all("TEXT") == std::vector<std::string>{"stop", "run"});
  const auto memory = read({"memory", "add", "--about", "voice", "check", "memory", "search"});
  REQUIRE(memory);
  CHECK(memory->chosen->name == "memory add");
  CHECK(memory->given.all("TEXT") == std::vector<std::string>{"check", "memory", "search"});
}

TEST_CASE("help is given for a command whose other words are wrong") {
  const auto line = read({"approve", "--help"});
  REQUIRE(line);
  CHECK(line->global.help);
  CHECK(line->chosen->name == "approve");
}

TEST_CASE("every command has a summary, an example that names it, and one line in overview, man page and completions") {
  const auto commands = all_commands();
  const auto shown = overview(commands, "1");
  const auto page = man_page(commands, "1");
  const auto bash = completions_for("bash", commands);
  std::set<std::string> names;
  for (const auto& c : commands) {
    INFO(c.name);
    CHECK(names.insert(c.name).second);
    CHECK_FALSE(c.summary.empty());
    CHECK_FALSE(c.summary.ends_with("."));
    REQUIRE_FALSE(c.examples.empty());
    CHECK(c.examples.front().find("steward " + c.name) != std::string::npos);
    CHECK(help_of(c).find(c.examples.front()) != std::string::npos);
    CHECK(shown.find("  " + c.name + " ") != std::string::npos);
    CHECK(bash.find("'" + c.name + "')") != std::string::npos);
    CHECK(page.find(c.name.substr(0, c.name.find(' '))) != std::string::npos);
    for (const auto& w : c.words) CHECK_FALSE(w.help.empty());
  }
}

TEST_CASE("every example of the help is a command line that is understood") {
  for (const auto& c : all_commands())
    for (const auto& example : c.examples) {
      INFO(example);
      std::vector<std::string> words;
      std::string word;
      char quoted = 0;  // the quote that is open
      bool began = false;
      const auto last = example.rfind("&& ");  // what stands before it prepares for it
      for (const char ch : example.substr(example.find("steward ", last == example.npos ? 0 : last) + 8)) {
        if (quoted ? ch == quoted : ch == '"' || ch == '\'') quoted = quoted ? 0 : ch, began = true;
        else if (!quoted && (ch == '|' || ch == '>' || ch == ')')) break;
        else if (ch == ' ' && !quoted) {
          if (began || !word.empty()) words.push_back(word);
          word.clear(), began = false;
        } else word += ch;
      }
      if (!word.empty()) words.push_back(word);
      const auto line = read(words);
      if (!line) FAIL(to_sentence(line.error()));
      REQUIRE(line->chosen);
      CHECK(line->chosen->name == c.name);
    }
}

TEST_CASE("every exit code has a meaning, and an unknown error is a refusal") {
  CHECK(exit_code_of("not_open") == exit_code::not_found);
  CHECK(exit_code_of("already_running") == exit_code::engine_needed);
  CHECK(exit_code_of("engine_lost") == exit_code::engine_lost);
  CHECK(exit_code_of("effect_denied") == exit_code::refused);
  CHECK(std::size(exit_code_meanings) == 9);
}
