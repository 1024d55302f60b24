#include "console/scaffold.hpp"

#include <algorithm>
#include <filesystem>

#include <unistd.h>

#include "tests/support/catch.hpp"

using namespace steward;

namespace {

struct folder {
  std::string path = std::filesystem::temp_directory_path() / ("steward-scaffold-" + std::to_string(::getpid()));
  folder() { std::filesystem::remove_all(path); }
  ~folder() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_CASE("a new workspace holds company, roles, workflows, entities, prompts, schemas and samples") {
  folder f;
  const auto files = make_system_disk();
  const auto report = lay_down(*files, f.path, files_of_template("newsletter", ".").value()).value();
  CHECK(report.kept.empty());
  for (const auto* path : {"company.yaml", "roles/editor.yaml", "workflows/weekly_update.yaml", "entities/lead.yaml", "prompts/editor.md", "schemas/draft.json", "contacts/ada-lovelace.md", "notes/first-note.md", ".gitignore"})
    CHECK(files->exists(f.path + "/" + path));
}

TEST_CASE("a template brings what its workflows name, and the newsletter nothing of the onboarding") {
  const auto has = [](const std::string& name, std::string_view path) {
    const auto all = files_of_template(name, ".").value();
    return std::any_of(all.begin(), all.end(), [&](const scaffold_file& file) { return file.path == path; });
  };
  for (const auto* path : {"workflows/client_onboarding.yaml", "roles/host.yaml", "roles/scheduler.yaml", "prompts/welcome.md", "schemas/new_client.json", "schemas/letter.json", "templates/service_agreement.md", "entities/invoice.yaml"}) {
    CAPTURE(path);
    CHECK(has("onboarding", path));
  }
  for (const auto* path : {"workflows/client_onboarding.yaml", "roles/host.yaml", "templates/service_agreement.md"}) CHECK_FALSE(has("newsletter", path));
  CHECK_FALSE(has("onboarding", "workflows/weekly_update.yaml"));
}

TEST_CASE("init a second time changes nothing, and brings back only what is missing") {
  folder f;
  const auto files = make_system_disk();
  const auto all = files_of_template("newsletter", ".").value();
  REQUIRE(lay_down(*files, f.path, all));
  REQUIRE(files->write(f.path + "/roles/editor.yaml", "mine"));
  REQUIRE(files->remove(f.path + "/prompts/editor.md"));
  const auto again = lay_down(*files, f.path, all).value();
  CHECK(again.written == std::vector<std::string>{"prompts/editor.md"});
  CHECK(files->read(f.path + "/roles/editor.yaml").value() == "mine");
}

TEST_CASE("whoever has a company.yaml already gets no sample contacts") {
  folder f;
  const auto files = make_system_disk();
  REQUIRE(files->write(f.path + "/company.yaml", "company: Mine\n"));
  REQUIRE(lay_down(*files, f.path, files_of_template("newsletter", ".").value()));
  CHECK(files->read(f.path + "/company.yaml").value() == "company: Mine\n");
  CHECK_FALSE(files->exists(f.path + "/contacts"));
  CHECK(files->exists(f.path + "/roles/editor.yaml"));
}

TEST_CASE("the repository around the workspace becomes the source of news") {
  for (const auto& file : files_of_template("newsletter", "../..").value())
    if (file.path == "company.yaml") CHECK(file.text.find("git: {repository: \"../..\"}") != std::string::npos);
}

TEST_CASE("an unknown template is answered with the nearest one") {
  const auto none = files_of_template("newsleter", ".");
  REQUIRE(!none);
  CHECK(none.error().code == "unknown_template");
  CHECK(none.error().advice == "Did you mean 'newsletter'?");
}
