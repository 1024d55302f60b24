/// What one memory is: text with its source, version, validity, importance and scope.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/described.hpp"
#include "runtime/labels.hpp"

namespace steward {

struct memory_item {
  std::string id;                     // "mem-12"
  std::string scope;                  // "leads", "company": what a role may_know
  std::string about;                  // an entity id or a topic; may be empty
  std::string text;
  std::string source;                 // where it comes from: "git:1a2b3c4", "mailbox:<id>", "run-4/draft"
  std::int64_t version = 1;           // a newer one of the same source replaces it
  double importance = 0.5;            // 0 to 1
  std::optional<time_point> until;    // not recalled after this
  std::uint32_t marks = 0;            // labels (runtime/labels.hpp)
};
BOOST_DESCRIBE_STRUCT(memory_item, (), (id, scope, about, text, source, version, importance, until, marks))

}  // namespace steward
