/// Takes a row of a state machine's table, or stops the fold with a sentence.
#pragma once
#include <fmt/format.h>

#include "runtime/error.hpp"
#include "runtime/transition_table.hpp"

namespace steward {

/// A row that the table does not have means the journal was not written by these rules; the fold stops with a sentence.
template <class Table, class State, class Trigger>
void take_row(const Table& table, State& state, Trigger on, std::string_view what) {
  const auto next = table.next(state, on);
  if (!next)
    throw error_thrown({"impossible_transition", std::string(what), fmt::format("{} while {}", to_word(on), to_word(state)), "a row of its transition table",
                        "Run 'steward doctor'"});
  state = *next;
}

}  // namespace steward
