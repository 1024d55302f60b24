#include "runtime/execution/transcript.hpp"

#include <algorithm>

#include "runtime/digest.hpp"

namespace steward {
namespace {

auto find_call(transcripts& held, const std::string& call) {
  return std::find_if(held.begin(), held.end(), [&](const transcript& t) { return t.call == call; });
}

std::size_t bytes_of(const text_difference& pieces) {
  constexpr std::size_t of_a_piece = 40;
  std::size_t sum = 0;
  for (const auto& p : pieces) sum += p.text.size() + of_a_piece;
  return sum;
}

}  // namespace

event::model_asked as_stored(const transcripts& earlier, event::model_asked asked) {
  if (earlier.empty() || !asked.question) return asked;
  const auto whole = to_json_text(*asked.question);
  if (whole.size() < worth_a_difference) return asked;
  std::optional<question_change> best;
  auto fewest = whole.size() / 2;  // Else it is another conversation.
  for (auto t = earlier.rbegin(); t != earlier.rend(); ++t) {
    auto pieces = difference(t->said, whole);
    if (const auto bytes = bytes_of(pieces); bytes < fewest) {
      fewest = bytes;
      best = question_change{t->call, "", std::move(pieces)};
    }
  }
  if (!best) return asked;
  best->digest = hex_digest(whole);
  asked.model_class = asked.question->model_class;
  asked.question.reset();
  asked.change = std::move(best);
  return asked;
}

std::string take_question(transcripts& held, const event::model_asked& asked) {
  if (asked.question) {
    auto whole = to_json_text(*asked.question);
    if (whole.size() < worth_a_difference) return whole;
    if (held.size() == conversations_kept) held.erase(held.begin());
    held.push_back({asked.call, whole});
    return whole;
  }
  if (!asked.change) return {};
  const auto from = find_call(held, asked.change->since);
  if (from == held.end() || !rewrite(from->said, asked.change->pieces)) return {};
  from->call = asked.call;
  std::rotate(from, from + 1, held.end());
  return held.back().said;
}

void take_answer(transcripts& held, const event::model_answered& answered) {
  const auto asked = find_call(held, answered.call);
  if (asked != held.end()) append_json(asked->said, answered.reply.answer);
}

std::string question_digest(const event::model_asked& asked) {
  if (asked.change) return asked.change->digest;
  return asked.question ? hex_digest(to_json_text(*asked.question)) : "";
}

}  // namespace steward
