#include "connectors/mailbox_delivery.hpp"

#include "runtime/planted.hpp"

namespace steward {

mail_delivery::mail_delivery(disk& files, std::string outbox, const std::string& key)
    : files_(files), staged_(outbox + "/tmp/" + key), sent_(outbox + "/.Sent/cur/" + key + ":2,S"), new_(outbox + "/new/" + key) {}

/// Reads instead of asking `exists`, because a disk in trouble answers that with "no".
result<bool> mail_delivery::there(const std::string& path) {
  const auto bytes = files_.read(path);
  if (bytes) return true;
  if (bytes.error().code == "no_such_file") return false;
  return bytes.error();
}

result<delivery_state> mail_delivery::state() {
  const auto staged = there(staged_);
  if (!staged) return staged.error();
  const auto evidence = there(sent_);
  if (!evidence) return evidence.error();
  if (*evidence) return *staged ? delivery_state::about_to : delivery_state::sent;
  return *staged ? delivery_state::staged : delivery_state::not_begun;
}

result<void> mail_delivery::deliver(std::string_view bytes) {
  auto now = state();
  if (!now) return now.error();
  if (*now == delivery_state::sent) return {};
  if (*now == delivery_state::about_to) {
    const auto staged = files_.read(staged_);
    if (!staged) return staged.error();
    if (*staged != bytes) {
      // Not what was approved. The evidence goes first: without it the rest reads as "staged".
      if (auto r = files_.remove(sent_); !r) return r;
      now = delivery_state::staged;
    }
  }
  if (*now == delivery_state::staged && planted(bug::half_mail_trusted)) {
    if (auto r = files_.link(staged_, sent_); !r) return r;
    return files_.move(staged_, new_);
  }
  if (*now == delivery_state::staged) {
    // A crash may have left half a file under this name.
    if (auto r = files_.remove(staged_); !r) return r;
    now = delivery_state::not_begun;
  }
  if (*now == delivery_state::not_begun) {
    if (auto r = files_.create(staged_, bytes); !r) return r;
    if (auto r = files_.link(staged_, sent_); !r) return r;
  }
  return files_.move(staged_, new_);
}

}  // namespace steward
