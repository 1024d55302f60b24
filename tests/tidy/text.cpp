/// What a file looks like: its purpose first, no longer than an afternoon, nothing left over, no machine's own paths.
#include <array>

#include "tests/tidy/rules.hpp"

namespace steward::tidy {
namespace {

constexpr int lines_max = 500;  // Past this there is a noun inside that wants its own file.

bool is_code(const source_file& file) {
  return !file.path.ends_with(".md") && !file.path.ends_with(".txt") && !file.path.ends_with(".yaml") && !file.path.ends_with(".html");
}

// Written in halves, so that this file keeps its own rules.
constexpr std::array leftover_words{"TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK"};
constexpr std::array machine_roots{"/ho" "me/", "/ro" "ot/", "/wo" "rk/", "/Us" "ers/"};

}  // namespace

void check_purpose(const tree& files, findings& out) {
  for (const auto& file : files)
    if (file.path.ends_with(".hpp") && !file.is_below("cmake") && !file.text.starts_with("/// "))
      out.push_back({file.path, 1, "", "does not open with its purpose", "Begin with one sentence after `///`, in the words of the glossary"});
}

void check_length(const tree& files, findings& out) {
  for (const auto& file : files) {
    int lines = 0;
    for_each_line(file.text, [&](int line, std::string_view) { lines = line; });
    if (is_code(file) && lines > lines_max)
      out.push_back({file.path, lines_max + 1, "", "has " + std::to_string(lines) + " lines; " + std::to_string(lines_max) + " are the most",
                     "Look for the noun that wants its own file"});
  }
}

void check_leftovers(const tree& files, findings& out) {
  for (const auto& file : files) {
    if (!is_code(file) && !file.path.ends_with(".yaml")) continue;
    for_each_line(file.text, [&](int line, std::string_view text) {
      for (const char* word : leftover_words)
        if (find_word(text, word) != text.npos) out.push_back({file.path, line, "", std::string("leaves a ") + word, "Do it now, or open an issue and say in words what holds today"});
    });
  }
}

void check_machine_paths(const tree& files, findings& out) {
  for (const auto& file : files)
    for_each_line(file.text, [&](int line, std::string_view text) {
      for (const char* root : machine_roots) {
        const auto at = text.find(root);
        if (at == text.npos) continue;
        const char before = at == 0 ? ' ' : text[at - 1];
        if (std::string_view(" \"'`=(:,<").find(before) != std::string_view::npos)
          out.push_back({file.path, line, "", std::string("names a folder of one machine (") + root + "…)", "Derive the path from the workspace, the root or a temporary folder"});
      }
    });
}

}  // namespace steward::tidy
