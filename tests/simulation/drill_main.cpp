/// Plays the drills: `steward_drill FOLDER [NAME…]`, or says which proof catches each planted bug: `steward_drill FOLDER --planted`.
//
/// promise: every incident that a drill tells of does not happen here
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "tests/simulation/drill.hpp"
#include "tests/simulation/planted_bugs.hpp"

namespace {

using namespace steward;
using namespace steward::simulation;

constexpr auto usage = R"(steward_drill FOLDER [NAME…] [--tell] [--list]
steward_drill FOLDER --planted [NAME…]

Plays every drill of the folder, or those named. --tell prints their events, --list only says what they are about. --planted
breaks the engine in one place after another (only the program that is built for it can) and says which proof noticed.
)";

std::vector<drill> read_drills(const std::string& folder, errors& e) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<drill> all;
  for (const auto& file : files) {
    std::ifstream in(file);
    all.push_back(read_drill(file.string(), {std::istreambuf_iterator<char>(in), {}}, e));
  }
  return all;
}

int play_all(const std::vector<drill>& drills, bool tell) {
  std::atomic<std::size_t> next{0};
  std::mutex speaking;
  int broken = 0;
  const auto work = [&] {
    for (auto i = next++; i < drills.size(); i = next++) {
      const auto& d = drills[i];
      const auto said = play_drill(d, tell);
      std::lock_guard guard(speaking);
      std::cout << (said.empty() ? "ok      " : "BROKEN  ") << d.name << std::endl;
      if (said.empty()) continue;
      ++broken;
      std::cout << "        because: " << d.because << "\n";
      for (const auto& sentence : said) std::cout << "        " << sentence << "\n";
      std::cout << "        again: ./dev drill " << d.name << " --tell" << std::endl;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < (tell ? 1u : 2u); ++i) threads.emplace_back(work);
  for (auto& t : threads) t.join();
  std::cout << fmt::format("{} drills, {} broken\n", drills.size(), broken);
  return broken == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::string folder;
  std::vector<std::string> names;
  bool tell = false, list = false, planted = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--tell") tell = true;
    else if (word == "--list") list = true;
    else if (word == "--planted") planted = true;
    else if (word.starts_with("-")) return std::cerr << usage, 2;
    else if (folder.empty()) folder = word;
    else names.push_back(word);
  }
  if (folder.empty()) return std::cerr << usage, 2;
  errors e;
  auto drills = read_drills(folder, e);
  for (const auto& one : e) std::cerr << to_sentence(one) << "\n";
  if (!e.empty()) return 2;
  if (planted) return catch_planted_bugs(drills, names);
  if (!names.empty()) {
    for (const auto& name : names)
      if (std::none_of(drills.begin(), drills.end(), [&](const drill& d) { return d.name == name; })) return std::cerr << "There is no drill '" << name << "'.\n", 2;
    std::erase_if(drills, [&](const drill& d) { return std::find(names.begin(), names.end(), d.name) == names.end(); });
  }
  if (list) {
    for (const auto& d : drills) std::cout << d.name << "\n    " << d.because << "\n";
    return 0;
  }
  return play_all(drills, tell);
}
