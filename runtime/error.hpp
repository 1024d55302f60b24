/// What went wrong, as a value: where, what was found, what was expected, what to do.
#pragma once
#include <cstdint>
#include <iosfwd>
#include <stdexcept>
#include <string>
#include <string_view>

#include <boost/describe.hpp>
#include <boost/system/result.hpp>

namespace steward {

/// An error as a hand held out. `code` names the situation (`unknown_key`); docs/errors/<code>.md explains it.
struct error {
  std::string code;      // snake_case, stable; the key of `steward explain`
  std::string where;     // "company.yaml:8:12", "run-4/draft", or empty
  std::string found;     // what we found, as a clause
  std::string expected;  // what we expected, as a clause; may be empty
  std::string advice;    // what the reader can do; may be empty

  error() = default;  // Not an aggregate: C++20 would otherwise build one from any single string, and result<std::string> could not choose.
  error(std::string code, std::string where, std::string found, std::string expected = {}, std::string advice = {})
      : code(std::move(code)), where(std::move(where)), found(std::move(found)), expected(std::move(expected)), advice(std::move(advice)) {}
  bool operator==(const error&) const = default;
};
BOOST_DESCRIBE_STRUCT(error, (), (code, where, found, expected, advice))

/// "where: found. Expected expected. advice [code]" with the empty parts left out.
std::string to_sentence(const error& e);
std::ostream& operator<<(std::ostream& out, const error& e);

/// Either a value or an error. `r.value()` throws `error_thrown` when there is none; prefer `if (!r)`.
template <class T>
using result = boost::system::result<T, error>;

/// The exception form of an error, for the places that can't return one (constructors, callbacks of C libraries).
class error_thrown : public std::runtime_error {
public:
  explicit error_thrown(error e);
  const error& what_happened() const noexcept { return error_; }

private:
  error error_;
};

[[noreturn]] void throw_exception_from_error(const error& e, const boost::source_location& where);

/// The four kinds of fault; each has its own answer (ARCHITECTURE, "Four kinds of fault").
enum class fault_kind {
  process,   // crash, hang: restart within the window
  provider,  // time-out, 5xx, network: back off, breaker, park
  logic,     // schema, policy, divergence: stop and ask
  data,      // chain, index: rebuild or restore, and say so
};
BOOST_DESCRIBE_ENUM(fault_kind, process, provider, logic, data)

/// Something that went wrong while the company worked, in words that its operator can read.
struct fault {
  fault_kind kind = fault_kind::process;
  std::string code;
  std::string sentence;
  bool operator==(const fault&) const = default;
};
BOOST_DESCRIBE_STRUCT(fault, (), (kind, code, sentence))

fault as_fault(fault_kind kind, const error& e);

/// The candidate nearest to `word` by edit distance, or empty when none is near enough to be a typing slip.
template <class Range>
std::string nearest_name(std::string_view word, const Range& candidates);

/// Levenshtein distance in bytes (Wagner and Fischer, 1974), at most `cap`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t cap);

template <class Range>
std::string nearest_name(std::string_view word, const Range& candidates) {
  std::size_t best = word.size() / 3 + 2;  // A third of the letters may be wrong before a guess does more harm than good.
  std::string name;
  for (const auto& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate, best);
    if (distance < best) {
      best = distance;
      name = std::string(candidate);
    }
  }
  return name;
}

}  // namespace steward
