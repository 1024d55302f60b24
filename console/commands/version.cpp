/// `steward version`: loads nothing, asks nobody.
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "console/version.hpp"

namespace steward {
namespace {

int tell(const arguments&, invocation& s) {
  if (s.asked.as_json) s.print_json(boost::json::object{{"version", version}});
  else s.print(std::string("steward ") + version + "\n");
  return invocation::done();
}

}  // namespace

command version_command() {
  return {.name = "version", .group = "Help", .summary = "Says which Steward this is", .details = "", .examples = {"steward version"}, .words = {}, .carry_out = tell};
}

}  // namespace steward
