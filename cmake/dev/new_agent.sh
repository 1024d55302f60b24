# Writes a new agent: class, test, catalogue line, role template; then builds and tests it. Sourced by ./dev.
# shellcheck shell=bash disable=SC2154  # root, yes and verb come from ./dev

catalogue_include='^#include "actors/'
catalogue_entry='^ *host<[a-z0-9_]+>\(\),'
last_line() { grep -nE "$1" actors/catalog.cpp | tail -n 1 | cut -d: -f1; }

# A refusal says what was found, what was expected, and what to do; nothing has been written then.
refuse() {
  say "$1"
  exit 2
}

check_agent_name() {
  local name="$1" file
  [[ -n "$name" ]] || refuse "A new agent needs a name: ./dev new-agent ticket_sorter"
  if [[ ! "$name" =~ ^[a-z][a-z0-9]*(_[a-z0-9]+)*$ || ${#name} -gt 40 ]]; then
    refuse "'$name' can't be an agent's name: expected snake_case of at most 40 letters, such as ticket_sorter."
  fi
  if ! printf 'int %s;\n' "$name" | g++ -x c++ -std=c++20 -fsyntax-only - 2>/dev/null; then
    refuse "'$name' is a word of C++ itself. Choose another name."
  fi
  for file in "actors/$name.hpp" "actors/$name.cpp" "actors/$name.test.cpp" "config/roles/$name.yaml"; do
    [[ ! -e "$file" ]] || refuse "$file exists already. Choose another name, or edit what is there."
  done
  if file="$(grep -rlE "^(class|struct|enum class|template .*(class|struct)|using) $name\b" --include='*.hpp' runtime actors | head -n 1)" && [[ -n "$file" ]]; then
    refuse "'$name' is already the name of a type in $file. Choose another name."
  fi
  if [[ -z "$(last_line "$catalogue_entry")" || -z "$(last_line "$catalogue_include")" ]]; then
    refuse "actors/catalog.cpp has no line of the form 'host<editor>(),' to put the new one behind. Give it its old shape again."
  fi
}

write_agent_class() {
  local name="$1"
  cat <<END
/// Gathers what the company remembers about a topic. (A start: say here in one sentence what $name decides, and from what.)
#pragma once
#include "runtime/agent.hpp"

namespace steward {

struct ${name}_request {
  std::string topic;
};
BOOST_DESCRIBE_STRUCT(${name}_request, (), (topic))

struct ${name}_result {
  std::vector<std::string> notes;  // what memory holds about the topic, best first
};
BOOST_DESCRIBE_STRUCT(${name}_result, (), (notes))

class $name {
public:
  static constexpr auto name = "$name";
  static constexpr int version = 1;  // raise it when the same events may give other intents
  using takes = ${name}_request;
  using gives = ${name}_result;
  using handles = events<step_started<${name}_request>, memory_recalled>;

  struct state {  // all it must remember from one event to the next; a snapshot is this struct
    std::string topic;
    BOOST_DESCRIBE_CLASS(state, (), (topic), (), ())
  };

  intents on(state& self, const step_started<${name}_request>& step) const {
    self.topic = step.input.topic;
    return {recall{.scope = "company", .about = self.topic, .limit = 5}};
  }

  // Each note keeps its source, so that \`steward why\` can name what the result stands on.
  intents on(state&, const memory_recalled& memory) const {
    ${name}_result result;
    std::vector<std::string> sources;
    for (const auto& item : memory.items) {
      result.notes.push_back(item.text);
      sources.push_back("memory:" + item.id);
    }
    return {finish{result, sources}};
  }
};

}  // namespace steward
END
}

write_agent_test() {
  local name="$1"
  cat <<END
#include "tests/support/catch.hpp"

#include "actors/$name.hpp"

using namespace steward;

TEST_CASE("$name handles every event that it says it handles") { STATIC_REQUIRE(complete_agent<$name>); }

TEST_CASE("$name recalls what the company knows about the topic") {
  $name::state self;
  const auto wanted = $name{}.on(self, step_started<${name}_request>{.input = {"prices"}});
  REQUIRE(wanted.size() == 1);
  CHECK(to_json_text(wanted[0]) == R"({"about":"prices","kind":"recall","limit":5,"query":"","scope":"company","tag":""})");
}

TEST_CASE("$name gives the notes and names the memories they come from") {
  $name::state self;
  const auto done = $name{}.on(self, memory_recalled{.items = {{.id = "mem-4", .text = "Prices rise in May."}}});
  REQUIRE(done.size() == 1);
  CHECK(to_json_text(done[0]) == R"({"evidence":["memory:mem-4"],"kind":"finish","result":{"notes":["Prices rise in May."]}})");
}
END
}

write_agent_role() {
  local name="$1"
  cat <<END
# A template: copy it into a workspace's roles/ and make it yours.
role: $name
purpose: Gathers what the company remembers about a topic.
agent: $name
may_know: [company]                     # memory scopes it may recall
may_do: {}                              # actions it may propose, each with its rung: shadow, suggest, ask, act
limits: {running: 2, waiting: 20, run_for: 10s}
when_it_fails: {restart: on_crash, at_most: 3 in 10m, then: ask_operator}
END
}

# The include goes behind the last one of its kind, and so does the entry.
add_to_catalogue() {
  local name="$1" changed
  changed="$(mktemp)"
  awk -v name="$name" -v include="$(last_line "$catalogue_include")" -v entry="$(last_line "$catalogue_entry")" '
    { print }
    NR == include { printf "#include \"actors/%s.hpp\"\n", name }
    NR == entry { match($0, /^ */); printf "%*shost<%s>(),\n", RLENGTH, "", name }
  ' actors/catalog.cpp >"$changed"
  cat "$changed" >actors/catalog.cpp
  rm -f "$changed"
}

new_agent() {
  local name="${1:-}" started=$SECONDS
  need build
  check_agent_name "$name"
  write_agent_class "$name" >"actors/$name.hpp"
  write_agent_test "$name" >"actors/$name.test.cpp"
  write_agent_role "$name" >"config/roles/$name.yaml"
  add_to_catalogue "$name"
  say "wrote actors/$name.hpp        the class: its first comment says what it decides"
  say "      actors/$name.test.cpp   its promises"
  say "      config/roles/$name.yaml the role template"
  say "      actors/catalog.cpp      one line more"
  build dev test_actors
  if ! build/dev/test_actors "$name *"; then
    say "The new test fails, although nothing was changed yet: please report it."
    exit 1
  fi
  say "$name builds and passes, $((SECONDS - started)) s after you asked for it."
  say "To take it back: rm actors/$name.hpp actors/$name.test.cpp config/roles/$name.yaml, and its two lines in actors/catalog.cpp."
}
