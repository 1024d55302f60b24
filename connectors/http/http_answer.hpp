/// Carries what a web service said from `perform` to `read`, and says what its status means for an effect.
#pragma once
#include <optional>

#include "connectors/http/http_client.hpp"
#include "runtime/connector.hpp"

namespace steward {

/// What `read` gets to know of a reply: status, body, and how long the service asks to wait.
struct http_said {
  int status = 0;
  std::string retry_after;
  std::string body;  // valid UTF-8; an answer that is not is carried as empty, with status 0
};
BOOST_DESCRIBE_STRUCT(http_said, (), (status, retry_after, body))

/// For `perform` and `look_up`.
answer as_answer(const http_reply& reply, bool looked_up = false);

/// For `read`; pure. What was said with a status of success; otherwise what it means that there was none:
///
///   nothing was sent               failed       a repeat is safe
///   no answer, half of one         in_doubt
///   2xx                            (said)       `read` goes on with the body
///   408, 425, 429                  failed       turned away before anything was done
///   3xx                            in_doubt     nobody follows it, and nobody knows what was done before it
///   other 4xx                      refused
///   5xx, and whatever else         in_doubt     many carry the order out and then fall over
///
/// A look-up that brought anything but success leaves the doubt: "I am busy" does not say that the order was not carried out.
struct http_reading {
  std::optional<http_said> said;  // a status of success
  outcome otherwise;              // when there is none
};
http_reading read_http(const answer& came_back);

}  // namespace steward
