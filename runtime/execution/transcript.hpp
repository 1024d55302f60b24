/// What was asked and answered in the conversations of a run, so that each question is journaled as what is new in it.
#pragma once
#include <string>
#include <vector>

#include "runtime/event.hpp"

namespace steward {

struct transcript {
  std::string call;  // the last one of this conversation
  std::string said;  // its question as canonical JSON, and then its answer where that has come
};
BOOST_DESCRIBE_STRUCT(transcript, (), (call, said))
using transcripts = std::vector<transcript>;  // the oldest first

/// A run's agents seldom hold more conversations at once; the first question of a further one is journaled whole.
inline constexpr std::size_t conversations_kept = 4;
/// Bytes of a question below which telling a difference saves nothing.
inline constexpr std::size_t worth_a_difference = 1024;

/// The event as it is stored: a question that goes on from an earlier one only says what is new.
event::model_asked as_stored(const transcripts& earlier, event::model_asked asked);

/// Notes the question, and tells it whole, as canonical JSON. Empty where what it goes on from is not there.
std::string take_question(transcripts& held, const event::model_asked& asked);
void take_answer(transcripts& held, const event::model_answered& answered);

/// The digest of the whole question.
std::string question_digest(const event::model_asked& asked);

}  // namespace steward
