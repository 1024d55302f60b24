/// Faults on their way through CAF: an actor that dies says why in words, and whoever watches it can read them.
#pragma once
#include <exception>
#include <stdexcept>

#include <caf/error.hpp>

#include "runtime/error.hpp"
#include "runtime/supervision/child_spec.hpp"

namespace steward {

/// The exception form of a fault, for a host that knows which of the four kinds it met. Logic and data faults are not restarted.
class fault_thrown : public std::runtime_error {
public:
  explicit fault_thrown(fault f) : std::runtime_error(f.sentence), fault_(std::move(f)) {}
  const fault& what_happened() const noexcept { return fault_; }

private:
  fault fault_;
};

/// The fault as an exit reason or an error answer; kind, code and sentence survive.
caf::error to_caf_error(const fault& f);
/// An error answer of a handler, as a logic fault of the asker.
caf::error to_caf_error(const error& e);
/// The fault inside, or one in the words that CAF's own error allows.
fault fault_of(const caf::error& e);
std::string sentence_of(const caf::error& e);

/// The fault in an exception; `code` for those that bring none of their own.
fault fault_of(const std::exception_ptr& e, std::string code);

/// How an actor with this exit reason ended.
ending ending_of(const caf::error& reason);

/// To be called first in an actor's body. Without it CAF prints an exception and forgets it: here it becomes the exit reason
/// and the answer of the request that was being handled, with its sentence in it.
template <class Self>
void keep_sentences(Self* self) {
  self->set_exception_handler([](std::exception_ptr& e) -> caf::error { return to_caf_error(fault_of(e, "child_crashed")); });
}

}  // namespace steward
