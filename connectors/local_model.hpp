/// The model `local`: no key, no weights, no network, no chance. It fills templates, picks sentences (TextRank) and applies
/// rules; it writes nothing that is not in its prompt or its material. docs/local_model.md says what that is good for.
#pragma once
#include "runtime/model.hpp"

namespace steward {

model_entry local_model_entry();

/// Refuses a prompt that `local` could not answer, before anything runs: unknown task or helper, a section without its end, a
/// field that `answer_schema` (may be null) does not know, or lacks one that it requires. `first_line`: the line of the prompt's
/// file that its text begins on. Whether every hole is filled shows only with the material. Errors: bad_prompt.
result<void> check_prompt(const prompt& asked, const json& answer_schema = nullptr, int first_line = 1);

/// Words (runs of anything but white space) times 4/3, rounded up: the usual estimate for English.
std::int64_t estimated_tokens(std::string_view text);

}  // namespace steward
