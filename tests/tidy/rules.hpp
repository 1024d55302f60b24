/// The rules of the house as a program: each breach is named with its line, the reason, and the way out.
#pragma once
#include <string>
#include <vector>

#include "tests/tidy/tree.hpp"

namespace steward::tidy {

struct finding {
  std::string path;
  int line = 0;
  std::string rule;
  std::string says;     // what was found
  std::string way_out;  // what to do instead
};
using findings = std::vector<finding>;

struct rule {
  const char* name;
  const char* because;
  void (*check)(const tree&, findings&);
};

/// The table of rules, one file a family.
const std::vector<rule>& all_rules();

// arrows.cpp
void check_arrows(const tree&, findings&);
void check_caf(const tree&, findings&);
void check_links(const tree&, findings&);
// doors.cpp
void check_time(const tree&, findings&);
void check_chance(const tree&, findings&);
void check_purity(const tree&, findings&);
void check_sleeps(const tree&, findings&);
// text.cpp
void check_purpose(const tree&, findings&);
void check_length(const tree&, findings&);
void check_leftovers(const tree&, findings&);
void check_machine_paths(const tree&, findings&);
// words.cpp
void check_error_pages(const tree&, findings&);
void check_glossary(const tree&, findings&);
void check_promises(const tree&, findings&);

/// Everything that is wrong with the tree, in its order. A line is let off one rule by a comment on it or on the line
/// before: `tidy allows time: a watchdog measures the machine, not the company`. The reason is required.
findings check(const tree& files);
/// "runtime/x.cpp:12: … Do … instead. (time: because …)"
std::string to_sentence(const finding& f);

}  // namespace steward::tidy
