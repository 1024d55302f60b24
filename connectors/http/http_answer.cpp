#include "connectors/http/http_answer.hpp"

#include <fmt/format.h>

#include "runtime/json.hpp"
#include "runtime/planted.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

constexpr std::size_t quoted_max = 200;  // bytes of a service's own words in a sentence

outcome_kind kind_of(int status) {
  if (status == 408 || status == 425 || status == 429) return outcome_kind::failed;
  if (status >= 400 && status < 500) return outcome_kind::refused;
  return outcome_kind::in_doubt;
}

}  // namespace

answer as_answer(const http_reply& reply, bool looked_up) {
  answer a;
  a.looked_up = looked_up;
  a.complete = reply.complete;
  a.nothing_sent = reply.nothing_sent;
  a.trouble = reply.trouble;
  if (!reply.complete) return a;
  const bool readable = is_utf8(reply.body);
  a.bytes = to_json_text(http_said{readable ? reply.status : 0, std::string(is_utf8(reply.header("retry-after")) ? reply.header("retry-after") : ""), readable ? reply.body : ""});
  return a;
}

http_reading read_http(const answer& came_back) {
  http_reading reading;
  auto& o = reading.otherwise;
  if (!came_back.complete) {
    o.kind = came_back.nothing_sent && !came_back.looked_up ? outcome_kind::failed : outcome_kind::in_doubt;
    o.sentence = came_back.trouble.code.empty() ? "the answer was lost" : visible_line(to_sentence(came_back.trouble));
    return reading;
  }
  auto said = from_json_text<http_said>(came_back.bytes);
  if (!said) {
    o.sentence = "the answer can't be read";
    return reading;
  }
  if (said->status >= 200 && said->status < 300) {
    reading.said = std::move(*said);
    return reading;
  }
  o.kind = came_back.looked_up && !planted(bug::busy_means_absent) ? outcome_kind::in_doubt : kind_of(said->status);
  o.sentence = fmt::format("the other side answered {}", said->status);
  if (!said->body.empty()) o.sentence += ": " + visible_line(front_of(said->body, quoted_max));
  if (!said->retry_after.empty()) o.sentence += fmt::format(" (it asks to wait: {})", visible_line(front_of(said->retry_after, quoted_max)));
  return reading;
}

}  // namespace steward
