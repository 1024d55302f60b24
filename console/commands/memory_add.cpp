/// `steward memory add TEXT`: tells the company something.
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "runtime/digest.hpp"
#include "runtime/memory_item.hpp"

namespace steward {
namespace {

int act(const arguments& given, invocation& s) {
  memory_item item;
  item.scope = given.text("--scope", "company");
  item.about = given.text("--about");
  for (const auto& part : given.all("TEXT")) item.text += (item.text.empty() ? "" : " ") + part;
  // Each is remembered for itself: two facts of the same source and topic would replace each other.
  item.source = given.text("--source", "operator:" + hex_digest(item.scope + "\n" + item.about + "\n" + item.text).substr(0, 12));
  if (given.has("--keep-for")) {
    const auto keep = parse_duration(given.text("--keep-for"));
    if (!keep) return s.fail(error{keep.error().code, "steward memory add --keep-for", keep.error().found, keep.error().expected, keep.error().advice});
    item.until = s.now() + *keep;
  }
  const auto outcome = s.ask(boost::json::object{{"do", "remember"}, {"item", to_json(item)}}, access::changes);
  if (!outcome) return s.fail(outcome.error());
  if (s.asked.as_json) s.print_json(boost::json::object{{"remembered", item.text}, {"scope", item.scope}});
  else s.print("Remembered in '" + item.scope + "'\n");
  return invocation::done();
}

}  // namespace

command memory_add_command() {
  return {.name = "memory add",
          .group = "Understand",
          .summary = "Tells the company something to remember",
          .details = "",
          .examples = {"steward memory add --about voice \"We write short sentences.\"", "steward memory add --scope leads --about lead-1 --keep-for 90d \"Prefers mornings\""},
          .words = {{"TEXT", "", "what to remember", word::count::some, {}, false},
                    {"--scope", "NAME", "which roles may know it (may_know); default company", word::count::optional, {}, false},
                    {"--about", "TOPIC", "an entity or a topic", word::count::optional, {}, false},
                    {"--source", "TEXT", "where it comes from; a newer item of the same source and topic replaces it", word::count::optional, {}, false},
                    {"--keep-for", "TIME", "forget it after this, such as 90d", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
