/// Reads the tree and blanks comments and strings.
#include "tests/tidy/tree.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace steward::tidy {
namespace {

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

void blank(std::string& text, std::size_t from, std::size_t to) {
  for (auto i = from; i < std::min(to, text.size()); ++i)
    if (text[i] != '\n') text[i] = ' ';
}

/// Where the string or character literal that opens at `at` ends (one past its closing quote).
std::size_t end_of_literal(std::string_view text, std::size_t at) {
  const char quote = text[at];
  auto i = at + 1;
  while (i < text.size() && text[i] != quote && text[i] != '\n') i += text[i] == '\\' ? 2 : 1;
  return std::min(i + 1, text.size());
}

/// R"tag( … )tag": one past its end; `at` is the quote.
std::size_t end_of_raw_literal(std::string_view text, std::size_t at) {
  const auto open = text.find('(', at);
  if (open == text.npos) return text.size();
  const auto close = ")" + std::string(text.substr(at + 1, open - at - 1)) + "\"";
  const auto end = text.find(close, open);
  return end == text.npos ? text.size() : end + close.size();
}

void blank_cpp(const std::string& text, std::string& spoken, std::string& code) {
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    auto end = i + 1;
    if (text.compare(i, 2, "//") == 0 || text.compare(i, 2, "/*") == 0) {
      const bool line = text[i + 1] == '/';
      end = line ? text.find('\n', i) : text.find("*/", i + 2);
      end = end == text.npos ? text.size() : end + (line ? 0 : 2);
      blank(spoken, i, end);
      blank(code, i, end);
    } else if (c == '"' && i > 0 && text[i - 1] == 'R') {
      end = end_of_raw_literal(text, i);
      blank(code, i + 1, end - 1);
    } else if (c == '"' || (c == '\'' && (i == 0 || !is_name(text[i - 1])))) {  // 1'000 holds no character literal
      end = end_of_literal(text, i);
      blank(code, i + 1, end - 1);
    }
    i = end;
  }
}

bool worth_reading(const std::filesystem::path& path) {
  static const std::vector<std::string> endings{".cpp", ".hpp", ".cmake", ".sh", ".md", ".yaml", ".txt", ".js", ".css", ".html", ".py", ""};
  return std::find(endings.begin(), endings.end(), path.extension().string()) != endings.end();
}

}  // namespace

source_file::source_file(std::string path_, std::string text_) : path(std::move(path_)), text(std::move(text_)), spoken(text), code(text) {
  if (is_cpp()) blank_cpp(text, spoken, code);
}

bool source_file::is_cpp() const { return path.ends_with(".hpp") || path.ends_with(".cpp"); }
bool source_file::is_test() const { return path.ends_with(".test.cpp") || path.ends_with("_test.hpp") || is_below("tests"); }
bool source_file::is_below(std::string_view folder) const {
  return path.size() > folder.size() && path.compare(0, folder.size(), folder) == 0 && path[folder.size()] == '/';
}
std::string_view source_file::folder() const {
  const auto slash = path.rfind('/');
  return slash == path.npos ? std::string_view() : std::string_view(path).substr(0, slash);
}

tree read_tree(const std::string& root) {
  namespace fs = std::filesystem;
  tree all;
  for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator(); ++it) {
    const auto name = it->path().filename().string();
    if (it->is_directory()) {
      if (name.starts_with('.') || name == "build") it.disable_recursion_pending();
      continue;
    }
    if (!it->is_regular_file() || !worth_reading(it->path()) || name == "LICENSE") continue;
    std::ifstream in(it->path(), std::ios::binary);
    all.emplace_back(fs::relative(it->path(), root).generic_string(), std::string(std::istreambuf_iterator<char>(in), {}));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return all;
}

void for_each_line(std::string_view text, const line_sink& sink) {
  int number = 1;
  while (!text.empty()) {
    const auto end = text.find('\n');
    sink(number++, text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
}

std::size_t find_word(std::string_view text, std::string_view word, std::size_t from) {
  for (auto at = text.find(word, from); at != text.npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool starts = at == 0 || !is_name(text[at - 1]) || !is_name(word.front());
    const bool ends = end == text.size() || !is_name(text[end]) || !is_name(word.back());
    if (starts && ends) return at;
  }
  return text.npos;
}

std::string_view name_at(std::string_view text, std::size_t at) {
  auto end = at;
  while (end < text.size() && is_name(text[end])) ++end;
  return at >= text.size() ? std::string_view() : text.substr(at, end - at);
}

std::size_t skip_spaces(std::string_view text, std::size_t at) {
  while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

}  // namespace steward::tidy
