/// Asks web services for connectors, and tells the truth about what left: the engine's promises about effects stand on it.
///
/// `http_client` is libcurl with everything taken away that acts on its own: it follows no redirect, uses no proxy that
/// nobody named, and what must not be sent twice goes out on a connection of its own. (libcurl repeats a request by itself
/// when a connection that was kept alive dies before the answer.)
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/error.hpp"

namespace steward {

enum class http_repeat {
  allowed,  // a kept connection may be used: the request may arrive twice, and that changes nothing
  never,    // a fresh connection for it alone
};

struct http_request {
  std::string method = "GET";
  std::string url;                   // http or https
  std::vector<std::string> headers;  // "Idempotency-Key: k7c1"
  std::string body;
  http_repeat repeat = http_repeat::never;
  duration answers_within = std::chrono::seconds{30};
  std::size_t answer_max = 8 << 20;  // bytes of the answer's body
};

struct http_reply {
  bool complete = false;             // the whole answer is here
  bool nothing_sent = false;         // certain that not one byte of the request left
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, in their order
  std::string body;
  /// Code empty when complete. http_not_reached: nothing was sent; http_answer_lost: no answer, half of one, or too late;
  /// http_answer_too_large; http_bad_request: the request itself can't be sent.
  error trouble;

  /// The first header of that name, or empty.
  std::string_view header(std::string_view name) const;
};

class http_client {
public:
  http_client();
  ~http_client();
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// Waits for the answer, `answers_within` at most. One call at a time.
  http_reply ask(const http_request& what);

private:
  struct implementation;
  std::unique_ptr<implementation> it_;
};

}  // namespace steward
