#include "config/explain.hpp"

#include "config/embedded.hpp"

namespace steward {
namespace {
constexpr std::string_view suffix = ".md";
}

std::optional<std::string_view> explain(std::string_view code) {
  for (const auto& page : error_pages())
    if (page.path.size() == code.size() + suffix.size() && page.path.starts_with(code)) return page.text;
  return std::nullopt;
}

std::vector<std::string> explained_codes() {
  std::vector<std::string> codes;
  for (const auto& page : error_pages()) codes.emplace_back(page.path.substr(0, page.path.size() - suffix.size()));
  return codes;
}

}  // namespace steward
