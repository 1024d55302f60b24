#include "console/scaffold.hpp"

#include <algorithm>

namespace steward {
namespace {

/// What a template needs of the shipped manifests.
struct choice {
  std::string_view name;
  std::vector<std::string_view> takes;   // nothing: all of them
  std::vector<std::string_view> leaves;  // but these
};

const std::vector<choice>& choices() {
  static const std::vector<choice> all = {
      {"newsletter", {}, {"workflows/client_onboarding.yaml", "roles/host.yaml", "prompts/welcome.md", "schemas/new_client.json", "templates/"}},
      {"leads",
       {"roles/classifier.yaml", "roles/sales_assistant.yaml", "workflows/answer_lead.yaml", "entities/", "policies/", "prompts/classifier.md", "prompts/reply.md", "prompts/nudge.md", "schemas/mail.json",
        "schemas/mail_kind.json", "schemas/letter.json"},
       {}},
      {"onboarding",
       {"roles/scheduler.yaml", "roles/host.yaml", "workflows/client_onboarding.yaml", "entities/", "policies/", "prompts/welcome.md", "schemas/new_client.json", "schemas/letter.json", "templates/"},
       {}},
      {"bare", {"entities/"}, {}},
  };
  return all;
}

bool is_sample(std::string_view path) { return path.starts_with("contacts/") || path.starts_with("notes/"); }

}  // namespace

result<std::vector<scaffold_file>> files_of_template(const std::string& name, const std::string& repository) {
  const auto chosen = std::find_if(choices().begin(), choices().end(), [&](const choice& c) { return c.name == name; });
  if (chosen == choices().end()) {
    std::vector<std::string> names;
    std::string all;
    for (const auto& one : scaffold_templates) names.emplace_back(one.name), all += (all.empty() ? "" : ", ") + std::string(one.name);
    const auto near = nearest_name(name, names);
    return error{"unknown_template", "steward init", "there is no template '" + name + "'", "one of " + all, near.empty() ? "" : "Did you mean '" + near + "'?"};
  }
  std::vector<scaffold_file> files;
  for (const auto& sample : workspace_samples()) {
    if (is_sample(sample.path) && name != "newsletter") continue;
    std::string text(sample.text);
    if (const auto at = text.find("repository: .}"); at != std::string::npos) text.replace(at, 14, "repository: " + canonical(json(repository)) + "}");
    files.push_back({std::string(sample.path), std::move(text)});
  }
  for (const auto& manifest : shipped_manifests()) {
    const auto named = [&](std::string_view path) { return manifest.path == path || (path.ends_with('/') && manifest.path.starts_with(path)); };
    if (std::any_of(chosen->leaves.begin(), chosen->leaves.end(), named)) continue;
    if (chosen->takes.empty() || std::any_of(chosen->takes.begin(), chosen->takes.end(), named)) files.push_back({std::string(manifest.path), std::string(manifest.text)});
  }
  files.push_back({".gitignore", "# What Steward keeps for itself; back it up, but don't commit it.\n/.steward/\n"});
  return files;
}

result<scaffold_report> lay_down(disk& files, const std::string& folder, const std::vector<scaffold_file>& all) {
  scaffold_report report;
  const bool was_there = files.exists(folder + "/company.yaml");
  for (const auto& file : all) {
    if (was_there && is_sample(file.path)) continue;
    const auto path = folder + "/" + file.path;
    if (files.exists(path)) {
      report.kept.push_back(file.path);
      continue;
    }
    if (auto written = files.create(path, file.text); !written) {
      if (written.error().code != "already_there") return written.error();
      report.kept.push_back(file.path);
      continue;
    }
    report.written.push_back(file.path);
  }
  return report;
}

}  // namespace steward
