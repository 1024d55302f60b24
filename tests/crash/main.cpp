/// `kill -9` at any moment: plays both workflows again and again, kills the engine at another moment each time, and judges.
//
/// promise: kill -9 at any moment of either workflow loses nothing, repeats nothing and writes no mail twice
/// promise: a pending approval is still there after kill -9, with the digests that it was asked with
/// promise: a model call that was answered is never made again, whenever the engine dies
#include <atomic>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <sstream>
#include <thread>

#include <fmt/format.h>

#include "runtime/random.hpp"
#include "tests/crash/judge.hpp"

namespace {

using namespace steward;
using namespace steward::proof;

constexpr auto usage = R"(steward_crash [--points N] [--seed S] [--at-once N] [--story NAME] [--keep]
steward_crash --point STORY,N:MODE[,N:MODE…] [--keep]

Kills the engine at N moments (default 60), spread over three stories and three modes, and checks each time that nothing was
done twice or lost. STEWARD in the environment names another program than the one built beside this. STORY: weekly_update, silent_lead, answering_lead. MODE: before, half, after. --keep keeps the folders.
)";

struct point {
  story which;
  std::vector<kill_moment> kills;
};

struct options {
  long points = 60;
  std::uint64_t seed = 1;
  unsigned at_once = 2;
  std::vector<story> stories{story::weekly_update, story::silent_lead, story::answering_lead};
  std::optional<point> only;
  bool keep = false;
};

std::optional<story> story_named(const std::string& name) { return from_word<story>(name); }

std::optional<options> read_options(int argc, char** argv) {
  options o;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--keep") {
      o.keep = true;
      continue;
    }
    if (i + 1 == argc) return std::nullopt;
    const std::string value = argv[++i];
    try {
      if (word == "--points") o.points = std::stol(value);
      else if (word == "--seed") o.seed = std::stoull(value);
      else if (word == "--at-once") o.at_once = unsigned(std::stoul(value));
      else if (word == "--story") {
        const auto which = story_named(value);
        if (!which) return std::nullopt;
        o.stories = {*which};
      } else if (word == "--point") {
        std::istringstream parts(value);
        std::string name, kill;
        std::getline(parts, name, ',');
        const auto which = story_named(name);
        if (!which) return std::nullopt;
        o.only = point{*which, {}};
        while (std::getline(parts, kill, ',')) o.only->kills.push_back(kill);
      } else return std::nullopt;
    } catch (const std::exception&) {
      return std::nullopt;
    }
  }
  return o;
}

std::string to_words(const point& p) {
  std::string text(to_word(p.which));
  for (const auto& kill : p.kills) text += "," + kill;
  return text;
}

struct verdict_on_point {
  std::vector<std::string> broken, killed;
  long changes = 0;
  int nudged_clock = 0;
  figures counted;
  std::string kept;
};

verdict_on_point play_and_judge(const std::string& model, const point& p, const figures* undisturbed, bool keep) {
  verdict_on_point v;
  scratch_folder scratch;
  {
    test_company company(model, scratch.path());
    operator_script script(company, p.which);
    try {
      script.play(p.kills);
      v.broken = judge(company, script, p.which, undisturbed);
    } catch (const std::exception& e) {
      v.broken.push_back(e.what());
    }
    v.killed = script.killed();
    v.changes = script.changes();
    v.nudged_clock = script.nudged_clock();
    v.counted = count_what_counts(script.known().events);
  }
  if (keep || !v.broken.empty()) v.kept = scratch.keep();
  return v;
}

/// Moments spread evenly over everything that a story changes, each in the middle of nowhere of its stretch; every fifth point
/// is killed a second time, soon after it was started again.
std::vector<point> spread(const std::map<story, long>& changes, const options& o) {
  auto random = make_seeded_random(o.seed);
  static constexpr const char* modes[] = {"before", "half", "after"};
  long all = 0;
  for (const auto which : o.stories) all += changes.at(which);
  std::vector<point> points;
  for (long i = 0; i < o.points; ++i) {
    auto at = 1 + long((double(i) + random->fraction()) * double(all) / double(o.points));
    auto which = o.stories.front();
    for (const auto s : o.stories) {
      which = s;
      if (at <= changes.at(s)) break;
      at -= changes.at(s);
    }
    point p{which, {fmt::format("{}:{}", std::max(1l, at), modes[(i + long(random->next() % 2)) % 3])}};
    if (i % 5 == 4) p.kills.push_back(fmt::format("{}:{}", 1 + random->next() % 60, modes[random->next() % 3]));
    points.push_back(std::move(p));
  }
  return points;
}

int tell(const point& p, const verdict_on_point& v) {
  std::string how;
  for (const auto& k : v.killed) how += (how.empty() ? "" : "; ") + k;
  std::cout << (v.broken.empty() ? "ok      " : "BROKEN  ") << to_words(p) << "  " << (how.empty() ? "was not killed" : how) << std::endl;
  if (v.broken.empty()) return 0;
  for (const auto& sentence : v.broken) std::cout << "        " << sentence << "\n";
  std::cout << "        its folder: " << v.kept << "\n        again:      ./dev crash --point " << to_words(p) << std::endl;
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto read = read_options(argc, argv);
  if (!read) return std::cerr << usage, 2;
  const auto& o = *read;
  scratch_folder model;
  make_model_company(model.path());

  // First undisturbed: what there is to kill at, and what should come out.
  std::map<story, long> changes;
  std::map<story, figures> expected;
  int broken = 0;
  for (const auto which : o.only ? std::vector{o.only->which} : o.stories) {
    const point undisturbed{which, {}};
    const auto v = play_and_judge(model.path(), undisturbed, nullptr, o.keep && !o.only);
    if (!v.broken.empty()) return tell(undisturbed, v);
    changes[which] = v.changes;
    expected[which] = v.counted;
    std::cout << fmt::format("{}: {} changes outside the engine's memory to be killed at; {} moves of the clock\n", to_word(which), v.changes, v.nudged_clock) << std::flush;
  }

  const auto points = o.only ? std::vector{*o.only} : spread(changes, o);
  std::atomic<std::size_t> next{0};
  std::mutex speaking;
  long killed = 0;
  const auto work = [&] {
    for (auto i = next++; i < points.size(); i = next++) {
      const auto v = play_and_judge(model.path(), points[i], &expected.at(points[i].which), o.keep);
      std::lock_guard guard(speaking);
      broken += tell(points[i], v);
      killed += long(v.killed.size());
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1u, o.at_once); ++i) threads.emplace_back(work);
  for (auto& t : threads) t.join();
  std::cout << fmt::format("{} moments, {} kills, {} broken promises (seed {})\n", points.size(), killed, broken, o.seed);
  if (!o.only && killed < long(points.size()) * 9 / 10) {
    std::cout << "Too few of the moments were reached: this proves too little.\n";
    return 1;
  }
  return broken == 0 ? 0 : 1;
}
