/// A state machine as its rows: {from, trigger, to}. Counts which rows were taken, so that tests can demand all of them.
#pragma once
#include <array>
#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "runtime/described.hpp"

namespace steward {

template <class State, class Trigger>
struct transition {
  State from;
  Trigger on;
  State to;
};

template <class State, class Trigger, std::size_t N>
class transition_table {
public:
  constexpr explicit transition_table(const transition<State, Trigger> (&rows)[N]) {
    for (std::size_t i = 0; i < N; ++i) rows_[i] = rows[i];
  }

  /// The next state, or nullopt when the machine has no such row: the caller refuses, it never guesses.
  std::optional<State> next(State from, Trigger on) const {
    for (std::size_t i = 0; i < N; ++i) {
      if (rows_[i].from != from || rows_[i].on != on) continue;
      taken_[i].fetch_add(1, std::memory_order_relaxed);
      return rows_[i].to;
    }
    return std::nullopt;
  }

  /// "awaiting -expire-> dropped": the rows that no call of `next` has taken yet in this process.
  std::vector<std::string> never_taken() const {
    std::vector<std::string> rows;
    for (std::size_t i = 0; i < N; ++i)
      if (taken_[i].load(std::memory_order_relaxed) == 0)
        rows.push_back(std::string(to_word(rows_[i].from)) + " -" + std::string(to_word(rows_[i].on)) + "-> " + std::string(to_word(rows_[i].to)));
    return rows;
  }
  static constexpr std::size_t size() { return N; }
  const std::array<transition<State, Trigger>, N>& rows() const { return rows_; }

private:
  std::array<transition<State, Trigger>, N> rows_{};
  mutable std::array<std::atomic<std::uint64_t>, N> taken_{};
};

}  // namespace steward
