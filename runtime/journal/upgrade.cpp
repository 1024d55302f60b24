#include "runtime/journal/upgrade.hpp"

#include <vector>

namespace steward {
namespace {

error from_the_future(std::string_view kind, int version, int known, const std::string& where) {
  return {"event_from_the_future", where, "'" + std::string(kind) + "' has version " + std::to_string(version), "at most version " + std::to_string(known) + ", which is what this program knows",
          "Use the newer program that wrote it"};
}

}  // namespace

event_kinds& event_kinds::add(std::string kind, int version, std::map<int, upgrade_step> steps) {
  for (int v = 1; v < version; ++v)
    if (!steps.contains(v) || !steps[v])
      throw error_thrown({"upgrade_step_missing", kind, "there is no step from version " + std::to_string(v), "one for each version before " + std::to_string(version), ""});
  if (kinds_.contains(kind)) throw error_thrown({"event_kind_twice", kind, "the kind is listed twice", "", "Give one of them another name"});
  kinds_.emplace(std::move(kind), entry{version, std::move(steps)});
  return *this;
}

result<const event_kinds::entry*> event_kinds::find(std::string_view kind, const std::string& where) const {
  if (const auto found = kinds_.find(kind); found != kinds_.end()) return &found->second;
  std::vector<std::string> names;
  for (const auto& [name, entry] : kinds_) names.push_back(name);
  const auto near = nearest_name(kind, names);
  return error{"unknown_event_kind", where, "the event kind '" + std::string(kind) + "' is not known", "a kind from the closed list",
               (near.empty() ? "" : "The nearest known kind is '" + near + "'. ") + std::string("If another version of the program wrote it, use that one; nothing is guessed")};
}

result<int> event_kinds::version_of(std::string_view kind) const {
  const auto entry = find(kind, "");
  if (!entry) return entry.error();
  return (*entry)->version;
}

result<void> event_kinds::may_append(std::string_view kind, int version) const {
  const auto entry = find(kind, "");
  if (!entry) return entry.error();
  if (version > (*entry)->version) return from_the_future(kind, version, (*entry)->version, "");
  if (version < (*entry)->version)
    return error{"event_version_outdated", "", "'" + std::string(kind) + "' was to be appended in version " + std::to_string(version), "version " + std::to_string((*entry)->version),
                 "Old versions are read and upgraded, never written anew"};
  return {};
}

result<std::string> event_kinds::upgrade(std::string_view kind, int version, std::string body, const std::string& where) const {
  const auto entry = find(kind, where);
  if (!entry) return entry.error();
  const int today = (*entry)->version;
  if (version == today) return body;
  if (version > today) return from_the_future(kind, version, today, where);
  const auto failed = [&](int from, const std::string& why) {
    return error{"event_not_upgraded", where, "'" + std::string(kind) + "' could not be upgraded from version " + std::to_string(from) + ": " + why, "", "The stored event is untouched"};
  };
  auto value = parse_json(body);
  if (!value) return failed(version, to_sentence(value.error()));
  int v = version;
  try {
    for (; v < today; ++v) *value = (*entry)->steps.at(v)(std::move(*value));
    return canonical(*value);
  } catch (const std::exception& e) {
    return failed(v, e.what());
  }
}

}  // namespace steward
