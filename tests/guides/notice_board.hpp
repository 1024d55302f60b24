/// The connector of the guide "Write a connector": pins notes to a board, which is a folder of text files.
#pragma once
#include "runtime/connector.hpp"

namespace steward {

connector_entry notice_board_entry();

}  // namespace steward
