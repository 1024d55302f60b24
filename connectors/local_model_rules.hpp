/// Classification by rules that stand in the prompt: `label: keyword, "two words", /pattern/`, one line each, the first that fits wins.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/error.hpp"

namespace steward {

struct classified {
  std::string label;
  std::string because;  // "line 3: the text holds 'invoice'"
};

class label_rules {
public:
  /// The lines under the heading `## labels`, or all lines where there is no such heading. The last rule must be `label: *`, so
  /// that every text gets a label. Errors: bad_prompt, with `name`:line in `where`.
  static result<label_rules> parse(std::string_view text, const std::string& name, int first_line = 1);

  /// Keywords match whole words; patterns are RE2's (linear in the text, whatever they are). Both in any case.
  classified judge(const std::vector<std::string>& texts) const;
  std::vector<std::string> labels() const;

  struct rule;

private:
  std::string name_;
  std::shared_ptr<const std::vector<rule>> rules_;
};

}  // namespace steward
