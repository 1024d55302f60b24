#include "runtime/rules/rule_of_two.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/lower_case.hpp"
#include "runtime/rules/data_origin.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

constexpr std::size_t hosts_named = 3;
constexpr std::size_t long_word = 40;   // A key or a sentence in base64; names of pages have blanks or hyphens long before.
constexpr std::size_t long_label = 30;  // of a host: what is smuggled out by a name's look-up

/// The longest run of characters between any of `separators`.
std::size_t longest_part(std::string_view text, std::string_view separators) {
  std::size_t longest = 0, from = 0;
  while (from <= text.size()) {
    const auto end = std::min(text.find_first_of(separators, from), text.size());
    longest = std::max(longest, end - from);
    from = end + 1;
  }
  return longest;
}

void links_in(std::string_view text, std::vector<std::string>& hosts) {
  const auto lower = lower_case(text);
  for (auto at = lower.find("://"); at != lower.npos; at = lower.find("://", at + 3)) {
    const auto begin = at + 3;
    const auto end = std::min(lower.find_first_of(" \t\r\n\"'<>()[]{}|\\^`", begin), lower.size());
    const auto whole = std::string_view(lower).substr(begin, end - begin);
    const auto authority = whole.substr(0, whole.find_first_of("/?#"));
    const auto user = authority.rfind('@');
    auto host = user == authority.npos ? authority : authority.substr(user + 1);
    host = host.substr(0, host.find(':'));
    if (host.empty()) continue;
    const auto rest = whole.substr(authority.size());
    const bool carries = rest.find_first_of("?#=") != rest.npos || user != authority.npos || longest_part(rest, "/-_.") > long_word || longest_part(host, ".") > long_label;
    if (carries && std::find(hosts.begin(), hosts.end(), host) == hosts.end()) hosts.emplace_back(host);
  }
}

void links_in(const json& value, std::vector<std::string>& hosts) {
  if (value.is_string()) links_in(std::string_view(value.get_string()), hosts);
  if (value.is_array())
    for (const auto& item : value.get_array()) links_in(item, hosts);
  if (value.is_object())
    for (const auto& member : value.get_object()) links_in(member.value(), hosts);
}

bool is_below(std::string_view host, std::string_view domain) {
  return host == domain || (host.size() > domain.size() && host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.');
}

}  // namespace

bool changes_or_leaves(const action_manifest& action) {
  return action.repeats != effect_class::read_only || (action.risk != risk_kind::none && action.risk != risk_kind::inside);
}

std::vector<std::string> hosts_of_links_with_data(const json& arguments) {
  std::vector<std::string> hosts;
  links_in(arguments, hosts);
  return hosts;
}

std::string untrusted_words(const policy_question& q) {
  if (!q.origin || q.origin->untrusted_from.empty()) return "outside";
  return fmt::format("{}", fmt::join(q.origin->untrusted_from, ", "));
}

std::optional<ruling> rule_of_two(const policy_question& q, const std::vector<std::string>& own_domains) {
  if (!(q.data_labels & label_untrusted) || !changes_or_leaves(q.action)) return {};
  std::string private_by = q.origin ? q.origin->private_by : "";
  if (private_by.empty() && (q.data_labels & label_private)) private_by = "what the run has seen";
  if (private_by.empty()) return {};
  auto because = fmt::format("It stands on what came from outside ({}) while private data is in reach ({}): only you may let that go, whatever else allows it", untrusted_words(q), private_by);
  auto hosts = hosts_of_links_with_data(q.arguments);
  std::erase_if(hosts, [&](const std::string& host) { return std::any_of(own_domains.begin(), own_domains.end(), [&](const std::string& own) { return is_below(host, lower_case(own)); }); });
  if (!hosts.empty()) {
    because += ". It holds links that carry data to ";
    for (std::size_t i = 0; i < hosts.size() && i < hosts_named; ++i) because += (i == 0 ? "" : ", ") + visible_line(front_of(hosts[i], 80));
    if (hosts.size() > hosts_named) because += fmt::format(" and {} more", hosts.size() - hosts_named);
  }
  return ruling{"rule_of_two", verdict::ask, std::move(because)};
}

}  // namespace steward
