/// Time, chance and the outside have one door each; the pure folders use none of them.
#include <array>

#include "tests/tidy/rules.hpp"

namespace steward::tidy {
namespace {

constexpr std::array time_words{"system_clock::now", "steady_clock::now", "high_resolution_clock",
                                "clock_gettime",     "gettimeofday",      "time(nullptr)",
                                "time(NULL)",        "std::time",         "std::clock"};
constexpr std::array chance_words{"random_device", "mt19937",   "mt19937_64", "default_random_engine", "std::rand",         "rand()", "srand",
                                  "drand48",       "getrandom", "arc4random", "randombytes_buf",       "randombytes_random"};
constexpr std::array outside_words{
    "ifstream",         "ofstream",           "fstream",         "fopen",      "popen",           "getenv",           "std::cout",
    "std::cerr",        "std::cin",           "printf",          "fmt::print", "std::filesystem", "std::system",      "socket(",
    "std::this_thread", "std::thread",        "std::jthread",    "std::async", "curl_easy_init",  "SQLite::Database", "make_system_clock",
    "make_file_clock",  "make_system_random", "make_system_disk"};
constexpr std::array sleep_words{"sleep_for", "sleep_until", "usleep(", "nanosleep(", "sleep("};

constexpr std::array pure_folders{"runtime/execution", "runtime/expression", "runtime/rules", "runtime/schema", "policies", "actors"};

bool is_shipped(const source_file& file) { return file.is_cpp() && !file.is_test() && !file.is_below("bench") && !file.is_below("examples"); }

template <class Words>
void look_for(const source_file& file, const Words& words, const std::string& what, const std::string& way_out, findings& out) {
  for_each_line(file.code, [&](int line, std::string_view text) {
    for (const char* word : words)
      if (find_word(text, word) != text.npos) out.push_back({file.path, line, "", what + " `" + word + "`", way_out});
  });
}

}  // namespace

void check_time(const tree& files, findings& out) {
  for (const auto& file : files)
    if (is_shipped(file) && file.path != "runtime/clock.cpp")
      look_for(file, time_words, "asks the machine for the time with", "Take a `const clock&` (runtime/clock.hpp), or the time of the event", out);
}

void check_chance(const tree& files, findings& out) {
  for (const auto& file : files)
    if (is_shipped(file) && file.path != "runtime/random.cpp")
      look_for(file, chance_words, "asks the machine for chance with", "Take a `random_source&` (runtime/random.hpp)", out);
}

void check_purity(const tree& files, findings& out) {
  for (const auto& file : files)
    for (const char* folder : pure_folders)
      if (is_shipped(file) && file.is_below(folder))
        look_for(file, outside_words, std::string(folder) + " is pure, but uses", "Return an intent or a value, and let the runtime do it", out);
}

void check_sleeps(const tree& files, findings& out) {
  for (const auto& file : files)
    if (file.is_cpp() && file.is_test())
      look_for(file, sleep_words, "a test waits with", "Move a manual_clock, or wait for the event itself with a deadline", out);
}

}  // namespace steward::tidy
