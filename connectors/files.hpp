/// The connector `files`: reads a folder of Markdown with front matter. It changes nothing and follows no symbolic link.
#pragma once
#include "runtime/connector.hpp"

namespace steward {

connector_entry files_entry();

}  // namespace steward
