/// `steward version`: loads nothing, asks nobody.
#include "console/commands.hpp"
#include "console/session.hpp"
#include "console/version.hpp"

namespace steward {
namespace {

int tell(const arguments&, session& s) {
  if (s.asked.as_json) s.print_json(boost::json::object{{"version", version}});
  else s.print(std::string("steward ") + version + "\n");
  return session::done();
}

}  // namespace

command version_command() {
  return {.name = "version", .group = "Help", .summary = "Says which Steward this is", .details = "", .examples = {"steward version"}, .words = {}, .carry_out = tell};
}

}  // namespace steward
