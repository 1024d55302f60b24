#include "tests/support/world/http_world.hpp"

#include <algorithm>
#include <stdexcept>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/digest.hpp"
#include "runtime/json.hpp"
#include "runtime/random.hpp"

namespace steward::proof {
namespace {

constexpr int in_a_row_max = 3;  // below the five faults that open a breaker and the five tries that an effect has
constexpr misbehaviour kinds[] = {misbehaviour::loses_request, misbehaviour::drops_answer, misbehaviour::says_500,      misbehaviour::closes_kept, misbehaviour::answers_late,     misbehaviour::half_answer,
                                  misbehaviour::drips,         misbehaviour::too_many,     misbehaviour::too_many_wait, misbehaviour::unavailable, misbehaviour::unavailable_wait, misbehaviour::redirects};

std::string text_of(const std::pair<int, std::string>& answer, const std::string& more = {}) {
  return fmt::format("HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}\r\n{}", answer.first, answer.first < 300 ? "OK" : "No", answer.second.size(), more, answer.second);
}

/// What is left of it after a client that hung up does no harm.
void put(int fd, std::string_view bytes) { (void)!::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT); }

}  // namespace

struct http_world::asked {
  std::string method, path, body;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string header(const std::string& name) const {
    const auto it = headers.find(name);
    return it == headers.end() ? "" : it->second;
  }
  /// "POST /payments", "GET /mails": what a plan counts by.
  std::string endpoint() const { return method + " " + path.substr(0, path.find('/', 1)); }
};

struct http_world::connection {
  explicit connection(int socket) : fd(socket) {}
  ~connection() { ::close(fd); }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  int fd;
  std::string in;
  int served = 0;
  bool ends = false;          // to be closed
  std::string late, dripping; // what is still to be said, when nobody listens, or a byte a second
  bool waits() const { return !late.empty() || !dripping.empty(); }
};

http_world::http_world(const std::string& ledger, std::function<time_point()> now) : now_(std::move(now)) {
  ledger_ = ::open(ledger.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof at;
  if (ledger_ < 0 || listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 || ::listen(listener_, 64) != 0 || ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &length) != 0)
    throw std::runtime_error("the world finds no port or no ledger");
  port_ = ntohs(at.sin_port);
}

http_world::~http_world() {
  ::close(listener_);
  ::close(ledger_);
}

void http_world::misbehave(std::uint64_t seed, int percent) {
  seed_ = seed;
  percent_ = percent;
}

void http_world::always(misbehaviour how) {
  always_ = how;
  percent_ = 0;
}

int http_world::busy() const {
  return int(std::count_if(connections_.begin(), connections_.end(), [](const auto& c) { return c->waits() || !c->in.empty(); }));
}

bool http_world::serve(int at_most_ms, int wake) {
  std::vector<pollfd> waits{{listener_, POLLIN, 0}, {wake, POLLIN, 0}};
  bool drips = false;
  for (const auto& c : connections_) {
    waits.push_back({c->fd, POLLIN, 0});
    drips = drips || !c->dripping.empty();
  }
  const int ready = ::poll(waits.data(), waits.size(), drips ? std::min(at_most_ms, 1000) : at_most_ms);
  for (std::size_t i = 0; i + 2 < waits.size(); ++i) {
    auto& c = *connections_[i];
    if (waits[i + 2].revents != 0) read_from(c);
    else if (ready == 0 && !c.dripping.empty()) {  // a second without anything else
      put(c.fd, c.dripping.substr(0, 1));
      c.dripping.erase(0, 1);
    }
  }
  std::erase_if(connections_, [](const auto& c) { return c->ends; });
  if (waits[0].revents != 0) accept_all();
  return waits[1].revents != 0;
}

void http_world::accept_all() {
  for (int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK); fd >= 0; fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)) {
    connections_.push_back(std::make_unique<connection>(fd));
    read_from(*connections_.back());
  }
}

void http_world::read_from(connection& c) {
  char buffer[8192];
  for (;;) {
    const auto n = ::recv(c.fd, buffer, sizeof buffer, 0);
    if (n < 0) break;  // nothing more for now, or an end that the next look shows
    if (n == 0) {      // whoever asked is gone; half a request was never asked
      put(c.fd, c.late);
      c.ends = true;
      return;
    }
    c.in.append(buffer, std::size_t(n));
  }
  while (!c.ends && !c.waits()) {
    const auto end = c.in.find("\r\n\r\n");
    if (end == c.in.npos) return;
    asked r;
    const auto head = c.in.substr(0, end + 2);
    const auto first = head.find(' '), second = head.find(' ', first + 1);
    r.method = head.substr(0, first);
    r.path = head.substr(first + 1, second - first - 1);
    for (auto at = head.find("\r\n") + 2; at < head.size();) {
      const auto stop = head.find("\r\n", at), colon = head.find(':', at);
      auto name = head.substr(at, colon - at);
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char x) { return char(std::tolower(x)); });
      r.headers[name] = head.substr(std::min(head.find_first_not_of(' ', colon + 1), stop), stop - std::min(head.find_first_not_of(' ', colon + 1), stop));
      at = stop + 2;
    }
    const auto length = r.header("content-length").empty() ? 0 : std::stoul(r.header("content-length"));
    if (c.in.size() < end + 4 + length) return;
    r.body = c.in.substr(end + 4, length);
    c.in.erase(0, end + 4 + length);
    handle(c, r);
    ++c.served;
  }
}

void http_world::handle(connection& c, const asked& r) {
  auto how = next_for(r.endpoint());
  if (how == misbehaviour::closes_kept && c.served == 0) how = misbehaviour::none;
  if (how != misbehaviour::none) write_down("misbehaved", {r.endpoint(), std::string(to_word(how))});
  switch (how) {
    case misbehaviour::loses_request: c.ends = true; return;
    case misbehaviour::too_many: return put(c.fd, text_of({429, R"({"why":"too many requests"})"}));
    case misbehaviour::too_many_wait: return put(c.fd, text_of({429, R"({"why":"too many requests"})"}, "Retry-After: 30\r\n"));
    case misbehaviour::unavailable: return put(c.fd, text_of({503, ""}));
    case misbehaviour::unavailable_wait: return put(c.fd, text_of({503, ""}, "Retry-After: 120\r\n"));
    case misbehaviour::redirects: return put(c.fd, text_of({307, ""}, fmt::format("Location: http://127.0.0.1:{}/elsewhere{}\r\n", port_, r.path)));
    default: break;
  }
  const auto answer = carry_out(r);
  const auto text = text_of(answer);
  switch (how) {
    case misbehaviour::says_500: return put(c.fd, text_of({500, R"({"why":"something went wrong"})"}));
    case misbehaviour::half_answer: put(c.fd, std::string_view(text).substr(0, text.size() - answer.second.size() / 2 - 1)); [[fallthrough]];
    case misbehaviour::drops_answer:
    case misbehaviour::closes_kept: c.ends = true; return;
    case misbehaviour::answers_late: c.late = text; return;
    case misbehaviour::drips: c.dripping = text; return;
    default: put(c.fd, text);
  }
}

misbehaviour http_world::next_for(const std::string& endpoint) {
  if (always_ != misbehaviour::none) return always_;
  auto& in_a_row = in_a_row_[endpoint];
  const auto random = make_seeded_random(seed_ * 1'000'003 + ++calls_[endpoint] * 7919 + std::hash<std::string>{}(endpoint) % 1'000'000);
  if (percent_ == 0 || in_a_row >= in_a_row_max || random->fraction() * 100 >= percent_) {
    in_a_row = 0;
    return misbehaviour::none;
  }
  ++in_a_row;
  return kinds[random->next() % std::size(kinds)];
}

std::pair<int, std::string> http_world::carry_out(const asked& r) {
  const auto digest = hex_digest(r.body);
  const auto rest = r.path.substr(std::min(r.path.find('/', 1), r.path.size() - 1) + 1);
  const auto endpoint = r.endpoint();
  if (endpoint == "POST /payments") {
    const auto key = r.header("idempotency-key");
    if (const auto known = keys_.find(key); known != keys_.end() && now_() - known->second.since < key_remembered) {
      const bool same = known->second.digest == digest;
      write_down(same ? "again" : "other_body", {key});
      if (!same) return {422, R"({"why":"the key was used with another body"})"};
      return known->second.answer;
    }
    write_down("payment", {key, digest});
    keys_[key] = {digest, {201, fmt::format(R"({{"payment":"p-{}"}})", order_)}, now_()};
    return keys_[key].answer;
  }
  if (endpoint == "POST /mails") {
    write_down("mail", {r.header("message-mark"), digest});
    mails_[r.header("message-mark")] = digest;
    return {202, R"({"sent":true})"};
  }
  if (endpoint == "GET /mails") return {200, mails_.contains(rest) ? R"({"sent":true})" : R"({"sent":false})"};
  if (endpoint == "POST /texts") {
    write_down("text", {"-", digest});
    return {200, R"({"sent":true})"};
  }
  if (endpoint == "PUT /pages") {
    write_down("page", {rest, digest});
    pages_[rest] = r.body;
    return {200, R"({"stored":true})"};
  }
  if (endpoint == "GET /pages") return {200, to_json_text(std::map<std::string, std::string>{{"name", rest}, {"text", pages_.contains(rest) ? pages_[rest] : "Payable within thirty days"}})};
  if (endpoint == "POST /model") {
    write_down("charge", {"-", std::to_string(model_charge_nano)});
    return {200, fmt::format(R"({{"answer":{{"text":"Dear customer, we answer your order {}."}}}})", digest.substr(0, 8))};
  }
  write_down(r.path.starts_with("/elsewhere") ? "strayed" : "unknown", {r.path});
  return {404, R"({"why":"there is no such place"})"};
}

void http_world::write_down(const std::string& what, const std::vector<std::string>& fields) {
  std::string line = what + "\t" + std::to_string(++order_);
  for (const auto& field : fields) line += "\t" + field;
  line += "\n";
  if (::write(ledger_, line.data(), line.size()) != ssize_t(line.size()) || ::fsync(ledger_) != 0) throw std::runtime_error("the world can't write its ledger");
}

}  // namespace steward::proof
