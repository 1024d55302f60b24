/// A Markdown file in its parts: the small, strict front matter between two lines `---`, and the text below.
#pragma once
#include <string>
#include <string_view>

#include "runtime/json.hpp"

namespace steward {

struct markdown_note {
  boost::json::object front_matter;
  std::string trouble;  // "line 3: …" when the front matter can't be read; it is then empty, and the text is still there
  std::string title;    // front matter, else the first heading, else empty
  std::string text;     // below the front matter; valid UTF-8
};

/// Lines `key: value`. A value is a text (bare, "quoted" with JSON's escapes, or 'quoted'), a number, true or false, a list
/// [a, b] of these, or nothing. Comments begin with `#`. What YAML knows beyond that is named as trouble, not guessed.
markdown_note read_markdown_note(std::string_view bytes);

}  // namespace steward
