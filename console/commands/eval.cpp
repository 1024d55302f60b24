/// `steward eval EXPRESSION`: the value of an expression of CEL, as conditions, holes and policies compute it. Asks no workspace.
#include "console/commands.hpp"
#include "console/invocation.hpp"
#include "runtime/expression/expression.hpp"
#include "runtime/expression/typed_json.hpp"

namespace steward {
namespace {

error bad_input(std::string where, std::string found, std::string expected) {
  return {"bad_input", std::move(where), std::move(found), std::move(expected), "'steward help eval' shows the forms"};
}

/// The names of one evaluation. `vars` must outlive them.
result<bindings> names_of(const json& vars, bool typed, const std::string& where) {
  const auto* object = vars.if_object();
  if (!object) return bad_input(where, "the variables are " + canonical(vars).substr(0, 40), "an object of names and values");
  bindings names;
  if (!typed) return names.bind_members(*object);
  for (const auto& pair : *object) {
    auto v = from_typed_json(pair.value());
    if (!v) return bad_input(where + ": " + std::string(pair.key()) + "." + v.error().where, v.error().found, v.error().expected);
    names.bind(std::string(pair.key()), std::move(*v));
  }
  return names;
}

result<json> evaluated(std::string_view text, const bindings& names, bool typed) {
  const auto parsed = expression::parse_late_checked(text);
  if (!parsed) return parsed.error();
  const auto v = parsed->evaluate(names);
  if (!v) return v.error();
  return typed ? result<json>(to_typed_json(*v)) : v->to_json();
}

/// One line of a batch: {"id", "expr", "vars", "container"}, the last two if wanted.
result<json> evaluated_row(const json& row, bool typed, const std::string& where) {
  const auto* object = row.if_object();
  if (!object) return bad_input(where, "the line is " + canonical(row).substr(0, 40), "an object with id, expr and vars");
  const std::vector<std::string> known{"id", "expr", "vars", "container"};
  for (const auto& pair : *object)
    if (std::find(known.begin(), known.end(), std::string_view(pair.key())) == known.end())
      return bad_input(where, "the key '" + std::string(pair.key()) + "'", "id, expr, vars or container");
  const auto* text = object->if_contains("expr");
  if (!text || !text->is_string()) return bad_input(where, text ? "'expr' is " + canonical(*text).substr(0, 40) : "no 'expr'", "an expression as text");
  const json none = boost::json::object{};
  const auto* vars = object->if_contains("vars");
  auto names = names_of(vars && !vars->is_null() ? *vars : none, typed, where);
  if (!names) return names.error();
  if (const auto* container = object->if_contains("container"); container && !container->is_null()) {
    if (!container->is_string()) return bad_input(where, "'container' is " + canonical(*container).substr(0, 40), "a name such as \"com.example\"");
    names->within(std::string(std::string_view(container->get_string())));
  }
  return evaluated(std::string_view(text->get_string()), *names, typed);
}

int carry_out_batch(const std::string& file, bool typed, const invocation& s) {
  const auto read = make_system_disk()->read(file == "-" ? "/dev/stdin" : file);
  if (!read) return s.fail(read.error());
  int code = invocation::done();
  std::size_t number = 0;
  for (std::size_t at = 0; at < read->size();) {
    const auto end = std::min(read->find('\n', at), read->size());
    const auto line = std::string_view(*read).substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    const auto where = (file == "-" ? "stdin" : file) + ":" + std::to_string(number);
    const auto row = parse_json(line);
    const auto* id = row && row->is_object() ? row->get_object().if_contains("id") : nullptr;
    const auto answer = row ? evaluated_row(*row, typed, where) : result<json>(bad_input(where, "the line is no JSON: " + row.error().found, row.error().expected));
    boost::json::object told{{"id", id ? *id : json(nullptr)}};
    if (answer) told["value"] = *answer;
    else told["error"] = to_json(answer.error());
    if (!answer && answer.error().code == "bad_input") code = int(exit_code_of("bad_input"));
    s.print_json(told);
  }
  return code;
}

int act(const arguments& given, invocation& s) {
  const bool typed = given.has("--typed");
  const auto text = given.text("EXPRESSION");
  if (given.has("--batch")) {
    if (given.has("EXPRESSION") || given.has("--vars") || given.has("--container"))
      return s.fail(error{"bad_usage", "", "--batch together with an expression, --vars or --container", "either of them", "In a batch each line has its own expr, vars and container"});
    return carry_out_batch(given.text("--batch"), typed, s);
  }
  if (!given.has("EXPRESSION")) return s.fail(error{"bad_usage", "", "no expression", "steward eval EXPRESSION, or --batch FILE", ""});
  json vars = boost::json::object{};
  const auto file = given.text("--vars");
  if (!file.empty()) {
    const auto read = make_system_disk()->read(file == "-" ? "/dev/stdin" : file);
    if (!read) return s.fail(read.error());
    auto parsed = parse_json(*read);
    if (!parsed) return s.fail(bad_input(file, "no JSON: " + parsed.error().found, parsed.error().expected));
    vars = std::move(*parsed);
  }
  auto names = names_of(vars, typed, file);
  if (!names) return s.fail(names.error());
  names->within(given.text("--container"));
  const auto answer = evaluated(text, *names, typed);
  if (!answer) return s.fail(answer.error());
  s.print_json(*answer);
  return invocation::done();
}

}  // namespace

command eval_command() {
  return {.name = "eval",
          .group = "Set up",
          .summary = "Says what an expression of CEL comes to, as JSON",
          .details = "Conditions, holes in texts and policies are CEL, the Common Expression Language. Exit code 0 with the value, 1 with the error. "
                     "--typed reads and writes each value as {\"type\": T, \"value\": V}, so that an int, a uint and a double stay what they are. "
                     "An expression that begins with a minus stands behind --, which ends the options: steward eval -- '-(1)'. "
                     "--batch reads JSON Lines of {\"id\", \"expr\", \"vars\", \"container\"} and writes {\"id\", \"value\"} or {\"id\", \"error\"} for each; an expression "
                     "that fails is an answer there, and the exit code 0.",
          .examples = {"steward eval '[1, 2, 3].map(x, x * x)'", "steward eval 'lead.score > 10' --vars lead.json", "steward eval -- '-(1)'", "steward eval --typed --batch cases.jsonl"},
          .words = {{"EXPRESSION", "", "in CEL", word::count::optional, {}, false},
                    {"--vars", "FILE", "a JSON object: the names that the expression sees; - for stdin", word::count::optional, {}, false},
                    {"--typed", "", "values with their types, in --vars and --batch as well as in the answer", word::count::optional, {}, false},
                    {"--batch", "FILE", "many expressions, one JSON object a line; - for stdin", word::count::optional, {}, false},
                    {"--container", "NAME", "where names are looked for first: in a.b, x is a.b.x, else a.x, else x", word::count::optional, {}, false}},
          .carry_out = act};
}

}  // namespace steward
