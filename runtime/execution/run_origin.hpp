/// Where a run's labels came from, for the sentence on a card that asks because of them.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/described.hpp"
#include "runtime/labels.hpp"

namespace steward {

struct run_origin {
  labels input = 0;                         // of what it was started with
  std::map<std::string, labels> given;      // name that a step gave -> the labels of the run by then; names that came without are left out
  std::vector<std::string> untrusted_from;  // the newest few: "mail_received from eve@example.com (event 12)"
  std::vector<std::string> private_from;    // "the record lead-3"
  std::vector<std::string> senders;         // whose signals it answers: addresses in lower case, the newest few

  /// Notes `what` wherever its labels say; texts from outside in it are made visible and short.
  void saw(labels marks, std::string_view what);
  void answers(std::string_view sender);
  void gave(const std::string& name, labels marks);
  /// Of what stands behind a name of the run.
  labels of_name(std::string_view name) const;
};
BOOST_DESCRIBE_STRUCT(run_origin, (), (input, given, untrusted_from, private_from, senders))

}  // namespace steward
