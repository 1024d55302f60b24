#include "policies/do_not_contact.hpp"

namespace steward {
namespace {

constexpr std::string_view person = "mailbox:";  // how a recipient is named that is somebody's address

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = c >= 'A' && c <= 'Z' ? char(c + 32) : c;
  const auto from = out.find_first_not_of(" \t\r\n");
  return from == out.npos ? std::string() : out.substr(from, out.find_last_not_of(" \t\r\n") - from + 1);
}

enum class wish { may_be_contacted, must_not_be_contacted };

/// A field that nobody can read is taken for a no: a mail too few can be sent later, one too many can't be taken back.
wish wish_of(const json* field) {
  if (!field || field->is_null()) return wish::may_be_contacted;
  if (field->is_bool()) return field->get_bool() ? wish::must_not_be_contacted : wish::may_be_contacted;
  if (field->is_string()) {
    const auto text = lower(field->get_string());
    return text.empty() || text == "false" || text == "no" ? wish::may_be_contacted : wish::must_not_be_contacted;
  }
  return wish::must_not_be_contacted;
}

/// What the operator calls that person: a name on one line, else the address.
std::string called(const json& entity, std::string_view recipient) {
  auto name = text_at(entity, "name");
  if (name.size() > 100) name.clear();
  for (const char c : name)
    if (static_cast<unsigned char>(c) < 0x20) return std::string(recipient.substr(person.size()));
  return name.empty() ? std::string(recipient.substr(person.size())) : name;
}

}  // namespace

std::optional<ruling> do_not_contact::judge(const policy_question& q) const {
  for (const auto& recipient : q.recipients) {
    if (!recipient.starts_with(person)) continue;
    // Nobody's address differs by the case of its letters alone, and the one who asked did not ask in lower case.
    for (const auto& written : {recipient, lower(recipient)}) {
      for (const auto* entity : q.facts.entities_with(written))
        if (entity->is_object() && wish_of(entity->get_object().if_contains("do_not_contact")) == wish::must_not_be_contacted)
          return ruling{name(), verdict::deny, called(*entity, recipient) + " asked not to be contacted (field do_not_contact)"};
    }
  }
  return std::nullopt;
}

}  // namespace steward
