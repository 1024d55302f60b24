/// Who may include whom: the arrows of the architecture, CAF's few places, and links between documents.
#include <map>
#include <set>

#include "tests/tidy/rules.hpp"

namespace steward::tidy {
namespace {

const std::map<std::string_view, std::set<std::string_view>> may_see{
    {"runtime", {"runtime"}},
    {"actors", {"actors", "runtime"}},
    {"connectors", {"connectors", "runtime"}},
    {"policies", {"policies", "runtime"}},
    {"config", {"config", "runtime"}},
    {"console", {"console", "config", "actors", "connectors", "policies", "runtime"}},
};

std::string_view top_of(std::string_view path) { return path.substr(0, path.find('/')); }

using folder_table = std::map<std::string, std::set<std::string>, std::less<>>;

/// The lines `steward_folder(path DEPS …)` of CMakeLists.txt, with what the DEPS themselves may see.
folder_table declared_folders(const tree& files) {
  folder_table table;
  for (const auto& file : files) {
    if (file.path != "CMakeLists.txt") continue;
    for_each_line(file.text, [&](int, std::string_view line) {
      constexpr std::string_view opening = "steward_folder(";
      if (!line.starts_with(opening)) return;
      line.remove_prefix(opening.size());
      std::vector<std::string> words;
      for (std::size_t at = 0; at < line.size() && line[at] != ')';) {
        const auto end = std::min(line.find_first_of(" )", at), line.size());
        if (end > at) words.emplace_back(line.substr(at, end - at));
        at = end < line.size() && line[end] == ' ' ? end + 1 : end;
      }
      if (words.empty()) return;
      auto& sees = table[words.front()];
      sees.insert(words.front());
      for (const auto& word : words)
        if (const auto other = table.find(word); other != table.end()) sees.insert(other->second.begin(), other->second.end());
    });
  }
  return table;
}

/// The declared folder that holds `path`: the longest that is a beginning of it.
std::string declared_folder_of(std::string_view path, const folder_table& table) {
  std::string best;
  for (const auto& [folder, sees] : table)
    if (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/' && folder.size() > best.size()) best = folder;
  return best;
}

/// The path in `#include "…"` or, with angle set, `#include <…>`; empty for other lines.
std::string_view included(std::string_view line, bool angle) {
  if (!line.starts_with("#include ")) return {};
  const auto open = line.find(angle ? '<' : '"');
  if (open == line.npos) return {};
  const auto close = line.find(angle ? '>' : '"', open + 1);
  return close == line.npos ? std::string_view() : line.substr(open + 1, close - open - 1);
}

}  // namespace

void check_arrows(const tree& files, findings& out) {
  const auto folders = declared_folders(files);
  for (const auto& file : files) {
    const auto from = may_see.find(top_of(file.path));
    if (!file.is_cpp() || from == may_see.end()) continue;
    for_each_line(file.text, [&](int line, std::string_view text) {
      const auto path = included(text, false);
      if (path.empty()) return;
      const auto to = top_of(path);
      if (path.find('/') == path.npos) {
        out.push_back(
            {file.path, line, "", "includes \"" + std::string(path) + "\" without its folder", "Write includes from the root: \"runtime/error.hpp\""});
      } else if (to == "tests") {
        if (!file.is_test())
          out.push_back({file.path, line, "", "shipped code includes " + std::string(path), "Move what both need into the folder's own header"});
      } else if (may_see.contains(to) && !from->second.contains(to)) {
        out.push_back({file.path, line, "", std::string(from->first) + "/ looks at " + std::string(path) + ", against the arrow",
                       to == "runtime" ? "Include less" : "Let console/ hand it over, or put the type both need into a contract in runtime/"});
      } else if (file.path == "runtime/protocol.hpp" || file.path == "console/main.cpp") {
        return;  // The actor interfaces speak of what all of runtime/ holds; the program joins all folders.
      } else if (const auto mine = declared_folder_of(file.path, folders), theirs = declared_folder_of(path, folders);
                 !mine.empty() && !theirs.empty() && !folders.at(mine).contains(theirs)) {
        out.push_back({file.path, line, "", mine + " includes " + std::string(path) + ", but CMakeLists.txt does not list " + theirs + " among its DEPS",
                       "Add it to DEPS if the arrow is meant, else move the type down to a folder that both see"});
      }
    });
  }
}

void check_caf(const tree& files, findings& out) {
  for (const auto& file : files) {
    const bool allowed = file.path == "runtime/protocol.hpp" || file.is_below("runtime/hosting") || file.is_below("runtime/supervision") ||
                         file.path.ends_with("_actor.hpp") || file.path.ends_with("_actor.cpp") || file.is_below("cmake") || file.is_below("bench") ||
                         file.is_test();
    if (!file.is_cpp() || allowed) continue;
    for_each_line(file.text, [&](int line, std::string_view text) {
      if (included(text, true).starts_with("caf/"))
        out.push_back({file.path, line, "", "includes <" + std::string(included(text, true)) + ">",
                       "Keep the thing a plain value and host it in runtime/hosting/, or name the file *_actor"});
    });
  }
}

void check_links(const tree& files, findings& out) {
  std::set<std::string, std::less<>> places{"LICENSE"};
  for (const auto& file : files) {
    places.insert(file.path);
    for (auto slash = file.path.find('/'); slash != std::string::npos; slash = file.path.find('/', slash + 1)) places.insert(file.path.substr(0, slash));
  }
  for (const auto& file : files) {
    if (!file.path.ends_with(".md")) continue;
    bool fenced = false;
    for_each_line(file.text, [&](int line, std::string_view text) {
      if (text.substr(skip_spaces(text, 0)).starts_with("```")) fenced = !fenced;
      if (fenced) return;
      for (auto at = text.find("]("); at != text.npos; at = text.find("](", at + 2)) {
        auto target = text.substr(at + 2, text.find(')', at) - at - 2);
        target = target.substr(0, target.find('#'));
        const bool elsewhere = target.empty() || target.find_first_of(": `<$&\"") != target.npos || target.ends_with(".svg") || target.ends_with(".png");
        if (elsewhere) continue;
        std::string path(file.folder());
        for (std::size_t from = 0; from < target.size();) {
          const auto end = std::min(target.find('/', from), target.size());
          const auto part = target.substr(from, end - from);
          if (part == "..") path = path.find('/') == path.npos ? "" : path.substr(0, path.rfind('/'));
          else if (part != "." && !part.empty()) path += (path.empty() ? "" : "/") + std::string(part);
          from = end + 1;
        }
        if (!path.empty() && !places.contains(path))
          out.push_back(
              {file.path, line, "", "links to " + std::string(target) + ", which isn't there", "Mend the path, seen from " + std::string(file.folder()) + "/"});
      }
    });
  }
}

}  // namespace steward::tidy
