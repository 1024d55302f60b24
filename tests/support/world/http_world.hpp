/// The services that a company under test buys: a bank, mails, text messages, a CMS and a model, over real HTTP on this machine.
///
/// It misbehaves as a seed says. Its ledger is written and synced before anything is answered, and is what a test believes.
/// One thread, and the connections in the order in which they were opened: what left earlier is carried out earlier.
///
///   POST /payments        once for each Idempotency-Key while the key is remembered: a day; the same key with another body: 422
///   POST /mails           sends a mail each time; the mark in Message-Mark is what GET /mails/MARK finds it by
///   POST /texts           sends a text message each time; nobody can ask for it later
///   PUT, GET /pages/NAME  a page of the site
///   POST /model           an answer for money
///
/// Ledger: one line for each thing, tab-separated: what, order, then
///   payment KEY DIGEST   mail MARK DIGEST   text - DIGEST   page NAME DIGEST   charge - NANO     it happened; DIGEST of the body
///   again KEY            the key was known: nothing happened
///   other_body KEY       the key was known with another body: refused
///   strayed PATH         somebody followed a redirect
///   misbehaved ENDPOINT MISBEHAVIOUR
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/described.hpp"

namespace steward::proof {

enum class misbehaviour {
  none,
  loses_request,      // closes before anything is done
  drops_answer,       // does it, and closes without a word
  says_500,           // does it, and says that it failed
  closes_kept,        // does it and closes without a word, on a connection that was kept alive; on others it behaves
  answers_late,       // does it, and answers when nobody listens any more
  half_answer,        // does it, and closes in the middle of the answer
  drips,              // does it, and sends a byte a second
  too_many,           // 429, nothing done
  too_many_wait,      // the same with Retry-After
  unavailable,        // 503, nothing done
  unavailable_wait,   // the same with Retry-After
  redirects,          // 307 to another place, nothing done
};
BOOST_DESCRIBE_ENUM(misbehaviour, none, loses_request, drops_answer, says_500, closes_kept, answers_late, half_answer, drips, too_many, too_many_wait, unavailable, unavailable_wait, redirects)

inline constexpr auto key_remembered = std::chrono::hours{24};
inline constexpr std::int64_t model_charge_nano = 10'000'000;  // 0.01 EUR an answer

class http_world {
public:
  /// Listens on a free port of 127.0.0.1. Throws std::runtime_error.
  http_world(const std::string& ledger, std::function<time_point()> now);
  ~http_world();
  http_world(const http_world&) = delete;
  http_world& operator=(const http_world&) = delete;

  int port() const { return port_; }
  /// Of a hundred requests so many are answered wrongly, which and how as the seed says; never more than three of an endpoint in a row.
  void misbehave(std::uint64_t seed, int percent);
  /// Every request, in this way. `none`: behaves from now on.
  void always(misbehaviour how);
  /// Waits until something comes in, at most so long, and serves it. True when `wake` (a descriptor, or -1) can be read.
  bool serve(int at_most_ms, int wake = -1);
  /// Connections on which somebody still waits for an answer.
  int busy() const;

private:
  struct asked;
  struct connection;
  void accept_all();
  void read_from(connection& c);
  void handle(connection& c, const asked& r);
  misbehaviour next_for(const std::string& endpoint);
  /// Carries the request out; gives status and body of the answer.
  std::pair<int, std::string> carry_out(const asked& r);
  void write_down(const std::string& what, const std::vector<std::string>& fields);

  struct known_key {
    std::string digest;
    std::pair<int, std::string> answer;
    time_point since;
  };
  std::function<time_point()> now_;
  int listener_ = -1, ledger_ = -1, port_ = 0;
  long order_ = 0;
  std::uint64_t seed_ = 0;
  int percent_ = 0;
  misbehaviour always_ = misbehaviour::none;
  std::map<std::string, std::uint64_t> calls_;
  std::map<std::string, int> in_a_row_;
  std::vector<std::unique_ptr<connection>> connections_;
  std::map<std::string, known_key> keys_;
  std::map<std::string, std::string> mails_, pages_;
};

}  // namespace steward::proof
