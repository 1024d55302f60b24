/// A question that goes on from an earlier one of its run, told as what is new in it: a conversation of a thousand questions takes
/// the bytes that were said, not their square.
#pragma once
#include <string>

#include "runtime/text_difference.hpp"

namespace steward {

struct question_change {
  std::string since;   // the earlier call; the pieces take from the canonical text of its question, followed by its answer's
  std::string digest;  // of the whole question's canonical text
  text_difference pieces;
};
BOOST_DESCRIBE_STRUCT(question_change, (), (since, digest, pieces))

}  // namespace steward
