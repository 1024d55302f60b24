/// What `steward explain <code>` says: the page of an error code, from docs/errors/.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace steward {

/// The page as Markdown, or nothing for an unknown code.
std::optional<std::string_view> explain(std::string_view code);
/// Every code that has a page, sorted.
std::vector<std::string> explained_codes();

}  // namespace steward
