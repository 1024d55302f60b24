/// A new workspace out of the files that travel inside the binary. Overwrites nothing.
#pragma once
#include <string>
#include <vector>

#include <span>

#include "config/embedded.hpp"
#include "runtime/disk.hpp"
#include "runtime/json.hpp"

namespace steward {

std::span<const embedded_file> shipped_manifests();   // config/{roles,workflows,entities,policies,prompts,schemas,templates}
std::span<const embedded_file> workspace_samples();   // console/samples: company.yaml, contacts, notes

struct scaffold_file {
  std::string path;  // below the workspace
  std::string text;
};

struct scaffold_template {
  std::string_view name;
  std::string_view what;
};
inline constexpr scaffold_template scaffold_templates[] = {
    {"newsletter", "weekly updates and answers to leads"},
    {"leads", "answers to mails that arrive, nothing else"},
    {"onboarding", "a new client: meeting, contract, signature, invoice, welcome"},
    {"bare", "company.yaml and entity types; you write the roles and workflows"},
};

/// The files of a template. `repository` is where the connector git finds its history. unknown_template.
result<std::vector<scaffold_file>> files_of_template(const std::string& name, const std::string& repository);

struct scaffold_report {
  std::vector<std::string> written, kept;
};
/// Writes what is not there. Samples (contacts, notes) come only with a new company.yaml: whoever has one has people of his own.
result<scaffold_report> lay_down(disk& files, const std::string& folder, const std::vector<scaffold_file>& all);

}  // namespace steward
