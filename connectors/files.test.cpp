#include "connectors/files.hpp"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>

#include "connectors/conformance.hpp"
#include "connectors/scratch.test.hpp"
#include "runtime/digest.hpp"
#include "tests/support/catch.hpp"

using namespace steward;
namespace fs = std::filesystem;

namespace {

json value(std::string_view text) { return parse_json(text).value(); }

std::string scratch(const std::string& name) { return scratch_folder("files-" + name); }

void put(const std::string& file, const std::string& text) {
  fs::create_directories(fs::path(file).parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

void write_notes(const std::string& workspace) {
  put(workspace + "/notes/launch.md", "---\ntitle: The launch\ndate: 2026-11-20\ntags: [news]\n---\nWe launch.\n");
  put(workspace + "/notes/2026/older.md", "---\ndate: 2026-11-01\n---\n# Older\n\nText.\n");
  put(workspace + "/notes/undated.md", "Just words.\n");
  put(workspace + "/notes/bad.md", "---\nbroken\n---\n# Bad matter\n");
  put(workspace + "/notes/.hidden.md", "hidden");
  put(workspace + "/notes/.git/x.md", "hidden");
  put(workspace + "/notes/picture.png", "png");
}

outcome ask(const std::string& workspace, const std::string& action, const json& arguments, const json& settings = boost::json::object{}) {
  auto c = files_entry().make(settings, workspace);
  const auto disk = make_system_disk();
  outside doors{*disk};
  const auto what = c->prepare({action, arguments}, {"k1", {}});
  if (!what) return {.kind = outcome_kind::refused, .sentence = to_sentence(what.error())};
  return c->read(*what, c->perform(*what, doors));
}

std::vector<std::string> paths(const outcome& said) {
  std::vector<std::string> out;
  for (const auto& file : at_path(said.answer, "files")->as_array()) out.push_back(text_at(file, "path"));
  return out;
}
using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("files are the operator's own words, unless their settings say that others write there or that they are private") {
  const auto marks = [](const char* settings) {
    std::vector<labels> all;
    for (const auto& action : files_entry().make(value(settings), "/nowhere")->manifest().actions)
      if (action.repeats == effect_class::read_only) all.push_back(action.answer_labels);
    return all;
  };
  CHECK(marks("{}") == std::vector<labels>{0, 0});
  CHECK(marks(R"({"labels": ["untrusted"]})") == std::vector<labels>{label_untrusted, label_untrusted});
  CHECK(marks(R"({"labels": ["private", "untrusted"]})") == std::vector<labels>{label_untrusted | label_private, label_untrusted | label_private});
}

TEST_CASE("files passes the conformance suite") {
  conformance_samples s;
  s.settings = value(R"({"folder":"."})");
  s.arrange = write_notes;
  s.calls = {{"files.list", value(R"({"folder":"notes","since":"2026-11-01","limit":10})")}, {"files.read", value(R"({"path":"notes/launch.md"})")},
             {"files.write", value(R"({"path":"contracts/ada.md","template":"# For {{name}}\n\nAbout {{what}}.","with":{"name":"Ada","what":"a machine"}})")}, {"files.write", value(R"({"path":"contracts/bob.md","text":"# For Bob"})")},
             {"files.remove", {{"path", "notes/undated.md"}, {"digest", hex_digest("Just words.\n")}}}};
  for (const char* path : {"../x.md", "/etc/passwd.md", "notes/../../x.md", "notes/.hidden.md", "notes/picture.png", ".git/config"}) s.traps.push_back({std::string("the path ") + path, {"files.read", {{"path", path}}}});
  for (const char* path : {"..", "/etc", "notes/../..", ".git"}) s.traps.push_back({std::string("the folder ") + path, {"files.list", {{"folder", path}}}});
  for (const char* path : {"../x.md", "/etc/passwd.md", ".hidden.md", "notes/picture.png"}) s.traps.push_back({std::string("writing to ") + path, {"files.write", {{"path", path}, {"text", "x"}}}});
  s.traps.push_back({"neither text nor template", {"files.write", {{"path", "x.md"}}}});
  s.traps.push_back({"a template with a hole that nothing fills", {"files.write", {{"path", "x.md"}, {"template", "For {{name}}"}}}});
  const auto report = check_conformance(files_entry(), s, scratch("conformance"));
  for (const auto& broken : report.broken) FAIL_CHECK(broken);
  CHECK(report.checks > 100);
  for (const auto& code : report.error_codes) {
    CAPTURE(code);
    CHECK(fs::exists(fs::path(STEWARD_SOURCE_DIR) / "docs/errors" / (code + ".md")));
  }
}

TEST_CASE("files.list gives the notes with their front matter, newest date first") {
  const auto folder = scratch("list");
  write_notes(folder);
  const auto said = ask(folder, "files.list", {{"folder", "notes"}});
  REQUIRE(said.kind == outcome_kind::confirmed);
  CHECK(paths(said) == texts{"notes/launch.md", "notes/2026/older.md", "notes/bad.md", "notes/undated.md"});
  const auto& all = said.answer.at("files").as_array();
  CHECK(all[0] == value(R"({"path":"notes/launch.md","title":"The launch","front_matter":{"title":"The launch","date":"2026-11-20","tags":["news"]},"text":"We launch.\n","cut":false})"));
  CHECK(text_at(all[1], "title") == "Older");
  CHECK(text_at(all[2], "trouble") == "line 2: this is no 'key: value'");
  CHECK(text_at(all[2], "title") == "Bad matter");
  CHECK(text_at(all[3], "title") == "undated");
}

TEST_CASE("files.list keeps to folder, date and limit") {
  const auto folder = scratch("limits");
  write_notes(folder);
  CHECK(paths(ask(folder, "files.list", {{"since", "2026-11-02"}})) == texts{"notes/launch.md", "notes/bad.md", "notes/undated.md"});
  CHECK(paths(ask(folder, "files.list", {{"since", "2026-11-20T15:00:00Z"}})) == texts{"notes/launch.md", "notes/bad.md", "notes/undated.md"});
  CHECK(paths(ask(folder, "files.list", {{"limit", 1}})) == texts{"notes/launch.md"});
  CHECK(ask(folder, "files.list", {{"limit", 1}}).answer.at("total") == 4);
  CHECK(paths(ask(folder, "files.list", {{"folder", "./notes/2026/"}})) == texts{"notes/2026/older.md"});
  CHECK(paths(ask(folder, "files.list", {{"folder", "2026"}}, {{"folder", "notes"}})) == texts{"2026/older.md"});
  CHECK(ask(folder, "files.list", {{"since", "last week"}}).kind == outcome_kind::refused);
}

TEST_CASE("files.list says when the folder is not there") {
  const auto said = ask(scratch("absent"), "files.list", {{"folder", "notes"}});
  CHECK(said.answer == value(R"({"files":[],"total":0,"folder_found":false,"complete":true})"));
}

TEST_CASE("files follows no symbolic link and opens no pipe") {
  const auto folder = scratch("links");
  write_notes(folder + "/inside");
  put(folder + "/outside/secret.md", "# Secret");
  fs::create_symlink(folder + "/outside/secret.md", folder + "/inside/notes/link.md");
  fs::create_directory_symlink(folder + "/outside", folder + "/inside/notes/linked");
  REQUIRE(::mkfifo((folder + "/inside/notes/pipe.md").c_str(), 0600) == 0);
  const auto said = ask(folder + "/inside", "files.list", boost::json::object{});
  CHECK(paths(said) == texts{"notes/launch.md", "notes/2026/older.md", "notes/bad.md", "notes/pipe.md", "notes/undated.md"});
  CHECK(text_at(said.answer.at("files").at(3), "trouble").find("no plain file") != std::string::npos);
  for (const char* path : {"notes/link.md", "notes/linked/secret.md", "notes/pipe.md"}) {
    const auto read = ask(folder + "/inside", "files.read", {{"path", path}});
    CAPTURE(path, read.sentence);
    CHECK(read.kind == outcome_kind::refused);
    CHECK(canonical(read.answer).find("Secret") == std::string::npos);
  }
}

TEST_CASE("files keeps a file that is too large out of memory and says so") {
  const auto folder = scratch("large");
  put(folder + "/huge.md", std::string(1'000'001, 'x'));
  put(folder + "/long.md", "# Long\n" + std::string(100'000, 'y'));
  const auto said = ask(folder, "files.list", boost::json::object{});
  CHECK(paths(said) == texts{"huge.md", "long.md"});
  CHECK(text_at(said.answer.at("files").at(0), "trouble").find("1000001 bytes") != std::string::npos);
  CHECK(said.answer.at("files").at(1).at("cut") == true);
  CHECK(text_at(said.answer.at("files").at(1), "text").size() == 64'000);
  CHECK(ask(folder, "files.read", {{"path", "huge.md"}}).kind == outcome_kind::refused);
  CHECK(text_at(ask(folder, "files.read", {{"path", "long.md"}}).answer, "text").size() == 100'007);
}

TEST_CASE("files.read names the file that is not there") {
  const auto said = ask(scratch("missing"), "files.read", {{"path", "no.md"}});
  CHECK(said.kind == outcome_kind::refused);
  CHECK_THAT(said.sentence, Catch::Contains("no.md"));
}

TEST_CASE("files.write fills a template, writes over nothing, and takes away only what nobody has changed") {
  const auto folder = scratch("write");
  const json agreement = {{"path", "contracts/ada.md"}, {"template", "# Agreement with {{name}}\n\n{{#items}}\n- {{.}}\n{{/items}}\n"}, {"with", {{"name", "Ada"}, {"items", {"one", "two"}}}}};
  const auto done = ask(folder, "files.write", agreement);
  REQUIRE(done.kind == outcome_kind::confirmed);
  const auto text = text_at(done.answer, "text");
  CHECK(text == "# Agreement with Ada\n\n- one\n- two\n");
  std::ifstream in(folder + "/contracts/ada.md");
  CHECK(std::string{std::istreambuf_iterator<char>(in), {}} == text);
  CHECK(ask(folder, "files.write", agreement).kind == outcome_kind::confirmed);

  CHECK_THAT(ask(folder, "files.write", {{"path", "contracts/ada.md"}, {"text", "# Another"}}).sentence, Catch::Contains("says something else"));
  put(folder + "/contracts/ada.md", text + "Signed.\n");
  const auto kept = ask(folder, "files.remove", done.undo->arguments);
  CHECK(kept.kind == outcome_kind::refused);
  CHECK_THAT(kept.sentence, Catch::Contains("was changed since"));
  put(folder + "/contracts/ada.md", text);
  CHECK(ask(folder, "files.remove", done.undo->arguments).answer.at("removed") == true);
  CHECK(ask(folder, "files.remove", done.undo->arguments).answer.at("removed") == false);
}
