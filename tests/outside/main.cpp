/// Plays a company against services that misbehave, over real HTTP and through the real engine, seed after seed, and judges by
/// the services' own ledger.
//
/// promise: whatever a service does to a request, nothing is paid or sent twice, and nothing counts as done or refused that was not
/// promise: nothing is paid or sent twice even when the engine is killed while a request is under way
/// promise: an answer of a model that was lost on the way counts as spent
/// promise: the default games have met each misbehaviour, kills, doubts, repeats and lost answers, or prove nothing and fail
#include <algorithm>
#include <atomic>
#include <iostream>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "tests/outside/purchases.hpp"
#include "tests/support/world/http_world.hpp"

namespace {

using namespace steward;
using namespace steward::outside_test;

constexpr auto usage = R"(steward_outside [--seeds N] [--seed S] [--at-once N] [--first] [--keep]

Plays N games (default 60) from seed S on (default 1). A seed says how often and how the services misbehave, and where the
engine is killed. --first stops at the first broken promise. --keep keeps the folders.
)";

constexpr std::uint64_t default_seeds = 60;

/// What so many games must have met, besides each way in which a service misbehaves; else they prove nothing about it.
constexpr const char* sometimes[] = {"bank.pay confirmed by connector", "bank.pay in_doubt by connector", "card effect_in_doubt", "killed", "model answer lost", "model failed", "phone.text in_doubt by connector",
                                     "post.send confirmed by look_up", "repeated bank.pay", "repeated cms.put"};

std::vector<std::string> never_met(const std::map<std::string, long>& seen) {
  std::vector<std::string> missing;
  for (const auto* what : sometimes)
    if (!seen.contains(what)) missing.emplace_back(what);
  for (const auto& word : words_of<proof::misbehaviour>()) {
    const auto how = std::string(word) + " of ";
    if (*from_word<proof::misbehaviour>(word) != proof::misbehaviour::none && std::none_of(seen.begin(), seen.end(), [&](const auto& s) { return s.first.starts_with(how); })) missing.emplace_back(word);
  }
  return missing;
}

struct options {
  std::uint64_t seed = 1, seeds = default_seeds;
  unsigned at_once = 4;
  bool keep = false, first = false;
};

std::optional<options> read_options(int argc, char** argv) {
  options o;
  try {
    for (int i = 1; i < argc; ++i) {
      const std::string word = argv[i];
      if (word == "--keep") o.keep = true;
      else if (word == "--first") o.first = true;
      else if (i + 1 == argc) return std::nullopt;
      else if (word == "--seeds") o.seeds = std::stoull(argv[++i]);
      else if (word == "--seed") o.seed = std::stoull(argv[++i]);
      else if (word == "--at-once") o.at_once = unsigned(std::stoul(argv[++i]));
      else return std::nullopt;
    }
  } catch (const std::exception&) {
    return std::nullopt;
  }
  return o;
}

}  // namespace

int main(int argc, char** argv) {
  const auto o = read_options(argc, argv);
  if (!o) return std::cerr << usage, 2;
  proof::scratch_folder model;
  make_buying_model(model.path());
  std::atomic<std::uint64_t> next{o->seed};
  std::mutex speaking;
  std::atomic<int> broken{0};
  std::map<std::string, long> seen;
  const auto work = [&] {
    for (auto seed = next++; seed < o->seed + o->seeds && !(o->first && broken > 0); seed = next++) {
      proof::scratch_folder scratch;
      std::vector<std::string> found;
      std::map<std::string, long> reached;
      {
        purchases company(model.path(), scratch.path(), game_of(seed));
        try {
          company.play();
          found = company.judge();
        } catch (const std::exception& e) {
          found.push_back(e.what());
        }
        reached = company.seen();
      }
      std::lock_guard guard(speaking);
      for (const auto& [what, n] : reached) seen[what] += n;
      std::cout << (found.empty() ? "ok      " : "BROKEN  ") << "seed " << seed << std::endl;
      for (const auto& sentence : found) std::cout << "        " << sentence << "\n";
      if (o->keep || !found.empty()) std::cout << "        its folder: " << scratch.keep() << "\n";
      if (found.empty()) continue;
      ++broken;
      std::cout << "        again:      ./dev outside --seeds 1 --seed " << seed << std::endl;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1u, o->at_once); ++i) threads.emplace_back(work);
  for (auto& t : threads) t.join();
  for (const auto& [what, n] : seen) std::cout << fmt::format("{:>7}  {}\n", n, what);
  const auto missing = o->seeds >= default_seeds && !o->first ? never_met(seen) : std::vector<std::string>();
  for (const auto& what : missing) std::cout << "never met: " << what << "\n";
  std::cout << fmt::format("{} games from seed {}, {} broken\n", o->seeds, o->seed, broken.load());
  return broken == 0 && missing.empty() ? 0 : 1;
}
