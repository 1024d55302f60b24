#include "console/run_input.hpp"

#include "runtime/disk.hpp"

namespace steward {

result<json> input_of(const arguments& given, const std::string& command) {
  const auto bad_input = [&](const std::string& found, const std::string& expected) {
    return error{"bad_input", command, found, expected, "--input '{\"since\": \"30d\"}', --input @file.json or --set since=30d"};
  };
  json input = boost::json::object{};
  if (auto text = given.text("--input"); !text.empty()) {
    if (text.starts_with("@")) {
      auto read = make_system_disk()->read(text.substr(1));
      if (!read) return read.error();
      text = *read;
    }
    auto parsed = parse_json(text);
    if (!parsed) return bad_input("the input is no JSON: " + parsed.error().found, parsed.error().expected);
    if (!parsed->is_object()) return bad_input("the input is " + text.substr(0, 40), "a map");
    input = *parsed;
  }
  for (const auto& set : given.all("--set")) {
    const auto equals = set.find('=');
    if (equals == 0 || equals == std::string::npos) return bad_input("found '" + set + "'", "KEY=VALUE");
    const auto value = parse_json(set.substr(equals + 1));
    input.as_object()[set.substr(0, equals)] = value ? *value : json(set.substr(equals + 1));
  }
  return input;
}

}  // namespace steward
