#include "runtime/rules/reach.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/lower_case.hpp"
#include "runtime/rules/data_origin.hpp"
#include "runtime/rules/rule_of_two.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

constexpr std::size_t named_at_most = 3;

/// "mailbox:Ada@example.com" -> "ada@example.com"
std::string address_in(std::string_view recipient) {
  const auto colon = recipient.find(':');
  return lower_case(colon == recipient.npos ? recipient : recipient.substr(colon + 1));
}

/// A page of our own site, our own calendar: it says where, not to whom.
bool is_own_place(const action_manifest& action, std::string_view recipient) {
  const bool ours = action.risk == risk_kind::none || action.risk == risk_kind::inside || action.risk == risk_kind::public_;
  return ours && recipient.substr(0, recipient.find(':')) == std::string_view(action.name).substr(0, action.name.find('.'));
}

/// "site:/News/may.html" and "files:news/may.md" -> "/news/may…"
std::string page_in(std::string_view recipient) {
  const auto page = address_in(recipient);
  return page.starts_with('/') ? page : "/" + page;
}

/// Records know people by their mail address, whichever connector reaches them.
std::string as_mail(std::string_view recipient) {
  const auto address = address_in(recipient);
  return address.find('@') == address.npos ? std::string(recipient) : "mailbox:" + address;
}

bool is_listed(std::string_view entry, const std::string& recipient, const policy_question& q) {
  const auto address = address_in(recipient);
  if (entry.starts_with('/')) return entry.ends_with('/') ? page_in(recipient).starts_with(lower_case(entry)) : page_in(recipient) == lower_case(entry);
  if (entry.starts_with('@')) return address.size() > entry.size() && address.substr(std::min(address.rfind('@'), address.size())) == lower_case(entry);
  if (entry.find('@') != entry.npos) return address == lower_case(entry);
  if (entry == reach_sender) return q.origin && std::find(q.origin->senders.begin(), q.origin->senders.end(), address) != q.origin->senders.end();
  return !q.facts.entity_of(entry, recipient).id.empty() || !q.facts.entity_of(entry, as_mail(recipient)).id.empty();
}

/// Whether it stands in the text as a word of its own: "ada@example.com", not the end of "grada@example.com".
bool stands_in(const std::string& text, const std::string& word) {
  const auto belongs = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("@._-+").find(c) != std::string_view::npos; };
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !belongs(text[at - 1])) && (end == text.size() || !belongs(text[end]) || (text[end] == '.' && end + 1 == text.size()))) return true;
  }
  return false;
}

bool stands_in(const json& value, const std::string& word) {
  if (value.is_string()) return stands_in(lower_case(value.get_string()), word);
  if (value.is_array()) return std::any_of(value.get_array().begin(), value.get_array().end(), [&](const json& item) { return stands_in(item, word); });
  if (value.is_object()) return std::any_of(value.get_object().begin(), value.get_object().end(), [&](const auto& member) { return stands_in(member.value(), word); });
  return false;
}

bool is_known(const std::string& recipient, const policy_question& q) {
  if (!q.facts.entities_with(recipient).empty() || !q.facts.entities_with(as_mail(recipient)).empty()) return true;
  const auto address = address_in(recipient);
  if (address.empty() || !q.origin) return false;
  if (std::find(q.origin->senders.begin(), q.origin->senders.end(), address) != q.origin->senders.end()) return true;
  return std::any_of(q.origin->own_words.begin(), q.origin->own_words.end(), [&](const json* words) { return stands_in(*words, address); });
}

std::string in_words(const std::vector<std::string>& recipients) {
  std::string text;
  for (std::size_t i = 0; i < recipients.size() && i < named_at_most; ++i) text += (i == 0 ? "" : ", ") + visible_line(front_of(address_in(recipients[i]), 100));
  if (recipients.size() > named_at_most) text += fmt::format(" and {} more", recipients.size() - named_at_most);
  return text;
}

}  // namespace

bool is_type_entry(std::string_view entry) { return entry != reach_sender && entry.find_first_of("@/") == entry.npos; }

std::vector<std::string> domains_in(const std::vector<std::string>& listed) {
  std::vector<std::string> domains;
  for (const auto& entry : listed)
    if (entry.starts_with('@')) domains.push_back(entry.substr(1));
  return domains;
}

std::optional<ruling> judge_reach(const policy_question& q, const reach& may) {
  if (!changes_or_leaves(q.action)) return {};
  if (!may.listed && !(q.data_labels & label_untrusted)) return {};
  // A calendar is no page: places are looked at where pages are listed, and where everybody reads them.
  const bool pages = may.listed && (q.action.risk == risk_kind::public_ || std::any_of(may.listed->begin(), may.listed->end(), [](const std::string& entry) { return entry.starts_with('/'); }));
  std::vector<std::string> others;
  for (const auto& recipient : q.recipients) {
    const bool place = is_own_place(q.action, recipient);
    if (!may.listed) {
      if (!place && !is_known(recipient, q)) others.push_back(recipient);
    } else if (!place || pages) {
      if (std::none_of(may.listed->begin(), may.listed->end(), [&](const std::string& entry) { return is_listed(entry, recipient, q); })) others.push_back(recipient);
    }
  }
  if (others.empty()) return {};
  if (may.listed)
    return ruling{"may_reach", may.unlisted, fmt::format("{} may not reach {} with {}: only {} (may_reach)", may.who, in_words(others), q.action.name,
                                                        may.listed->empty() ? "nobody" : fmt::format("{}", fmt::join(*may.listed, ", ")))};
  return ruling{"may_reach", verdict::ask, fmt::format("Nothing but what came from outside ({}) names {}: no record does, it is not who is answered, and not in your own words", untrusted_words(q), in_words(others))};
}

}  // namespace steward
