#include "runtime/supervision/fault_error.hpp"

#include <caf/all.hpp>

namespace steward {
namespace {

constexpr auto category = caf::atom("steward");

std::string words_of(const caf::error& e) {
  if (e == caf::exit_reason::kill) return "It was killed.";
  if (e == caf::exit_reason::user_shutdown) return "It was asked to end.";
  if (e == caf::sec::runtime_error && e.context().empty()) return "It ended on an exception whose text was lost.";
  if (e == caf::sec::request_timeout) return "It waited for an answer that did not come in time.";
  return "It ended with " + caf::to_string(e) + ".";
}

}  // namespace

caf::error to_caf_error(const fault& f) {
  // Code 0 would mean "no error" to CAF.
  return caf::error{std::uint8_t(1 + int(f.kind)), category, caf::make_message(f.code, f.sentence)};
}

caf::error to_caf_error(const error& e) { return to_caf_error(as_fault(fault_kind::logic, e)); }

fault fault_of(const caf::error& e) {
  // First, because the context of an empty error must not be touched.
  if (!e) return {fault_kind::process, "child_ended", "It ended by itself."};
  if (e.category() == category && e.code() >= 1 && e.code() <= 4 && e.context().match_elements<std::string, std::string>())
    return {fault_kind(e.code() - 1), e.context().get_as<std::string>(0), e.context().get_as<std::string>(1)};
  return {fault_kind::process, "child_crashed", words_of(e)};
}

std::string sentence_of(const caf::error& e) { return fault_of(e).sentence; }

fault fault_of(const std::exception_ptr& e, std::string code) {
  try {
    std::rethrow_exception(e);
  } catch (const fault_thrown& thrown) {
    return thrown.what_happened();
  } catch (const error_thrown& thrown) {
    return as_fault(fault_kind::process, thrown.what_happened());
  } catch (const std::exception& thrown) {
    return {fault_kind::process, std::move(code), thrown.what()};
  } catch (...) {
    return {fault_kind::process, std::move(code), "An exception without words was thrown."};
  }
}

ending ending_of(const caf::error& reason) {
  if (!reason) return ending::normal;
  if (reason == caf::exit_reason::user_shutdown) return ending::shutdown;
  const auto kind = fault_of(reason).kind;
  return kind == fault_kind::logic || kind == fault_kind::data ? ending::beyond_repair : ending::crash;
}

}  // namespace steward
