/// The connector `mailbox`: sends mails into a Maildir outbox and receives them from a Maildir inbox.
#pragma once
#include "runtime/connector.hpp"

namespace steward {

connector_entry mailbox_entry();

}  // namespace steward
