/// Puts a mail into a Maildir outbox so that after any crash the disk itself says whether it was sent.
#pragma once
#include <string>
#include <string_view>

#include "runtime/disk.hpp"

namespace steward {

/// What the outbox's files say about one effect key. A collector may take new/KEY away at any moment, so it is no evidence.
///
///   tmp/KEY   .Sent/cur/KEY:2,S   what it means
///   -         -                   not_begun: nothing was written
///   yes       -                   staged: written, perhaps only in part; nobody else has seen it
///   yes       yes                 about_to: the next step, the rename, hands it over
///   -         yes                 sent: the rename took tmp/KEY away; new/KEY is there or was collected
enum class delivery_state { not_begun, staged, about_to, sent };

class mail_delivery {
public:
  mail_delivery(disk& files, std::string outbox, const std::string& key);

  /// An error when the disk does not answer: then nobody knows.
  result<delivery_state> state();
  /// Brings the mail from any state to `sent`. Delivers at most once per key, however often it is called or killed.
  result<void> deliver(std::string_view bytes);

private:
  result<bool> there(const std::string& path);

  disk& files_;
  std::string staged_, sent_, new_;
};

}  // namespace steward
