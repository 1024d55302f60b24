/// The connector `git`: reads the history of a repository, as libgit2 sees it. It changes nothing.
#pragma once
#include "runtime/connector.hpp"

namespace steward {

connector_entry git_entry();

}  // namespace steward
