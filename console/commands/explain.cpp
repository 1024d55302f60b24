/// `steward explain CODE`: the page of an error code.
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "config/explain.hpp"

namespace steward {
namespace {

int tell(const arguments& given, invocation& s) {
  const auto code = given.text("CODE");
  if (code.empty()) {
    const auto all = explained_codes();
    if (s.asked.as_json) {
      boost::json::array list;
      for (const auto& one : all) list.emplace_back(one);
      s.print_json(list);
    } else {
      for (const auto& one : all) s.print(one + "\n");
    }
    return invocation::done();
  }
  const auto page = explain(code);
  if (!page) {
    const auto near = nearest_name(code, explained_codes());
    return s.fail(error{"unknown_code", "", "there is no code '" + code + "'", "a code that stands in brackets behind an error", near.empty() ? "'steward explain' lists them all" : "Did you mean '" + near + "'?"});
  }
  if (s.asked.as_json) s.print_json(boost::json::object{{"code", code}, {"page", *page}});
  else s.print(*page);
  return invocation::done();
}

}  // namespace

command explain_command() {
  return {.name = "explain",
          .group = "Help",
          .summary = "Explains an error code, with an example and what to do",
          .details = "",
          .examples = {"steward explain unknown_key"},
          .words = {{"CODE", "", "as in brackets behind an error; without it all codes are listed", word::count::optional, {}, false}},
          .carry_out = tell};
}

}  // namespace steward
