#include "tests/support/catch.hpp"

#include "tests/tidy/rules.hpp"

namespace steward::tidy {
namespace {

/// A small tree with one breach, and where it is. The texts are written in halves where this file would break the rule itself.
struct planted {
  std::string rule;
  std::string path;
  int line;
  std::string text;
};

const std::vector<planted>& planted_breaches() {
  static const std::vector<planted> table{
      {"arrows", "runtime/a.cpp", 1, "#include \"actors/editor.hpp\"\n"},
      {"arrows", "actors/a.hpp", 3, "/// A.\n#pragma once\n#include \"connectors/mailbox.hpp\"\n"},
      {"arrows", "config/a.cpp", 1, "#include \"console/run.hpp\"\n"},
      {"arrows", "policies/a.test.cpp", 2, "#include \"tests/support/catch.hpp\"\n#include \"config/manifest.hpp\"\n"},
      {"arrows", "runtime/a.cpp", 1, "#include \"error.hpp\"\n"},
      {"arrows", "runtime/a.cpp", 1, "#include \"tests/support/catch.hpp\"\n"},
      {"arrows", "runtime/journal/a.cpp", 1, "#include \"runtime/memory/recall.hpp\"\n"},
      {"caf", "actors/a.cpp", 1, "#include <caf/all.hpp>\n"},
      {"caf", "runtime/execution/a.hpp", 2, "/// A.\n#include <caf/typed_actor.hpp>\n"},
      {"time", "runtime/hosting/a.cpp", 2, "\nauto now = std::chrono::system_clock::now();\n"},
      {"time", "console/a.cpp", 1, "auto now = std::chrono::steady_clock::now();\n"},
      {"time", "connectors/a.cpp", 1, "auto now = ::time(nullptr);\n"},
      {"chance", "runtime/journal/a.cpp", 1, "std::random_device seed;\n"},
      {"chance", "connectors/a.cpp", 1, "int n = rand();\n"},
      {"purity", "runtime/execution/a.cpp", 1, "std::ifstream in(path);\n"},
      {"purity", "policies/a.cpp", 1, "if (getenv(\"HOME\")) return;\n"},
      {"purity", "actors/a.cpp", 1, "for (auto& e : std::filesystem::directory_iterator(p)) {}\n"},
      {"purity", "runtime/expression/a.cpp", 1, "FILE* f = fopen(p, m);\n"},
      {"sleeps", "runtime/a.test.cpp", 1, "std::this_thread::sleep_for(5ms);\n"},
      {"purpose", "runtime/a.hpp", 1, "#pragma once\n"},
      {"length", "runtime/a.cpp", 501, std::string(501, '\n')},
      {"leftovers", "runtime/a.cpp", 1, "// TO" "DO: later\n"},
      {"leftovers", "examples/a/run.sh", 2, "#!/bin/sh\n# FIX" "ME\n"},
      {"machine_paths", "config/a.yaml", 1, "folder: /ho" "me/ada/company\n"},
      {"machine_paths", "docs/a.md", 1, "cd \"/ro" "ot/steward\"\n"},
      {"error_pages", "runtime/a.cpp", 1, "return error{\"no_such_page\", where, found};\n"},
      {"error_pages", "runtime/a.cpp", 2, "\nerror e(\"no_such_page\", where, found);\n"},
      {"error_pages", "runtime/a.cpp", 1, "throw error_thrown({\"no_such_page\", where, found});\n"},
      {"error_pages", "runtime/a.cpp", 1, "return fault{fault_kind::data, \"no_such_page\", sentence};\n"},
      {"error_pages", "docs/errors/said_by_nobody.md", 1, "# said_by_nobody\n"},
      {"glossary", "runtime/a.cpp", 1, "class mail_session {};\n"},
      {"glossary", "connectors/a.cpp", 1, "struct plugin {};\n"},
      {"promises", "runtime/a.test.cpp", 1, "TEST_" "CASE(\"budget\") {}\n"},
      {"promises", "runtime/a.test.cpp", 2, "TEST_" "CASE(\"a promise holds\") {}\nTEST_" "CASE(\"a promise holds\") {}\n"},
      {"links", "docs/guides/a.md", 1, "See [the glossary](../GLOSSARY.md).\n"},
  };
  return table;
}

source_file cmake_lists() {
  return {"CMakeLists.txt",
          "steward_folder(runtime         DEPS Boost::json)\n"
          "steward_folder(runtime/journal DEPS runtime SQLiteCpp)\n"
          "steward_folder(runtime/memory  DEPS runtime/journal)\n"};
}

findings check_one(const std::string& path, const std::string& text) { return check({cmake_lists(), {path, text}}); }

}  // namespace

TEST_CASE("tidy catches every planted breach, at its line and with a way out") {
  for (const auto& p : planted_breaches()) {
    INFO(p.rule << " in " << p.path << ":\n" << p.text);
    const auto found = check_one(p.path, p.text);
    REQUIRE(found.size() == 1);
    CHECK(found[0].rule == p.rule);
    CHECK(found[0].path == p.path);
    CHECK(found[0].line == p.line);
    CHECK(!found[0].says.empty());
    CHECK(!found[0].way_out.empty());
  }
}

TEST_CASE("tidy has a planted breach for each of its rules") {
  for (const auto& rule : all_rules()) {
    INFO(rule.name);
    const auto& table = planted_breaches();
    CHECK(std::any_of(table.begin(), table.end(), [&](const auto& p) { return p.rule == rule.name; }));
  }
}

TEST_CASE("tidy lets good code pass") {
  const std::vector<std::pair<std::string, std::string>> good{
      {"console/a.cpp", "#include \"actors/catalog.hpp\"\n#include \"config/manifest.hpp\"\n#include \"runtime/error.hpp\"\n"},
      {"runtime/memory/a.cpp", "#include \"runtime/journal/journal.hpp\"\n#include \"runtime/clock.hpp\"\n"},
      {"runtime/hosting/a.cpp", "#include <caf/all.hpp>\n"},
      {"runtime/journal/journal_actor.cpp", "#include <caf/all.hpp>\n"},
      {"runtime/clock.cpp", "auto now = std::chrono::system_clock::now();\n"},
      {"runtime/random.cpp", "randombytes_buf(&n, sizeof n);\n"},
      {"runtime/execution/a.cpp", "// fopen and std::random_device are for others\nauto s = \"system_clock::now\";\nauto run_time(int x);\n"},
      {"actors/a.cpp", "const char* q = R\"(getenv(\"HOME\") \" )\"; char c = '\"'; int n = 1'000;\n/* fopen( */\n"},
      {"bench/a.cpp", "auto now = std::chrono::steady_clock::now();\n"},
      {"runtime/a.hpp", "/// Says what it is for.\n#pragma once\n"},
      {"runtime/a.cpp", std::string(500, '\n')},
      {"runtime/b.cpp", "class mail_sessions_seen {}; class log {}; enum class job_kind {};\n"},
      {"docs/a.md", "[here](a.md#part), [web](https://example.org/x), `[](int x)`, the network/path\n```cpp\n[](nowhere)\n```\n"},
      {"docs/guides/b.md", "[up](../../CMakeLists.txt) and [the folder](../guides)\n"},
      {"runtime/a.test.cpp", "TEST_" "CASE(\"budget refuses the call\") {}\nreturn error{\"made_in_a_test\", where};\n"},
  };
  for (const auto& [path, text] : good) {
    INFO(path << ":\n" << text);
    std::string all;
    for (const auto& f : check_one(path, text)) all += to_sentence(f) + "\n";
    CHECK(all == "");
  }
}

TEST_CASE("tidy wants one page for each error code, and one code for each page") {
  const source_file code{"runtime/a.cpp", "return error{\"file_missing\", where, found};"};
  CHECK(check({code, {"docs/errors/file_missing.md", "# file_missing\n"}}).empty());
  CHECK(check({code}).size() == 1);
  const source_file helper{"runtime/b.cpp", "return bad(\"file_missing\", text);"};
  CHECK(check({helper, {"docs/errors/file_missing.md", "# file_missing\n"}}).empty());
}

TEST_CASE("tidy lets a line off one rule when a comment gives the reason") {
  const std::string breach = "auto now = std::chrono::steady_clock::now();";
  CHECK(check_one("console/a.cpp", "// tidy allows time: a progress bar shows the machine's time\n" + breach).empty());
  CHECK(check_one("console/a.cpp", breach + "  // tidy allows time: a progress bar shows the machine's time\n").empty());
  CHECK(check_one("console/a.cpp", breach + "  // tidy allows time: ok\n").size() == 1);
  CHECK(check_one("console/a.cpp", breach + "  // tidy allows chance: a progress bar shows the machine's time\n").size() == 1);
  CHECK(check_one("console/a.cpp", "// tidy allows time: a progress bar shows the machine's time\n\n" + breach).size() == 1);
}

TEST_CASE("tidy names the place, the reason and the way out in one line") {
  const auto found = check_one("actors/a.cpp", "#include <caf/all.hpp>\n");
  REQUIRE(found.size() == 1);
  CHECK(to_sentence(found[0]) ==
        "actors/a.cpp:1: includes <caf/all.hpp>. Keep the thing a plain value and host it in runtime/hosting/, or name the file *_actor. "
        "(caf: agents, policies and state machines stay plain C++, testable without an actor system)");
}

}  // namespace steward::tidy
