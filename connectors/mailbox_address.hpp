/// One mail address with its name: read strictly, because a loose reader is how a header gets a second line.
#pragma once
#include <string>
#include <string_view>

#include "runtime/error.hpp"
#include "runtime/json.hpp"
#include "runtime/lower_case.hpp"

namespace steward {

struct mail_address {
  std::string name;     // "Ada Lovelace", may be empty
  std::string address;  // "ada@example.com": the domain in lower case, the rest as written
  bool operator==(const mail_address&) const = default;
};

/// From {"name":…, "address":…}, "ada@example.com" or "Ada Lovelace <ada@example.com>".
/// Errors: bad_mail_address, header_injection.
result<mail_address> read_mail_address(const json& value, const std::string& where);
/// Refuses what would break out of a header line: CR, LF, NUL, any other control character, broken UTF-8.
result<void> fits_a_header(std::string_view text, const std::string& where);

}  // namespace steward
