/// `steward schema [DIR]`: JSON Schemas of all manifests, for editors.
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "config/manifest_schemas.hpp"

namespace steward {
namespace {

int write(const arguments& given, invocation& s) {
  const auto schemas = manifest_schemas();
  const auto folder = given.text("DIR");
  if (folder.empty()) {
    boost::json::object all;
    for (const auto& [name, schema] : schemas) all[name] = schema;
    s.print_json(all);
    return invocation::done();
  }
  auto files = make_system_disk();
  boost::json::array written;
  for (const auto& [name, schema] : schemas) {
    const auto path = folder + "/" + name;
    if (auto w = files->write(path, canonical(schema) + "\n"); !w) return s.fail(w.error());
    written.emplace_back(path);
    if (!s.asked.as_json) s.print(path + "\n");
  }
  if (s.asked.as_json) s.print_json(written);
  return invocation::done();
}

}  // namespace

command schema_command() {
  return {.name = "schema",
          .group = "Set up",
          .summary = "Writes JSON Schemas of the manifests, for an editor's completion",
          .details = "Without a folder they are printed as one JSON document.",
          .examples = {"steward schema schemas/manifests"},
          .words = {{"DIR", "", "folder to write them into", word::count::optional, {}, false}},
          .carry_out = write};
}

}  // namespace steward
