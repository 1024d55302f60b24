#include "connectors/http/http_client.hpp"

#include <algorithm>
#include <cctype>

#include <curl/curl.h>
#include <fmt/format.h>

#include "runtime/planted.hpp"

namespace steward {
namespace {

struct transfer {
  const http_request& asked;
  http_reply reply;
  bool left = false;       // a connection stood, and the request began to go out
  bool too_large = false;
};

int on_leaving(void* to, char*, char*, int, int) {
  static_cast<transfer*>(to)->left = true;
  return CURL_PREREQFUNC_OK;
}

std::size_t on_body(char* bytes, std::size_t one, std::size_t n, void* to) {
  auto& t = *static_cast<transfer*>(to);
  if (t.reply.body.size() + one * n > t.asked.answer_max) {
    t.too_large = true;
    return 0;  // ends the transfer
  }
  t.reply.body.append(bytes, one * n);
  return one * n;
}

std::size_t on_header(char* bytes, std::size_t one, std::size_t n, void* to) {
  std::string_view line(bytes, one * n);
  auto& headers = static_cast<transfer*>(to)->reply.headers;
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) headers.clear();  // after "100 Continue" comes another head
  const auto colon = line.find(':');
  if (colon == line.npos) return one * n;
  std::string name(line.substr(0, colon));
  for (char& c : name) c = char(std::tolower(static_cast<unsigned char>(c)));
  line.remove_prefix(std::min(line.find_first_not_of(" \t", colon + 1), line.size()));
  headers.emplace_back(std::move(name), line);
  return one * n;
}

/// A header or method that could begin a line of its own would be somebody else's header.
bool is_one_line(std::string_view text) { return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; }); }

struct library {
  library() { curl_global_init(CURL_GLOBAL_DEFAULT); }
};

}  // namespace

std::string_view http_reply::header(std::string_view name) const {
  for (const auto& [known, value] : headers)
    if (known == name) return value;
  return {};
}

struct http_client::implementation {
  CURL* easy = nullptr;
};

http_client::http_client() : it_(std::make_unique<implementation>()) {
  static const library once;
  it_->easy = curl_easy_init();
  if (!it_->easy) throw error_thrown({"internal_fault", "", "libcurl gave no handle", "", ""});
}

http_client::~http_client() { curl_easy_cleanup(it_->easy); }

http_reply http_client::ask(const http_request& what) {
  transfer t{what};
  const auto refuse = [&](std::string found) {
    t.reply.nothing_sent = true;
    t.reply.trouble = {"http_bad_request", what.url, std::move(found), "a request of one method, one address and whole header lines", ""};
    return std::move(t.reply);
  };
  if (!is_one_line(what.method) || what.method.empty() || !is_one_line(what.url)) return refuse("method or address holds a control character");
  for (const auto& line : what.headers)
    if (!is_one_line(line) || line.find(':') == line.npos) return refuse("a header is not one line with a colon");

  CURL* easy = it_->easy;
  curl_easy_reset(easy);  // the connections that are kept alive stay
  curl_slist* lines = nullptr;
  for (const auto& line : what.headers) lines = curl_slist_append(lines, line.c_str());
  lines = curl_slist_append(lines, "Expect:");  // no round trip before a long body
  char words[CURL_ERROR_SIZE] = "";
  const long alone = what.repeat == http_repeat::never && !planted(bug::kept_connection_used) ? 1 : 0;
  const auto limit = std::max<long>(1, long(std::chrono::duration_cast<std::chrono::milliseconds>(what.answers_within).count()));
  curl_easy_setopt(easy, CURLOPT_URL, what.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, long(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, planted(bug::redirect_followed) ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // none, whatever the environment says
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, alone);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, alone);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, limit);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, words);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "steward");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_leaving);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, &t);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &t);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &t);
  if (what.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (what.method != "GET" || !what.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(what.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, what.body.c_str());
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, what.method.c_str());
  }

  const auto code = curl_easy_perform(easy);
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_slist_free_all(lines);
  auto& reply = t.reply;
  reply.status = int(status);
  if (code == CURLE_OK) {
    reply.complete = true;
    return std::move(reply);
  }
  const std::string said = *words ? words : curl_easy_strerror(code);
  reply.nothing_sent = !t.left;
  if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) return refuse(said);
  if (t.too_large) reply.trouble = {"http_answer_too_large", what.url, fmt::format("the answer is longer than {} bytes", what.answer_max), "a shorter answer", "Ask for less, such as fewer items at once"};
  else if (reply.nothing_sent) reply.trouble = {"http_not_reached", what.url, said, "a connection", "Nothing was sent. Check the network and the address"};
  else reply.trouble = {"http_answer_lost", what.url, said, "a whole answer in time", "The request may have been carried out; look at the other side before it is repeated by hand"};
  return std::move(reply);
}

}  // namespace steward
