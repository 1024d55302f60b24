/// Templates with {{holes}}: the documented subset of Mustache that the model `local` drafts with (docs/local_model.md).
///
/// | tag | becomes |
/// | --- | --- |
/// | {{path}} {{a.b}} {{.}} | the value; a name that isn't there is an error with its line and the nearest name |
/// | {{#path}}…{{/path}} | once for each item of a list, once for another value, nothing for a missing, empty, false or zero one |
/// | {{^path}}…{{/path}} | the opposite: once when there is nothing |
/// | {{helper path …}} | first, first_word, line, lines, join, count, quote, summary, date |
/// | {{! words}} | nothing |
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/json.hpp"

namespace steward {

class model_template {
public:
  /// Errors: bad_prompt, with `name`:line in `where`; the text's first line is `first_line`.
  static result<model_template> parse(std::string_view text, const std::string& name, int first_line = 1);

  /// The text with its holes filled. What `with` brings is text, never template. Errors: bad_prompt, bad_model_answer (too long).
  result<std::string> render(const json& with) const;
  /// Only what the holes bring in, one text for each: the material without the words around it.
  result<std::vector<std::string>> material(const json& with) const;
  bool has_holes() const;

  struct part;

private:
  std::string name_;
  std::shared_ptr<const std::vector<part>> parts_;
};

/// A moment (RFC 3339) or a day as people write it: "21 Nov 2026, 10:30" in `zone`, "21 Nov 2026". Errors: bad_prompt.
result<std::string> readable_date(std::string_view text, const std::string& zone);

/// What stands for prose in a value: a text is itself, a list its items one by one, an object its field `text`.
/// Other values bring nothing.
std::vector<std::string> texts_in(const json& value);

}  // namespace steward
