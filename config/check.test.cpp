#include "tests/support/catch.hpp"

#include <cstdlib>

#include "config/check.hpp"
#include "config/explain.hpp"
#include "runtime/random.hpp"

namespace steward {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A workspace in memory.
class memory_disk final : public disk {
public:
  std::map<std::string, std::string> files;

  void add(const fs::path& folder) {
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file()) files[fs::relative(entry.path(), folder).string()] = slurp(entry.path());
  }
  result<std::string> read(const std::string& path) override {
    if (files.contains(path)) return files.at(path);
    return error{"no_such_file", path, "the file is not there", "", ""};
  }
  result<void> write(const std::string& path, std::string_view bytes) override { return files[path] = bytes, result<void>{}; }
  result<void> create(const std::string& path, std::string_view bytes) override { return write(path, bytes); }
  result<void> link(const std::string& from, const std::string& to) override { return write(to, files.at(from)); }
  result<void> move(const std::string& from, const std::string& to) override { return link(from, to), remove(from); }
  result<void> remove(const std::string& path) override { return files.erase(path), result<void>{}; }
  bool exists(const std::string& path) override { return files.contains(path); }
  bool is_folder(const std::string& path) override { return !list(path).empty(); }
  std::vector<std::string> list(const std::string& folder) override {
    std::vector<std::string> names;
    for (const auto& [path, _] : files)
      if (path.starts_with(folder + "/")) names.push_back(path.substr(folder.size() + 1));
    return names;
  }
};

json object_of(std::initializer_list<std::pair<const char*, json>> properties, boost::json::array required = {}) {
  boost::json::object object;
  for (const auto& [name, schema] : properties) object[name] = schema;
  return {{"type", "object"}, {"properties", std::move(object)}, {"required", std::move(required)}, {"additionalProperties", false}};
}

/// A small world: two agents, two connectors.
known_parts parts() {
  const json text{{"type", "string"}}, any = boost::json::object{};
  known_parts known;
  known.agents = {{"lead_reply", object_of({{"who", object_of({{"address", text}}, {"address"})}, {"text", text}}, {"who", "text"}), object_of({{"subject", text}, {"text", text}})},
                  {"prompted", nullptr, nullptr}};
  action_manifest send{.name = "mailbox.send", .arguments = object_of({{"to", text}, {"subject", text}, {"body", text}}, {"to", "subject", "body"}), .answer = any};
  action_manifest publish{.name = "site.publish", .repeats = effect_class::keyed, .risk = risk_kind::public_, .undo = "site.unpublish", .arguments = object_of({{"path", text}, {"markdown", text}}, {"path", "markdown"})};
  action_manifest unpublish{.name = "site.unpublish", .repeats = effect_class::keyed, .arguments = object_of({{"path", text}}, {"path"})};
  const signal_manifest mail{"mail_received", "", object_of({{"from", text}, {"from_name", text}, {"subject", text}, {"text", text}, {"in_reply_to", text}, {"to", {{"type", "array"}, {"items", text}}}})};
  known.connectors = {{"mailbox", "", "1", object_of({{"outbox", text}, {"inbox", text}}), {send}, {mail}}, {"site", "", "1", object_of({{"folder", text}}), {publish, unpublish}, {}}};
  known.policies = {"do_not_contact"};
  known.models = {{"local", [](const prompt& asked, const json&, int first_line) -> result<void> {
    if (asked.text.find("{{shout ") == std::string::npos) return {};
    return error{"bad_prompt", asked.name + ":" + std::to_string(first_line), "this model can't shout", "a hole that it can fill", ""};
  }}};
  return known;
}

std::string shown(const errors& found) {
  std::string text;
  for (const auto& e : found) text += to_sentence(e) + "\n";
  return text;
}

const fs::path golden = fs::path(STEWARD_SOURCE_DIR) / "config" / "golden";

std::vector<fs::path> cases() {
  std::vector<fs::path> all;
  for (const auto& entry : fs::directory_iterator(golden))
    if (entry.is_directory() && entry.path().filename() != "base") all.push_back(entry.path());
  std::sort(all.begin(), all.end());
  return all;
}

errors check_case(const fs::path& folder) {
  memory_disk files;
  files.add(golden / "base");
  if (!folder.empty()) files.add(folder);
  return check_folder(files, "", parts()).found;
}

}  // namespace

TEST_CASE("the workspace under the broken ones has no error itself") { CHECK(shown(check_case({})) == ""); }

TEST_CASE("each broken manifest gives the error that suffices to mend it") {
  const char* told = std::getenv("STEWARD_GOLDEN");  // STEWARD_GOLDEN=write writes the expected texts anew
  const bool write = told && std::string_view(told) == "write";
  const auto all = cases();
  REQUIRE(all.size() >= 24);
  for (const auto& folder : all) {
    INFO(folder.filename().string());
    const auto text = shown(check_case(folder));
    if (write) std::ofstream(folder / "expected.txt") << text;
    CHECK(text == slurp(folder / "expected.txt"));
    CHECK(text != "");
  }
}

TEST_CASE("each error of a broken manifest has file, line, column and a page") {
  for (const auto& folder : cases())
    for (const auto& e : check_case(folder)) {
      INFO(folder.filename().string() << ": " << to_sentence(e));
      CHECK(explain(e.code).has_value());
      CHECK(std::count(e.where.begin(), e.where.end(), ':') == (e.code == "misnamed_file" ? 0 : 2));
      CHECK(!e.found.empty());
    }
}

TEST_CASE("each page of docs/errors begins with its code and has something to say") {
  const auto codes = explained_codes();
  REQUIRE(codes.size() > 30);
  for (const auto& code : codes) {
    INFO(code);
    const auto page = explain(code).value();
    CHECK(page.starts_with("# " + code + "\n"));
    CHECK(page.size() > 150);
  }
  CHECK_FALSE(explain("no_such_code"));
  CHECK_FALSE(explain(""));
}

TEST_CASE("no slip of the finger brings the checker down, and each error it makes has a place and a page") {
  constexpr std::uint64_t seed = 4711;
  INFO("seed " << seed);
  const auto chance = make_seeded_random(seed);
  memory_disk whole;
  whole.add(golden / "base");
  std::vector<std::string> names;
  for (const auto& [name, _] : whole.files) names.push_back(name);
  const std::string_view odd = "{}[]:\"'|>&*!%#-\t\n$,~?@` 0a\\\xc3.=<";
  for (int round = 0; round < 1500; ++round) {
    auto files = whole;
    const auto& name = names[chance->next() % names.size()];
    auto& text = files.files[name];
    for (auto slips = chance->next() % 3 + 1; slips > 0; --slips) {
      const auto at = chance->next() % text.size();
      switch (chance->next() % 4) {
        case 0: text.erase(at, chance->next() % 8 + 1); break;
        case 1: text.insert(at, 1, odd[chance->next() % odd.size()]); break;
        case 2: text[at] = odd[chance->next() % odd.size()]; break;
        case 3: text.insert(at, text.substr(chance->next() % text.size(), chance->next() % 30)); break;
      }
      if (text.empty()) text = " ";
    }
    for (const auto& e : check_folder(files, "", parts()).found) {
      INFO("round " << round << ", " << name << ":\n" << text << "\n" << to_sentence(e));
      CHECK(!e.where.empty());
      CHECK(explain(e.code).has_value());
    }
  }
}

TEST_CASE("a folder that is no workspace says how to make one") {
  memory_disk files;
  CHECK(shown(check_folder(files, "somewhere", parts()).found) ==
        "somewhere: there is no company.yaml here. Expected the folder of a workspace. Make one with 'steward init', or go to yours. [no_workspace]\n");
}

TEST_CASE("a role that can't be read is not unknown to the workflows that use it") {
  memory_disk files;
  files.add(golden / "base");
  files.files["roles/sales_assistant.yaml"] += "whatever: 1\n";
  const auto found = check_folder(files, "", parts()).found;
  REQUIRE(found.size() == 1);
  CHECK(found[0].code == "unknown_key");
}

TEST_CASE("a workspace of two hundred workflows is checked in well under a second") {
  memory_disk files;
  files.add(golden / "base");
  const auto text = files.files.at("workflows/answer_lead.yaml");
  for (int i = 0; i < 200; ++i) {
    auto copy = text;
    copy.replace(copy.find("answer_lead"), 11, "answer_lead_" + std::to_string(i));
    files.files["workflows/w" + std::to_string(i) + ".yaml"] = copy;
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto checked = check_folder(files, "", parts());
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(shown(checked.found) == "");
  CHECK(checked.value.workflows.size() == 201);
  CHECK(std::chrono::duration<double>(took).count() < 2.0);  // some 0.1 s; the sanitizers take ten times that
}

TEST_CASE("a rule that ends on a day ends at midnight where the company is") {
  memory_disk files;
  files.add(golden / "base");
  files.files["policies/short.yaml"] = "name: short\nbecause: It ends some day\nthen: ask\nuntil: 2026-12-31\n";
  const auto loaded = load_workspace(files, "");
  REQUIRE(shown(loaded.found) == "");
  CHECK(loaded.value.policies.at("short").until == parse_time("2026-12-30T23:00:00Z").value());
}

TEST_CASE("a loaded workspace holds what its files say") {
  memory_disk files;
  files.add(golden / "base");
  const auto loaded = load_workspace(files, "");
  REQUIRE(loaded.found.empty());
  const auto& w = loaded.value;
  CHECK(w.company.zone == "Europe/Berlin");
  CHECK(to_text(*w.company.spend->per_day) == "5.00 EUR");
  CHECK(w.company.connectors.at("site").is_object());
  CHECK(w.roles.at("sales_assistant").limits->running == 4);
  CHECK(w.roles.at("classifier").settings.is_object());
  CHECK(w.prompts.at("prompts/reply.md").task == "draft");
  CHECK(w.prompts.at("prompts/reply.md").text == "Dear {{name}}, thank you for your mail.\n");
  const auto& workflow = w.workflows.at("answer_lead");
  CHECK(workflow.steps.size() == 8);
  CHECK(workflow.steps[5].value.for_ == "mail_received");
  CHECK(workflow.input_schema.is_object());
  CHECK(w.entities.at("lead").personal.size() == 2);
  CHECK(manifests_of(w).workflows.at("answer_lead").version == 3);
}

}  // namespace steward
