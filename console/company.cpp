#include "console/company.hpp"

#include <filesystem>

#include <sys/stat.h>

#include "console/version.hpp"

namespace steward {

result<std::string> find_workspace(const std::string& from) {
  std::error_code ignored;
  auto at = std::filesystem::absolute(from.empty() ? "." : from, ignored).lexically_normal();
  if (!at.has_filename()) at = at.parent_path();
  for (auto folder = at;; folder = folder.parent_path()) {
    if (std::filesystem::exists(folder / "company.yaml", ignored)) return folder.string();
    if (folder == folder.parent_path()) break;
  }
  return error{"no_workspace", at.string(), "there is no company.yaml here nor in a folder above", "a workspace", "'steward init' makes one, --workspace DIR names another"};
}

std::string state_folder(const std::string& workspace) { return workspace + "/.steward"; }

std::shared_ptr<const clock> clock_for(const std::string& test_clock) {
  if (test_clock.empty()) return make_system_clock();
  return make_file_clock(test_clock);
}

known_parts known_of(const catalogues& known) {
  known_parts parts;
  for (const auto& agent : known.agents) parts.agents.push_back({agent.name, agent.facts.takes, agent.facts.gives});
  for (const auto& entry : known.connectors) parts.connectors.push_back(entry.manifest);
  for (const auto& rule : known.policies) parts.policies.push_back(rule->name());
  for (const auto& entry : known.models) parts.models.push_back({entry.name, entry.check});
  return parts;
}

assembled assemble(const std::string& workspace, const catalogues& known, const std::string& test_clock) {
  assembled made;
  ::mkdir(state_folder(workspace).c_str(), 0700);  // nobody else's business, whoever writes into it first
  auto& parts = made.parts;
  parts.folder = state_folder(workspace);
  parts.files = make_system_disk();
  parts.now = clock_for(test_clock);
  // A test moves its clock in jumps; asking 50 times a second costs nothing that a test would notice.
  if (!test_clock.empty()) parts.look_at_clock_every = std::chrono::milliseconds{20};
  parts.version = version;
  parts.agents = known.agents;

  auto checked = check_folder(*parts.files, workspace, known_of(known));
  made.found = std::move(checked.found);
  parts.manifests = manifests_of(std::move(checked.value));

  const auto& company = parts.manifests.company;
  for (const auto& [name, settings] : company.connectors)
    for (const auto& entry : known.connectors)
      if (entry.name == name) parts.connectors.push_back(entry.make(settings.is_object() ? settings : json(boost::json::object{}), workspace));
  for (const auto& entry : known.models) {
    bool wanted = entry.name == "local";  // the default of every class that company.yaml does not map
    for (const auto& [_, provider] : company.models) wanted = wanted || provider == entry.name;
    if (wanted) parts.models.emplace(entry.name, entry.make(boost::json::object{}, workspace));
  }
  for (const auto& rule : known.policies) {
    const auto& on = company.policies;
    if (on.empty() || std::find(on.begin(), on.end(), rule->name()) != on.end()) parts.policies.push_back(rule);
  }
  return made;
}

}  // namespace steward
