/// `kill -9` at any moment: plays the workflows again and again, kills the engine at another moment each time, and judges.
//
/// promise: kill -9 at any moment of any workflow loses nothing, repeats nothing and writes no mail twice
/// promise: kill -9 at any moment of an onboarding or of its undo gives no invoice number twice, leaves none out, and credits once
/// promise: kill -9 before, half-way through and after every call site that changes something outside the process
/// promise: a pending approval is still there after kill -9, with the digests that it was asked with
/// promise: a model call that was answered is never made again, whenever the engine dies
#include <atomic>
#include <iostream>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "tests/crash/judge.hpp"
#include "tests/crash/points.hpp"

namespace {

using namespace steward;
using namespace steward::proof;

constexpr auto usage = R"(steward_crash [--points N] [--seed S] [--at-once N] [--story NAME] [--only TEXT] [--first] [--keep] [--tell]
steward_crash --point STORY,OPERATION@FILE#STACK@N:MODE[,…] [--keep]

Kills the engine at N moments (default 600) and checks each time that nothing was done twice or lost. The first moments are one
for each place in the code that changes something outside the process, in each mode; the others are spread over the stories.
STEWARD in the environment names another program than the one built beside this. STORY: weekly_update, silent_lead,
answering_lead, onboarding, undo. OPERATION@FILE#STACK@N: the Nth call of that operation on that file from one place in the code (the digest is of
this build's call stack; without #STACK: from anywhere); any@N: the Nth of any. MODE: before, half, after.
--only TEXT: kills only at names that hold TEXT, such as mail/outbox. --first stops at the first broken promise. --keep keeps the
folders. --tell also tells of each moment at which nothing broke.
)";

struct options {
  long points = 600;
  std::uint64_t seed = 1;
  unsigned at_once = 8;  // most of a life is waiting for syncs and for other processes
  std::vector<story> stories{story::weekly_update, story::silent_lead, story::answering_lead, story::onboarding, story::undo};
  std::optional<point> only;
  std::string only_names;
  bool keep = false, first = false, tell = false;
};

std::optional<options> read_options(int argc, char** argv) {
  options o;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--keep" || word == "--first" || word == "--tell") {
      (word == "--keep" ? o.keep : word == "--first" ? o.first : o.tell) = true;
      continue;
    }
    if (i + 1 == argc) return std::nullopt;
    const std::string value = argv[++i];
    try {
      if (word == "--points") o.points = std::stol(value);
      else if (word == "--seed") o.seed = std::stoull(value);
      else if (word == "--only") o.only_names = value;
      else if (word == "--at-once") o.at_once = unsigned(std::stoul(value));
      else if (word == "--story") {
        const auto which = from_word<story>(value);
        if (!which) return std::nullopt;
        o.stories = {*which};
      } else if (word == "--point") {
        o.only = point_of(value);
        if (!o.only) return std::nullopt;
      } else return std::nullopt;
    } catch (const std::exception&) {
      return std::nullopt;
    }
  }
  return o;
}

struct verdict_on_point {
  std::vector<std::string> broken;
  std::vector<operator_script::life> lives;
  int kills = 0;
  figures counted;
  std::string kept;
};

/// What a story's company is copied from.
struct models {
  scratch_folder letters, clients;
  models() {
    make_model_company(letters.path());
    make_onboarding_company(clients.path());
  }
  const std::string& of(story which) const { return (is_onboarding(which) ? clients : letters).path(); }
};

/// `undisturbed`: what to compare with; nullptr: this is the life that nobody disturbs.
verdict_on_point play_and_judge(const models& model, const point& p, const figures* undisturbed, bool keep) {
  verdict_on_point v;
  scratch_folder scratch;
  try {
    test_company company(model.of(p.which), scratch.path());
    company.trace_calls = true;
    operator_script script(company, p.which);
    try {
      script.play(p.kills);
      v.broken = judge(company, script, p.which, undisturbed);
    } catch (const std::exception& e) {
      v.broken.push_back(e.what());
    }
    v.lives = script.lives();
    v.kills = script.kills();
    v.counted = count_what_counts(script.known().events);
  } catch (const std::exception& e) {
    v.broken.push_back(e.what());  // the company could not be set up
  }
  if (keep || !v.broken.empty()) v.kept = scratch.keep();
  return v;
}

/// `all`: also of a moment at which nothing broke; a thousand such lines would hide the one that matters.
int tell(const point& p, const verdict_on_point& v, bool all) {
  if (v.broken.empty() && !all) return 0;
  std::string how;
  for (const auto& life : v.lives)
    if (!life.killed_at.empty()) how += (how.empty() ? "" : "; ") + life.killed_at;
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
  const models model;

  // First undisturbed, twice: what there is to kill at, and what should come out.
  point_choice choice(o.only_names);
  std::map<story, figures> expected;
  for (const auto which : o.only ? std::vector{o.only->which} : o.stories) {
    std::vector<change> lives[2];
    for (auto& changes : lives) {
      const point undisturbed{which, {}};
      const auto v = play_and_judge(model, undisturbed, nullptr, o.keep && !o.only);
      if (!v.broken.empty()) return tell(undisturbed, v, true);
      changes = numbered(v.lives.front().calls);
      expected[which] = v.counted;
      if (o.only) break;
    }
    if (!o.only && lives[0].empty()) return std::cerr << to_word(which) << ": no change was seen: the library that watches and kills was not loaded\n", 2;
    std::cout << fmt::format("{}: {} changes outside the engine's memory to be killed at\n", to_word(which), lives[0].size()) << std::flush;
    choice.know(which, std::move(lives[0]), lives[1]);
  }

  std::atomic<int> broken{0};
  std::size_t played = 0, kills = 0;
  std::set<place> seen;
  const auto play = [&](const std::vector<point>& points) {
    std::atomic<std::size_t> next{0};
    std::mutex speaking;
    const auto work = [&] {
      for (auto i = next++; i < points.size() && !(o.first && broken > 0); i = next++) {
        const auto v = play_and_judge(model, points[i], &expected.at(points[i].which), o.keep);
        std::lock_guard guard(speaking);
        broken += tell(points[i], v, o.tell || o.only);
        ++played;
        kills += std::size_t(v.kills);
        for (std::size_t life = 0; life < v.lives.size(); ++life) {
          if (!v.lives[life].killed_at.empty()) seen.insert(place_of(points[i].which, v.lives[life].killed_at));
          if (life > 0 && life <= points[i].kills.size()) choice.know_recovery(points[i], life, v.lives[life].calls);
        }
      }
    };
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < std::max(1u, o.at_once); ++i) threads.emplace_back(work);
    for (auto& t : threads) t.join();
  };
  play(o.only ? std::vector{*o.only} : choice.choose(o.points, o.seed));
  const bool all_places = !o.only && std::size_t(o.points) >= choice.places();
  for (int more = 0; all_places && more < 3; ++more) play(choice.again(seen));  // a place may have been passed less often
  const auto while_recovering = choice.recovery(seen);
  if (all_places) play(while_recovering);
  std::cout << fmt::format("{} moments, {} kills, {} broken promises (seed {})\n", played, kills, broken.load(), o.seed);
  if (o.only || (o.first && broken > 0)) return broken == 0 ? 0 : 1;
  const auto missed = choice.missed(seen);
  std::cout << fmt::format("{} of {} places in the code, each before, half-way and after, were died at\n", choice.places() - missed.size(), choice.places());
  std::cout << fmt::format("{} places more were passed only while recovering; {} of them were not died at\n", choice.recovery_places(), choice.recovery(seen).size());
  if (all_places)
    for (const auto& one : missed) std::cout << "        not reached: " << one << "\n";
  if ((all_places && missed.size() * 100 > choice.places()) || kills < played * 9 / 10) {
    std::cout << "Too few of the moments were reached: this proves too little.\n";
    return 1;
  }
  return broken == 0 ? 0 : 1;
}
