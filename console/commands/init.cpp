/// `steward init [DIR]`: a workspace that runs offline at once.
#include <filesystem>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "console/commands.hpp"
#include "console/scaffold.hpp"
#include "console/invocation.hpp"

namespace steward {
namespace {

namespace fs = std::filesystem;

/// Runs git quietly; false when it is not there or says no.
bool git(const std::string& folder, std::vector<std::string> words) {
  words.insert(words.begin(), {"git", "-C", folder});
  std::vector<char*> argv;
  for (auto& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", 1 /* O_WRONLY */, 0);
  pid_t child = 0;
  const bool started = ::posix_spawnp(&child, "git", &actions, nullptr, argv.data(), environ) == 0;
  posix_spawn_file_actions_destroy(&actions);
  int status = 1;
  return started && ::waitpid(child, &status, 0) == child && status == 0;
}

/// The nearest folder upwards that is a git repository, as a path from `folder`; empty: none.
std::string repository_around(const fs::path& folder) {
  std::error_code ignored;
  for (auto at = folder;; at = at.parent_path()) {
    if (fs::exists(at / ".git", ignored)) return at.lexically_relative(folder).string();
    if (at == at.parent_path()) return {};
  }
}

int act(const arguments& given, invocation& s) {
  std::error_code ignored;
  const auto named = given.text("DIR", s.asked.workspace.empty() ? "." : s.asked.workspace);
  auto folder = fs::absolute(named, ignored).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  auto repository = repository_around(folder);
  const bool make_repository = repository.empty() && !given.has("--no-git");
  const auto all = files_of_template(given.text("--template", "newsletter"), repository.empty() ? "." : repository);
  if (!all) return s.fail(all.error());
  const auto files = make_system_disk();
  const auto report = lay_down(*files, folder.string(), *all);
  if (!report) return s.fail(report.error());
  // The weekly update tells what a git history says, so a company that has none gets one.
  bool made_repository = false;
  if (make_repository) {
    made_repository = git(folder.string(), {"init", "--quiet"}) && git(folder.string(), {"add", "--all"}) &&
                      git(folder.string(), {"-c", "user.name=Steward", "-c", "user.email=steward@localhost", "commit", "--quiet", "--message", "Found the company\n\nRoles, workflows and entity types to begin with."});
    if (!made_repository) s.note("There is no git repository here, and 'git init' did not work: the connector git will find no history. Install git, or name a repository in company.yaml.");
  }
  if (s.asked.as_json) {
    boost::json::array written, kept;
    for (const auto& path : report->written) written.emplace_back(path);
    for (const auto& path : report->kept) kept.emplace_back(path);
    s.print_json(boost::json::object{{"workspace", folder.string()}, {"written", std::move(written)}, {"kept", std::move(kept)}, {"git", made_repository}});
    return invocation::done();
  }
  if (given.has("--quiet")) return invocation::done();
  for (const auto& path : report->written) s.print("  " + s.out.good("new ") + " " + path + "\n");
  for (const auto& path : report->kept) s.print("  " + s.out.dim("kept") + " " + path + "\n");
  if (made_repository) s.print("  " + s.out.good("new ") + " a git repository with a first commit\n");
  s.print(fmt::format("{}: {} new, {} were there and stay as they are.\n", folder.string(), report->written.size(), report->kept.size()));
  const auto chosen = given.text("--template", "newsletter");
  const auto here = fs::current_path(ignored);
  const auto near = folder.lexically_proximate(here).string();
  s.note("Next:\n" + (folder == here ? std::string{} : "  cd " + (near.starts_with("..") ? folder.string() : near) + "\n") + "  steward check\n" +
         (chosen == "newsletter" ? "  steward run weekly_update\n" : chosen == "onboarding" ? "  steward run client_onboarding --input @client.json   # name, address, service, price\n" : "  steward up\n"));
  return invocation::done();
}

}  // namespace

command init_command() {
  std::vector<std::string> names;
  std::string what;
  for (const auto& t : scaffold_templates) {
    names.emplace_back(t.name);
    what += fmt::format("  {:<11} {}\n", t.name, t.what);
  }
  what.pop_back();
  return {.name = "init",
          .group = "Set up",
          .summary = "Makes a workspace that runs offline at once; overwrites nothing",
          .details = "Writes manifests, prompts, schemas and samples where they are missing. Run it again to add what is new.\nTemplates:\n" + what,
          .examples = {"steward init mycompany", "steward init --template leads"},
          .words = {{"DIR", "", "the folder; default: this one", word::count::optional, {}, false},
                    {"--template", "NAME", "what to begin with; default newsletter", word::count::optional, names, false},
                    {"--no-git", "", "don't make the folder a git repository", word::count::optional, {}, false},
                    {"--quiet", "", "don't list the files", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
