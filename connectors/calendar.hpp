/// The connector `calendar`: appointments in an iCalendar file that other programs may share.
#pragma once
#include "runtime/connector.hpp"

namespace steward {

connector_entry calendar_entry();

}  // namespace steward
