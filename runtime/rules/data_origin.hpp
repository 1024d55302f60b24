/// Where the data behind an effect comes from: what the engine's own rules about labels judge by, and quote on the card.
#pragma once
#include <string>
#include <vector>

#include "runtime/json.hpp"

namespace steward {

struct data_origin {
  std::vector<std::string> untrusted_from;  // "mail_received from eve@example.com (event 12)"
  std::string private_by;                   // how private data is in reach: "the record lead-3"; empty: none is
  std::vector<std::string> senders;         // addresses of those whose signals are answered, in lower case
  std::vector<const json*> own_words;       // what the operator wrote: the workflow, a trusted input; they must outlive this
};

}  // namespace steward
