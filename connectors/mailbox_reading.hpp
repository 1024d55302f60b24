/// Reads a mail from a stranger: whatever the bytes are, out comes clean UTF-8 of bounded size, and never an exception.
#pragma once
#include <string>
#include <string_view>

#include "runtime/connector.hpp"

namespace steward {

constexpr std::size_t mail_read_max = 10'000'000;  // bytes; a larger mail is announced but not read
constexpr std::size_t mail_text_max = 200'000;     // bytes of its text that an agent sees

/// JSON Schema of the body of mail_received.
json mail_received_schema();

/// The signal mail_received; `receipt` is left empty.
signal read_mail(std::string_view bytes);
/// The signal for a mail that is too large to be read.
signal announce_large_mail(const std::string& file, std::uint64_t size);

}  // namespace steward
