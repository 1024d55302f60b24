#include "runtime/execution/run_origin.hpp"

#include <algorithm>

#include "runtime/lower_case.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

constexpr std::size_t kept = 4;         // What fits one sentence; a run that waits must stay small.
constexpr std::size_t senders_kept = 8;
constexpr std::size_t text_max = 160;   // bytes

void note(std::vector<std::string>& list, std::string text, std::size_t most) {
  if (text.empty() || std::find(list.begin(), list.end(), text) != list.end()) return;
  if (list.size() == most) list.erase(list.begin());
  list.push_back(std::move(text));
}

}  // namespace

void run_origin::saw(labels marks, std::string_view what) {
  if (marks == 0) return;
  const auto text = visible_line(front_of(what, text_max));
  if (marks & label_untrusted) note(untrusted_from, text, kept);
  if (marks & label_private) note(private_from, text, kept);
}

void run_origin::gave(const std::string& name, labels marks) {
  if (marks == input) given.erase(name);  // as the names that it was started with
  else given[name] = marks;
}

labels run_origin::of_name(std::string_view name) const {
  const auto known = given.find(std::string(name));
  return known == given.end() ? input : known->second;
}

void run_origin::answers(std::string_view sender) { note(senders, lower_case(sender), senders_kept); }

}  // namespace steward
