#include "console/last_backup.hpp"

#include <filesystem>

namespace steward {
namespace {

std::string path_in(const std::string& state_folder) { return state_folder + "/last_backup"; }

}  // namespace

result<void> remember_backup(const std::string& state_folder, const std::string& to, const backup_label& label) {
  std::error_code ignored;
  return make_system_disk()->write(path_in(state_folder), to_json_text(last_backup{std::filesystem::absolute(to, ignored).string(), label}) + "\n");
}

std::optional<last_backup> read_last_backup(const std::string& state_folder) {
  const auto text = make_system_disk()->read(path_in(state_folder));
  if (!text) return {};
  const auto read = from_json_text<last_backup>(*text);
  return read ? std::optional(*read) : std::nullopt;
}

}  // namespace steward
