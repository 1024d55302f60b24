#include "tests/support/catch.hpp"

#include "config/manifest_schemas.hpp"
#include "config/yaml_reader.hpp"
#include "runtime/schema/schema.hpp"

namespace steward {
namespace {

namespace fs = std::filesystem;

json yaml_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  errors e;
  const auto document = yaml_document::parse(file.string(), {std::istreambuf_iterator<char>(in), {}}, e);
  json value;
  read_yaml_json(document->root(), value, e);
  for (const auto& one : e) FAIL(to_sentence(one));
  return value;
}

json yaml_text(const std::string& text) {
  errors e;
  const auto document = yaml_document::parse("text", text, e);
  json value;
  read_yaml_json(document->root(), value, e);
  REQUIRE(e.empty());
  return value;
}

std::string trouble(const char* schema_name, const json& value) {
  const auto judge = schema::parse(manifest_schemas().at(schema_name));
  if (!judge) return to_sentence(judge.error());
  std::string text;
  for (const auto& e : judge->validate(value)) text += to_sentence(e) + "\n";
  return text;
}

}  // namespace

TEST_CASE("every manifest that is shipped fits the schema of its kind") {
  std::size_t seen = 0;
  const std::pair<const char*, const char*> kinds[] = {{"roles", "role.schema.json"}, {"workflows", "workflow.schema.json"}, {"entities", "entity.schema.json"}, {"policies", "policy.schema.json"}};
  for (const auto* folder : {"config", "config/golden/base"})
    for (const auto& [kind, schema_name] : kinds)
      for (const auto& entry : fs::directory_iterator(fs::path(STEWARD_SOURCE_DIR) / folder / kind)) {
        INFO(entry.path().string());
        const bool table = entry.path().string().ends_with(".test.yaml");
        CHECK(trouble(table ? "policy_test.schema.json" : schema_name, yaml_file(entry.path())) == "");
        ++seen;
      }
  CHECK(trouble("company.schema.json", yaml_file(fs::path(STEWARD_SOURCE_DIR) / "config/golden/base/company.yaml")) == "");
  CHECK(seen >= 16);
}

TEST_CASE("the schemas of manifests refuse what the reader refuses") {
  CHECK(trouble("role.schema.json", yaml_text("{role: a, purpose: b, agent: c, may_do: {mailbox.send: aks}}")) != "");
  CHECK(trouble("role.schema.json", yaml_text("{role: a, purpose: b, agent: c, porpose: d}")) != "");
  CHECK(trouble("role.schema.json", yaml_text("{role: a, purpose: b}")) != "");
  CHECK(trouble("role.schema.json", yaml_text("{role: a, purpose: b, agent: c, limits: {run_for: 10}}")) != "");
  CHECK(trouble("policy.schema.json", yaml_text("{name: a, because: b, then: forbid}")) != "");
  CHECK(trouble("policy.schema.json", yaml_text("{name: a, because: b, then: ask, quiet_hours: {from: '20:00'}}")) != "");
  CHECK(trouble("policy_test.schema.json", yaml_text("{cases: [{name: a, then: ask, speak: []}]}")) != "");
  CHECK(trouble("workflow.schema.json", yaml_text("{workflow: a, version: 1, steps: [{one: {as: done}, two: {as: done}}]}")) != "");
  CHECK(trouble("workflow.schema.json", yaml_text("{workflow: a, version: 1, steps: [], input_schema: {}}")) != "");
}

TEST_CASE("the schemas of manifests know the short forms and the defaults") {
  CHECK(trouble("workflow.schema.json", yaml_text("{workflow: a, version: 1, starts_on: by_hand, steps: [{one: {as: done}}]}")) == "");
  CHECK(trouble("workflow.schema.json", yaml_text("{workflow: a, version: 1, starts_on: {schedule: 0 9 * * MON}, steps: [{one: {role: r, at_most: 2}}]}")) == "");
  CHECK(trouble("role.schema.json", yaml_text("{role: a, purpose: b, agent: c, limits: {running: 2}, when_it_fails: {at_most: 3 in 10m}}")) == "");
  CHECK(trouble("entity.schema.json", yaml_text("{entity: a, purpose: b, fields: {name: text, state: {enum: [x, y]}}}")) == "");
}

}  // namespace steward
