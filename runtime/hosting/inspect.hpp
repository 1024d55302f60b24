/// CAF's inspect for described structs: on CAF's wire such a struct is its canonical JSON.
#pragma once
#include <string>

#include <caf/all.hpp>

#include "runtime/described.hpp"

namespace steward {

template <class Inspector, described_struct T>
typename Inspector::result_type inspect(Inspector& f, T& value) {
  if constexpr (Inspector::reads_state) {
    auto text = to_json_text(value);
    return f(caf::meta::type_name("described"), text);
  } else {
    std::string text;
    if (auto failed = f(text)) return failed;
    auto read = from_json_text<T>(text);
    if (!read) return caf::make_error(caf::sec::unknown_type, to_sentence(read.error()));
    value = std::move(*read);
    return {};
  }
}

}  // namespace steward
