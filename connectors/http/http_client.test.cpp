/// The client against a world that misbehaves: what it says left and arrived is what the world's ledger says.
#include "connectors/http/http_client.hpp"

#include <filesystem>
#include <fstream>
#include <thread>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connectors/http/http_answer.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world/http_world.hpp"

using namespace steward;
using proof::misbehaviour;

namespace {

/// A world that misbehaves in one way, on a thread of its own.
class running_world {
public:
  explicit running_world(misbehaviour how) : ledger_((std::filesystem::temp_directory_path() / fmt::format("steward-http-{}", ::getpid())).string()), world_(ledger_, [] { return time_point{}; }), wake_(::eventfd(0, EFD_CLOEXEC)) {
    world_.always(how);
    thread_ = std::jthread([this] {
      while (!world_.serve(60'000, wake_)) {}
    });
  }
  ~running_world() {
    ::eventfd_write(wake_, 1);
    thread_.join();
    ::close(wake_);
    std::filesystem::remove(ledger_);
  }
  std::string url(const std::string& path) const { return fmt::format("http://127.0.0.1:{}{}", world_.port(), path); }
  /// How often something of that kind really happened.
  int happened(const std::string& what) const {
    std::ifstream in(ledger_);
    int n = 0;
    for (std::string line; std::getline(in, line);) n += line.starts_with(what + "\t");
    return n;
  }

private:
  std::string ledger_;
  proof::http_world world_;
  int wake_;
  std::jthread thread_;
};

http_request mail_to(const running_world& w) {
  http_request r;
  r.method = "POST";
  r.url = w.url("/mails");
  r.headers = {"Message-Mark: k7"};
  r.body = "Hello";
  r.answers_within = std::chrono::milliseconds{250};
  return r;
}

/// A port on which nobody listens.
int closed_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof at;
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
  REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &length) == 0);
  ::close(fd);
  return ntohs(at.sin_port);
}

}  // namespace

TEST_CASE("http client tells the truth about every way in which a service misbehaves") {
  struct row {
    misbehaviour how;
    int status;  // 0: no whole answer
    int happened;
    outcome_kind means;  // for an effect that can't be repeated
  };
  const row rows[] = {
      {misbehaviour::none, 202, 1, outcome_kind::confirmed},
      {misbehaviour::loses_request, 0, 0, outcome_kind::in_doubt},
      {misbehaviour::drops_answer, 0, 1, outcome_kind::in_doubt},
      {misbehaviour::says_500, 500, 1, outcome_kind::in_doubt},
      {misbehaviour::closes_kept, 202, 1, outcome_kind::confirmed},
      {misbehaviour::answers_late, 0, 1, outcome_kind::in_doubt},
      {misbehaviour::half_answer, 0, 1, outcome_kind::in_doubt},
      {misbehaviour::drips, 0, 1, outcome_kind::in_doubt},
      {misbehaviour::too_many, 429, 0, outcome_kind::failed},
      {misbehaviour::too_many_wait, 429, 0, outcome_kind::failed},
      {misbehaviour::unavailable, 503, 0, outcome_kind::in_doubt},
      {misbehaviour::unavailable_wait, 503, 0, outcome_kind::in_doubt},
      {misbehaviour::redirects, 307, 0, outcome_kind::in_doubt},
  };
  REQUIRE(std::size(rows) == words_of<misbehaviour>().size());
  for (const auto& row : rows) {
    INFO(to_word(row.how));
    const running_world world(row.how);
    http_client client;
    const auto reply = client.ask(mail_to(world));
    CHECK(reply.complete == (row.status != 0));
    if (row.status != 0) CHECK(reply.status == row.status);
    else CHECK(reply.trouble.code == "http_answer_lost");
    CHECK_FALSE(reply.nothing_sent);
    CHECK(world.happened("mail") == row.happened);
    CHECK(world.happened("strayed") == 0);
    const auto reading = read_http(as_answer(reply));
    CHECK(reading.said.has_value() == (row.means == outcome_kind::confirmed));
    if (!reading.said) CHECK(reading.otherwise.kind == row.means);
  }
}

TEST_CASE("http client sends a request once on a connection of its own, where a kept connection would let libcurl send it again") {
  for (const auto repeat : {http_repeat::never, http_repeat::allowed}) {
    const running_world world(misbehaviour::closes_kept);
    http_client client;
    auto mail = mail_to(world);
    mail.repeat = repeat;
    client.ask(mail);
    client.ask(mail);
    CHECK(world.happened("mail") == (repeat == http_repeat::never ? 2 : 3));
  }
}

TEST_CASE("http client knows that nothing was sent when nobody could be reached") {
  http_client client;
  http_request r;
  r.url = fmt::format("http://127.0.0.1:{}/", closed_port());
  const auto reply = client.ask(r);
  CHECK_FALSE(reply.complete);
  CHECK(reply.nothing_sent);
  CHECK(reply.trouble.code == "http_not_reached");
  CHECK(read_http(as_answer(reply)).otherwise.kind == outcome_kind::failed);
}

TEST_CASE("http client refuses what could not be sent as it stands") {
  const running_world world(misbehaviour::none);
  http_client client;
  const auto refused = [&](auto change) {
    auto r = mail_to(world);
    change(r);
    const auto reply = client.ask(r);
    CHECK(reply.nothing_sent);
    CHECK(reply.trouble.code == "http_bad_request");
  };
  refused([](http_request& r) { r.headers = {"X: a\r\nMessage-Mark: other"}; });
  refused([](http_request& r) { r.headers = {"no colon"}; });
  refused([](http_request& r) { r.method = "POST /mails HTTP/1.1\r\n"; });
  refused([](http_request& r) { r.method = ""; });
  refused([](http_request& r) { r.url = "file:///etc/passwd"; });
  refused([](http_request& r) { r.url = "http://"; });
  CHECK(world.happened("mail") == 0);
}

TEST_CASE("http client takes no answer that is larger than it was told to take") {
  const running_world world(misbehaviour::none);
  http_client client;
  auto r = mail_to(world);
  r.answer_max = 5;
  const auto reply = client.ask(r);
  CHECK_FALSE(reply.complete);
  CHECK_FALSE(reply.nothing_sent);
  CHECK(reply.trouble.code == "http_answer_too_large");
  r.answer_max = 100;
  CHECK(client.ask(r).complete);
}

TEST_CASE("a look-up that was turned away, lost or never sent leaves the doubt as it was") {
  for (const int status : {307, 404, 429, 500, 503}) {
    const http_reply reply{.complete = true, .status = status};
    CHECK(read_http(as_answer(reply, true)).otherwise.kind == outcome_kind::in_doubt);
  }
  CHECK(read_http(as_answer({.nothing_sent = true}, true)).otherwise.kind == outcome_kind::in_doubt);
  CHECK(read_http(as_answer({}, true)).otherwise.kind == outcome_kind::in_doubt);
  CHECK(read_http(as_answer({.complete = true, .status = 200, .body = "{}"}, true)).said);
}

TEST_CASE("http client gives headers by their names in lower case") {
  const running_world world(misbehaviour::too_many_wait);
  http_client client;
  const auto reply = client.ask(mail_to(world));
  CHECK(reply.header("retry-after") == "30");
  CHECK(reply.header("absent").empty());
  CHECK(read_http(as_answer(reply)).otherwise.sentence == "the other side answered 429: {\"why\":\"too many requests\"} (it asks to wait: 30)");
}

TEST_CASE("an answer that can't be read is in doubt, whatever it holds") {
  http_reply reply{.complete = true, .status = 200, .body = "\xff\xfe"};
  CHECK(read_http(as_answer(reply)).otherwise.kind == outcome_kind::in_doubt);
  for (const auto* bytes : {"", "{}", "null", R"({"status":"200","retry_after":"","body":""})", R"({"status":0,"retry_after":"","body":""})"}) {
    const auto reading = read_http({.complete = true, .bytes = bytes});
    CHECK_FALSE(reading.said);
    CHECK(reading.otherwise.kind == outcome_kind::in_doubt);
  }
  const std::pair<int, outcome_kind> means[] = {{100, outcome_kind::in_doubt}, {301, outcome_kind::in_doubt}, {400, outcome_kind::refused}, {404, outcome_kind::refused}, {408, outcome_kind::failed}, {422, outcome_kind::refused},
                                                {425, outcome_kind::failed},   {429, outcome_kind::failed},   {500, outcome_kind::in_doubt}, {599, outcome_kind::in_doubt}};
  for (const auto& [status, kind] : means) {
    reply = {.complete = true, .status = status, .body = "no"};
    CHECK(read_http(as_answer(reply)).otherwise.kind == kind);
  }
}
