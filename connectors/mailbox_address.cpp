#include "connectors/mailbox_address.hpp"

#include <algorithm>

#include "runtime/visible_text.hpp"

namespace steward {
namespace {

bool letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/// RFC 5322 dot-atom; quoted local parts exist on paper only and have carried many injections.
bool is_local_part(std::string_view text) {
  if (text.empty() || text.size() > 64 || text.front() == '.' || text.back() == '.' || text.find("..") != text.npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return letter_or_digit(c) || std::string_view(".!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos; });
}

/// RFC 1035 labels; one label is enough, since a machine of one's own may be called "localhost".
bool is_domain(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const auto dot = text.find('.');
    const auto label = text.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    if (!std::all_of(label.begin(), label.end(), [](char c) { return letter_or_digit(c) || c == '-'; })) return false;
    if (dot == text.npos) return true;
    text.remove_prefix(dot + 1);
  }
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

result<mail_address> checked(std::string_view name, std::string_view address, const std::string& where) {
  if (auto r = fits_a_header(name, where); !r) return r.error();
  if (auto r = fits_a_header(address, where); !r) return r.error();
  const auto at = address.rfind('@');
  if (at == address.npos || !is_local_part(address.substr(0, at)) || !is_domain(address.substr(at + 1)) || address.size() > 254) {
    const bool foreign = std::any_of(address.begin(), address.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    return error{"bad_mail_address", where, "'" + visible_line(front_of(address, 100)) + "' is no mail address", "an address such as ada@example.com",
                 foreign ? "Write the domain in its ASCII form (xn--…)" : ""};
  }
  if (name.size() > 200) return error{"bad_mail_address", where, "the name has " + std::to_string(name.size()) + " bytes", "at most 200", ""};
  return mail_address{std::string(name), std::string(address.substr(0, at + 1)) + lower_case(address.substr(at + 1))};
}

}  // namespace

result<void> fits_a_header(std::string_view text, const std::string& where) {
  if (!is_utf8(text)) return error{"header_injection", where, "the text is not valid UTF-8", "UTF-8 on one line", ""};
  const auto control = std::find_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (control == text.end()) return {};
  return error{"header_injection", where, "'" + visible_line(front_of(text, 80)) + "' holds a line break or a control character", "text on one line",
               "A header field ends where its line ends; what follows would be read as another field"};
}

result<mail_address> read_mail_address(const json& value, const std::string& where) {
  if (const auto* object = value.if_object()) {
    const auto* address = object->if_contains("address");
    if (!address || !address->is_string()) return error{"bad_mail_address", where, "there is no 'address'", "an address such as ada@example.com", ""};
    return checked(trimmed(text_at(value, "name")), trimmed(text_at(value, "address")), where);
  }
  if (!value.is_string()) return error{"bad_mail_address", where, "found " + canonical(value).substr(0, 60), "an address, or {name, address}", ""};
  const std::string_view text = trimmed(value.get_string());
  const auto open = text.rfind('<');
  if (open == text.npos || text.back() != '>') return checked("", text, where);
  auto name = trimmed(text.substr(0, open));
  if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
  return checked(name, text.substr(open + 1, text.size() - open - 2), where);
}

}  // namespace steward
