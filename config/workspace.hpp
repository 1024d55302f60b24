/// Loads a workspace folder: every manifest, prompt and schema in it, or everything that is wrong with them.
///
///   company.yaml        who the company is and what it may spend
///   roles/*.yaml        role_definition
///   workflows/*.yaml    workflow_definition
///   entities/*.yaml     entity_definition
///   policies/*.yaml     policy_definition; policies/*.test.yaml: policy_table_definition
///   prompts/*.md        front matter (`task: draft`) and a text with {{holes}}
///   schemas/*.json      JSON Schemas of inputs and answers
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>

#include "config/yaml_reader.hpp"
#include "runtime/coordination/company_manifests.hpp"
#include "runtime/disk.hpp"
#include "runtime/model.hpp"
#include "runtime/rules/policy_table.hpp"

namespace steward {

struct workspace {
  std::string folder;
  company_definition company;
  std::map<std::string, role_definition> roles;          // by name
  std::map<std::string, workflow_definition> workflows;  // by name; `input_schema` is filled in
  std::map<std::string, entity_definition> entities;     // by name
  std::map<std::string, policy_definition> policies;     // by name
  std::map<std::string, policy_table_definition> policy_tables;  // by path: "policies/night.test.yaml"
  std::map<std::string, prompt> prompts;                 // by path: "prompts/reply.md"
  std::map<std::string, int> prompt_begins;              // by path: the line of the file on which the prompt's text begins
  std::map<std::string, json> schemas;                   // by path: "schemas/lead.json"

  /// Where each manifest stands: "company", "roles/editor", "workflows/answer_lead", "entities/lead",
  /// "policies/night", "policies/night.test.yaml", "prompts/reply.md", "schemas/lead.json".
  std::map<std::string, std::shared_ptr<const yaml_document>> sources;
  /// Keys of `sources` (and paths of schemas) that have errors of their own; their names count, their contents don't.
  std::set<std::string> broken;

  bool is_whole(const std::string& source) const { return !broken.contains(source); }
};

struct loaded_workspace {
  workspace value;
  errors found;  // sorted by file and line; empty: the workspace can be checked further
};

/// Reads; does not look at what the names in the manifests mean (config/check.hpp does). Codes besides those of the YAML
/// reader: no_workspace, no_such_file, disk_failed, duplicate_name, bad_name, misnamed_file, bad_json, bad_prompt, empty_file.
///
/// `policies`: a folder whose rules stand for those of the workspace, or a file whose rule is added to them (or stands for the one of
/// its name): what if?
loaded_workspace load_workspace(disk& files, const std::string& folder, const std::string& policies = {});

/// What the coordinator works by, of a workspace without errors.
company_manifests manifests_of(workspace space);

/// By file, then line, then column; each error once.
void sort_errors(errors& e);

}  // namespace steward
