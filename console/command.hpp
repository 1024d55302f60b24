/// A command as data: its words, its help, and the function behind it. Help, completions and man page come from the same rows.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace steward {

class invocation;

/// A word of a command line: "--reason" with a value, "--yes" without, or a position such as "CARD".
struct word {
  std::string name;                  // "--reason", or in capitals for a position
  std::string value;                 // what stands behind it: "TEXT"; empty: a flag, or a position
  std::string help;
  enum class count { optional, required, many, some } how_often = count::optional;  // some: one or more
  std::vector<std::string> choices;  // the only values allowed; also what completion offers
  bool hidden = false;

  bool is_position() const { return !name.starts_with('-'); }
  bool is_flag() const { return !is_position() && value.empty(); }
};

/// What was found on the command line.
class arguments {
public:
  void add(const std::string& name, std::string value) { values_[name].push_back(std::move(value)); }
  bool has(const std::string& name) const { return values_.contains(name); }
  /// The value of an option or position; `otherwise` when it was not given.
  std::string text(const std::string& name, std::string otherwise = {}) const {
    const auto it = values_.find(name);
    return it == values_.end() || it->second.empty() ? otherwise : it->second.front();
  }
  std::vector<std::string> all(const std::string& name) const {
    const auto it = values_.find(name);
    return it == values_.end() ? std::vector<std::string>{} : it->second;
  }

private:
  std::map<std::string, std::vector<std::string>> values_;
};

struct command {
  std::string name;    // "approve", "memory add"
  std::string group;   // heading in the help
  std::string summary; // one line
  std::string details; // a paragraph or none
  std::vector<std::string> examples;
  std::vector<word> words;
  int (*carry_out)(const arguments& given, invocation& s) = nullptr;
};

}  // namespace steward
