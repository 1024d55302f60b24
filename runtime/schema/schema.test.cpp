#include "tests/support/catch.hpp"

#include "runtime/schema/schema.hpp"

namespace steward {
namespace {

schema compiled(std::string_view text) {
  const auto source = parse_json(text);
  REQUIRE(source);
  auto made = schema::parse(*source);
  INFO(text);
  REQUIRE(made);
  return *made;
}

std::string verdict(std::string_view schema_text, std::string_view value_text) {
  const auto source = parse_json(schema_text), value = parse_json(value_text);
  if (!source || !value) return "the test is no JSON";
  const auto made = schema::parse(*source);
  if (!made) return to_sentence(made.error());
  std::string all;
  for (const auto& e : made->validate(*value)) all += (all.empty() ? "" : " | ") + to_sentence(e);
  return all;
}

/// One schema, values that fit and values that don't.
struct row {
  const char* schema;
  std::vector<const char*> fit;
  std::vector<const char*> refused;
};
void check(const std::vector<row>& rows) {
  for (const auto& r : rows) {
    const auto judge = compiled(r.schema);
    for (const auto* v : r.fit) {
      INFO(r.schema << " takes " << v << "; " << verdict(r.schema, v));
      CHECK(judge.check(*parse_json(v)));
    }
    for (const auto* v : r.refused) {
      INFO(r.schema << " refuses " << v);
      CHECK(!judge.check(*parse_json(v)));
    }
  }
}

}  // namespace

TEST_CASE("schema judges types, enumerations and constants; 1.0 is a whole number") {
  check({
      {"true", {"1", "null"}, {}},
      {"false", {}, {"1", "null"}},
      {"{}", {"1", "[]"}, {}},
      {R"({"type": "integer"})", {"1", "1.0", "-3", "18446744073709551615", "1e3"}, {"1.5", "\"1\"", "true", "null"}},
      {R"({"type": "number"})", {"1", "1.5"}, {"\"1\"", "false"}},
      {R"({"type": "string"})", {"\"\""}, {"1", "null", "{}"}},
      {R"({"type": "boolean"})", {"true"}, {"0", "\"true\""}},
      {R"({"type": "null"})", {"null"}, {"0", "false", "\"\""}},
      {R"({"type": ["array", "null"]})", {"[]", "null"}, {"{}"}},
      {R"({"type": "object"})", {"{}"}, {"[]"}},
      {R"({"enum": [1, "a", null, [1], {"a": 1}]})", {"1", "1.0", "\"a\"", "null", "[1.0]", "{\"a\": 1}"}, {"2", "\"A\"", "true", "[]", "{\"a\": 2}", "{}"}},
      {R"({"const": false})", {"false"}, {"0", "null", "\"\""}},
      {R"({"const": {"a": [1, 2]}})", {"{\"a\": [1, 2]}"}, {"{\"a\": [2, 1]}", "{\"a\": [1, 2], \"b\": 1}"}},
  });
}

TEST_CASE("schema bounds numbers exactly, also where doubles are not exact") {
  check({
      {R"({"minimum": 3, "maximum": 5})", {"3", "5.0", "4.5", "\"2\""}, {"2", "5.0000001", "-1"}},
      {R"({"exclusiveMinimum": 0, "exclusiveMaximum": 1})", {"0.5", "1e-300"}, {"0", "1", "-0.0", "1.0"}},
      {R"({"maximum": 9223372036854775807})", {"9223372036854775807"}, {"9223372036854775808", "1e19"}},
      {R"({"maximum": 9007199254740992.0})", {"9007199254740992"}, {"9007199254740993"}},
      {R"({"multipleOf": 0.01})", {"19.99", "0", "5", "-0.07", "1e20", "4.35"}, {"19.999", "0.001"}},
      {R"({"multipleOf": 0.1})", {"0.3", "1.1", "123456789.1"}, {"0.35"}},
      {R"({"multipleOf": 7})", {"14", "-7", "0.0", "7e0"}, {"15", "7.5", "1e300"}},
      {R"({"multipleOf": 1.5})", {"3", "4.5", "3e5"}, {"4"}},
      {R"({"multipleOf": 100})", {"1200", "1e5"}, {"1250", "10", "0.1"}},
  });
}

TEST_CASE("schema judges texts by code points and patterns") {
  check({
      {R"({"minLength": 2, "maxLength": 3})", {"\"äö\"", "\"😀😀😀\"", "7"}, {"\"a\"", "\"abcd\"", "\"\""}},
      {R"({"pattern": "b+"})", {"\"abbc\"", "1"}, {"\"a\""}},
      {R"({"pattern": "^\\d{3}$"})", {"\"123\""}, {"\"1234\"", "\"12a\"", "\"123\\n\""}},
      {R"({"pattern": "^\\u00e4[\\/.\\-]$"})", {"\"ä/\"", "\"ä-\""}, {"\"a/\""}},
      {R"({"pattern": "^\\p{Lu}\\w*$"})", {"\"Ä\"", "\"Abc\""}, {"\"abc\""}},
      {R"({"format": "email", "contentMediaType": "text/plain"})", {"\"no mail\""}, {}},
  });
}

TEST_CASE("schema judges lists: items, prefix, contains, counts, each once") {
  check({
      {R"({"items": {"type": "integer"}})", {"[]", "[1, 2]", "{}"}, {"[1, \"2\"]"}},
      {R"({"prefixItems": [{"type": "string"}, {"type": "integer"}]})", {"[]", "[\"a\"]", "[\"a\", 1, null]"}, {"[1]", "[\"a\", \"b\"]"}},
      {R"({"prefixItems": [{"type": "string"}], "items": false})", {"[\"a\"]", "[]"}, {"[\"a\", 1]"}},
      {R"({"minItems": 1, "maxItems": 2})", {"[1]", "[1, 2]"}, {"[]", "[1, 2, 3]"}},
      {R"({"contains": {"const": 1}})", {"[1]", "[0, 1, 1]"}, {"[]", "[0]"}},
      {R"({"contains": {"const": 1}, "minContains": 2, "maxContains": 3})", {"[1, 1]", "[1, 0, 1, 1]"}, {"[1]", "[1, 1, 1, 1]"}},
      {R"({"contains": {"const": 1}, "minContains": 0})", {"[]", "[0]"}, {}},
      {R"({"uniqueItems": true})",
       {"[]", "[1, 2, true, \"1\"]", "[{\"a\": 1}, {\"a\": 2}]", "[[1], [[1]]]"},
       {"[1, 1.0]", "[{\"a\": 1, \"b\": 2}, {\"b\": 2, \"a\": 1}]", "[\"a\", 1, \"a\"]", "[1e3, 1000]"}},
      {R"({"uniqueItems": false})", {"[1, 1]"}, {}},
  });
}

TEST_CASE("schema judges maps: known, required, patterned and further keys") {
  check({
      {R"({"properties": {"a": {"type": "integer"}}, "required": ["a"]})", {"{\"a\": 1}", "{\"a\": 1, \"b\": 2}", "[]"}, {"{}", "{\"a\": \"1\"}"}},
      {R"({"properties": {"a": {}}, "additionalProperties": false})", {"{}", "{\"a\": 1}"}, {"{\"b\": 1}"}},
      {R"({"properties": {"a": {}}, "patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": {"type": "integer"}})",
       {"{\"a\": null, \"x-b\": \"\", \"c\": 1}"},
       {"{\"x-b\": 1}", "{\"c\": \"\"}"}},
      {R"({"properties": {"x": {"minimum": 5}}, "patternProperties": {"x": {"maximum": 9}}})", {"{\"x\": 7}"}, {"{\"x\": 4}", "{\"x\": 10}", "{\"ax\": 10}"}},
      {R"({"propertyNames": {"pattern": "^[a-z]+$"}})", {"{\"abc\": 1}", "{}"}, {"{\"aB\": 1}"}},
      {R"({"minProperties": 1, "maxProperties": 2})", {"{\"a\": 1}"}, {"{}", "{\"a\": 1, \"b\": 2, \"c\": 3}"}},
      {R"({"dependentRequired": {"card": ["address"]}})", {"{}", "{\"address\": 1}", "{\"card\": 1, \"address\": 1}"}, {"{\"card\": 1}"}},
      {R"({"dependentSchemas": {"card": {"properties": {"n": {"type": "integer"}}, "required": ["n"]}}})",
       {"{\"n\": \"x\"}", "{\"card\": 1, \"n\": 1}"},
       {"{\"card\": 1}", "{\"card\": 1, \"n\": \"x\"}"}},
  });
}

TEST_CASE("schema combines: allOf, anyOf, oneOf, not, if then else") {
  check({
      {R"({"allOf": [{"minimum": 1}, {"maximum": 3}]})", {"2"}, {"0", "4"}},
      {R"({"anyOf": [{"type": "string"}, {"minimum": 3}]})", {"\"\"", "3", "null"}, {"2"}},
      {R"({"oneOf": [{"multipleOf": 2}, {"multipleOf": 3}]})", {"2", "9"}, {"6", "5"}},
      {R"({"not": {"type": "string"}})", {"1"}, {"\"\""}},
      {R"({"not": {}})", {}, {"1"}},
      {R"({"if": {"properties": {"k": {"const": "a"}}, "required": ["k"]}, "then": {"required": ["x"]}, "else": {"required": ["y"]}})",
       {"{\"k\": \"a\", \"x\": 1}", "{\"k\": \"b\", \"y\": 1}", "{\"y\": 1}"}, {"{\"k\": \"a\", \"y\": 1}", "{\"x\": 1}"}},
      {R"({"then": false, "else": false})", {"1"}, {}},
  });
}

TEST_CASE("schema follows references within the document, also in circles that go deeper") {
  check({
      {R"({"$ref": "#/$defs/n", "maximum": 5, "$defs": {"n": {"type": "integer"}}})", {"5"}, {"6", "1.5"}},
      {R"({"properties": {"next": {"$ref": "#"}, "n": {"type": "integer"}}, "required": ["n"]})",
       {"{\"n\": 1, \"next\": {\"n\": 2}}"},
       {"{\"n\": 1, \"next\": {}}"}},
      {R"({"items": {"$ref": "#here"}, "$defs": {"x": {"$anchor": "here", "type": "string"}}})", {"[\"a\"]"}, {"[1]"}},
      {R"({"$ref": "#/$defs/a~1b%25~0c", "$defs": {"a/b%~c": {"type": "string"}}})", {"\"\""}, {"1"}},
      {R"({"properties": {"a": {"type": "integer"}, "b": {"$ref": "#/properties/a"}}})", {"{\"b\": 1}"}, {"{\"b\": \"\"}"}},
      {R"({"$id": "https://example.com/s", "$ref": "https://example.com/s#/$defs/n", "$defs": {"n": {"type": "integer"}}})", {"1"}, {"\"\""}},
      {R"({"properties": {"$ref": {"type": "string"}}})", {"{\"$ref\": \"a\"}"}, {"{\"$ref\": 1}"}},
  });
  CHECK(verdict(R"({"$ref": "#/$defs/led", "$defs": {"lead": {}}})", "1") ==
        "$ref: the reference '#/$defs/led' leads nowhere. Expected a schema in this document: #, #/$defs/… or #anchor. Did you mean '#/$defs/lead'? "
        "[bad_schema]");
  CHECK(verdict(R"({"$ref": "#/$defs/a", "$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"not": {"$ref": "#/$defs/a"}}}})", "1")
            .ends_with("[bad_schema]"));
  CHECK(verdict(R"({"$ref": "#"})", "1").ends_with("[bad_schema]"));
}

TEST_CASE("unevaluatedProperties and unevaluatedItems see through combinations, but only through those that fit") {
  check({
      {R"({"allOf": [{"properties": {"a": {}}}], "properties": {"b": {}}, "unevaluatedProperties": false})", {"{\"a\": 1, \"b\": 1}"}, {"{\"c\": 1}"}},
      {R"({"anyOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]}, {"properties": {"b": {}}, "required": ["b"]}], "unevaluatedProperties": false})",
       {"{\"a\": \"\"}", "{\"b\": 1}", "{\"a\": \"\", \"b\": 1}"},
       {"{\"a\": 1, \"b\": 1}"}},
      {R"({"if": {"properties": {"k": {"const": 1}}, "required": ["k"]}, "then": {"properties": {"x": {}}}, "else": {"properties": {"y": {}}}, "unevaluatedProperties": false})",
       {"{\"k\": 1, \"x\": 1}", "{\"y\": 1}"},
       {"{\"k\": 1, \"y\": 1}", "{\"x\": 1}", "{\"k\": 2}"}},
      {R"({"$ref": "#/$defs/base", "properties": {"b": {}}, "unevaluatedProperties": {"type": "integer"}, "$defs": {"base": {"properties": {"a": {}}}}})",
       {"{\"a\": \"\", \"b\": \"\", \"c\": 1}"},
       {"{\"c\": \"\"}"}},
      {R"({"properties": {"in": {"properties": {"a": {}}}}, "unevaluatedProperties": false})", {"{\"in\": {\"z\": 1}}"}, {"{\"a\": 1}"}},
      {R"({"not": {"not": {"properties": {"a": {}}}}, "unevaluatedProperties": false})", {"{}"}, {"{\"a\": 1}"}},
      {R"({"prefixItems": [true], "allOf": [{"prefixItems": [true, true]}], "unevaluatedItems": false})", {"[1, 2]"}, {"[1, 2, 3]"}},
      {R"({"contains": {"type": "string"}, "unevaluatedItems": {"type": "integer"}})", {"[1, \"a\", 2]"}, {"[\"a\", null]"}},
      {R"({"dependentSchemas": {"a": {"properties": {"b": {}}}}, "properties": {"a": {}}, "unevaluatedProperties": false})",
       {"{\"a\": 1, \"b\": 1}"},
       {"{\"b\": 1}"}},
  });
}

TEST_CASE("a value that does not fit is told where, what was found, what was expected") {
  const auto* lead = R"({"type": "object", "properties": {
      "lead": {"type": "object", "properties": {"address": {"type": "string", "minLength": 3}, "tags": {"type": "array", "items": {"enum": ["new", "big"]}}}, "required": ["address"], "additionalProperties": false},
      "score": {"type": "number", "minimum": 0, "exclusiveMaximum": 1}, "key": {"pattern": "^[a-z]+$"}}, "required": ["lead"]})";
  const std::pair<const char*, const char*> rows[] = {
      {R"({"lead": {"address": 7}})", "lead.address: found 7. Expected a text. [wrong_type]"},
      {R"({"lead": {"adress": "ada@example.com"}})",
       "lead: there is no 'address'. Expected it to be there. Is 'adress' meant to be it? [missing_key] | lead: the key 'adress' is not known here. Expected "
       "one of address, tags. Did you mean 'address'? [unknown_key]"},
      {R"({"lead": {"address": "a"}})", "lead.address: found a text of 1 characters. Expected at least 3. [schema_violation]"},
      {R"({"lead": {"address": "abc", "tags": ["new", "bgi"]}})",
       "lead.tags[1]: found \"bgi\". Expected one of \"new\", \"big\". Did you mean 'big'? [schema_violation]"},
      {R"({"lead": {"address": "abc"}, "score": 1.0, "key": "A"})",
       "score: found 1.0. Expected less than 1. [schema_violation] | key: found \"A\". Expected a text that matches ^[a-z]+$. [schema_violation]"},
      {R"([])", "found []. Expected a map. [wrong_type]"},
  };
  for (const auto& [value, wanted] : rows) CHECK(verdict(lead, value) == wanted);
  CHECK(verdict(R"({"oneOf": [{"type": "string"}, {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}]})", R"({"n": "x"})") ==
        "n: found \"x\". Expected a whole number. [wrong_type]");
  CHECK(verdict(R"({"anyOf": [{"type": "string"}, {"type": "integer"}]})", "null") ==
        "found null. Expected one of 2 alternatives to fit, such as a text. [schema_violation]");
  CHECK(verdict(R"({"oneOf": [{"minimum": 1}, {"minimum": 2}]})", "5") ==
        "found 5, which fits the alternatives 1 and 2. Expected exactly one to fit. [schema_violation]");
  CHECK(verdict(R"({"uniqueItems": true})", "[1, 2, 1]") == "[2]: found 1 again, as in item 0. Expected each item once. [schema_violation]");
  CHECK(compiled(R"({"items": false})").validate(json(boost::json::array(100, 1))).size() == 20);
}

TEST_CASE("a schema with a slip of the pen is refused instead of being half obeyed") {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"minimun": 3})", "'minimun' is no keyword. Expected a keyword of JSON Schema 2020-12. Did you mean 'minimum'? [bad_schema]"},
      {R"({"properties": {"a": {"requird": []}}})",
       "properties.a: 'requird' is no keyword. Expected a keyword of JSON Schema 2020-12. Did you mean 'required'? [bad_schema]"},
      {R"({"definitions": {}})", "'definitions' is no keyword. Expected a keyword of JSON Schema 2020-12. Write $defs. [bad_schema]"},
      {R"({"type": "int"})", "type: found \"int\". Expected null, boolean, integer, number, string, array or object. [bad_schema]"},
      {R"({"type": "sting"})", "type: found \"sting\". Expected null, boolean, integer, number, string, array or object. Did you mean 'string'? [bad_schema]"},
      {R"({"minimum": "3"})", "minimum: found \"3\". Expected a number. [bad_schema]"},
      {R"({"multipleOf": 0})", "multipleOf: found 0. Expected a number above 0. [bad_schema]"},
      {R"({"minLength": -1})", "minLength: found -1. Expected a whole number from 0. [bad_schema]"},
      {R"({"required": "a"})", "required: found \"a\". Expected a list of names. [bad_schema]"},
      {R"({"enum": []})", "enum: found []. Expected a list of values. [bad_schema]"},
      {R"({"allOf": []})", "allOf: found []. Expected a list of schemas, at least one. [bad_schema]"},
      {R"({"items": [1]})", "items: found [1]. Expected a schema: a map, true or false. [bad_schema]"},
      {R"j({"pattern": "(?=a)"})j",
       "pattern: the pattern '(?=a)' is wrong: invalid perl operator: (?=. Expected a regular expression without look-around and back references. "
       "[bad_schema]"},
      {R"({"$schema": "http://json-schema.org/draft-07/schema#"})",
       "$schema: found \"http://json-schema.org/draft-07/schema#\". Expected https://json-schema.org/draft/2020-12/schema. [bad_schema]"},
      {R"("lead")", "found \"lead\". Expected a schema: a map, true or false. [bad_schema]"},
  };
  for (const auto& [text, wanted] : rows) CHECK(verdict(text, "1") == wanted);
  CHECK(
      verdict(
          R"({"x-note": {"anything": 1}, "title": "t", "description": "d", "default": 1, "examples": [1], "$comment": "c", "deprecated": true, "readOnly": true, "writeOnly": false})",
          "1") == "");
}

TEST_CASE("schema ends, however it is nested") {
  std::string deep = R"({"type": "integer"})";
  for (int i = 0; i < 60; ++i) deep = R"({"items": )" + deep + "}";
  const auto in_lists = [](std::string_view what) { return fmt::format("{:[>60}{}{:]>60}", "", what, ""); };
  CHECK(verdict(deep, in_lists("1")) == "");
  CHECK(verdict(deep, in_lists("1.5")).ends_with("Expected a whole number. [wrong_type]"));
  // Each definition asks the next one twice: 2^40 questions.
  std::string doubling = R"({"$ref": "#/$defs/d0", "$defs": {)";
  for (int i = 0; i < 40; ++i) doubling += fmt::format(R"("d{}": {{"allOf": [{{"$ref": "#/$defs/d{}"}}, {{"$ref": "#/$defs/d{}"}}]}},)", i, i + 1, i + 1);
  CHECK(verdict(doubling + R"("d40": {"minimum": 0}}})", "1") ==
        "the value takes too long to check against this schema. Expected a simpler schema, or a smaller value. [schema_violation]");
}

}  // namespace steward
