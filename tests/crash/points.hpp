/// Chooses the moments to kill at: every place in the code that changes something outside, in every mode, then an even spread.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/crash/operator_script.hpp"

namespace steward::proof {

/// A story, and where its first lives end: each an OPERATION@FILE#STACK@N:MODE (kill_at.cpp).
struct point {
  story which;
  std::vector<kill_moment> kills;
};

/// STORY,OPERATION@FILE#STACK@N:MODE[,…]: what the command line takes.
std::string to_words(const point& p);
std::optional<point> point_of(const std::string& words);

/// One call of an undisturbed life. The same `name` and `stack`: the same place.
struct change {
  std::string name, stack;
  long number = 0;  // among those of the same place
};
std::vector<change> numbered(const std::vector<std::string>& calls);

/// A place in the code in one workflow and one mode: "weekly_update before pwrite@.steward/head 1f2e3d4c". An onboarding passes most of
/// what the others pass; only what they don't is a place of its own, the rest is among the moments that are spread evenly.
using place = std::string;
place place_of(story which, const std::string& killed_at);

class point_choice {
public:
  /// Only changes whose names hold `only`; empty: all.
  explicit point_choice(std::string only = {}) : only_(std::move(only)) {}

  /// `first` and `second`: the changes of two undisturbed lives. What stands in both is certain to come again.
  void know(story which, std::vector<change> first, const std::vector<change>& second);

  /// At least one point for each certain place and mode, and `points` in all, spread evenly over the stories; every fifth of
  /// those dies a second time, soon after it was started again. Fewer points than places: an even part of them.
  std::vector<point> choose(long points, std::uint64_t seed) const;
  /// What the later lives of a point changed, after they were killed at `killed` moments: places that only a recovery passes
  /// join those that `recovery` is about.
  void know_recovery(const point& p, std::size_t killed, const std::vector<std::string>& calls);
  /// One point for each place that only a recovery passed, and that is not among `seen`.
  std::vector<point> recovery(const std::set<place>& seen) const;
  std::size_t recovery_places() const { return recovery_.size(); }

  /// The first moments of the certain places that are not among `seen`.
  std::vector<point> again(const std::set<place>& seen) const;
  /// The certain places that are not among `seen`.
  std::set<place> missed(const std::set<place>& seen) const;
  std::size_t places() const { return certain_.size(); }

private:
  std::string only_;
  std::map<story, std::vector<change>> changes_;
  std::map<place, std::vector<point>> certain_;  // every moment of it
  std::set<place> undisturbed_;                  // certain or not
  bool is_passed_elsewhere(story which, const change& c) const;
  std::map<place, point> recovery_;              // the first moment of it
};

}  // namespace steward::proof
