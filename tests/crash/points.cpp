#include "tests/crash/points.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include "runtime/random.hpp"

namespace steward::proof {
namespace {

constexpr const char* modes[] = {"before", "half", "after"};
constexpr std::uint64_t soon = 60;  // changes after a start: recovery, and the first steps beyond it

kill_moment moment_of(const change& c, const char* mode) { return fmt::format("{}#{}@{}:{}", c.name, c.stack, c.number, mode); }

place place_of(story which, const change& c, const char* mode) { return place_of(which, fmt::format("{} {} {}", mode, c.name, c.stack)); }

}  // namespace

std::string to_words(const point& p) {
  std::string text(to_word(p.which));
  for (const auto& kill : p.kills) text += "," + kill;
  return text;
}

std::optional<point> point_of(const std::string& words) {
  std::istringstream parts(words);
  std::string name, kill;
  std::getline(parts, name, ',');
  const auto which = from_word<story>(name);
  if (!which) return std::nullopt;
  point p{*which, {}};
  while (std::getline(parts, kill, ',')) p.kills.push_back(kill);
  return p;
}

std::vector<change> numbered(const std::vector<std::string>& calls) {
  std::vector<change> all;
  std::map<std::string, long> of_place;
  for (const auto& line : calls) {
    const auto space = line.rfind(' ');
    if (space == line.npos) continue;
    const auto name = line.substr(0, space);
    all.push_back({name, line.substr(space + 1), ++of_place[line]});
  }
  return all;
}

place place_of(story which, const std::string& killed_at) { return (is_update(which) ? "weekly_update " : is_lead(which) ? "answer_lead " : "client_onboarding ") + killed_at; }

bool point_choice::is_passed_elsewhere(story which, const change& c) const {
  return is_onboarding(which) && (undisturbed_.contains(place_of(story::weekly_update, c, modes[0])) || undisturbed_.contains(place_of(story::silent_lead, c, modes[0])));
}

void point_choice::know(story which, std::vector<change> first, const std::vector<change>& second) {
  std::erase_if(first, [&](const change& c) { return c.name.find(only_) == c.name.npos; });
  std::set<place> again;
  for (const auto& c : second)
    for (const auto* mode : modes) again.insert(place_of(which, c, mode));
  undisturbed_.insert(again.begin(), again.end());
  for (const auto& c : first)
    for (const auto* mode : modes) {
      const auto where = place_of(which, c, mode);
      undisturbed_.insert(where);
      if (again.contains(where) && !is_passed_elsewhere(which, c)) certain_[where].push_back({which, {moment_of(c, mode)}});
    }
  changes_[which] = std::move(first);
}

void point_choice::know_recovery(const point& p, std::size_t killed, const std::vector<std::string>& calls) {
  for (const auto& c : numbered(calls))
    for (const auto* mode : modes) {
      const auto where = place_of(p.which, c, mode);
      if (c.name.find(only_) == c.name.npos || is_passed_elsewhere(p.which, c) || undisturbed_.contains(where) || recovery_.contains(where)) continue;
      auto then = p;
      then.kills.resize(killed);
      then.kills.push_back(moment_of(c, mode));
      recovery_.emplace(where, std::move(then));
    }
}

std::vector<point> point_choice::recovery(const std::set<place>& seen) const {
  std::vector<point> all;
  for (const auto& [where, moment] : recovery_)
    if (!seen.contains(where)) all.push_back(moment);
  return all;
}

std::vector<point> point_choice::choose(long points, std::uint64_t seed) const {
  const auto random = make_seeded_random(seed);
  std::vector<point> all;
  for (const auto& [_, moments] : certain_) all.push_back(moments[random->next() % moments.size()]);
  for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random->next() % i]);
  if (long(all.size()) >= points) {
    std::vector<point> part;
    for (long i = 0; i < points; ++i) part.push_back(all[std::size_t((double(i) + random->fraction()) * double(all.size()) / double(points))]);
    return part;
  }
  std::vector<std::pair<story, const change*>> changes;
  for (const auto& [which, of_it] : changes_)
    for (const auto& c : of_it) changes.emplace_back(which, &c);
  const long rest = changes.empty() ? 0 : points - long(all.size());
  for (long i = 0; i < rest; ++i) {
    const auto& [which, at] = changes[std::size_t((double(i) + random->fraction()) * double(changes.size()) / double(rest))];
    point p{which, {moment_of(*at, modes[random->next() % 3])}};
    if (i % 5 == 4) p.kills.push_back(fmt::format("any@{}:{}", 1 + random->next() % soon, modes[random->next() % 3]));
    all.push_back(std::move(p));
  }
  return all;
}

std::vector<point> point_choice::again(const std::set<place>& seen) const {
  std::vector<point> all;
  for (const auto& [where, moments] : certain_)
    if (!seen.contains(where)) all.push_back(moments.front());
  return all;
}

std::set<place> point_choice::missed(const std::set<place>& seen) const {
  std::set<place> all;
  for (const auto& [where, _] : certain_)
    if (!seen.contains(where)) all.insert(where);
  return all;
}

}  // namespace steward::proof
