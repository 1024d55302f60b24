/// Remembers when and where the last backup went, so that doctor can say how old it is.
#pragma once
#include <optional>
#include <string>

#include "runtime/journal/backup.hpp"

namespace steward {

struct last_backup {
  std::string folder;
  backup_label label;
};
BOOST_DESCRIBE_STRUCT(last_backup, (), (folder, label))

/// Writes `state_folder`/last_backup.
result<void> remember_backup(const std::string& state_folder, const std::string& to, const backup_label& label);
/// Nothing when there was none.
std::optional<last_backup> read_last_backup(const std::string& state_folder);

}  // namespace steward
