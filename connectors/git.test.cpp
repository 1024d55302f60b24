#include "connectors/git.hpp"

#include <filesystem>
#include <fstream>

#include <git2.h>
#include <git2/sys/commit.h>

#include "connectors/conformance.hpp"
#include "connectors/git_history.hpp"
#include "connectors/scratch.test.hpp"
#include "tests/support/catch.hpp"

using namespace steward;
namespace fs = std::filesystem;

namespace {

json value(std::string_view text) { return parse_json(text).value(); }

std::string scratch(const std::string& name) { return scratch_folder("git-" + name); }

time_point at(const char* text) { return parse_time(text).value(); }

/// A repository that a test writes commit by commit, without a working tree and without the git program.
class repository_in_the_making {
public:
  explicit repository_in_the_making(const std::string& folder, bool bare = false) {
    git_libgit2_init();
    git_repository_init_options options = GIT_REPOSITORY_INIT_OPTIONS_INIT;
    options.flags = GIT_REPOSITORY_INIT_MKPATH;
    if (bare) options.flags |= GIT_REPOSITORY_INIT_BARE;
    options.initial_head = "main";
    REQUIRE(git_repository_init_ext(&repository_, folder.c_str(), &options) == 0);
  }
  ~repository_in_the_making() {
    git_repository_free(repository_);
    git_libgit2_shutdown();
  }

  /// Commits the files (path to content, all of the tree) on top of `parents`; moves the branch where `ref` is given.
  git_oid commit(const std::map<std::string, std::string>& files, const std::string& message, time_point when, const std::vector<git_oid>& parents, const char* ref = "HEAD",
                 const char* encoding = nullptr, const std::string& author = "Ada Lovelace") {
    git_index* index = nullptr;
    REQUIRE(git_index_new(&index) == 0);
    for (const auto& [path, content] : files) {
      git_index_entry entry{};
      entry.mode = GIT_FILEMODE_BLOB;
      entry.path = path.c_str();
      REQUIRE(git_blob_create_from_buffer(&entry.id, repository_, content.data(), content.size()) == 0);
      REQUIRE(git_index_add(index, &entry) == 0);
    }
    git_oid tree_id, id;
    REQUIRE(git_index_write_tree_to(&tree_id, index, repository_) == 0);
    git_index_free(index);
    git_tree* tree = nullptr;
    REQUIRE(git_tree_lookup(&tree, repository_, &tree_id) == 0);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count();
    git_signature who{const_cast<char*>(author.c_str()), const_cast<char*>("ada@example.com"), {seconds, 60, '+'}};
    std::vector<const git_oid*> parent_ids;
    for (const auto& p : parents) parent_ids.push_back(&p);
    REQUIRE(git_commit_create_from_ids(&id, repository_, ref, &who, &who, encoding, message.c_str(), &tree_id, parent_ids.size(), parent_ids.data()) == 0);
    git_tree_free(tree);
    return id;
  }

private:
  git_repository* repository_ = nullptr;
};

/// Three commits a day apart, then a merge of a side branch.
void write_history(const std::string& folder) {
  repository_in_the_making r(folder);
  const auto a = r.commit({{"readme", "one\n"}}, "Begin\n\nFirst paragraph.\n\nSecond.\n", at("2026-11-01T09:00:00Z"), {});
  const auto b = r.commit({{"readme", "one\ntwo\n"}, {"src/a.c", "x\n"}}, "Add a\nsecond line of subject", at("2026-11-02T09:00:00Z"), {a});
  const auto side = r.commit({{"readme", "one\n"}, {"docs/x.md", "doc\n"}}, "Write docs", at("2026-11-03T09:00:00Z"), {a}, nullptr);
  r.commit({{"readme", "one\ntwo\n"}, {"src/a.c", "x\n"}, {"docs/x.md", "doc\n"}}, "Merge docs", at("2026-11-04T09:00:00Z"), {b, side});
}

outcome log_of(const std::string& workspace, const json& arguments, const json& settings = boost::json::object{}) {
  auto c = git_entry().make(settings, workspace);
  const auto disk = make_system_disk();
  outside doors{*disk};
  const auto what = c->prepare({"git.log", arguments}, {"k1", {}}).value();
  return c->read(what, c->perform(what, doors));
}

std::vector<std::string> subjects(const outcome& said) {
  std::vector<std::string> out;
  for (const auto& commit : at_path(said.answer, "commits")->as_array()) out.push_back(text_at(commit, "subject"));
  return out;
}

using texts = std::vector<std::string>;
const json everything = boost::json::object{};

}  // namespace

TEST_CASE("git passes the conformance suite") {
  conformance_samples s;
  s.settings = value(R"({"repository":"code"})");
  s.arrange = [](const std::string& workspace) { write_history(workspace + "/code"); };
  s.calls = {{"git.log", value(R"({"since":"2026-11-02T00:00:00Z","until":"2026-12-01T00:00:00Z","limit":10,"paths":["src","docs/x.md"]})")}};
  for (const char* path : {"../other", "/etc/passwd", "a/../../b", "."}) s.traps.push_back({std::string("the path ") + path, {"git.log", {{"paths", {path}}}}});
  s.traps.push_back({"a time that is none", {"git.log", {{"since", "yesterday"}}}});
  const auto report = check_conformance(git_entry(), s, scratch("conformance"));
  for (const auto& broken : report.broken) FAIL_CHECK(broken);
  CHECK(report.checks > 100);
  for (const auto& code : report.error_codes) {
    CAPTURE(code);
    CHECK(fs::exists(fs::path(STEWARD_SOURCE_DIR) / "docs/errors" / (code + ".md")));
  }
}

TEST_CASE("git.log tells what each commit changed, newest first") {
  const auto folder = scratch("log");
  write_history(folder);
  const auto said = log_of(folder, everything);
  REQUIRE(said.kind == outcome_kind::confirmed);
  CHECK(subjects(said) == texts{"Merge docs", "Write docs", "Add a second line of subject", "Begin"});
  CHECK(text_at(said.answer, "branch") == "main");
  CHECK(said.answer.at("total") == 4);
  CHECK(said.answer.at("complete") == true);
  const auto& merge = said.answer.at("commits").at(0);
  CHECK(merge.at("merge") == true);
  CHECK(merge.at("files_changed") == 0);
  const auto& add = said.answer.at("commits").at(2);
  CHECK(add.at("files_changed") == 2);
  CHECK(add.at("insertions") == 2);
  CHECK(add.at("deletions") == 0);
  CHECK(text_at(add, "author") == "Ada Lovelace");
  CHECK(text_at(add, "when") == "2026-11-02T09:00:00.000000Z");
  CHECK(text_at(add, "id").size() == 40);
  CHECK(text_at(add, "id").starts_with(text_at(add, "short")));
  CHECK(text_at(said.answer.at("commits").at(3), "body") == "First paragraph.\n\nSecond.");
}

TEST_CASE("git.log keeps to the span, the limit and the paths") {
  const auto folder = scratch("span");
  write_history(folder);
  struct row {
    std::string arguments;
    texts subjects;
    int total;
  };
  const row table[] = {
      {R"({"since":"2026-11-02T09:00:00Z"})", {"Merge docs", "Write docs", "Add a second line of subject"}, 3},
      {R"({"since":"2026-11-02T10:00:00+01:00","until":"2026-11-03T09:00:00Z"})", {"Write docs", "Add a second line of subject"}, 2},
      {R"({"until":"2026-11-01T08:59:59Z"})", {}, 0},
      {R"({"limit":1})", {"Merge docs"}, 4},
      {R"({"paths":["docs"]})", {"Write docs"}, 1},
      {R"({"paths":["src/a.c"]})", {"Add a second line of subject"}, 1},
      {R"({"paths":["./readme"]})", {"Add a second line of subject", "Begin"}, 2},
      {R"({"paths":["src/","docs/x.md"]})", {"Write docs", "Add a second line of subject"}, 2},
      {R"({"paths":["no/such"]})", {}, 0},
  };
  for (const auto& r : table) {
    CAPTURE(r.arguments);
    const auto said = log_of(folder, value(r.arguments));
    CHECK(subjects(said) == r.subjects);
    CHECK(said.answer.at("total") == r.total);
  }
}

TEST_CASE("git.log finds a young commit below one whose clock was wrong") {
  const auto folder = scratch("skew");
  {
    repository_in_the_making r(folder);
    const auto young = r.commit({{"a", "1"}}, "Young", at("2026-11-10T09:00:00Z"), {});
    const auto wrong = r.commit({{"a", "2"}}, "Clock was wrong", at("1999-01-01T00:00:00Z"), {young});
    r.commit({{"a", "3"}}, "Today", at("2026-11-11T09:00:00Z"), {wrong});
  }
  CHECK(subjects(log_of(folder, value(R"({"since":"2026-11-09T00:00:00Z"})"))) == texts{"Today", "Young"});
}

TEST_CASE("git.log says plainly what it can't read") {
  const auto folder = scratch("none");
  const auto none = log_of(folder, everything);
  CHECK(none.kind == outcome_kind::refused);
  CHECK_THAT(none.sentence, Catch::Contains("there is no git repository") && Catch::Contains("connectors.yaml"));

  // A repository above is not this one.
  write_history(folder);
  fs::create_directories(folder + "/below");
  CHECK(log_of(folder + "/below", everything).kind == outcome_kind::refused);

  const auto empty = scratch("empty");
  { repository_in_the_making r(empty, true); }
  const auto nothing = log_of(empty, everything);
  CHECK(nothing.kind == outcome_kind::confirmed);
  CHECK(nothing.answer == value(R"({"branch":"main","commits":[],"complete":true,"total":0})"));
}

TEST_CASE("git.log reads a bare repository and a detached head") {
  const auto folder = scratch("bare");
  {
    repository_in_the_making r(folder + "/code.git", true);
    r.commit({{"a", "1"}}, "One", at("2026-11-10T09:00:00Z"), {});
  }
  CHECK(subjects(log_of(folder, everything, {{"repository", "code.git"}})) == texts{"One"});
  CHECK(subjects(log_of("/nowhere", everything, {{"repository", folder + "/code.git"}})) == texts{"One"});
  const auto id = text_at(log_of(folder, everything, {{"repository", "code.git"}}).answer.at("commits").at(0), "id");
  std::ofstream(folder + "/code.git/HEAD") << id << "\n";
  const auto detached = log_of(folder, everything, {{"repository", "code.git"}});
  CHECK(text_at(detached.answer, "branch", "-").empty());
  CHECK(subjects(detached) == texts{"One"});
}

TEST_CASE("git.log gives clean UTF-8 whatever a commit's text is") {
  const auto folder = scratch("bytes");
  {
    repository_in_the_making r(folder);
    auto last = r.commit({{"a", "1"}}, "Gr\xfc\xdf"
                                       "e",
                         at("2026-11-01T00:00:00Z"), {}, "HEAD", "ISO-8859-1", "J\xf6rg");
    last = r.commit({{"a", "2"}}, "broken \xff\xfe bytes \x1b[2J", at("2026-11-02T00:00:00Z"), {last});
    last = r.commit({{"a", "3"}}, "", at("2026-11-03T00:00:00Z"), {last});
    last = r.commit({{"a", "4"}}, "\n\n" + std::string(100'000, 'x') + "\n\n" + std::string(100'000, 'y'), at("2026-11-04T00:00:00Z"), {last});
  }
  const auto said = log_of(folder, everything);
  const auto all = subjects(said);
  REQUIRE(all.size() == 4);
  CHECK(all[0] == std::string(300, 'x'));
  CHECK(text_at(said.answer.at("commits").at(0), "body") == std::string(4'000, 'y'));
  CHECK(all[1].empty());
  CHECK(all[2] == "broken \xef\xbf\xbd\xef\xbf\xbd bytes [2J");
  CHECK(all[3] == "Grüße");
  CHECK(text_at(said.answer.at("commits").at(3), "author") == "Jörg");
}

TEST_CASE("git.log counts no lines of a commit that is an import") {
  const auto folder = scratch("import");
  {
    repository_in_the_making r(folder);
    std::map<std::string, std::string> files;
    for (int i = 0; i < 2'001; ++i) files["f" + std::to_string(i)] = "x\n";
    r.commit(files, "Import", at("2026-11-01T00:00:00Z"), {});
  }
  const auto said = log_of(folder, everything);
  const auto& commit = said.answer.at("commits").at(0);
  CHECK(commit.at("files_changed") == 2'001);
  CHECK_FALSE(commit.as_object().contains("insertions"));
}

TEST_CASE("git.log names a repository that is broken") {
  const auto folder = scratch("broken");
  write_history(folder);
  for (const auto& item : fs::recursive_directory_iterator(folder + "/.git/objects"))
    if (item.is_regular_file()) {
      fs::permissions(item.path(), fs::perms::owner_all);
      std::ofstream(item.path()) << "garbage";
    }
  const auto said = log_of(folder, everything);
  CHECK(said.kind == outcome_kind::refused);
  CHECK_THAT(said.sentence, Catch::Contains("git fsck"));
}
