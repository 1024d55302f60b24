#include "connectors/files_front_matter.hpp"

#include "tests/support/catch.hpp"

using namespace steward;

TEST_CASE("read_markdown_note reads the simple front matter that notes have") {
  const auto note = read_markdown_note(R"(---
# a comment
title: Launch: the plan   # not part of it
date: 2026-11-21
draft: false
weight: 2.5
count: -3
version: 1.2.3
tags: [news, "a, b", 3, true, 'it''s']
quoted: "tab\tand \"quotes\" # no comment"
single: 'it''s'
nothing:
empty: []
---

# Heading

Text.
)");
  CHECK(note.trouble.empty());
  CHECK(note.title == "Launch: the plan");
  CHECK(json(note.front_matter) == parse_json(R"({"title":"Launch: the plan","date":"2026-11-21","draft":false,"weight":2.5,"count":-3,"version":"1.2.3",
    "tags":["news","a, b",3,true,"it's"],"quoted":"tab\tand \"quotes\" # no comment","single":"it's","nothing":null,"empty":[]})").value());
  CHECK(note.text == "# Heading\n\nText.\n");
}

TEST_CASE("read_markdown_note takes the title from the first heading when nothing else says it") {
  CHECK(read_markdown_note("text\n\n## The plan ##\n# Later").title == "The plan");
  CHECK(read_markdown_note("```\n# code\n```\n# Real").title == "Real");
  CHECK(read_markdown_note("#no heading\n####### seven").title.empty());
  CHECK(read_markdown_note("").title.empty());
}

TEST_CASE("read_markdown_note names what it can't read and keeps the text") {
  struct row {
    std::string block, trouble;
  };
  const row table[] = {
      {"a: 1\na: 2", "line 3: the key 'a' stands here a second time"},
      {"just words", "line 2: this is no 'key: value'"},
      {"a:1", "line 2: a blank is missing behind the colon"},
      {"tags:\n  - one", "line 3: lists and maps over several lines are not read here; write [a, b]"},
      {"tags:\n- one", "line 3: lists and maps over several lines are not read here; write [a, b]"},
      {"a: {b: 1}", "line 2: a value begins with {, which is YAML that is not read here; quote it if it is a text"},
      {"a: |", "line 2: a value begins with |, which is YAML that is not read here; quote it if it is a text"},
      {"a: !!python/object:os.system x", "line 2: a value begins with !, which is YAML that is not read here; quote it if it is a text"},
      {"a: *alias", "line 2: a value begins with *, which is YAML that is not read here; quote it if it is a text"},
      {"a: \"x", "line 2: a quoted text is never closed"},
      {"a: \"\\q\"", "line 2: a quoted text has an escape that is not known"},
      {"a: 'x' y", "line 2: something stands behind a quoted text"},
      {"a: [x", "line 2: a list is never closed"},
      {"a: [x] y", "line 2: something stands behind a list"},
      {"a: [[x]]", "line 2: a list holds another list or map"},
      {"a: [x,,y]", "line 2: a list has an empty item"},
      {"a: [\"x\" y]", "line 2: between the items of a list a comma is missing"},
      {"$where: 1", "line 2: this is no 'key: value'"},
  };
  for (const auto& r : table) {
    CAPTURE(r.block);
    const auto note = read_markdown_note("---\n" + r.block + "\n---\n# Title\n");
    CHECK(note.trouble == r.trouble);
    CHECK(note.front_matter.empty());
    CHECK(note.title == "Title");
  }
}

TEST_CASE("read_markdown_note takes a rule at the top for what it is") {
  CHECK(read_markdown_note("---\nno end").text == "---\nno end");
  CHECK(read_markdown_note("---\n---\ntext").text == "text");
  CHECK(read_markdown_note("---\na: 1\n---").front_matter.at("a") == 1);
  CHECK(read_markdown_note("\xef\xbb\xbf---\r\na: b\r\n---\r\ntext\r\n").front_matter.at("a") == "b");
  CHECK(read_markdown_note(std::string("a\0b\xff", 4)).text == "ab\xef\xbf\xbd");
}
